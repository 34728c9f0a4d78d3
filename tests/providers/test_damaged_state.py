"""States that were edited by hand or damaged: no verb takes them for a defect of ours, and `up` mends them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_transport import API_KEY
from pulumi_signa import accounts
from pulumi_signa.hosting.calls import Calls
from pulumi_signa.hosting.hidden import HIDDEN
from pulumi_signa.hosting.kinds import WEBHOOK_ENDPOINT
from pulumi_signa.hosting.one_line import OneLineError
from pulumi_signa.hosting.values import UNKNOWN_MARKERS, bag_of
from pulumi_signa.lifecycle.webhook_endpoint.schema import DECIDED, FORMS, KEPT, SENT, TRIGGER_BEFORE
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider
from pulumi_signa.settings import load
from signa_emulator.server import EmulatorServer

URN = "urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::alerts"
DECLARED = {"url": "https://example.com/hooks", "rotation_period_days": 30.0, "on_stale_secret": "rotate", "__urn": URN}

PROPERTIES = (*SENT, *KEPT, *DECIDED, *HIDDEN, FORMS, TRIGGER_BEFORE, "adopt", "__of_a_later_release")
# States of the first release have none of these.
ADDED_LATER = (*KEPT, "secret_rotated_at", "previous_secret", "previous_secret_expires_at", "next_rotation_at")

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
    st.sampled_from(["", "x", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-02-31T00:00:00Z", "current"]),
    st.sampled_from(sorted(UNKNOWN_MARKERS)),
)
JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    """Return a Signa that many examples share, one after the other."""
    with EmulatorServer(api_keys=[API_KEY]) as started:
        yield started


def in_a_new_run(server: EmulatorServer) -> WebhookEndpointProvider:
    """Return a provider of a process that knows of no resource yet."""
    accounts._ACCOUNTS.clear()
    provider = WebhookEndpointProvider()
    settings = load({}, {"SIGNA_API_KEY": API_KEY, "SIGNA_BASE_URL": server.base_url})
    provider.calls = Calls(WEBHOOK_ENDPOINT, lambda _account: settings, workers=1)
    return provider


def in_the_state(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return outputs as the host sends them in the next call: secrets in plain text, numbers as floats."""
    return {
        **{name: float(value) if type(value) is int else value for name, value in bag_of(outputs, {}).own.items()},
        "__urn": URN,
        "__provider": "the host adds it",
    }


def created(provider: WebhookEndpointProvider) -> tuple[str, dict[str, Any]]:
    """Create an endpoint, and return its id and what the state holds of it."""
    answer = provider.create(dict(DECLARED))
    assert answer.outs is not None
    return answer.id, in_the_state(answer.outs)


def outcome(verb: Callable[..., Any], *args: Any) -> Any:
    """Return the outputs of a verb, or None where it refuses in words of ours."""
    try:
        return verb(*args)
    except OneLineError as error:
        refusal = str(error)
    assert "unexpected" not in refusal
    return None


@given(damage=st.dictionaries(st.sampled_from(PROPERTIES), JSON, min_size=1, max_size=4), is_old=st.booleans())
def test_no_verb_takes_a_damaged_state_for_a_defect(
    server: EmulatorServer, damage: dict[str, Any], is_old: object
) -> None:
    server.organization.reset()
    provider = in_a_new_run(server)
    id_, whole = created(provider)
    state = {name: value for name, value in {**whole, **damage}.items() if not (is_old and name in ADDED_LATER)}

    outcome(provider.check, state, dict(DECLARED))
    outcome(provider.diff, id_, state, dict(DECLARED))
    read = outcome(provider.read, id_, state)
    updated = outcome(provider.update, id_, state, dict(DECLARED))
    outcome(in_a_new_run(server).delete, id_, state)

    assert server.organization.endpoints.newest_first() == []
    for outputs in (answer.outs for answer in (read, updated) if answer is not None):
        assert ("secret" in outputs) == (outputs["secret_status"] != "unknown")


@given(forms=st.dictionaries(st.sampled_from(SENT), JSON).map(json.dumps) | st.just("[" * 100_000))
def test_no_verb_takes_a_damaged_record_of_forms_for_a_defect(server: EmulatorServer, forms: str) -> None:
    server.organization.reset()
    provider = in_a_new_run(server)
    id_, whole = created(provider)
    state = {**whole, FORMS: forms}
    edited = {**DECLARED, "metadata": {"team": "search"}}

    for verb in (provider.diff, provider.update):
        outcome(verb, id_, state, edited)
    read = outcome(provider.read, id_, state)

    assert server.organization.endpoints.newest_first()[0].metadata == {"team": "search"}
    assert read.inputs["metadata"] == {"team": "search"}


@given(id_=st.text(max_size=20) | st.sampled_from(["..", ".", "whk_1/../x", ""]), is_empty=st.booleans())
def test_no_verb_takes_a_damaged_id_for_a_defect(server: EmulatorServer, id_: str, is_empty: object) -> None:
    server.organization.reset()
    provider = in_a_new_run(server)
    _, whole = created(provider)
    state = {} if is_empty else whole

    for verb in (provider.diff, provider.update):
        outcome(verb, id_, state, dict(DECLARED))
    for last in (provider.read, in_a_new_run(server).delete):
        outcome(last, id_, state)


@pytest.mark.parametrize("held", [None, "", 5.0, ["whsec_x"]])
@pytest.mark.parametrize("status", ["current", "stale", 5.0])
def test_secret_that_the_state_lost_is_unknown_and_rotated(emulator: EmulatorServer, held: Any, status: Any) -> None:
    provider = in_a_new_run(emulator)
    id_, whole = created(provider)
    state = {**whole, "secret": held, "secret_status": status}

    plan = provider.diff(id_, state, dict(DECLARED))
    refreshed = provider.read(id_, state).outs
    mended = in_the_state(provider.update(id_, state, dict(DECLARED)).outs or {})

    assert plan.changes
    assert refreshed is not None
    assert refreshed["secret_status"] == "unknown"
    assert (mended["secret_status"], mended["secret_version"]) == ("current", 2)
    assert mended["secret"] == emulator.organization.endpoints.newest_first()[0].secret
    assert not provider.diff(id_, mended, dict(DECLARED)).changes


@pytest.mark.parametrize("lost", ["created_at", "updated_at", "url"])
def test_refresh_keeps_the_secret_of_a_state_that_lost_something_else(emulator: EmulatorServer, lost: str) -> None:
    provider = in_a_new_run(emulator)
    id_, whole = created(provider)

    refreshed = provider.read(id_, {name: value for name, value in whole.items() if name != lost}).outs

    assert refreshed is not None
    assert in_the_state(refreshed) == whole
