"""Several organizations in one plugin: each call goes where its bag says, with that organization's key."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from fake_transport import API_KEY
from providers.conftest import Plugin
from pulumi_signa.hosting.hidden import URN
from signa_emulator.server import EmulatorServer

EU_KEY = API_KEY.replace("0123", "e0e0")
DECLARED: dict[str, Any] = {
    "url": "https://example.com/hooks/signa",
    "enabled_events": ["alert.created"],
    URN: "urn:pulumi:dev::p::t::alerts",
}
IN_EU = {**DECLARED, "account": "eu"}


@pytest.fixture
def eu() -> Iterator[EmulatorServer]:
    """Return a second Signa."""
    with EmulatorServer(api_keys=[EU_KEY]) as server:
        yield server


@pytest.fixture
def both(plugin: Callable[..., Plugin], emulator: EmulatorServer, eu: EmulatorServer) -> Plugin:
    """Return a plugin that reaches both."""
    return plugin(
        "webhook",
        {"signa:apiKey": API_KEY, "signa:accounts": {"eu": {"apiKey": EU_KEY, "baseUrl": eu.base_url}}},
        SIGNA_BASE_URL=emulator.base_url,
    )


def ids(server: EmulatorServer) -> list[str]:
    """Return the ids of the endpoints that an organization has."""
    return [endpoint.id for endpoint in server.organization.endpoints.newest_first()]


def failure(operation: Callable[[], Any]) -> str:
    """Return the one line with which an operation fails, without any key."""
    with pytest.raises(grpc.RpcError) as caught:
        operation()
    details: str = caught.value.details()
    assert len(details.splitlines()) == 1
    assert not any(key in details for key in (API_KEY, EU_KEY))
    return details


def test_every_verb_goes_to_the_organization_of_its_bag(
    both: Plugin, emulator: EmulatorServer, eu: EmulatorServer
) -> None:
    checked, failures = both.check(IN_EU)
    id_, outputs = both.create(checked)
    state = {**outputs, "secret": "whsec_x"}

    assert failures == []
    assert (ids(emulator), ids(eu)) == ([], [id_])
    assert outputs["account"] == "eu"
    assert both.read(id_, state)[0] == id_
    assert both.update(id_, state, {**checked, "description": "new"})["description"] == "new"
    both.delete(id_, state)
    assert ids(eu) == []
    assert emulator.organization.requests.entries() == []


def test_default_organization_is_not_in_the_state(both: Plugin, emulator: EmulatorServer, eu: EmulatorServer) -> None:
    id_, outputs = both.create(DECLARED)

    assert (ids(emulator), ids(eu)) == ([id_], [])
    assert "account" not in outputs


def test_get_keeps_the_organization(both: Plugin, eu: EmulatorServer) -> None:
    id_, _ = both.create(IN_EU)

    found, outputs, inputs = both.read(id_, {"account": "eu"})

    assert (found, outputs["account"], inputs["account"]) == (id_, "eu", "eu")


@pytest.mark.parametrize(
    ("before", "after"), [(DECLARED, IN_EU), (IN_EU, DECLARED), (IN_EU, {**IN_EU, "account": "us"})]
)
def test_another_account_replaces_and_nothing_is_asked(
    both: Plugin, emulator: EmulatorServer, eu: EmulatorServer, before: dict[str, Any], after: dict[str, Any]
) -> None:
    answer = both.diff("whk_1", {**before, "secret": "whsec_x", "secret_status": "current"}, after)

    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == ["account"]
    assert emulator.organization.requests.entries() == eu.organization.requests.entries() == []


def test_deletion_follows_the_state(both: Plugin, emulator: EmulatorServer, eu: EmulatorServer) -> None:
    id_, outputs = both.create(DECLARED)
    both.check(IN_EU, DECLARED)
    both.diff(id_, {**outputs, "secret": "whsec_x"}, IN_EU)
    both.delete(id_, {**outputs, "secret": "whsec_x"})
    both.create(IN_EU)

    assert (ids(emulator), len(ids(eu))) == ([], 1)


def test_account_that_is_not_configured_is_one_line(both: Plugin) -> None:
    _, ((_, problem),) = both.check({**DECLARED, "account": "us"})

    assert problem == (
        "no Signa API key for account us: run `pulumi config set --secret --path 'signa:accounts.us.apiKey'`, "
        "or set SIGNA_API_KEY_US in the environment"
    )
    assert "no Signa API key for account us" in failure(lambda: both.delete("whk_1", {**DECLARED, "account": "us"}))


def test_refused_key_is_told_by_its_own_place(
    plugin: Callable[..., Plugin], emulator: EmulatorServer, eu: EmulatorServer
) -> None:
    both = plugin(
        "webhook",
        {"signa:apiKey": EU_KEY, "signa:accounts": {"eu": {"apiKey": API_KEY, "baseUrl": eu.base_url}}},
        SIGNA_BASE_URL=emulator.base_url,
    )

    assert "the key came from stack configuration signa:accounts.eu.apiKey" in failure(lambda: both.create(IN_EU))
    assert "the key came from stack configuration signa:apiKey" in failure(lambda: both.create(DECLARED))


def test_no_organizations_key_shows_in_the_words_of_another_one(both: Plugin, eu: EmulatorServer) -> None:
    eu.organization.faults.add(kind="status", status=400, detail=f"not {API_KEY} and not {EU_KEY}")

    assert "not [secret] and not [secret]" in failure(lambda: both.create(IN_EU))
