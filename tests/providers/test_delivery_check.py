"""A delivery check in a real plugin process, spoken to over gRPC as the engine does."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from emulator.harness import Received, Receiver
from fake_transport import API_KEY
from signa_emulator.server import EmulatorServer

URN = {"__urn": "urn:pulumi:dev::p::t::check", "__stack": "5ca1ab1e"}
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
TRIGGER = "correct horse battery staple"


class EchoingReceiver(Receiver):
    """A receiver that says what it is told to, and the signature that it got."""

    text = ""

    def arrive(self, request: Received) -> None:
        """Decide on the answer, and record the request."""
        self.body = f"{self.text} {request.headers['webhook-signature']}".encode()
        super().arrive(request)


@pytest.fixture
def receiver() -> Iterator[EchoingReceiver]:
    """Yield a receiver."""
    receiver = EchoingReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def endpoint_id(emulator: EmulatorServer, receiver: Receiver, plugin: Callable[..., Any]) -> str:
    """Return the id of an endpoint that leads to the receiver."""
    webhooks = plugin("webhook", {"signa:apiKey": API_KEY, "signa:baseUrl": emulator.base_url})
    id_, _ = webhooks.create({"url": receiver.url, "enabled_events": ["alert.created"], "__urn": "urn:a::b::c::d"})
    return str(id_)


@pytest.fixture
def checks(plugin: Callable[..., Any], emulator: EmulatorServer) -> Any:
    """Return a plugin for checks at the emulator."""
    return plugin("check", {"signa:apiKey": API_KEY, "signa:baseUrl": emulator.base_url})


def test_check_lives_and_dies(checks: Any, endpoint_id: str, receiver: Receiver) -> None:
    checked, failures = checks.check({"endpoint_id": endpoint_id, "triggers": ["a", 1.0, {"b": True}], **URN})
    assert failures == []
    assert checked["timeout_seconds"] == 60

    id_, outputs = checks.create(checked)
    read_id, read, inputs = checks.read(id_, outputs)
    same = checks.diff(id_, outputs, checked)
    other = checks.diff(id_, outputs, {**checked, "triggers": ["b"]})
    updated = checks.update(id_, outputs, {**checked, "triggers": ["b"]})
    checks.delete(id_, updated)

    assert (outputs["delivered"], outputs["http_status"], outputs["attempt_id"]) == (True, 200, id_)
    assert (read_id, read, inputs) == (id_, outputs, {})
    assert list(same.replaces) == list(other.replaces) == []
    assert (same.changes, other.changes) == (same.DIFF_NONE, other.DIFF_SOME)
    assert updated["attempt_id"] not in (id_, None)
    assert len(receiver.received) == 2


@pytest.mark.parametrize(
    "inputs",
    [
        {"endpoint_id": UNKNOWN_STRING},
        {"triggers": UNKNOWN_LIST},
        {"triggers": [UNKNOWN_STRING]},
        {"endpoint_id": UNKNOWN_STRING, "timeout_seconds": UNKNOWN_STRING, "required": UNKNOWN_STRING},
    ],
)
def test_what_a_preview_does_not_know_may_be_a_change(checks: Any, inputs: dict[str, Any]) -> None:
    bag = {"endpoint_id": "whk_1", "triggers": ["a"], **URN}
    checked, failures = checks.check({**bag, **inputs})

    difference = checks.diff("a", {**bag, "delivered": True, "attempt_id": "a"}, checked)

    assert failures == []
    assert difference.changes == difference.DIFF_SOME


def test_wrong_inputs_are_reported_without_their_values(checks: Any) -> None:
    _, failures = checks.check({"endpoint_id": "s3cret-as-an-id", "triggers": "s3cret-as-a-trigger", **URN})

    assert [name for name, _ in failures] == ["", ""]
    assert "s3cret" not in str(failures)


@pytest.mark.parametrize("required", [True, False])
def test_receiver_s_words_are_shown_without_what_was_sent(
    checks: Any, endpoint_id: str, receiver: EchoingReceiver, *, required: bool
) -> None:
    receiver.always, receiver.text = 403, f"you said {TRIGGER}, your key is {API_KEY}; I am {endpoint_id}."
    bag = {"endpoint_id": endpoint_id, "triggers": [TRIGGER], "required": required, **URN}
    shown = f"you said [triggers], your key is […]; I am {endpoint_id}. v1,[…]"

    if required:
        with pytest.raises(grpc.RpcError) as caught:
            checks.create(bag)
        said = caught.value.details()
        assert said.startswith(f"cannot create delivery check: webhook.test was not delivered to {endpoint_id}: ")
        assert f"the receiver answered 403 ({shown})" in said
        assert "\n" not in said
    else:
        _, outputs = checks.create(bag)
        assert outputs["response_excerpt"] == shown
        assert outputs["delivered"] is False


def test_missing_value_fails_its_resource_in_one_line(checks: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        checks.create({"triggers": [], **URN})

    assert caught.value.details().startswith("cannot create delivery check: endpoint_id has no value: ")


def test_wait_ends_with_the_run(checks: Any, endpoint_id: str, receiver: Receiver) -> None:
    receiver.hold.clear()
    with ThreadPoolExecutor() as pool:
        call = pool.submit(checks.create, {"endpoint_id": endpoint_id, **URN})
        assert receiver.wait_for(1)
        checks.cancel()
        error = call.exception()

    assert isinstance(error, grpc.RpcError)
    assert "interrupted; run the same command again" in error.details()
