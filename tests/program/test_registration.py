"""What is registered of a resource, and what the program reads of it when asked."""

import pickle
import sys
from collections.abc import Callable
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.mocks import MockMonitor

from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
from pulumi_signa.lifecycle.secrets_manager_secret import schema as secret_schema
from pulumi_signa.lifecycle.webhook_endpoint import schema as endpoint_schema
from pulumi_signa.program.provider_reference import reference_to
from pulumi_signa.program.stack_identity import StackIdentity
from pulumi_signa.providers.secrets_manager_secret import SecretsManagerSecretProvider
from pulumi_signa.providers.stack_identity import StackIdentityProvider
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider

URL = "https://example.com/hook"

Run = Callable[..., Any]

RESOURCES = [
    (lambda: WebhookEndpoint("one", url=URL), endpoint_schema.DECIDED),
    (
        lambda: SecretsManagerSecret("one", secret_name="a", secret_string="x"),
        secret_schema.Recorded.rows().keys(),
    ),
]


def awaited(output: "pulumi.Output[Any]", found: list[Any]) -> "pulumi.Output[Any]":
    """Keep the value of an output."""
    return output.apply(found.append)


@pytest.mark.parametrize(("declare", "decided"), RESOURCES)
def test_output_that_is_not_declared_is_not_registered(
    run: Run, declare: Callable[[], pulumi.CustomResource], decided: Any
) -> None:
    resources: list[pulumi.CustomResource] = []

    run(lambda: (resources.append(declare()), resources[0].urn)[1])

    assert not set(decided) - {"secret"} & resources[0].__dict__.keys()


def test_output_that_is_not_declared_is_read_from_the_engine(run: Run) -> None:
    found: list[Any] = []

    run(lambda: awaited(WebhookEndpoint("alerts", url=URL).secret_version, found))

    assert found == [1]
    assert isinstance(found[0], int)


def test_output_is_read_from_the_mocks_that_made_the_resource(run: Run) -> None:
    """Each module of a test suite sets mocks when it is imported, before the first test runs."""
    endpoints: list[WebhookEndpoint] = []
    found: list[Any] = []

    run(lambda: (endpoints.append(WebhookEndpoint("alerts", url=URL)), endpoints[0].urn)[1])
    run(lambda: awaited(endpoints[0].secret_version, found))

    assert found == [1]


class _RefusedError(grpc.RpcError):
    """What gRPC raises for an answer that is an error."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ("Invoke: getProviderFromSource: context canceled", pulumi.RunError("Resource monitor has terminated")),
        ("no such resource", Exception("no such resource")),
    ],
)
def test_output_that_is_asked_for_while_the_run_is_cancelled_ends_it_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, details: str, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise _RefusedError(details)

    monkeypatch.setattr(MockMonitor, "Invoke", refuse)

    with pytest.raises(type(error), match=str(error)) as raised:
        run(lambda: awaited(WebhookEndpoint("alerts", url=URL).secret_version, []))

    assert type(raised.value) is type(error)


def test_engine_is_asked_once_for_all_outputs_of_a_resource(run: Run) -> None:
    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL)
        return pulumi.Output.all(endpoint.secret_version, endpoint.created_at, endpoint.created_at, endpoint.status)

    engine = run(program)

    assert engine.invoked == ["pulumi:pulumi:getResource"]


def test_declared_outputs_and_the_secret_need_no_question(run: Run) -> None:
    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL, description="x")
        return pulumi.Output.all(endpoint.url, endpoint.description, endpoint.secret, endpoint.id, endpoint.urn)

    assert run(program).invoked == []


def test_output_keeps_its_resource_as_a_dependency(run: Run) -> None:
    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL)
        return SecretsManagerSecret("stored", secret_name="a", secret_string=endpoint.created_at).urn

    engine = run(program)

    (urn,) = set(engine.requests["stored"].propertyDependencies["secret_string"].urns)
    assert urn.endswith("::alerts")


def test_unknown_input_leaves_the_other_outputs_unknown(run: Run) -> None:
    """The anchor is unknown in the preview of every update, and after a create that failed."""
    found: list[Any] = []

    def program() -> Any:
        unknown: pulumi.Output[str] = pulumi.Output(set(), _value(pulumi.output.UNKNOWN), _value(value=False))
        endpoint = WebhookEndpoint("alerts", url=unknown)
        return awaited(pulumi.Output.from_input(endpoint.created_at.is_known()), found)

    engine = run(program, preview=True)

    assert found == [False]
    assert engine.invoked == []


async def _value(value: Any) -> Any:
    return value


def test_output_cannot_be_set(run: Run) -> None:
    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL)
        with pytest.raises(AttributeError, match="created_at is an output"):
            endpoint.created_at = "now"  # type: ignore[assignment]
        return endpoint.urn

    run(program)


def test_transformation_that_copies_keeps_the_provider(run: Run) -> None:
    def copying(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        return pulumi.ResourceTransformationResult({**args.props, "description": "by transformation"}, args.opts)

    def program() -> Any:
        opts = pulumi.ResourceOptions(transformations=[copying])
        return WebhookEndpoint("alerts", url=URL, opts=opts).urn

    engine = run(program)

    assert engine.registered["alerts"]["__provider"]
    assert engine.registered["alerts"]["description"] == "by transformation"


@pytest.mark.skipif(pickle.DEFAULT_PROTOCOL != 4, reason="the SDK pickles in another protocol")
@pytest.mark.parametrize("provider", [WebhookEndpointProvider, SecretsManagerSecretProvider, StackIdentityProvider])
def test_provider_is_what_the_sdk_would_make_of_it(provider: type[Any]) -> None:
    path = f"{provider.__module__}.{provider.__qualname__}"

    assert reference_to(path) == serialize_provider(provider())
    assert path in {WebhookEndpoint.provider, SecretsManagerSecret.provider, StackIdentity.provider}


def test_provider_is_the_one_in_the_states_of_users(run: Run) -> None:
    """Another text would be a change of every resource."""
    engine = run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    assert engine.registered["alerts"]["__provider"] == (
        "gASVSgAAAAAAAACMJ3B1bHVtaV9zaWduYS5wcm92aWRlcnMud2ViaG9va19lbmRwb2ludJSM"
        "F1dlYmhvb2tFbmRwb2ludFByb3ZpZGVylJOUKYGULg=="
    )


class Team(pulumi.ComponentResource):
    """A component of a user."""

    def __init__(self, name: str) -> None:
        super().__init__("acme:index:Team", name)
        self.line = sys._getframe().f_lineno + 1
        WebhookEndpoint(f"{name}-alerts", url=URL, opts=pulumi.ResourceOptions(parent=self))


@pytest.mark.parametrize("declare", [declare for declare, _ in RESOURCES])
def test_source_position_is_the_line_of_the_program(run: Run, declare: Callable[[], pulumi.CustomResource]) -> None:
    engine = run(lambda: declare().urn)

    position = engine.requests["one"].sourcePosition
    assert position.uri.endswith("/test_registration.py")
    assert position.line == declare.__code__.co_firstlineno


def test_source_position_inside_a_component_is_the_line_in_the_component(run: Run) -> None:
    teams: list[Team] = []

    engine = run(lambda: (teams.append(Team("a")), teams[0].urn)[1])

    request = engine.requests["a-alerts"]
    assert (request.sourcePosition.uri.rsplit("/", 1)[1], request.sourcePosition.line) == (
        "test_registration.py",
        teams[0].line,
    )
    # Whoever made the component is on the trace too.
    assert "test_registration.py" in request.stackTrace.frames[1].pc.uri


def test_stack_trace_ends_with_the_program(run: Run) -> None:
    engine = run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    files = [frame.pc.uri for frame in engine.requests["alerts"].stackTrace.frames]
    assert files
    assert not [file for file in files if "/pulumi/" in file or "/asyncio/" in file or "/pulumi_signa/" in file]


def test_tracebacks_of_the_program_stay_whole(run: Run) -> None:
    run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    assert not hasattr(sys, "tracebacklimit")


def test_limit_of_tracebacks_that_a_program_has_set_stays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 50, raising=False)

    run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    assert sys.tracebacklimit == 50
