"""Checks that an endpoint's receiver accepts what Signa sends."""

from collections.abc import Iterator

import pytest
from e2e.receiving import FakeReceiver

from e2e.harness import MakeProject

pytestmark = pytest.mark.e2e

CHECKED = """
import pulumi
from pulumi_signa import DeliveryCheck, WebhookEndpoint
endpoint = WebhookEndpoint("alerts", url={url!r}, rotate_trigger={rotated!r})
check = DeliveryCheck(
    "check", endpoint_id=endpoint.id, triggers=[endpoint.url, endpoint.secret_version]{arguments}
)
for name in ("delivered", "http_status", "delivered_at", "attempt_id", "response_excerpt"):
    pulumi.export(name, getattr(check, name))
"""


def checked(receiver: FakeReceiver, arguments: str = "", *, rotated: str = "1", path: str = "") -> str:
    """Return the program of an endpoint and its check."""
    return CHECKED.format(url=receiver.url + path, rotated=rotated, arguments=arguments)


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    """Yield a receiver that accepts everything."""
    with FakeReceiver() as receiver:
        yield receiver


def test_test_is_sent_when_the_check_is_new_and_when_a_trigger_changes(
    make_project: MakeProject, receiver: FakeReceiver
) -> None:
    receiver.answer = lambda _headers, _body: (200, "thank you")
    project = make_project(checked(receiver))

    with project.counted() as preview:
        assert project.preview().succeeded
    with project.counted() as created:
        run = project.up()
    assert run.succeeded, run.output
    first = project.outputs()
    with project.counted() as quiet:
        again = project.up(expect_no_changes=True)
        assert again.succeeded, again.output
        assert project.refresh(expect_no_changes=True).succeeded
    project.write(checked(receiver, rotated="2"))
    with project.counted() as previewed:
        shown = project.preview()
    assert project.up().succeeded
    second = project.outputs()
    project.write(checked(receiver, rotated="2", path="/elsewhere"))
    assert project.up().succeeded

    assert preview.signa == {}
    assert created.signa["test"] == 1
    assert (first["delivered"], first["http_status"], first["response_excerpt"]) == (True, 200, "thank you")
    assert quiet.signa == {"list": 1}
    assert previewed.signa == {}
    assert "check" in shown.output
    assert second["attempt_id"] != first["attempt_id"]
    assert len(set(receiver.events)) == len(receiver.events) == 3
