"""The identity of a stack, as a resource that programs in Python register with either host."""

import uuid
from collections.abc import Iterable
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from pulumi_signa.native.values import PACKAGE

STACK_IDENTITY = f"{PACKAGE}:index:StackIdentity"


class StackIdentities:
    """Makes the id of the resource once, and keeps it; a method has the name and the messages of the protocol."""

    def __init__(self, identity: str | None, problems: Iterable[str]) -> None:
        """Take the identity that the provider gives, which else is random, and why nothing may be declared."""
        self._identity = identity or uuid.uuid4().hex
        self._failures = [provider_pb2.CheckFailure(reason=problem) for problem in problems]

    def Check(self, request: Any) -> provider_pb2.CheckResponse:  # noqa: N802 - the protocol's name
        """Take the inputs as they are; a failure is told once, since the other resources of a program wait for this."""
        return provider_pb2.CheckResponse(inputs=request.news, failures=self._failures)

    def Diff(self, _request: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Find no difference."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        """Make the id. A replacement keeps it, because it tells what the stack owns."""
        return provider_pb2.CreateResponse(id="" if request.preview else self._identity)

    def Read(self, request: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        """Return the state as it is."""
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Remember the id for a create that follows."""
        self._identity = request.id
        return empty_pb2.Empty()
