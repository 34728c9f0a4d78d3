"""The smallest host: the verbs of a lifecycle on property bags, led there as the dynamic host leads its calls."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple

from fake_transport import API_KEY
from pulumi_signa.lifecycle.context import Checked, Context
from pulumi_signa.lifecycle.delivery_check import life as _check_life
from pulumi_signa.lifecycle.delivery_check import schema as _check_schema
from pulumi_signa.lifecycle.delivery_check import state as _check_state
from pulumi_signa.lifecycle.errors import PartlyDoneError
from pulumi_signa.lifecycle.roster import Roster
from pulumi_signa.lifecycle.secrets_manager_secret import life as _secret_life
from pulumi_signa.lifecycle.secrets_manager_secret import schema as _secret_schema
from pulumi_signa.lifecycle.secrets_manager_secret import state as _secret_state
from pulumi_signa.lifecycle.webhook_endpoint import life as _endpoint_life
from pulumi_signa.lifecycle.webhook_endpoint import schema as _endpoint_schema
from pulumi_signa.lifecycle.webhook_endpoint import state as _endpoint_state
from pulumi_signa.quotes import one_line
from pulumi_signa.settings import load

Properties = Mapping[str, Any]
Outputs = dict[str, Any]

Recorder = Callable[[str, Outputs], None]
"""Takes the id and the outputs of an object of which a call was carried out in part."""

URN, STACK, RANDOM_KEY = "__urn", "__stack", "__random_key"

IDENTITY_OF_STACK = "5ca1ab1e"


class Read(NamedTuple):
    """What a read gives: the inputs where they have drifted, and the outputs."""

    inputs: Outputs | None
    outputs: Outputs


def no_warning(message: str) -> None:
    """Fail on a warning."""
    raise AssertionError(message)


def nothing() -> None:
    """Find the engine there."""


def quoted(text: str, *secrets: str) -> str:
    """Return a text without these secrets, in one line."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return one_line(text)


def context(
    properties: Properties,
    service: Any = None,
    *,
    namespace: str = "",
    base_url: str = "http://127.0.0.1/v1",
    roster: Roster | None = None,
    now: datetime | None = None,
    warn: Callable[[str], None] = no_warning,
    inform: Callable[[str], None] = lambda _message: None,
    require_engine: Callable[[], None] = nothing,
    moved_from: str | None = None,
    renamed_from: str | None = None,
    aws: Callable[[str | None], Any] | None = None,
) -> Context:
    """Return the context of a call in a run in which nothing else goes on, and which warns of nothing."""
    environment = {"SIGNA_API_KEY": API_KEY, "SIGNA_NAMESPACE": namespace, "SIGNA_BASE_URL": base_url}
    return Context(
        urn=properties.get(URN),
        stack=properties.get(STACK, IDENTITY_OF_STACK),
        settings=load({}, {**environment, "AWS_REGION": "eu-west-1"}),
        now=now or datetime.now(timezone.utc),
        roster=roster or Roster(settle_s=0),
        destinations=roster or Roster(settle_s=0),
        signa=lambda: service,
        secrets_manager=aws or (lambda _region: service),
        warn=warn,
        quoted=quoted,
        inform=inform,
        require_engine=require_engine,
        must_be_second=bool(properties.get(RANDOM_KEY)),
        moved_from=moved_from,
        renamed_from=renamed_from,
    )


@dataclass(frozen=True)
class Host:
    """The verbs of one kind of resource; each takes what `context` takes besides."""

    life: Any
    declared: Any
    state: Any

    def check(self, properties: Properties, *, is_new: bool = True, **run: Any) -> Checked:
        """Check inputs."""
        checked: Checked = self.life.check(context(properties, **run), _own(properties), is_new=is_new)
        return checked

    def plan(self, id_: str, outputs: Properties, properties: Properties, **run: Any) -> Any:
        """Compare outputs with inputs."""
        declared = self.declared.of(_own(properties))
        return self.life.plan(context(properties, **run), self.state.of(id_, outputs), declared)

    def preview(self, id_: str, outputs: Properties | None, properties: Properties, **run: Any) -> Outputs:
        """Return the outputs to come, after a create where there are none yet; nobody is asked."""
        state = None if outputs is None else self.state.of(id_, outputs)
        found: Outputs = self.life.preview(context(properties, **run), state, self.declared.of(_own(properties)))
        return found

    def create(
        self, service: Any, properties: Properties, *, records: Recorder | None = None, **run: Any
    ) -> tuple[str, Outputs]:
        """Create, and return the id and the outputs."""
        with self._recording(records, properties):
            state = self.life.create(context(properties, service, **run), self.declared.of(_own(properties)))
        return state.id, {**state.outputs(), **_hidden(properties)}

    def read(self, service: Any, id_: str, outputs: Properties, **run: Any) -> Read | None:
        """Read, and return None for what is gone."""
        before = self.state.of(id_, outputs) if self.state.is_in(outputs) else None
        state = self.life.read(context(outputs, service, **run), id_, before)
        if state is None:
            return None
        inputs = state.drifted_from(before)
        hidden = _hidden(outputs)
        return Read(None if inputs is None else {**inputs, **hidden}, {**state.outputs(), **hidden})

    def update(
        self,
        service: Any,
        id_: str,
        outputs: Properties,
        properties: Properties,
        *,
        records: Recorder | None = None,
        **run: Any,
    ) -> Outputs:
        """Update, and return the outputs."""
        declared = self.declared.of(_own(properties))
        with self._recording(records, properties):
            state = self.life.update(context(properties, service, **run), self.state.of(id_, outputs), declared)
        return {**state.outputs(), **_hidden(properties)}

    def delete(self, service: Any, id_: str, outputs: Properties | None = None, **run: Any) -> None:
        """Delete."""
        bag = outputs or {}
        self.life.delete(context(bag, service, **run), self.state.of(id_, bag))

    @contextmanager
    def _recording(self, records: Recorder | None, properties: Properties) -> Iterator[None]:
        """Raise what a user would read; a host that records what was done of a failed call is given the state too."""
        try:
            yield
        except PartlyDoneError as partly:
            if records is not None:
                records(partly.state.id, {**partly.state.outputs(), **_hidden(properties)})
            raise partly.cause from None


def _own(properties: Properties) -> Outputs:
    return {name: value for name, value in properties.items() if name not in (URN, STACK, RANDOM_KEY)}


def _hidden(properties: Properties) -> Outputs:
    return {name: properties[name] for name in (URN, STACK, RANDOM_KEY) if name in properties}


endpoints = Host(_endpoint_life, _endpoint_schema.Declared, _endpoint_state.State)
secrets = Host(_secret_life, _secret_schema.Declared, _secret_state.State)
checks = Host(_check_life, _check_schema.Declared, _check_state.State)
