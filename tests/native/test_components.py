"""`Construct`: the component of the package, made in the plugin's process."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from native.conftest import Plugin, failure
from plugin_process import struct

COMPONENT = "signa:index:StoredWebhookEndpoint"

REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "other type": ("signa:index:Stored", {}, f"there is no component signa:index:Stored; there is {COMPONENT}"),
    "missing url": (COMPONENT, {"secretName": "a"}, "url is required, and is None"),
    "missing secretName": (COMPONENT, {"url": "https://example.com/"}, "secretName is required, and is None"),
    "unknown name": (COMPONENT, {"url": "u", "secretName": "a", "secretNmae": "s3cret"}, "there is no secretNmae"),
    "misplaced flag": (COMPONENT, {"url": "u", "secretName": "a", "checkDelivery": "yes"}, "checkDelivery decides"),
}


@pytest.fixture
def monitor() -> Iterator[str]:
    """Yield the address of what stands for the engine's registry of resources, and knows no call."""
    server = grpc.server(ThreadPoolExecutor())
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(grace=None).wait()


@pytest.fixture
def construct(checking: Plugin, monitor: str) -> Callable[[str, dict[str, Any]], Any]:
    """Return what asks the plugin for a component."""

    def make(type_: str, inputs: dict[str, Any]) -> Any:
        request = provider_pb2.ConstructRequest(
            project="p", stack="dev", monitorEndpoint=monitor, type=type_, name="alerts", inputs=struct(inputs)
        )
        return checking.stub.Construct(request, timeout=60)

    return make


@pytest.mark.parametrize(("type_", "inputs", "said"), REFUSED.values(), ids=REFUSED)
def test_component_that_cannot_be_made_is_refused_in_one_line(
    construct: Callable[[str, dict[str, Any]], Any], type_: str, inputs: dict[str, Any], said: str
) -> None:
    assert said in failure(lambda: construct(type_, inputs), "s3cret")
