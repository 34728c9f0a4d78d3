"""Deliveries that keep coming while a stack is previewed, rotated and run again: none of them is turned away."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import boto3
import pytest
import requests
from demo.alerts import Alerts
from demo.receiver import HOUR_S, Receiver
from sandbox.aws import REGION

from e2e.gate import PATIENCE_S
from e2e.harness import SECRET_NAME, Figure, MakeProject, Project
from e2e.local_aws import CountedAws
from signa_emulator.rules.endpoints import Endpoint
from signa_emulator.server import EmulatorServer
from signa_emulator.signing import ALERT_EVENT, SignedRequest, new_event, sign

pytestmark = pytest.mark.e2e

PER_SECOND = 20

ALWAYS = 0
"""A refresh interval: the receiver asks before every delivery, so it meets the rotation at each moment of it."""

MakeReceiver = Callable[[int], Receiver]
"""Takes for how many seconds the receiver keeps the secret in memory."""


@pytest.fixture
def make_receiver(local_aws: CountedAws) -> Iterator[MakeReceiver]:
    """Yield a function that starts a receiver of the repository's own stack; what it asks AWS is counted."""
    client = boto3.client(
        "secretsmanager",
        region_name=REGION,
        endpoint_url=local_aws.url,
        aws_access_key_id="receiver",
        aws_secret_access_key="receiver",
    )
    with ExitStack() as stack:
        yield lambda refresh_interval_s: stack.enter_context(
            Receiver(client, SECRET_NAME, refresh_interval_s=refresh_interval_s)
        )


def deployed(make_project: MakeProject, receiver: Receiver) -> Project:
    """Return the repository's own stack, up, with a rotation that the next run makes."""
    project = make_project(url=receiver.url)
    assert project.up().succeeded
    project.config(rotateTrigger="1")
    return project


def endpoint_of(signa: EmulatorServer) -> Endpoint:
    """Return the one endpoint that Signa has, alive."""
    (endpoint,) = signa.organization.endpoints.newest_first()
    return endpoint


def emit(signa: EmulatorServer) -> str:
    """Let an alert happen, wait until its delivery has been answered, and return the event's id."""
    event, _ = signa.organization.emit()
    assert signa.organization.deliveries.wait_idle(PATIENCE_S)
    return event.id


def signed_for(endpoint: Endpoint, signa: EmulatorServer) -> SignedRequest:
    """Return a delivery as Signa sends it to such an endpoint now."""
    now = signa.organization.clock.now()
    return sign(new_event(ALERT_EVENT, None, now), endpoint, attempt=1, now=now)


def post(delivery: SignedRequest) -> int:
    """Send a delivery, and return the status of the answer."""
    return requests.post(delivery.url, data=delivery.body, headers=delivery.headers, timeout=PATIENCE_S).status_code


@pytest.mark.parametrize(
    ("refresh_interval_s", "secrets_used"),
    [pytest.param(HOUR_S, ["old"], id="hourly"), pytest.param(ALWAYS, ["old", "new"], id="always")],
)
def test_no_delivery_is_turned_away_around_a_rotation(
    make_project: MakeProject,
    make_receiver: MakeReceiver,
    figure: Figure,
    refresh_interval_s: int,
    secrets_used: list[str],
) -> None:
    """Every delivery is accepted at the first attempt, whenever the receiver takes up the new secret."""
    receiver = make_receiver(refresh_interval_s)
    project = deployed(make_project, receiver)
    signa = project.signa
    old = endpoint_of(signa).secret

    accepted_until = [0]
    begun_at = time.monotonic()
    with project.counted() as calls, Alerts(signa.organization, per_second=PER_SECOND) as alerts:
        for command in (project.preview, project.up, project.up):
            run = command()
            assert run.succeeded, run.output
            accepted_until.append(len(receiver.accepted))
    rate = len(alerts.sent) / (time.monotonic() - begun_at)
    assert signa.organization.deliveries.wait_idle(PATIENCE_S)

    endpoint = endpoint_of(signa)
    in_phases = [until - before for before, until in itertools.pairwise(accepted_until)]
    figure(
        f"deliveries during preview, rotation and up again, secret cached for {refresh_interval_s} s: "
        f"{len(alerts.sent)} sent at {rate:.1f} a second, accepted {' + '.join(map(str, in_phases))} and after them "
        f"{len(receiver.accepted) - accepted_until[-1]}, rejected {len(receiver.rejected)}"
    )
    assert receiver.rejected == []
    assert sorted(one.id for one in receiver.accepted) == sorted(alerts.sent)
    attempts = signa.organization.deliveries.newest_first(endpoint)
    assert {(row.attempt, row.status) for row in attempts} == {(1, "delivered")}
    assert all(in_phases), in_phases
    assert endpoint.secret_version == project.outputs()["secret_version"] == 2
    assert calls.signa == {"rotate": 1}
    assert (project.aws.values(), project.aws.values("AWSPREVIOUS")) == (
        {SECRET_NAME: endpoint.secret},
        {SECRET_NAME: old},
    )
    names = {old: "old", endpoint.secret: "new"}
    assert list(dict.fromkeys(names[one.secret] for one in receiver.accepted)) == secrets_used
    if refresh_interval_s == HOUR_S:
        assert calls.aws.count("GetSecretValue") == 2, "AWSCURRENT and AWSPREVIOUS, once"


def test_delivery_between_the_rotation_and_the_write_is_accepted(
    make_project: MakeProject, make_receiver: MakeReceiver, signa: EmulatorServer
) -> None:
    """While only Signa knows the new secret, a receiver verifies with the old one; afterwards with the new one."""
    receiver = make_receiver(ALWAYS)
    project = deployed(make_project, receiver)
    old = endpoint_of(signa).secret
    write = project.hold("PutSecretValue", after_commit=False)

    with project.begin_up() as process:
        is_held = write.reached.wait(PATIENCE_S)
        new = endpoint_of(signa).secret
        between = emit(signa)
        write.let_go()
        output, _ = process.communicate()
    afterwards = emit(signa)

    assert is_held
    assert process.returncode == 0, output
    assert new != old
    assert [(one.id, one.secret) for one in receiver.accepted] == [(between, old), (afterwards, new)]
    assert receiver.rejected == []


def test_delivery_from_before_the_rotation_is_accepted_after_it(
    make_project: MakeProject, make_receiver: MakeReceiver, signa: EmulatorServer
) -> None:
    """A delivery that was long under way has the old signature alone, and verifies with the value at AWSPREVIOUS."""
    receiver = make_receiver(ALWAYS)
    project = deployed(make_project, receiver)
    old = endpoint_of(signa).secret
    delivery = signed_for(endpoint_of(signa), signa)
    assert project.up().succeeded

    status = post(delivery)

    assert endpoint_of(signa).secret != old
    assert (status, [one.secret for one in receiver.accepted], receiver.rejected) == (204, [old], [])


def test_receiver_with_the_old_secret_takes_up_the_new_one_when_the_overlap_is_over(
    make_project: MakeProject, make_receiver: MakeReceiver, signa: EmulatorServer
) -> None:
    """A receiver refreshes its cached secret before it rejects a delivery."""
    receiver = make_receiver(HOUR_S)
    project = deployed(make_project, receiver)
    endpoint = endpoint_of(signa)
    old = endpoint.secret
    emit(signa)
    assert project.up().succeeded
    emit(signa)
    # The overlap alone ends: a clock that is moved would make the receiver refuse what comes from the future.
    endpoint.previous_secret_expires_at = signa.organization.clock.now()

    emit(signa)

    assert [one.secret for one in receiver.accepted] == [old, old, endpoint.secret]
    assert receiver.rejected == []


def test_forged_delivery_is_turned_away(
    make_project: MakeProject, make_receiver: MakeReceiver, signa: EmulatorServer
) -> None:
    """A receiver refuses a foreign signature, also while two secrets are valid."""
    receiver = make_receiver(HOUR_S)
    project = deployed(make_project, receiver)
    assert project.up().succeeded
    another = replace(endpoint_of(signa), secret="whsec_Zm9yZ2VkLWZvcmdlZC1mb3JnZWQt", previous_secret=None)
    forged = signed_for(another, signa)

    status = post(forged)

    assert (status, receiver.rejected) == (401, [forged.headers["webhook-id"]])
    assert receiver.accepted == []
