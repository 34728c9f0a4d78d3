"""Secrets Manager on 127.0.0.1: counted, refused and held as a test wants it."""

import json
import threading
from typing import Any, NamedTuple

import boto3
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from typing_extensions import Self
from werkzeug.serving import WSGIRequestHandler, make_server

from e2e.gate import Gate

REGION = "eu-west-1"

_OF_THE_TEST = "e2e-test"


class QuietHandler(WSGIRequestHandler):
    """Keeps requests out of the test's output."""

    def log(self, *_: Any) -> None:
        """Say nothing."""


class Refusal(NamedTuple):
    """
    An error that AWS answers with.

    Attributes:
        times: How often; None for ever.
    """

    code: str
    message: str
    status: int = 400
    times: int | None = None


class LocalAws:
    """
    Moto's AWS on 127.0.0.1, which counts what it is asked.

    Attributes:
        url: Its address.
        calls: Names of the Secrets Manager actions, in order.
        refuse: Error code and message, or a whole `Refusal`, by action; AWS answers with them instead.
        gate: Holds requests, by action.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuse: dict[str, tuple[str, str] | Refusal] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.gate = Gate(self._application, _action_of)
        self._server = make_server("127.0.0.1", 0, self.gate, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def secrets_manager(self) -> Any:
        """boto3's client, for looking at what is there; its calls are not counted."""
        return boto3.client(
            "secretsmanager",
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(user_agent_extra=_OF_THE_TEST),
        )

    def reset(self) -> None:
        """Forget everything."""
        requests.post(f"{self.url}/moto-api/reset", timeout=10).raise_for_status()
        self.calls.clear()
        self.refuse.clear()
        self.gate.reset()

    def values(self, stage: str = "AWSCURRENT") -> dict[str, str]:
        """Give the value of every secret at a stage, by name; those scheduled for deletion are not listed."""
        client = self.secrets_manager
        return {
            secret["Name"]: client.get_secret_value(SecretId=secret["Name"], VersionStage=stage)["SecretString"]
            for secret in client.list_secrets()["SecretList"]
        }

    def secrets(self) -> list[dict[str, Any]]:
        """Give every secret whose value is JSON, in the words of our properties."""
        client = self.secrets_manager
        return [
            {
                "id": secret["ARN"],
                "arn": secret["ARN"],
                "secret_name": secret["Name"],
                "version_id": value["VersionId"],
                "secret_json": json.loads(value["SecretString"]),
            }
            for secret in client.list_secrets()["SecretList"]
            for value in [client.get_secret_value(SecretId=secret["ARN"])]
        ]

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        action = _action_of(environ)
        if action and _OF_THE_TEST not in environ["HTTP_USER_AGENT"]:
            self.calls.append(action)
            if action in self.refuse:
                refusal = Refusal(*self.refuse[action])
                if refusal.times == 1:
                    del self.refuse[action]
                elif refusal.times is not None:
                    self.refuse[action] = refusal._replace(times=refusal.times - 1)
                body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
                headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
                start_response(f"{refusal.status} Refused", headers)
                return [body]
        return self._moto(environ, start_response)


def _action_of(environ: dict[str, Any]) -> str:
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix("secretsmanager.")
