"""
The component for programs in every language: the class of programs in Python, constructed in the plugin's process.

The SDK's own server of components does the work. It is a servicer of its own kind (`asyncio`), so it runs in an event
loop beside the threads of the plugin. It loads the program's side of the SDK, so it is made when a component is.

Measured with SDK 3.272: `pulumi/provider/server.py`.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import pulumi
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.server import ProviderServicer

from pulumi_signa.hosting import engine
from pulumi_signa.native.program import NATIVE, StoredWebhookEndpoint
from pulumi_signa.native.wording import worded
from pulumi_signa.program.arguments import ArgumentError
from pulumi_signa.property_names import camel_case, in_snake_case
from pulumi_signa.webhook_endpoint import Adopt

if TYPE_CHECKING:
    import grpc

_ARGUMENTS = inspect.signature(StoredWebhookEndpoint).parameters.keys() - {"name", "opts"}

_REQUIRED = {"url": None, "secret_name": None}
"""What the component refuses by name; without it, Python would."""

_OUTPUTS = ("endpoint_id", "secret_arn", "secret_version")


def construct(request: Any) -> Any:
    """Construct the component that the engine asks for, with its children, and return the protocol's response."""
    servicer, loop = _served()
    return asyncio.run_coroutine_threadsafe(servicer.Construct(request, _Refusals()), loop).result()


class _Components(Provider):
    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        if resource_type != "signa:index:StoredWebhookEndpoint":
            raise pulumi.RunError(f"there is no component {resource_type}; there is signa:index:StoredWebhookEndpoint")
        arguments = {**_REQUIRED, **in_snake_case(inputs, {})}
        unknown = sorted(camel_case(each) for each in arguments.keys() - _ARGUMENTS)
        if unknown:
            raise pulumi.RunError(f"StoredWebhookEndpoint({name!r}): there is no {', '.join(unknown)}")
        if arguments.get("adopt") is not None:
            arguments["adopt"] = _adoption(arguments["adopt"])
        try:
            component = StoredWebhookEndpoint(name, **arguments, opts=options)
        except ArgumentError as error:
            raise pulumi.RunError(worded(str(error))) from None
        return ConstructResult(component.urn, {camel_case(each): getattr(component, each) for each in _OUTPUTS})


def _adoption(given: Any) -> Adopt:
    # An object with a secret in it arrives as an output.
    members = pulumi.Output.from_input(given)
    return Adopt(*(members.apply(lambda known, name=name: known.get(name)) for name in ("id", "secret", "rotate")))  # type: ignore[misc]


class _Refusals:
    """What the servicer needs of gRPC's context: a way to refuse."""

    async def abort_with_status(self, status: grpc.Status) -> NoReturn:
        raise pulumi.RunError(status.details)


@functools.cache
def _served() -> tuple[ProviderServicer, asyncio.AbstractEventLoop]:
    NATIVE.knows_identity = False
    found = engine.address()
    servicer = ProviderServicer(_Components(version=None), [], "" if found is None else "{}:{}".format(*found))
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return servicer, loop
