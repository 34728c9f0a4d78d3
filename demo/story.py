"""The steps of the demo, and what each must prove."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import requests
from standardwebhooks import Webhook, WebhookVerificationError

from demo.alerts import Alerts
from demo.stage import API_KEY, REFRESH_INTERVAL_S, SECRET_NAME, DemoFailedError, Stage
from signa_emulator.signing import ALERT_EVENT, new_event, sign

_UP = ("pulumi", "up", "--yes", "--skip-preview")
_DELIVERY_TIMEOUT_S = 30.0
_ALERTS_PER_SECOND = 10

_CHECKING = """
from pulumi_signa import DeliveryCheck

DeliveryCheck(
    "alerts-delivery-check",
    endpoint_id=endpoint.id,
    opts=pulumi.ResourceOptions(depends_on=[stored]),
)
"""

_BY_HAND_URL = "https://example.com/hooks/by-hand"
_BY_HAND = {"url": _BY_HAND_URL, "enabled_events": [ALERT_EVENT]}
_BY_HAND_SECRET_NAME = "signa/demo/by-hand"  # noqa: S105 - a name
_ADOPTING = """
from pulumi_signa import Adopt

by_hand = WebhookEndpoint(
    "by-hand",
    url="{url}",
    description="Made by hand, now declared",
    adopt=Adopt("{id}", rotate=True),
)
SecretsManagerSecret(
    "by-hand-signing-secret",
    secret_name="{secret_name}",
    secret_string=by_hand.secret,
)
"""

_KEPT_OUT_URL = "https://example.com/hooks/kept-out"
_KEPT_OUT_SECRET_NAME = "signa/demo/kept-out"  # noqa: S105 - a name
_KEEPING_OUT = """
from pulumi_signa import StoredWebhookEndpoint

StoredWebhookEndpoint(
    "kept-out",
    url="{url}",
    secret_name="{secret_name}",
)
"""


def prove(stage: Stage, claim: str, *, holds: bool) -> None:
    """
    Say what a step has shown.

    Raises:
        DemoFailedError: It has not.
    """
    if not holds:
        raise DemoFailedError(f"this does not hold: {claim}")
    stage.page.proved(claim)


def configure(stage: Stage) -> None:
    """Configure a stack: the API key, and where alerts go."""
    stage.run("pulumi", "stack", "init", "demo")
    stage.run(
        *("pulumi", "config", "set", "--secret", "signa:apiKey", API_KEY),
        typed="pulumi config set --secret signa:apiKey sig_…",
    )
    stage.run("pulumi", "config", "set", "signa:baseUrl", stage.signa.base_url)
    stage.run("pulumi", "config", "set", "url", stage.receiver.url)
    config = (stage.project / "Pulumi.demo.yaml").read_text()
    prove(stage, "the API key is in the stack's configuration, and only encrypted", holds=API_KEY not in config)


def preview(stage: Stage) -> None:
    """Preview what would be made."""
    stage.run("pulumi", "preview")
    prove(
        stage,
        "a preview makes no call to Signa and nothing in Secrets Manager",
        holds=not _calls(stage) and not stage.secret_values(),
    )


def up(stage: Stage) -> None:
    """Create the endpoint, and store its one-time secret in the same run."""
    printed = stage.run(*_UP)
    (endpoint,) = _endpoints(stage)
    prove(stage, "one call to Signa made one endpoint", holds=_calls(stage) == {"create": 1})
    prove(
        stage,
        "Secrets Manager holds the secret byte for byte as Signa issued it",
        holds=stage.secret_values() == {SECRET_NAME: endpoint["secret"]},
    )
    prove(
        stage,
        "neither the secret nor the API key was printed, and neither stands in the state in plain text",
        holds=all(
            hidden not in text
            for hidden in (endpoint["secret"], API_KEY)
            for text in (printed, stage.run("pulumi", "stack", "export", shown=False))
        ),
    )


def deliver(stage: Stage) -> None:
    """Deliver: Signa signs a test event, and the run waits until the receiver has verified it."""
    stage.page.say(
        "The stack is to prove that alerts will arrive: the receiver fetches the secret from Secrets Manager, and the "
        "run fails where it does not accept a test that Signa signs."
    )
    stage.extend_program(_CHECKING)
    stage.run(*_UP)
    prove(
        stage,
        "one call sent a real signed webhook.test, its signature was right, and the run knows so",
        holds=[delivery.type for delivery in stage.receiver.accepted] == ["webhook.test"]
        and not stage.receiver.rejected
        and _calls(stage)["test"] == 1,
    )
    stage.page.say(
        "Now somebody else sends a delivery, signed with another secret. For such ones the receiver reads the secret "
        "afresh, since it may have been rotated, but once a minute at most."
    )
    forged = Webhook("whsec_" + "Zm9yZ2VkLWZvcmdlZC1mb3JnZWQt")
    rejected = requests.post(stage.receiver.url, data=b"{}", headers=_signed(forged, b"{}"), timeout=10)
    prove(stage, "a delivery that is signed with another secret is turned away", holds=rejected.status_code == 401)  # noqa: PLR2004
    stage.receiver.rejected.clear()


def up_again(stage: Stage) -> None:
    """Run again, with nothing to do."""
    stage.run(*_UP, "--expect-no-changes")
    prove(stage, "a run that changes nothing makes no call to Signa", holds=not _calls(stage))


def edit(stage: Stage) -> None:
    """Edit the endpoint in place, with the same secret."""
    (before,) = _endpoints(stage)
    stage.run("pulumi", "config", "set", "description", "Alerts of the demo")
    stage.run("pulumi", "config", "set", "url", f"{stage.receiver.url}?v=2")
    stage.run("pulumi", "preview")
    stage.page.say(
        "One of these two updates will not happen: a preview of any update takes all outputs of the endpoint for "
        "unknown, and so the stored secret for changed."
    )
    stage.run(*_UP)
    (after,) = _endpoints(stage)
    prove(
        stage,
        "one call changed it in place; its id and its secret are what they were",
        holds=_calls(stage) == {"update": 1}
        and (after["url"], after["description"]) == (f"{stage.receiver.url}?v=2", "Alerts of the demo")
        and (after["id"], after["secret"]) == (before["id"], before["secret"]),
    )


def drift(stage: Stage) -> None:
    """Find an edit that was made by hand, and undo it."""
    (declared,) = _endpoints(stage)
    stage.page.say("Somebody points the endpoint elsewhere, past Pulumi.")
    elsewhere = "http://127.0.0.1:9/elsewhere"
    _signa(stage, "PATCH", f"/webhooks/{declared['id']}", key="demo-edit", body={"url": elsewhere})
    stage.run("pulumi", "refresh", "--yes", "--skip-preview")
    prove(stage, "refresh found the edit and recorded it", holds=_recorded_url(stage) == elsewhere)
    stage.run(*_UP)
    (repaired,) = _endpoints(stage)
    prove(
        stage,
        "up put back what is declared, with the same secret",
        holds=(repaired["url"], repaired["secret"]) == (declared["url"], declared["secret"]),
    )


def rotate(stage: Stage) -> None:
    """Rotate the secret while alerts keep coming."""
    (before,) = _endpoints(stage)
    stage.receiver.accepted.clear()
    _calls(stage)
    stage.page.say(
        f"From now on Signa sends {_ALERTS_PER_SECOND} alerts a second. The receiver keeps the secret in memory, and "
        f"reads it again after {REFRESH_INTERVAL_S} seconds; an hour, its default, would do as well."
    )
    with Alerts(stage.signa.organization, per_second=_ALERTS_PER_SECOND) as alerts:
        stage.run("pulumi", "config", "set", "rotateTrigger", "2027-03-01")
        stage.run("pulumi", "preview")
        prove(stage, "the preview shows the rotation and makes no call", holds=not _calls(stage))
        until_up = len(stage.receiver.accepted)

        stage.run(*_UP)
        until_done = len(stage.receiver.accepted)
        (after,) = _endpoints(stage)
        prove(
            stage,
            "one call gave the endpoint its second secret; nothing else of it changed",
            holds=_calls(stage) == {"rotate": 1}
            and (after["id"], after["secret_version"]) == (before["id"], 2)
            and after["secret"] != before["secret"],
        )
        prove(
            stage,
            "Secrets Manager has the new secret as AWSCURRENT, the old one as AWSPREVIOUS",
            holds=stage.secret_values() == {SECRET_NAME: after["secret"]}
            and stage.secret_values("AWSPREVIOUS") == {SECRET_NAME: before["secret"]},
        )

        stage.page.say(
            "Both secrets are valid for 24 hours. Within these hours Signa refuses to rotate again, unless it is "
            "forced to. We ask for it all the same: the preview refuses, and says from when on it is possible."
        )
        stage.run("pulumi", "config", "set", "rotateTrigger", "2027-03-01-again")
        refused = stage.run("pulumi", "preview", fails=True)
        prove(
            stage,
            f"the refusal names the end of the 24 hours, {after['previous_secret_expires_at']}; no call was made",
            holds=after["previous_secret_expires_at"] in refused and not _calls(stage),
        )
        stage.run("pulumi", "config", "set", "rotateTrigger", "2027-03-01")
        _wait_for_secret(stage, after["secret"])
    stage.signa.organization.deliveries.wait_idle(_DELIVERY_TIMEOUT_S)
    accepted = stage.receiver.accepted
    in_phases = [until_up, until_done - until_up, len(accepted) - until_done]
    verified_with = [[one.secret for one in accepted].count(endpoint["secret"]) for endpoint in (before, after)]
    prove(
        stage,
        "all {} alerts were verified, {} before, {} during and {} after the run; {} with the old secret and {} with "
        "the new one; none was turned away".format(len(alerts.sent), *in_phases, *verified_with),
        holds=all(in_phases)
        and all(verified_with)
        and sorted(one.id for one in accepted) == sorted(alerts.sent)
        and not stage.receiver.rejected,
    )


def adopt(stage: Stage) -> None:
    """Take over an endpoint that was made by hand."""
    stage.page.say("Somebody makes an endpoint, past Pulumi.")
    made = _signa(stage, "POST", "/webhooks", key="demo-by-hand", body=_BY_HAND)
    stage.page.say("Its receivers have its secret. Now the stack is to have both, endpoint and secret.")
    stage.extend_program(_ADOPTING.format(id=made["id"], url=_BY_HAND_URL, secret_name=_BY_HAND_SECRET_NAME))
    stage.page.say("The resource is new to Pulumi, so Pulumi says `created`; its message says what was done.")
    stage.run(*_UP)
    adopted = {endpoint["id"]: endpoint for endpoint in _endpoints(stage)}
    prove(
        stage,
        "it is the same endpoint, and not a second one; three calls did it: read, change the description, rotate",
        holds=len(adopted) == 2  # noqa: PLR2004 - this one, and that of the steps before
        and made["id"] in adopted
        and _calls(stage) == {"retrieve": 1, "update": 1, "rotate": 1},
    )
    new_secret = stage.secret_values()[_BY_HAND_SECRET_NAME]
    prove(
        stage,
        "Secrets Manager has the new secret; what Signa sends verifies with it, and still with the one from before",
        holds=new_secret != made["secret"]
        and _verifies(stage, made["id"], new_secret)
        and _verifies(stage, made["id"], made["secret"]),
    )


def keep_out(stage: Stage) -> None:
    """Keep the secret of another endpoint out of the state."""
    stage.page.say("A component makes both, a secret in Secrets Manager and an endpoint that writes to it.")
    stage.extend_program(_KEEPING_OUT.format(url=_KEPT_OUT_URL, secret_name=_KEPT_OUT_SECRET_NAME))
    printed = stage.run(*_UP)
    (endpoint,) = [endpoint for endpoint in _endpoints(stage) if endpoint["url"] == _KEPT_OUT_URL]
    prove(
        stage,
        "one call to Signa made it, and Secrets Manager holds its secret byte for byte",
        holds=_calls(stage) == {"create": 1} and stage.secret_values()[_KEPT_OUT_SECRET_NAME] == endpoint["secret"],
    )
    in_plain_text = stage.run("pulumi", "stack", "export", "--show-secrets", shown=False)
    prove(
        stage,
        "`pulumi stack export --show-secrets` does not hold the secret, nor does what was printed",
        holds=all(endpoint["secret"].removeprefix("whsec_") not in text for text in (printed, in_plain_text)),
    )


def destroy(stage: Stage) -> None:
    """Destroy everything."""
    stage.run("pulumi", "destroy", "--yes", "--skip-preview")
    prove(
        stage,
        "Signa has no endpoint left, the adopted one neither, and Secrets Manager no secret",
        holds=not _endpoints(stage) and not stage.secret_values(),
    )


STEPS: tuple[Callable[[Stage], None], ...] = (
    *(configure, preview, up, deliver, up_again),
    *(edit, drift, rotate, adopt, keep_out, destroy),
)


def _endpoints(stage: Stage) -> list[dict[str, Any]]:
    state = requests.get(f"{stage.signa.control_url}/state", timeout=10)
    state.raise_for_status()
    return list(state.json()["endpoints"])


def _calls(stage: Stage) -> dict[str, int]:
    """Give the number of calls that Signa has had since this was asked last, by operation."""
    calls = requests.get(f"{stage.signa.control_url}/calls", timeout=10).json()["by_operation"]
    requests.delete(f"{stage.signa.control_url}/calls", timeout=10).raise_for_status()
    return {operation: number for operation, number in calls.items() if number}


def _signa(stage: Stage, method: str, path: str, *, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Do something at Signa past Pulumi, and leave it out of the count."""
    stage.page.say(f"Signa is asked: {method} {path} {json.dumps(body) if body else ''}")
    headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": key}
    answer = requests.request(method, stage.signa.base_url + path, json=body, headers=headers, timeout=10)
    answer.raise_for_status()
    _calls(stage)
    return dict(answer.json())


def _wait_for_secret(stage: Stage, secret: str) -> None:
    """Wait, while alerts come, until the receiver verifies them with a secret."""
    deadline = time.monotonic() + _DELIVERY_TIMEOUT_S
    while stage.receiver.accepted[-1].secret != secret:
        if time.monotonic() > deadline:
            raise DemoFailedError("the receiver does not take up the new secret")
        time.sleep(0.05)


def _verifies(stage: Stage, endpoint_id: str, secret: str) -> bool:
    """Tell whether a receiver that has this secret takes for genuine what Signa sends now."""
    organization = stage.signa.organization
    now = organization.clock.now()
    delivery = sign(new_event(ALERT_EVENT, None, now), organization.endpoints.get(endpoint_id), attempt=1, now=now)
    try:
        Webhook(secret).verify(delivery.body, delivery.headers)
    except WebhookVerificationError:
        return False
    return True


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
