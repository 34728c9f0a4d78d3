"""The receivers of `examples/`: each on what the emulator signs, through a rotation, and on what others sign."""

import asyncio
import base64
import runpy
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from werkzeug.serving import make_server

from emulator.harness import Api
from receiver.deliveries import FORGED, NAME, Delivery, signed
from signa_emulator.signing import ALERT_EVENT, new_event, sign

EXAMPLES = Path(__file__).resolve().parents[2] / "examples/receivers"

Post = Callable[[Delivery], int]
"""Posts a delivery to an example, and returns the status of the answer."""


@pytest.fixture
def secrets_manager(aws: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return boto3's client for an empty AWS, where the examples look for the secret."""
    monkeypatch.setenv("SIGNA_SECRET_ID", NAME)
    return boto3.client("secretsmanager", region_name="eu-west-1")


def flask_example() -> Post:
    client = runpy.run_path(str(EXAMPLES / "flask_receiver.py"))["app"].test_client()
    return lambda delivery: client.post("/hooks/signa", data=delivery.body, headers=delivery.headers).status_code


def starlette_example() -> Post:
    transport = httpx.ASGITransport(app=runpy.run_path(str(EXAMPLES / "starlette_receiver.py"))["app"])

    async def post(delivery: Delivery) -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
            answer = await client.post("/hooks/signa", content=delivery.body, headers=delivery.headers)
        return answer.status_code

    return lambda delivery: asyncio.run(post(delivery))


def function_url(delivery: Delivery) -> dict[str, Any]:
    """Return an event of a function URL, or of API Gateway's payload format 2.0."""
    return {
        "version": "2.0",
        "headers": delivery.headers,
        "body": delivery.body.decode(),
        "isBase64Encoded": False,
    }


def function_url_with_bytes(delivery: Delivery) -> dict[str, Any]:
    """Return the same, as for a content type that is no text."""
    return {
        **function_url(delivery),
        "body": base64.b64encode(delivery.body).decode(),
        "isBase64Encoded": True,
    }


def rest_api(delivery: Delivery) -> dict[str, Any]:
    """Return an event of a REST API, which keeps the case of names and gives every header twice."""
    headers = {name.title(): value for name, value in delivery.headers.items()}
    return {
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": delivery.body.decode(),
        "isBase64Encoded": False,
    }


def load_balancer(delivery: Delivery) -> dict[str, Any]:
    """Return an event of a load balancer with multi-value headers, which has no others."""
    event = rest_api(delivery)
    return {**event, "headers": None}


def lambda_example(event: Callable[[Delivery], dict[str, Any]]) -> Callable[[], Post]:
    def example() -> Post:
        handler = runpy.run_path(str(EXAMPLES / "lambda_receiver.py"))["handler"]
        return lambda delivery: int(handler(event(delivery), None)["statusCode"])

    return example


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(flask_example, id="flask"),
        pytest.param(starlette_example, id="starlette"),
        *(
            pytest.param(lambda_example(event), id=event.__name__)
            for event in (function_url, function_url_with_bytes, rest_api, load_balancer)
        ),
    ],
)
def test_example_answers_each_delivery_right_through_a_rotation(
    example: Callable[[], Post], signa: Api, secrets_manager: Any
) -> None:
    """Before it, while only Signa has the new secret, while both count, and after a rotation by force."""
    endpoint = signa.create()
    store = secrets_manager.create_secret(Name=NAME, SecretString=endpoint["secret"])["ARN"]
    post = example()

    def delivery() -> Delivery:
        now = signa.organization.clock.now()
        found = signa.organization.endpoints.get(endpoint["id"])
        request = sign(new_event(ALERT_EVENT, {"mark": "Käse 🧀"}, now), found, attempt=1, now=now)
        return Delivery(request.body, request.headers)

    def rotate(**how: Any) -> str:
        return str(signa.post(f"/webhooks/{endpoint['id']}/rotate-secret", json=how).json()["secret"])

    statuses = [post(delivery())]
    under_way = delivery()
    new = rotate()
    statuses.append(post(delivery()))
    secrets_manager.put_secret_value(SecretId=store, SecretString=new)
    statuses += [post(delivery()), post(under_way)]
    secrets_manager.put_secret_value(SecretId=store, SecretString=rotate(force=True, reason="a test"))
    statuses.append(post(delivery()))
    altered, unsigned = delivery(), delivery()
    altered.body = altered.body.replace(b"mark", b"MARK")
    del unsigned.headers["webhook-signature"]
    refused = [post(signed(FORGED)), post(altered), post(unsigned)]

    assert statuses == [204] * 5
    assert refused == [401, 401, 400]


@pytest.mark.parametrize("example", [flask_example, starlette_example, lambda_example(function_url)])
def test_example_without_a_secret_asks_signa_to_come_again(
    example: Callable[[], Post], secrets_manager: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert example()(signed(FORGED)) == 503
    assert "ResourceNotFoundException" in caplog.text


def test_emulator_delivers_to_the_flask_example(signa: Api, secrets_manager: Any) -> None:
    """On a socket: what Signa records is what the receiver answered."""
    app = runpy.run_path(str(EXAMPLES / "flask_receiver.py"))["app"]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    endpoint = signa.create(url=f"http://127.0.0.1:{server.server_port}/hooks/signa")
    secrets_manager.create_secret(Name=NAME, SecretString=endpoint["secret"])

    signa.post(f"/webhooks/{endpoint['id']}/test")
    signa.emit()
    rows = signa.deliveries(endpoint["id"])
    server.shutdown()
    thread.join()
    server.server_close()

    assert [(row["event_type"], row["status"], row["http_status"]) for row in rows] == [
        ("alert.created", "delivered", 204),
        ("webhook.test", "delivered", 204),
    ]
