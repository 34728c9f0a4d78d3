"""Checks that an endpoint's receiver accepts what Signa sends."""

import os
import signal
import subprocess
from collections.abc import Callable

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from e2e.harness import API_KEY, SECRET_NAME, MakeProject, Project
from e2e.host import IN_PREVIEWS
from emulator.harness import Received, Receiver
from signa_emulator.server import EmulatorServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

EU_KEY = API_KEY.replace("c0ffee", "e0e0e0")
TRIGGER = "s3cret-of-a-trigger"

CHECKED = """
import pulumi
from pulumi_signa import DeliveryCheck, WebhookEndpoint
endpoint = WebhookEndpoint("alerts", url={url!r}, rotate_trigger={rotated!r})
triggers = [endpoint.url, endpoint.secret_version, pulumi.Output.secret({secret!r})]
check = DeliveryCheck("check", endpoint_id=endpoint.id, triggers=triggers{arguments})
for name in ("delivered", "http_status", "delivered_at", "attempt_id", "response_excerpt"):
    pulumi.export(name, getattr(check, name))
"""
IN_ACCOUNT = """
from pulumi_signa import DeliveryCheck, WebhookEndpoint
endpoint = WebhookEndpoint("alerts", url={url!r}, account={account!r})
DeliveryCheck("check", endpoint_id=endpoint.id, account={account!r})
"""
COMPONENT = """
import pulumi
from pulumi_signa import StoredWebhookEndpoint
both = StoredWebhookEndpoint(
    "alerts", url={url!r}, secret_name={name!r}, rotate_trigger={rotated!r}, check_delivery=True
)
pulumi.export("excerpt", both.delivery_check.response_excerpt)
"""


def checked(receiver: Receiver, arguments: str = "", *, rotated: str = "1", path: str = "") -> str:
    """Return the program of an endpoint and its check."""
    return CHECKED.format(url=receiver.url + path, rotated=rotated, secret=TRIGGER, arguments=arguments)


def sent_to(receiver: Receiver) -> int:
    """Return how many tests a receiver has got; none of them twice."""
    events = [request.headers["webhook-id"] for request in receiver.received]
    assert len(events) == len(set(events))
    return len(events)


def ended(process: "subprocess.Popen[str]", how: signal.Signals) -> str:
    """End a run, and return what it has printed."""
    os.killpg(process.pid, how)
    output, _ = process.communicate()
    return output


def test_test_is_sent_when_the_check_is_new_and_when_a_trigger_changes(
    make_project: MakeProject, receiver: Receiver
) -> None:
    project = make_project(checked(receiver))

    with project.counted() as preview:
        assert project.preview().succeeded
    with project.counted() as created:
        run = project.up()
    assert run.succeeded, run.output
    first = project.outputs()
    with project.counted() as quiet:
        again = project.up(refresh=True, expect_no_changes=True)
    assert again.succeeded, again.output
    project.write(checked(receiver, rotated="2"))
    assert project.up().succeeded
    second = project.outputs()
    project.write(checked(receiver, rotated="2", path="/elsewhere"))
    assert project.up().succeeded
    after_edits = sent_to(receiver)
    exported = project.cli("stack", "export")

    # In the dynamic host an update makes all outputs of the endpoint unknown to its preview.
    project.write(
        checked(receiver, rotated="2", path="/elsewhere").replace('"alerts",', '"alerts", description="new",')
    )
    shown = project.preview()
    with project.counted() as described:
        edit = project.up()
    assert edit.succeeded, edit.output
    replaced = project.up(replace=[project.urn("check")])
    assert replaced.succeeded, replaced.output
    with project.counted() as destroyed:
        assert project.destroy().succeeded

    assert preview.signa == {}
    assert created.signa["test"] == 1
    assert (first["delivered"], first["http_status"], first["response_excerpt"]) == (True, 200, "thanks")
    assert quiet.signa == {"list": 1}
    assert second["attempt_id"] != first["attempt_id"]
    assert after_edits == 3
    assert TRIGGER not in exported + run.output + shown.output
    assert (shown.steps()["check"], edit.steps()["check"], described.signa) == (IN_PREVIEWS, "same", {"update": 1})
    assert [request.path for request in receiver.received] == ["/hook", "/hook", *2 * ["/hook/elsewhere"]]
    assert sent_to(receiver) == 4
    assert destroyed.signa == {"delete": 1}


def test_test_that_is_not_accepted_fails_the_run_until_it_is(make_project: MakeProject, receiver: Receiver) -> None:
    project = make_project(checked(receiver))
    receiver.always, receiver.body = 401, b"no such signature"

    error = project.up().error()
    receiver.always = 204
    created = project.up()
    project.write(checked(receiver, rotated="2"))
    receiver.always = 500
    failed_update = project.up().error()
    receiver.always = 204
    updated = project.up()
    after = project.outputs()

    assert "the receiver answered 401 (no such signature); see that the receiver verifies with the current" in error
    assert created.succeeded, created.output
    assert "the receiver answered 500" in failed_update
    assert updated.succeeded, updated.output
    assert (after["delivered"], after["http_status"]) == (True, 204)
    assert sent_to(receiver) == 4

    receiver.always = 404
    optional = checked(receiver, ", required=False", rotated="2")
    project.write(optional.replace(TRIGGER, "another"))
    warned = project.up()
    assert warned.succeeded, warned.output
    assert warned.warns("the receiver answered 404", "sent when a trigger changes")
    assert project.outputs()["delivered"] is False
    assert project.up(expect_no_changes=True).succeeded
    assert sent_to(receiver) == 5

    receiver.always = 204
    project.write(checked(receiver, rotated="2").replace(TRIGGER, "another"))
    project.signa_call("PATCH", f"/webhooks/{project.endpoint()['id']}", {"status": "disabled"})
    required = project.up()
    assert required.succeeded, required.output
    assert project.outputs()["delivered"] is True
    assert sent_to(receiver) == 6


def test_run_that_ends_while_it_waits_is_continued_by_the_next(make_project: MakeProject, receiver: Receiver) -> None:
    """A killed run and an interrupted one: the receiver answers when both are over, and gets no second test."""
    project = make_project(checked(receiver, ", timeout_seconds=2"))
    receiver.hold.clear()
    too_slow = project.up().error()
    receiver.hold.set()

    project.write(checked(receiver))
    receiver.hold.clear()
    killed = project.begin_up()
    assert receiver.wait_for(2)
    ended(killed, signal.SIGKILL)
    receiver.hold.set()
    project.unlock()
    continued = project.up()
    assert continued.succeeded, continued.output
    assert sent_to(receiver) == 2

    project.write(checked(receiver, rotated="2"))
    receiver.hold.clear()
    interrupted = project.begin_up()
    assert receiver.wait_for(3)
    output = ended(interrupted, signal.SIGINT)
    receiver.hold.set()
    finished = project.up()

    assert "the receiver has not answered within 2 s" in too_slow
    assert "interrupted" in output
    assert "waiting for the receiver's answer to webhook.test" in output
    assert finished.succeeded, finished.output
    assert project.outputs()["delivered"] is True
    assert sent_to(receiver) == 3


class VerifyingReceiver(Receiver):
    """A receiver that verifies with the secret in Secrets Manager, and is so ill-made as to tell it."""

    def __init__(self, secret: Callable[[], str | None]) -> None:
        """Listen."""
        super().__init__()
        self._secret = secret
        self.told: list[str] = []

    def arrive(self, request: Received) -> None:
        """Decide on the answer, and record the request."""
        secret = self._secret() or ""
        self.told.append(secret)
        try:
            Webhook(secret).verify(request.body, request.headers)
            self.statuses.append(200)
        except (WebhookVerificationError, ValueError):
            self.statuses.append(401)
        self.body = f"verified with {secret}, that is {secret.removeprefix('whsec_')}".encode()
        super().arrive(request)


def test_component_checks_once_the_secret_is_stored_and_prints_no_secret(make_project: MakeProject) -> None:
    projects: list[Project] = []
    receiver = VerifyingReceiver(lambda: projects[0].aws.values().get(SECRET_NAME))
    try:
        program = {rotated: COMPONENT.format(url=receiver.url, name=SECRET_NAME, rotated=rotated) for rotated in "12"}
        projects.append(make_project(program["1"]))
        (project,) = projects
        created = project.up()
        assert created.succeeded, created.output
        project.write(program["2"])
        rotated = project.up()
        assert rotated.succeeded, rotated.output
        assert project.up(expect_no_changes=True).succeeded
        exported = project.cli("stack", "export", "--show-secrets")

        assert sent_to(receiver) == len(set(receiver.told)) == 2
        assert receiver.told[-1] == project.endpoint()["secret"]
        assert project.outputs() == {"excerpt": "verified with […], that is […]"}
        for secret in receiver.told:
            assert secret.removeprefix("whsec_") not in exported
            assert secret.removeprefix("whsec_") not in created.output + rotated.output
    finally:
        receiver.close()


def test_check_belongs_to_the_organization_of_its_endpoint(
    make_project: MakeProject, signa: EmulatorServer, receiver: Receiver
) -> None:
    with EmulatorServer(api_keys=[EU_KEY]) as eu:
        project = make_project(IN_ACCOUNT.format(url=receiver.url, account=None))
        project.environment |= {"SIGNA_API_KEY_EU": EU_KEY, "SIGNA_BASE_URL_EU": eu.base_url}
        here = project.up()
        assert here.succeeded, here.output
        project.write(IN_ACCOUNT.format(url=receiver.url, account="eu"))
        there = project.up()
        assert there.succeeded, there.output

        tests = [
            sum(entry["path"].endswith("/test") for entry in server.organization.requests.entries())
            for server in (signa, eu)
        ]
        assert tests == [1, 1]
        assert sent_to(receiver) == 2
        assert EU_KEY not in here.output + there.output
        assert project.held("check")["account"] == "eu"
