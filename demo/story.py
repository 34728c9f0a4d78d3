"""The steps of the demo, and what each must prove."""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import requests
from standardwebhooks import Webhook

from demo.stage import API_KEY, SECRET_NAME, DemoFailedError, Stage, say

_DELIVERY_TIMEOUT_S = 30.0


def prove(claim: str, *, holds: bool) -> None:
    """
    Say what a step has shown.

    Raises:
        DemoFailedError: It has not.
    """
    if not holds:
        raise DemoFailedError(f"this does not hold: {claim}")
    say(claim, label="PROVED  ")


def configure(stage: Stage) -> None:
    """Configure a stack: the API key, where alerts go, where Signa is."""
    stage.run("pulumi", "stack", "init", "demo")
    stage.run(
        *("pulumi", "config", "set", "--secret", "signa:apiKey", API_KEY),
        typed="pulumi config set --secret signa:apiKey sig_…",
    )
    stage.run("pulumi", "config", "set", "signa:baseUrl", stage.signa.base_url)
    stage.run("pulumi", "config", "set", "url", stage.receiver.url)
    config = (stage.project / "Pulumi.demo.yaml").read_text()
    prove("the API key is in the stack's configuration, and only encrypted", holds=API_KEY not in config)


def preview(stage: Stage) -> None:
    """Preview: what would be made."""
    stage.run("pulumi", "preview")
    prove(
        "a preview makes no call to Signa and nothing in Secrets Manager",
        holds=_calls(stage) == 0 and not stage.secret_values(),
    )


def up(stage: Stage) -> None:
    """Create the endpoint, and store its one-time secret in the same run."""
    printed = stage.run("pulumi", "up", "--yes")
    (endpoint,) = _endpoints(stage)
    prove("one call to Signa made one endpoint", holds=_calls(stage) == 1)
    prove(
        "Secrets Manager holds the secret byte for byte as Signa issued it",
        holds=stage.secret_values() == {SECRET_NAME: endpoint["secret"]},
    )
    prove(
        "neither the secret nor the API key stands in what was printed, nor in the state",
        holds=all(
            hidden not in text
            for hidden in (endpoint["secret"], API_KEY)
            for text in (printed, stage.run("pulumi", "stack", "export", shown=False))
        ),
    )


def deliver(stage: Stage) -> None:
    """Deliver: Signa signs a test event, the receiver verifies it."""
    (endpoint,) = _endpoints(stage)
    say("The receiver will fetch the secret from Secrets Manager and verify what Signa sends.")
    _signa(stage, "POST", f"/webhooks/{endpoint['id']}/test", key="demo-test")
    stage.signa.organization.deliveries.wait_idle(_DELIVERY_TIMEOUT_S)
    prove(
        "a real signed webhook.test arrived and its signature is right",
        holds=stage.receiver.accepted == ["webhook.test"] and stage.receiver.rejected == 0,
    )
    forged = Webhook("whsec_" + "Zm9yZ2VkLWZvcmdlZC1mb3JnZWQt")
    rejected = requests.post(stage.receiver.url, data=b"{}", headers=_signed(forged, b"{}"), timeout=10)
    prove("a delivery that is signed with another secret is turned away", holds=rejected.status_code == 401)  # noqa: PLR2004


def up_again(stage: Stage) -> None:
    """Run again: nothing to do."""
    stage.run("pulumi", "up", "--yes", "--expect-no-changes")
    prove("a run that changes nothing makes no call to Signa", holds=_calls(stage) == 0)


def edit(stage: Stage) -> None:
    """Edit in place: another URL, a description; the same secret."""
    (before,) = _endpoints(stage)
    stage.run("pulumi", "config", "set", "description", "Alerts of the demo")
    stage.run("pulumi", "config", "set", "url", f"{stage.receiver.url}?v=2")
    stage.run("pulumi", "up", "--yes")
    (after,) = _endpoints(stage)
    prove(
        "one call changed it in place; its id and its secret are what they were",
        holds=_calls(stage) == 1
        and (after["url"], after["description"]) == (f"{stage.receiver.url}?v=2", "Alerts of the demo")
        and (after["id"], after["secret"]) == (before["id"], before["secret"]),
    )


def drift(stage: Stage) -> None:
    """Drift: an edit by hand is found by refresh and repaired by up."""
    (declared,) = _endpoints(stage)
    say("Somebody points the endpoint elsewhere, past Pulumi.")
    elsewhere = "http://127.0.0.1:9/elsewhere"
    _signa(stage, "PATCH", f"/webhooks/{declared['id']}", key="demo-edit", body={"url": elsewhere})
    stage.run("pulumi", "refresh", "--yes")
    prove("refresh found the edit and recorded it", holds=_recorded_url(stage) == elsewhere)
    stage.run("pulumi", "up", "--yes")
    (repaired,) = _endpoints(stage)
    prove(
        "up put back what is declared, with the same secret",
        holds=(repaired["url"], repaired["secret"]) == (declared["url"], declared["secret"]),
    )


def destroy(stage: Stage) -> None:
    """Destroy: both servers are empty again."""
    stage.run("pulumi", "destroy", "--yes")
    prove(
        "Signa has no endpoint left, and Secrets Manager no secret",
        holds=not _endpoints(stage) and not stage.secret_values(),
    )


STEPS: tuple[Callable[[Stage], None], ...] = (configure, preview, up, deliver, up_again, edit, drift, destroy)


def _endpoints(stage: Stage) -> list[dict[str, Any]]:
    state = requests.get(f"{stage.signa.control_url}/state", timeout=10)
    state.raise_for_status()
    return list(state.json()["endpoints"])


def _calls(stage: Stage) -> int:
    """Give the calls that Signa has had since this was asked last."""
    calls = requests.get(f"{stage.signa.control_url}/calls", timeout=10).json()["total"]
    requests.delete(f"{stage.signa.control_url}/calls", timeout=10).raise_for_status()
    return int(calls)


def _signa(stage: Stage, method: str, path: str, *, key: str, body: dict[str, Any] | None = None) -> None:
    """Do something at Signa past Pulumi, and leave it out of the count."""
    say(f"{method} {path} {json.dumps(body) if body else ''}", label="Signa is asked: ")
    headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": key}
    requests.request(method, stage.signa.base_url + path, json=body, headers=headers, timeout=10).raise_for_status()
    _calls(stage)


def _signed(webhook: Webhook, body: bytes) -> dict[str, str]:
    now = datetime.now(tz=timezone.utc)
    return {
        "webhook-id": "evt_forged",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook.sign("evt_forged", now, body.decode()),
    }


def _recorded_url(stage: Stage) -> str:
    exported = json.loads(stage.run("pulumi", "stack", "export", shown=False))
    resources = exported["deployment"]["resources"]
    (endpoint,) = [item for item in resources if item["type"].endswith(":WebhookEndpoint")]
    return str(endpoint["outputs"]["url"])
