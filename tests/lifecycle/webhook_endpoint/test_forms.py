"""A Signa that keeps fields in a form of its own: the form is no edit, and an edit is no form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from fake_host import IDENTITY_OF_STACK, URN, Outputs, endpoints
from fake_transport import Sent
from normalizing import Normal, everything, href, keep_as
from pulumi_signa.lifecycle.journal import pages
from pulumi_signa.lifecycle.webhook_endpoint.schema import FORMS
from pulumi_signa.signa_api.client import SignaClient
from signa_emulator.server import EmulatorServer

DECLARED: dict[str, Any] = {
    "url": "HTTPS://Bücher.Example:443",
    "description": " prod ",
    "metadata": {"team": "brand", "size": 3},
    URN: "urn:pulumi:dev::p::t::alerts",
}


@dataclass
class Stack:
    """
    A resource, and what the engine does around it.

    Attributes:
        inputs: The old inputs, which a refresh replaces where it finds drift.
        said: What users were informed of.
    """

    client: SignaClient
    sent: list[Sent]
    id: str = ""
    inputs: Outputs = field(default_factory=dict)
    outputs: Outputs = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def up(self, declared: Mapping[str, Any] = DECLARED, **run: Any) -> list[str]:
        """Carry out what is declared, and return the methods of what was sent."""
        self.sent.clear()
        declared = dict(declared)
        if not self.id:
            self.id, self.outputs = endpoints.create(self.client, declared, inform=self.said.append, **run)
        elif endpoints.plan(self.id, self.outputs, declared).is_needed:
            self.outputs = endpoints.update(
                self.client, self.id, self.outputs, declared, inform=self.said.append, **run
            )
        self.inputs = declared
        return [request.method for request in self.sent]

    def refresh(self) -> list[str]:
        """Refresh, and return the fields that have drifted."""
        found = endpoints.read(self.client, self.id, self.outputs)
        assert found is not None
        before, self.outputs = self.outputs, found.outputs
        if found.inputs is None:
            assert {name: before[name] for name in DECLARED} == {name: found.outputs[name] for name in DECLARED}
            return []
        self.inputs = found.inputs
        return [name for name in DECLARED if before[name] != found.outputs[name]]


@pytest.fixture
def stack(client: SignaClient, sent: list[Sent]) -> Stack:
    """Return a stack in which nothing is up."""
    return Stack(client, sent)


@pytest.fixture
def normalizing(emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[Normal], None]:
    """Return what makes Signa keep fields in a form of its own."""
    return lambda normal: keep_as(emulator.organization, monkeypatch, normal)


@pytest.fixture
def own_forms(normalizing: Callable[[Normal], None]) -> None:
    """Let Signa keep every field in a form of its own."""
    normalizing(everything)


@pytest.fixture
def real(emulator: EmulatorServer) -> Callable[[], Any]:
    """Return what shows the one endpoint that there is."""

    def only() -> Any:
        (endpoint,) = emulator.organization.endpoints.newest_first()
        return endpoint

    return only


def quiet(stack: Stack, declared: Mapping[str, Any] = DECLARED) -> bool:
    """Return whether refreshes and runs find nothing to do, twice over."""
    return all(stack.refresh() == [] and stack.up(declared) == [] for _ in range(2))


FIELD_BY_FIELD: dict[str, tuple[str, Normal]] = {
    "href": ("url", lambda fields: {**fields, "url": href(fields["url"])}),
    "trimmed": ("description", lambda fields: {**fields, "description": (fields["description"] or "").strip()}),
    "dropped": ("description", lambda fields: {**fields, "description": None}),
    "text": ("metadata", lambda fields: {**fields, "metadata": {k: str(v) for k, v in fields["metadata"].items()}}),
    "added": ("metadata", lambda fields: {**fields, "metadata": {**fields["metadata"], "source": "api"}}),
    "null": ("metadata", lambda fields: {**fields, "metadata": {**fields["metadata"], "source": None}}),
    "upper": ("metadata", lambda fields: {**fields, "metadata": {k.upper(): v for k, v in fields["metadata"].items()}}),
    "more": ("enabled_events", lambda fields: {**fields, "enabled_events": ["alert.created", "alert.updated"]}),
    "pending": ("status", lambda fields: {**fields, "status": "pending"}),
}


@pytest.mark.parametrize(("name", "normal"), FIELD_BY_FIELD.values(), ids=FIELD_BY_FIELD)
def test_any_form_of_a_field_is_no_drift_and_is_told_once(
    stack: Stack, normalizing: Callable[[Normal], None], name: str, normal: Normal
) -> None:
    normalizing(normal)

    assert stack.up() == (["POST", "PATCH"] if name == "status" else ["POST"])
    assert quiet(stack)
    assert stack.outputs["url"] == DECLARED["url"]
    (said,) = stack.said
    assert name in said
    assert "brand" not in said


def test_state_of_a_signa_that_keeps_what_it_is_sent_does_not_grow(stack: Stack) -> None:
    stack.up()

    assert quiet(stack)
    assert FORMS not in stack.outputs
    assert stack.said == []


@pytest.mark.usefixtures("own_forms")
@pytest.mark.parametrize(
    ("name", "edit"),
    [("url", "https://elsewhere.example/"), ("description", "edited"), ("metadata", {"team": "other", "size": 3})],
)
def test_edit_elsewhere_shows_and_is_undone(stack: Stack, real: Callable[[], Any], name: str, edit: Any) -> None:
    stack.up()
    kept = getattr(real(), name)
    setattr(real(), name, edit)

    assert stack.refresh() == [name]
    assert stack.outputs[name] == stack.inputs[name] == edit
    assert set(stack.up()) == {"PATCH"}
    assert getattr(real(), name) == kept
    assert quiet(stack)


@pytest.mark.usefixtures("own_forms")
def test_edit_elsewhere_that_was_undone_elsewhere_takes_one_call(stack: Stack, real: Callable[[], Any]) -> None:
    stack.up()
    kept = real().url
    real().url = "https://elsewhere.example/"
    stack.refresh()
    real().url = kept
    stack.refresh()

    assert stack.up() == ["PATCH"]
    assert quiet(stack)


@pytest.mark.usefixtures("own_forms")
def test_edits_back_and_forth_are_quiet_afterwards(stack: Stack) -> None:
    plain = {**DECLARED, "url": "https://example.com/hook", "description": "plain", "metadata": {}}
    stack.up()

    for declared in (plain, DECLARED, {**DECLARED, "metadata": {"size": 3}}, plain, DECLARED):
        assert set(stack.up(declared)) == {"PATCH"}
        assert quiet(stack, declared)


@pytest.mark.usefixtures("own_forms")
def test_key_that_signa_adds_is_cleared_by_no_update(stack: Stack) -> None:
    stack.up()

    for size in (4, 5):
        assert stack.up({**DECLARED, "metadata": {"team": "brand", "size": size}}) == ["PATCH"]


@pytest.mark.usefixtures("own_forms")
def test_key_that_was_removed_is_cleared_beside_one_that_signa_adds(stack: Stack, real: Callable[[], Any]) -> None:
    stack.up()

    assert stack.up({**DECLARED, "metadata": {"team": "brand"}}) == ["PATCH", "PATCH"]
    assert real().metadata == {"team": "brand", "source": None}


@pytest.mark.usefixtures("own_forms")
def test_endpoint_that_is_taken_over_is_changed_once(stack: Stack, client: SignaClient) -> None:
    body = {"url": "https://example.com/", "enabled_events": ["alert.created"]}
    there = client.create_webhook_endpoint(body, idempotency_key="by-hand").endpoint
    adopting = {**DECLARED, "adopt": {"id": there.id, "secret": there.secret}}

    assert stack.up(adopting)[:2] == ["GET", "PATCH"]
    assert quiet(stack, adopting)


@pytest.mark.usefixtures("own_forms")
def test_state_of_earlier_code_takes_one_round(stack: Stack) -> None:
    stack.up()
    del stack.outputs[FORMS]

    assert stack.refresh() == ["url", "description", "metadata"]
    stack.up()
    assert quiet(stack)


@pytest.mark.usefixtures("own_forms")
@pytest.mark.parametrize("damage", ["", "x", "[]", "null", '{"url": 5, "nothing": 1}', 5, None, ["x"]])
def test_damaged_record_counts_as_none(stack: Stack, damage: object) -> None:
    stack.up()
    stack.outputs[FORMS] = damage

    assert "url" in stack.refresh()
    stack.up()
    assert quiet(stack)


@pytest.mark.usefixtures("own_forms")
def test_form_outlives_a_rotation(stack: Stack) -> None:
    stack.up()
    rotated = {**DECLARED, "rotate_trigger": "b"}

    assert stack.up(rotated) == ["POST"]
    assert quiet(stack, rotated)
    assert len(stack.said) == 1


@pytest.mark.usefixtures("own_forms")
def test_ignored_field_stays_as_it_is_found(stack: Stack, real: Callable[[], Any]) -> None:
    stack.up()
    ignoring = {**DECLARED, "url": stack.inputs["url"], "description": "second"}
    assert stack.up(ignoring) == ["PATCH"]
    assert quiet(stack, ignoring)

    real().url = "https://elsewhere.example/"
    stack.refresh()

    assert stack.up({**ignoring, "url": stack.inputs["url"]}) == []
    assert real().url == "https://elsewhere.example/"


def _crash(client: SignaClient, declared: Mapping[str, Any]) -> str:
    (key,) = pages(IDENTITY_OF_STACK, "", declared[URN].split("::", 2)[-1], limit=1)
    body = {"enabled_events": ["alert.created"], **{name: declared[name] for name in declared if name != URN}}
    return client.create_webhook_endpoint(body, idempotency_key=f"pulumi-create-{key}").endpoint.id


@pytest.mark.usefixtures("own_forms")
def test_endpoint_that_a_run_left_behind_takes_no_change(
    stack: Stack, client: SignaClient, warn: Callable[[str], None]
) -> None:
    left_behind = _crash(client, DECLARED)

    assert stack.up(warn=warn) == ["POST", "GET"]
    assert stack.id == left_behind
    assert quiet(stack)


@pytest.mark.usefixtures("own_forms")
@pytest.mark.parametrize(
    ("made_from", "edited"),
    [
        ({"url": "https://example.com/"}, {"url": "https://Second.example"}),
        ({"description": "first"}, {"description": "second "}),
        ({"description": "first"}, {"description": None}),
    ],
)
def test_endpoint_of_other_inputs_is_found_by_what_is_still_declared(
    stack: Stack, client: SignaClient, made_from: Outputs, edited: Outputs, warn: Callable[[str], None]
) -> None:
    left_behind = _crash(client, {**DECLARED, **made_from})
    declared = {**DECLARED, **edited}

    stack.up(declared, warn=warn)

    assert stack.id == left_behind
    assert quiet(stack, declared)
