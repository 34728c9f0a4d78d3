"""
Webhook endpoints behind either host, in the process of the tests, with the verbs of `fake_host.Host`.

What stands between the engine and a lifecycle is real: the names, numbers and marks of properties that travel, hidden
properties, the answer of `diff`, and the form in which a call fails. A test chooses the services, the time and the
roster of a run, and hears the cause of a failure.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from fake_host import IDENTITY_OF_STACK, Outputs, Properties, Read, Recorder, no_warning
from fake_transport import API_KEY
from plugin_process import secret, struct
from pulumi_signa.hosting.calls import Calls
from pulumi_signa.hosting.hidden import PROVIDER, STACK, URN
from pulumi_signa.hosting.kinds import WEBHOOK_ENDPOINT as KIND
from pulumi_signa.hosting.one_line import OneLineError
from pulumi_signa.hosting.values import bag_of
from pulumi_signa.lifecycle.context import Checked
from pulumi_signa.lifecycle.errors import PartlyDoneError
from pulumi_signa.native.plugin import Plugin
from pulumi_signa.native.values import to_struct
from pulumi_signa.providers.host.provider import Provider
from pulumi_signa.providers.host.values import to_host
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider
from pulumi_signa.settings import load

if TYPE_CHECKING:
    import grpc
    import pytest

REGION = "eu-west-1"
TYPE = "signa:index:WebhookEndpoint"
SHARED_URN = "urn:pulumi:dev::p::pulumi-python:dynamic/signa:WebhookEndpoint::"
"""How the URN of an endpoint begins that keys derive from."""


@dataclass
class _Run:
    """What a test has chosen of a run, as a context has it; and why the last call failed."""

    chosen: dict[str, Any]
    cause: Exception | None = None


class Host(ABC):
    """A host that serves one run after the other; the verbs are those of `fake_host.Host`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the calls of all runs use what a test chooses."""
        self._now = _Run({})
        in_run = Calls._context

        def context(calls: Calls, *args: Any, **options: Any) -> Any:
            return replace(in_run(calls, *args, **options), **self._now.chosen)

        monkeypatch.setattr(Calls, "_context", context)
        for verb in ("diff", "create", "read", "update", "delete"):
            monkeypatch.setattr(Calls, verb, self._noting(getattr(Calls, verb)))

    def check(self, properties: Properties, *, is_new: bool = True, **run: Any) -> Checked:
        """Check inputs; the problems alone come back."""
        with self._in_run(None, run):
            sent = self._sent(properties)
            return Checked({}, self._check({} if is_new else sent, sent))

    def diff(self, id_: str, outputs: Properties, properties: Properties, **run: Any) -> bool:
        """Return whether the host reports a change."""
        with self._in_run(None, run):
            return self._diff(id_, self._state(outputs), self._sent(properties))

    def create(
        self, service: Any, properties: Properties, *, records: Recorder | None = None, **run: Any
    ) -> tuple[str, Outputs]:
        """Create, and return the id and the outputs."""
        with self._in_run(service, run, records):
            id_, outputs = self._create(self._sent(properties))
        return id_, _received(outputs)

    def read(self, service: Any, id_: str, outputs: Properties, **run: Any) -> Read | None:
        """Read, and return None for what is gone."""
        with self._in_run(service, run):
            found, read, inputs = self._read(id_, self._state(outputs))
        if not found:
            return None
        return Read(_own(inputs) if inputs else None, _received(read))

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
        with self._in_run(service, run, records):
            return _received(self._update(id_, self._state(outputs), self._sent(properties)))

    def delete(self, service: Any, id_: str, outputs: Properties, **run: Any) -> None:
        """Delete."""
        with self._in_run(service, run):
            self._delete(id_, self._state(outputs))

    @contextmanager
    def _in_run(self, service: Any, run: Mapping[str, Any], records: Recorder | None = None) -> Iterator[None]:
        """Serve a run, in which nothing is warned of unless a test hears warnings; raise why a call failed."""
        chosen = {"warn": no_warning, "inform": lambda _message: None, **run}
        if "roster" in chosen:
            chosen["destinations"] = chosen["roster"]
        chosen.update(signa=lambda: service, secrets_manager=chosen.pop("aws", lambda _region: service))
        self._now = _Run(chosen)
        try:
            yield
        except _RecordedError as failed:
            if records is not None:
                records(failed.id, _received(failed.outputs))
            raise self._why() from None
        except (_AbortedError, OneLineError):
            raise self._why() from None

    def _why(self) -> Exception:
        assert self._now.cause is not None
        return self._now.cause

    def _noting(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **options: Any) -> Any:
            try:
                return verb(*args, **options)
            except OneLineError as failed:
                cause = failed.__context__
                self._now.cause = cause.cause if isinstance(cause, PartlyDoneError) else cause  # type: ignore[assignment]  # no exit
                raise

        return wrapper

    @abstractmethod
    def _sent(self, properties: Properties) -> dict[str, Any]:
        """Return what a program declares as it travels."""

    @abstractmethod
    def _state(self, outputs: Properties) -> dict[str, Any]:
        """Return outputs as the engine hands them over."""

    @abstractmethod
    def _check(self, olds: dict[str, Any], news: dict[str, Any]) -> list[str]: ...

    @abstractmethod
    def _diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> bool: ...

    @abstractmethod
    def _create(self, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]: ...

    @abstractmethod
    def _read(self, id_: str, state: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any] | None]: ...

    @abstractmethod
    def _update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]: ...

    @abstractmethod
    def _delete(self, id_: str, state: dict[str, Any]) -> None: ...


class DynamicHost(Host):
    """Pulumi's host for Python: a provider with dictionaries, in which no property is marked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self._provider = WebhookEndpointProvider()
        settings = load({}, {"SIGNA_API_KEY": API_KEY, "AWS_REGION": REGION})
        monkeypatch.setattr(Provider, "calls", Calls(KIND, lambda _account: settings, workers=1), raising=False)

    def _sent(self, properties: Properties) -> dict[str, Any]:
        return _travelled({STACK: IDENTITY_OF_STACK, **to_host(properties), PROVIDER: "a pickle"})

    def _state(self, outputs: Properties) -> dict[str, Any]:
        return self._sent(outputs) if outputs else {}

    def _check(self, olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
        return [each.reason for each in self._provider.check(olds, news).failures]

    def _diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        return bool(self._provider.diff(id_, olds, news).changes)

    def _create(self, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        created = self._provider.create(inputs)
        assert created.outs is not None
        return created.id, created.outs

    def _read(self, id_: str, state: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
        found = self._provider.read(id_, state)
        return found.id or "", found.outs or {}, found.inputs

    def _update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        updated = self._provider.update(id_, olds, news).outs
        assert updated is not None
        return updated

    def _delete(self, id_: str, state: dict[str, Any]) -> None:
        self._provider.delete(id_, state)


class NativeHost(Host):
    """Our plugin with the messages of the protocol: the URN in the request, properties in camelCase, secrets marked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self._plugin = Plugin()
        given = struct({"apiKey": secret(API_KEY), "awsRegion": REGION})
        provider = provider_pb2.ConfigureRequest(args=given, urn="urn:pulumi:dev::p::pulumi:providers:signa::default")
        provider.id = "7d3c3f2e-0000-4000-8000-1f2e3d4c5b6a"
        self._plugin.Configure(provider, _Answer())

    def _sent(self, properties: Properties) -> dict[str, Any]:
        own = {name: value for name, value in properties.items() if name != URN}
        return {"urn": properties[URN], "properties": to_struct({STACK: IDENTITY_OF_STACK, **own}, KIND)}

    def _state(self, outputs: Properties) -> dict[str, Any]:
        properties = to_struct(outputs, KIND, secret=KIND.secrets)
        return {"urn": outputs[URN], "properties": properties} if outputs else {"properties": properties}

    def _check(self, olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
        request = provider_pb2.CheckRequest(**self._about(news), olds=olds.get("properties"), news=news["properties"])
        return [each.reason for each in self._plugin.Check(request, _Answer()).failures]

    def _diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        request = provider_pb2.DiffRequest(
            **self._about(news), id=id_, olds=olds["properties"], news=news["properties"]
        )
        return bool(self._plugin.Diff(request, _Answer()).changes == provider_pb2.DiffResponse.DIFF_SOME)

    def _create(self, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(**self._about(inputs), properties=inputs["properties"])
        answer = self._plugin.Create(request, _Answer())
        return answer.id, _dictionary(answer.properties)

    def _read(self, id_: str, state: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
        request = provider_pb2.ReadRequest(**self._about(state), id=id_, properties=state["properties"])
        answer = self._plugin.Read(request, _Answer())
        return answer.id, _dictionary(answer.properties), _dictionary(answer.inputs)

    def _update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            **self._about(news), id=id_, olds=olds["properties"], news=news["properties"]
        )
        return _dictionary(self._plugin.Update(request, _Answer()).properties)

    def _delete(self, id_: str, state: dict[str, Any]) -> None:
        request = provider_pb2.DeleteRequest(**self._about(state), id=id_, properties=state["properties"])
        self._plugin.Delete(request, _Answer())

    @staticmethod
    def _about(bag: Mapping[str, Any]) -> dict[str, Any]:
        return {"urn": f"urn:pulumi:dev::p::{TYPE}::{bag['urn'].removeprefix(SHARED_URN)}", "type": TYPE}


HOSTS: dict[str, type[Host]] = {"dynamic": DynamicHost, "native": NativeHost}
"""By the name of each."""


class _AbortedError(Exception):
    """A call failed; the state stays."""


class _RecordedError(Exception):
    """A call failed; the engine records what was done."""

    def __init__(self, id_: str, outputs: dict[str, Any]) -> None:
        super().__init__(id_)
        self.id = id_
        self.outputs = outputs


class _Answer:
    """How gRPC lets a call fail."""

    def abort(self, _code: grpc.StatusCode, details: str) -> None:
        """Fail with a text."""
        raise _AbortedError(details)

    def abort_with_status(self, error: grpc.Status) -> None:
        """Fail with what exists of the object."""
        (_, status), *_ = error.trailing_metadata
        detail = provider_pb2.ErrorResourceInitFailed()
        assert status_pb2.Status.FromString(status).details[0].Unpack(detail)
        raise _RecordedError(detail.id, _dictionary(detail.properties))


def _received(outputs: Mapping[str, Any]) -> Outputs:
    """Return outputs by the names of the lifecycle, complete and without marks."""
    bag = bag_of(outputs, KIND.declared.rows())
    return {**KIND.state.of("", bag.own).outputs(), **bag.hidden}


def _own(inputs: Mapping[str, Any]) -> Outputs:
    return dict(bag_of(inputs, KIND.declared.rows()).own)


def _dictionary(properties: struct_pb2.Struct) -> dict[str, Any]:
    found: dict[str, Any] = json_format.MessageToDict(properties)
    return found


def _travelled(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties as the SDK reads them from a structure: every number a float."""
    found: dict[str, Any] = rpc.deserialize_properties(struct(properties))
    return found
