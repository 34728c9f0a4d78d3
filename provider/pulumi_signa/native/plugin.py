"""The calls of Pulumi's provider protocol, led to those that both hosts share."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from pulumi_signa.explanations import defect
from pulumi_signa.hosting import engine, interruption, logs
from pulumi_signa.hosting.calls import Calls
from pulumi_signa.hosting.hidden import STACK
from pulumi_signa.hosting.kinds import DELIVERY_CHECK, SECRETS_MANAGER_SECRET, WEBHOOK_ENDPOINT
from pulumi_signa.hosting.one_line import LOGGER, OneLineError
from pulumi_signa.hosting.values import ACCOUNT, Bag
from pulumi_signa.lifecycle.delivery_check.messages import NOT_READ
from pulumi_signa.native import configuration, functions
from pulumi_signa.native.stack_identity import STACK_IDENTITY, StackIdentities
from pulumi_signa.native.values import KIND_OF, from_struct, stack_of, struct_of, to_struct
from pulumi_signa.native.wording import worded
from pulumi_signa.organizations import ACCOUNT_NAME
from pulumi_signa.property_names import camel_case

if TYPE_CHECKING:
    from pulumi_signa.hosting.kinds import Kind
    from pulumi_signa.lifecycle.schema import Record
    from pulumi_signa.native.configuration import Configuration

SCHEMA = Path(__file__).parents[1] / "schema.json"

WORKERS = {WEBHOOK_ENDPOINT: 64, SECRETS_MANAGER_SECRET: 16, DELIVERY_CHECK: 8}
"""
Calls on one kind of resource in one organization that are carried out at once, where the engine makes so many.

AWS allows some fifty writes a second. A check has a time-out of its own, and its looks at the list of deliveries stand
in the queue before the rate limit.
"""

Method = TypeVar("Method", bound=Callable[..., Any])


def _answered(method: Method) -> Method:
    """Answer with one line whatever is raised; gRPC would show the text of an unforeseen exception, with its values."""

    @functools.wraps(method)
    def wrapper(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except _PartlyDoneError as error:
            return context.abort_with_status(error)
        except (OneLineError, pulumi.RunError) as error:
            text = str(error)
        except Exception as error:  # noqa: BLE001 - the last stop before the user
            # The text of the exception is left out of the log too.
            LOGGER.debug("Traceback:\n%s", "".join(traceback.format_tb(error.__traceback__)))
            text = defect(error)
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return wrapper  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see


def _of_resource(method: Method) -> Method:
    """Lead a call on a resource to the identity of the stack, or to the method with the calls on its kind."""

    @_answered
    @functools.wraps(method)
    def wrapper(self: Any, request: Any, _context: Any) -> Any:
        if request.type == STACK_IDENTITY:
            return getattr(self.identities, method.__name__)(request)
        return method(self, request, self.calls_of(request))

    return wrapper  # type: ignore[return-value]  # as above


class _PartlyDoneError(Exception, grpc.Status):
    """The end of a call that the engine records, as gRPC takes one."""

    code = grpc.StatusCode.UNKNOWN

    def __init__(self, text: str, detail: provider_pb2.ErrorResourceInitFailed) -> None:
        status = status_pb2.Status(code=self.code.value[0], message=text)
        status.details.add().Pack(detail)
        self.details = text
        self.trailing_metadata = (("grpc-status-details-bin", status.SerializeToString()),)


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """
    One provider resource of one run; the engine starts a process for each.

    A method has the name and the messages of the protocol. What is not here is not implemented, and gRPC says so.
    """

    identities: StackIdentities
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
        """Mark the API keys of an explicit provider as secrets."""
        return provider_pb2.CheckResponse(inputs=configuration.checked(request.news, request.urn))

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
            type_: Calls(kind, settings_of, workers=WORKERS[kind], worded=worded) for type_, kind in KIND_OF.items()
        }
        self.identities = StackIdentities(self._configuration.identity, self._configuration.problems)
        interruption.follow()
        logs.show_in_engine(settings_of(None).log_level)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @_of_resource
    def Check(self, request: Any, calls: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        """Report everything that is wrong at once, without a call to a server."""
        if self._configuration.problems:
            return provider_pb2.CheckResponse(
                failures=[provider_pb2.CheckFailure(reason=problem) for problem in self._configuration.problems]
            )
        olds, news = self._bag(request.olds, request), self._bag(request.news, request)
        news = self._of_stack(olds, news, request.urn)
        checked = calls.check(news, is_new=not olds.own)
        if checked.problems:
            # An input that is refused may have no form in a structure of ours: an asset.
            failures = [_failure(problem, calls.kind, news) for problem in checked.problems]
            return provider_pb2.CheckResponse(inputs=request.news, failures=failures)
        return provider_pb2.CheckResponse(inputs=self._inputs(checked.inputs, calls.kind, news))

    @_of_resource
    def Diff(self, request: Any, calls: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Compare the state with the declaration."""
        olds, news = self._bag(request.olds, request), self._bag(request.news, request)
        found = calls.diff(request.id, olds, news)
        before = {**self._bag(request.old_inputs, request).own, **olds.own}
        differences = {
            name: provider_pb2.PropertyDiff(
                kind=_kind_of_diff(before.get(name), news.own.get(name), replaces=name in found.replaces),
                inputDiff=name not in olds.own,
            )
            for name in found.changed
        }
        # A state of the other host has other names, by which a program would not find its outputs.
        is_needed = found.is_needed or olds.is_of_dynamic_host
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if is_needed else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=[camel_case(name) for name in found.replaces],
            deleteBeforeReplace=bool(found.replaces) and calls.kind.deletes_first and not news.has_random_key,
            detailedDiff={camel_case(name): difference for name, difference in differences.items()},
            hasDetailedDiff=True,
        )

    @_of_resource
    def Create(self, request: Any, calls: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        """Create the object, or take over what is there; in a preview, say what is known of it."""
        news = self._bag(request.properties, request)
        if request.preview:
            return provider_pb2.CreateResponse(
                properties=self._outputs(calls.preview("", None, news), calls.kind, news)
            )
        with self._recorded(calls.kind, news, request.properties):
            state = calls.create(news)
        return provider_pb2.CreateResponse(id=state.id, properties=self._outputs(state.outputs(), calls.kind, news))

    @_of_resource
    def Read(self, request: Any, calls: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        """Fetch the object; the engine takes an empty id for "gone"."""
        before, inputs = self._bag(request.properties, request), self._bag(request.inputs, request)
        if calls.kind is DELIVERY_CHECK and not (before.own or inputs.own):
            raise OneLineError(NOT_READ)
        account, id_ = _parts_of(request.id)
        own = before.own or inputs.own or ({} if account is None else {ACCOUNT: account})
        bag = Bag(own, before.hidden, before.marked | inputs.marked, before.line)
        found = calls.read(id_, bag)
        if found is None:
            return provider_pb2.ReadResponse()
        state, drifted = found
        # Without a state this is an import, which takes the inputs, or a `get`, which does not.
        inputs_now = drifted if before.own else state.inputs()
        return provider_pb2.ReadResponse(
            id=state.id,
            properties=self._outputs(state.outputs(), calls.kind, bag),
            inputs=request.inputs if inputs_now is None else self._inputs(inputs_now, calls.kind, bag),
        )

    @_of_resource
    def Update(self, request: Any, calls: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        """Change what differs; in a preview, say what is known of the outcome."""
        olds, news = self._bag(request.olds, request), self._bag(request.news, request)
        if request.preview:
            outputs = calls.preview(request.id, olds, news)
        else:
            # The stack that the state names is told of a move by the whole update.
            before = replace(news, hidden=olds.hidden)
            with self._recorded(calls.kind, before, request.news):
                outputs = calls.update(request.id, olds, news).outputs()
        return provider_pb2.UpdateResponse(properties=self._outputs(outputs, calls.kind, news))

    @_of_resource
    def Delete(self, request: Any, calls: Any) -> empty_pb2.Empty:  # noqa: N802
        """Delete the object."""
        calls.delete(request.id, self._bag(request.properties, request))
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

    def calls_of(self, request: Any) -> Calls:
        """Return the calls on the kind of resource that a request is about."""
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

    @contextmanager
    def _recorded(self, kind: Kind, bag: Bag, inputs: struct_pb2.Struct) -> Iterator[None]:
        """Let the engine record an object that is there although a later step has failed."""
        try:
            yield
        except OneLineError as error:
            if error.state is None:
                raise
            state = error.state
            text = f"{error}; {state.id} is in the state, and the next `pulumi up` does the rest"
            detail = provider_pb2.ErrorResourceInitFailed(
                id=state.id, properties=self._outputs(state.outputs(), kind, bag), inputs=inputs, reasons=[text]
            )
            raise _PartlyDoneError(text, detail) from None

    def _inputs(self, inputs: Mapping[str, Any], kind: Kind, bag: Bag) -> struct_pb2.Struct:
        return to_struct({**inputs, **bag.hidden}, kind, secret={*_secrets_in(inputs, kind.declared), *bag.marked})

    def _outputs(self, outputs: Mapping[str, Any], kind: Kind, bag: Bag) -> struct_pb2.Struct:
        return to_struct({**outputs, **bag.hidden}, kind, secret={*kind.secrets, *bag.marked})


def _parts_of(id_: str) -> tuple[str | None, str]:
    """
    Return organization and id of an endpoint to import, `eu/whk_…`; without an organization, None and the id.

    Raises:
        OneLineError: What stands in the place of the organization cannot be one.
    """
    account, separator, endpoint_id = id_.rpartition("/")
    if not (separator and endpoint_id.startswith("whk_")):
        return None, id_
    if ACCOUNT_NAME.fullmatch(account) is None:
        # A name that no organization can have would count as none, and the default one would be asked.
        raise OneLineError(
            f"what stands before /{endpoint_id} is no name of an organization in signa:accounts: letters, digits, "
            "- and _, beginning with a letter"
        )
    return account, endpoint_id


def _secrets_in(inputs: Mapping[str, Any], declared: type[Record]) -> Iterable[str]:
    """Yield the names of inputs that are secrets by nature, or hold one."""
    for name, row in declared.rows().items():
        value = inputs.get(name)
        if row.is_secret or (row.members and isinstance(value, Mapping) and any(_secrets_in(value, row.members))):
            yield from () if value is None else (name,)


def _failure(problem: str, kind: Kind, news: Bag) -> provider_pb2.CheckFailure:
    """
    Return a problem by its property, where its value is a number or a boolean.

    The engine prints the value of a property that is named, and a text that is wrong may be a secret that is misplaced.
    """
    name, separator, reason = problem.partition(": ")
    row = kind.declared.rows().get(name)
    is_harmless = row is not None and row.is_public and isinstance(news.own.get(name), int | float)
    if separator and is_harmless and name not in news.marked:
        return provider_pb2.CheckFailure(property=camel_case(name), reason=worded(reason))
    return provider_pb2.CheckFailure(reason=worded(problem))


def _kind_of_diff(before: object, after: object, *, replaces: bool) -> provider_pb2.PropertyDiff.Kind.ValueType:
    what = "ADD" if before is None else "DELETE" if after is None else "UPDATE"
    return provider_pb2.PropertyDiff.Kind.Value(f"{what}_REPLACE" if replaces else what)
