"""The calls of Pulumi's provider protocol, led to those that both hosts share."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from pulumi_signa.explanations import defect
from pulumi_signa.hosting import engine, interruption, logs
from pulumi_signa.hosting.calls import Calls
from pulumi_signa.hosting.hidden import STACK
from pulumi_signa.hosting.one_line import LOGGER, OneLineError
from pulumi_signa.hosting.values import Bag
from pulumi_signa.native import configuration, functions
from pulumi_signa.native.stack_identity import STACK_IDENTITY, StackIdentities
from pulumi_signa.native.values import KIND_OF, from_struct, stack_of, struct_of, to_struct
from pulumi_signa.native.wording import worded
from pulumi_signa.property_names import camel_case

if TYPE_CHECKING:
    from pulumi_signa.hosting.kinds import Kind
    from pulumi_signa.lifecycle.schema import Record
    from pulumi_signa.native.configuration import Configuration

SCHEMA = Path(__file__).parents[1] / "schema.json"

WORKERS = 64
"""Calls on one kind of resource in one organization that are carried out at once, where the engine makes so many."""

Method = TypeVar("Method", bound=Callable[..., Any])


def _answered(method: Method) -> Method:
    """Answer with one line whatever is raised; gRPC would show the text of an unforeseen exception, with its values."""

    @functools.wraps(method)
    def wrapper(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except (OneLineError, pulumi.RunError) as error:
            text = str(error)
        except Exception as error:  # noqa: BLE001 - the last stop before the user
            # The text of the exception is left out of the log too.
            LOGGER.debug("Traceback:\n%s", "".join(traceback.format_tb(error.__traceback__)))
            text = defect(error)
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return wrapper  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """
    One provider resource of one run; the engine starts a process for each.

    A method has the name and the messages of the protocol. What is not here is not implemented, and gRPC says so.
    """

    _configuration: Configuration
    _calls: dict[str, Calls]

    def Handshake(self, request: Any, _context: Any) -> provider_pb2.ProviderHandshakeResponse:  # noqa: N802 - the protocol's name
        """Learn where the engine is."""
        engine.found_at(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, _request: Any, _context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        """Return the version of the distribution."""
        return plugin_pb2.PluginInfo(version=version("pulumi-signa"))

    def GetSchema(self, _request: Any, _context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: N802
        """Return the schema, which was generated when the distribution was built."""
        return provider_pb2.GetSchemaResponse(schema=SCHEMA.read_text(encoding="utf-8"))

    @_answered
    def CheckConfig(self, request: Any, _context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        """Mark the API keys as secrets, and report those that are readable."""
        inputs, problems = configuration.checked(request.news, request.urn)
        return provider_pb2.CheckResponse(
            inputs=inputs, failures=[provider_pb2.CheckFailure(reason=problem) for problem in problems]
        )

    @_answered
    def DiffConfig(self, request: Any, _context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Report a changed setting, else the engine would go on using the old one; nothing replaces a provider."""
        before, after = (configuration.arguments_in(args) for args in (request.olds, request.news))
        changed = provider_pb2.DiffResponse.DIFF_SOME if before != after else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changed)

    @_answered
    def Configure(self, request: Any, _context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802
        """Take the settings; what is wrong with them is reported by `Check`, and raised where it matters."""
        self._configuration = configuration.configuration(request.args, request.urn, request.id)
        settings_of = self._configuration.settings_of
        self._calls = {
            type_: Calls(kind, settings_of, workers=WORKERS, worded=worded) for type_, kind in KIND_OF.items()
        }
        self._identities = StackIdentities(self._configuration.identity)
        interruption.follow()
        logs.show_in_engine(settings_of(None).log_level)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @_answered
    def Check(self, request: Any, _context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        """Report everything that is wrong at once, without a call to a server."""
        if request.type == STACK_IDENTITY:
            return provider_pb2.CheckResponse(inputs=request.news)
        calls = self._calls_of(request)
        olds, news = self._bag(request.olds, request), self._bag(request.news, request)
        news = self._of_stack(olds, news, request.urn)
        checked = calls.check(news, is_new=not olds.own)
        inputs = self._inputs(checked.inputs, calls.kind, news)
        failures = [_failure(problem, calls.kind, news) for problem in checked.problems]
        return provider_pb2.CheckResponse(inputs=inputs, failures=failures)

    @_answered
    def Diff(self, request: Any, _context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Compare the state with the declaration."""
        if request.type == STACK_IDENTITY:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
        calls = self._calls_of(request)
        olds, news = self._bag(request.olds, request), self._bag(request.news, request)
        found = calls.diff(request.id, olds, news)
        before = {**self._bag(request.old_inputs, request).own, **olds.own}
        differences = {
            name: _property_diff(before.get(name), news.own.get(name), replaces=name in found.replaces)
            for name in found.changed
        }
        for name, difference in differences.items():
            difference.inputDiff = name not in olds.own
        # A state of the other host has other names, by which a program would not find its outputs.
        is_needed = found.is_needed or olds.is_of_dynamic_host
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if is_needed else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=[camel_case(name) for name in found.replaces],
            deleteBeforeReplace=bool(found.replaces) and calls.kind.deletes_first and not news.has_random_key,
            detailedDiff={camel_case(name): difference for name, difference in differences.items()},
            hasDetailedDiff=True,
        )

    @_answered
    def Create(self, request: Any, _context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        """Create the object, or take over what is there; in a preview, say what is known of it."""
        if request.type == STACK_IDENTITY:
            return provider_pb2.CreateResponse(id="" if request.preview else self._identities.create())
        calls, news = self._calls_of(request), self._bag(request.properties, request)
        if request.preview:
            return provider_pb2.CreateResponse(
                properties=self._outputs(calls.preview("", None, news), calls.kind, news)
            )
        state = calls.create(news)
        return provider_pb2.CreateResponse(id=state.id, properties=self._outputs(state.outputs(), calls.kind, news))

    @_answered
    def Read(self, request: Any, _context: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        """Fetch the object; the engine takes an empty id for "gone". Without a state, this is an import or a `get`."""
        if request.type == STACK_IDENTITY:
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        calls, inputs = self._calls_of(request), self._bag(request.inputs, request)
        bag = self._bag(request.properties, request)
        bag = Bag(bag.own or inputs.own, bag.hidden, bag.marked | inputs.marked, bag.line)
        found = calls.read(request.id, bag)
        if found is None:
            return provider_pb2.ReadResponse()
        state, drifted = found
        return provider_pb2.ReadResponse(
            id=state.id,
            properties=self._outputs(state.outputs(), calls.kind, bag),
            inputs=request.inputs if drifted is None else self._inputs(drifted, calls.kind, bag),
        )

    @_answered
    def Update(self, request: Any, _context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        """Change what differs; in a preview, say what is known of the outcome."""
        calls = self._calls_of(request)
        olds, news = self._bag(request.olds, request), self._bag(request.news, request)
        if request.preview:
            outputs = calls.preview(request.id, olds, news)
        else:
            outputs = calls.update(request.id, olds, news).outputs()
        return provider_pb2.UpdateResponse(properties=self._outputs(outputs, calls.kind, news))

    @_answered
    def Delete(self, request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802
        """Delete the object."""
        if request.type == STACK_IDENTITY:
            self._identities.delete(request.id)
        else:
            self._calls_of(request).delete(request.id, self._bag(request.properties, request))
        return empty_pb2.Empty()

    @_answered
    def Invoke(self, request: Any, _context: Any) -> provider_pb2.InvokeResponse:  # noqa: N802
        """Call a function of the package."""
        found = functions.invoke(request.tok, configuration.arguments_in(request.args), self._configuration.settings_of)
        return provider_pb2.InvokeResponse(**{"return": struct_of(found)})  # type: ignore[arg-type]  # a keyword of Python

    @_answered
    def Construct(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Construct a component."""
        from pulumi_signa.native.components import construct  # noqa: PLC0415 - loads the program's side of the SDK

        return construct(request)

    def Cancel(self, _request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802
        """End the run: Ctrl-C."""
        interruption.end()
        return empty_pb2.Empty()

    def _calls_of(self, request: Any) -> Calls:
        calls = self._calls.get(request.type)
        if calls is None:
            raise OneLineError(f"there is no resource {request.type}; the resources are {', '.join(self._calls)}")
        return calls

    def _bag(self, struct: struct_pb2.Struct, request: Any) -> Bag:
        return from_struct(struct, KIND_OF[request.type], request.urn)

    def _of_stack(self, olds: Bag, news: Bag, urn: str) -> Bag:
        """
        Return inputs with the identity of the stack.

        A program in Python passes one. Else what the state has stays, unless the resource was moved to a stack of
        another name; a new resource gets the identity that the provider gives.
        """
        if STACK in news.hidden:
            return news
        stays = olds.stack is not None and olds.urn is not None and stack_of(olds.urn) == stack_of(urn)
        identity = olds.stack if stays else self._configuration.identity
        return news if identity is None else Bag(news.own, {**news.hidden, STACK: identity}, news.marked, news.line)

    def _inputs(self, inputs: Mapping[str, Any], kind: Kind, bag: Bag) -> struct_pb2.Struct:
        return to_struct({**inputs, **bag.hidden}, kind, secret={*_secrets_in(inputs, kind.declared), *bag.marked})

    def _outputs(self, outputs: Mapping[str, Any], kind: Kind, bag: Bag) -> struct_pb2.Struct:
        return to_struct({**outputs, **bag.hidden}, kind, secret={*kind.secrets, *bag.marked})


def _secrets_in(inputs: Mapping[str, Any], declared: type[Record]) -> Iterable[str]:
    """Yield the names of inputs that are secrets by nature, or hold one."""
    for name, row in declared.rows().items():
        value = inputs.get(name)
        if row.is_secret or (row.members and isinstance(value, Mapping) and any(_secrets_in(value, row.members))):
            yield from () if value is None else (name,)


def _failure(problem: str, kind: Kind, news: Bag) -> provider_pb2.CheckFailure:
    """Return a problem by its property, where that can hold no secret: the engine prints the value of a named one."""
    name, separator, reason = problem.partition(": ")
    row = kind.declared.rows().get(name)
    if separator and row is not None and row.is_public and name not in news.marked:
        return provider_pb2.CheckFailure(property=camel_case(name), reason=worded(reason))
    return provider_pb2.CheckFailure(reason=worded(problem))


def _property_diff(before: object, after: object, *, replaces: bool) -> provider_pb2.PropertyDiff:
    what = "ADD" if before is None else "DELETE" if after is None else "UPDATE"
    return provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(f"{what}_REPLACE" if replaces else what))
