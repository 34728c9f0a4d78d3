"""An endpoint that was moved to another stack, whose first stack still declares it."""

from typing import Any

import pytest

from fake_host import STACK, URN, Outputs, endpoints
from fake_transport import Sent
from pulumi_signa.lifecycle.webhook_endpoint.moving import _key
from pulumi_signa.signa_api.client import SignaClient
from signa_emulator.server import EmulatorServer

HERE = {"url": "https://example.com/1", URN: "urn:pulumi:dev::p::t::alerts", STACK: "first"}
THERE = {**HERE, URN: "urn:pulumi:dev::other::t::alerts", STACK: "second"}


@pytest.fixture
def moved(client: SignaClient, emulator: EmulatorServer) -> tuple[str, Outputs]:
    """Return an endpoint in whose state the first stack's names still stand."""
    id_, outputs = endpoints.create(client, HERE)
    return id_, outputs


def run_there(client: SignaClient, moved: tuple[str, Outputs], **run: Any) -> Outputs:
    """Record the resource in the stack that has it now, some time later."""
    id_, outputs = moved
    return endpoints.update(client, id_, outputs, THERE, moved_from="first", **run)


def later(emulator: EmulatorServer) -> None:
    """Let a second pass at Signa, so that a change has another time than the create."""
    emulator.organization.clock.advance(1)


def ids(emulator: EmulatorServer) -> list[str]:
    """Return the endpoints that there are, oldest first."""
    return [endpoint.id for endpoint in reversed(emulator.organization.endpoints.newest_first())]


def test_first_stack_makes_an_endpoint_of_its_own(
    client: SignaClient, emulator: EmulatorServer, moved: tuple[str, Outputs]
) -> None:
    later(emulator)
    run_there(client, moved)
    warnings: list[str] = []

    own, _ = endpoints.create(client, HERE, warn=warnings.append)

    assert own != moved[0]
    assert ids(emulator) == [moved[0], own]
    assert warnings == []


def test_run_that_made_the_own_one_and_died_is_found(
    client: SignaClient, emulator: EmulatorServer, moved: tuple[str, Outputs]
) -> None:
    later(emulator)
    run_there(client, moved)
    own, _ = endpoints.create(client, HERE)

    assert endpoints.create(client, HERE, warn=print)[0] == own


def test_move_that_is_recorded_twice_is_one(
    client: SignaClient, emulator: EmulatorServer, moved: tuple[str, Outputs]
) -> None:
    """A run that dies after the mark leaves it again."""
    later(emulator)
    warnings: list[str] = []

    run_there(client, moved, warn=warnings.append)
    run_there(client, moved, warn=warnings.append)

    assert warnings == []


def test_move_changes_nothing_at_signa(
    client: SignaClient, emulator: EmulatorServer, moved: tuple[str, Outputs]
) -> None:
    later(emulator)

    outputs = run_there(client, moved)

    assert outputs["secret"] == moved[1]["secret"]
    assert emulator.organization.endpoints.get(moved[0]).url == HERE["url"]


def test_endpoint_that_others_have_changed_is_taken_over_by_every_run_that_dies(
    client: SignaClient, emulator: EmulatorServer, moved: tuple[str, Outputs]
) -> None:
    later(emulator)
    client.update_webhook_endpoint(moved[0], {"description": "by hand"})

    found = [endpoints.create(client, HERE, warn=print)[0] for _ in range(3)]

    assert found == [moved[0]] * 3


def test_endpoint_that_was_not_changed_costs_no_further_call(
    client: SignaClient, sent: list[Sent], moved: tuple[str, Outputs]
) -> None:
    del sent[:]

    endpoints.create(client, HERE, warn=print)

    assert [request.method for request in sent] == ["POST", "GET"]


def test_first_stack_that_was_quicker_is_told_of(
    client: SignaClient, emulator: EmulatorServer, moved: tuple[str, Outputs]
) -> None:
    """A server that takes a change of nothing remembers the question itself."""
    client.update_webhook_endpoint(moved[0], {"status": "active"}, idempotency_key=_key("first", moved[0]))
    warnings: list[str] = []

    run_there(client, moved, warn=warnings.append)

    (warning,) = warnings
    assert moved[0] in warning
    assert "pulumi state delete" in warning
