"""The providers in a real plugin process, spoken to over gRPC as the engine does."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import grpc
import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2

from fake_transport import API_KEY
from plugin_process import ENVELOPE, SIGNATURE, FakeEngine
from pulumi_signa.providers.delivery_check import DeliveryCheckProvider
from pulumi_signa.providers.secrets_manager_secret import SecretsManagerSecretProvider
from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider
from signa_emulator.server import EmulatorServer

URL = "https://example.com/hooks/signa"
ENDPOINT = {"url": URL, "enabled_events": ["alert.created"], "__urn": "urn:pulumi:dev::p::t::alerts"}
SECRET = {"secret_name": "signa/prod", "secret_string": "s3cret-value-one", "__urn": "urn:pulumi:dev::p::t::stored"}
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
UNKNOWN_OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"

Start = Callable[..., Any]


@pytest.fixture
def said(fake_engine: FakeEngine) -> list[tuple[str, str]]:
    """Return the lines that were shown on resources."""
    return fake_engine.said


@pytest.fixture
def webhooks(plugin: Start, emulator: EmulatorServer) -> Any:
    """Return a plugin for webhook endpoints at the emulator, configured by the stack."""
    return plugin("webhook", {"signa:apiKey": API_KEY, "signa:baseUrl": emulator.base_url})


@pytest.fixture
def secrets(plugin: Start, aws: str) -> Any:
    """Return a plugin for secrets at a local AWS."""
    return plugin("secret")


def unwrapped(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return outputs as the engine passes them back: secrets in plain text."""
    return {
        name: value["value"] if isinstance(value, dict) and SIGNATURE in value else value
        for name, value in outputs.items()
    }


def failure(operation: Callable[[], Any], *hidden: str) -> str:
    """Return the details with which an operation fails: one line, no traceback, nothing hidden in it."""
    with pytest.raises(grpc.RpcError) as caught:
        operation()
    details: str = caught.value.details()
    assert len(details.splitlines()) == 1, details
    assert "Traceback" not in details
    assert not any(text in details for text in (API_KEY, *hidden))
    return details


@pytest.mark.parametrize(
    ("provider", "path"),
    [
        (WebhookEndpointProvider, (b"pulumi_signa.providers.webhook_endpoint", b"WebhookEndpointProvider")),
        (
            SecretsManagerSecretProvider,
            (b"pulumi_signa.providers.secrets_manager_secret", b"SecretsManagerSecretProvider"),
        ),
        (DeliveryCheckProvider, (b"pulumi_signa.providers.delivery_check", b"DeliveryCheckProvider")),
    ],
)
def test_provider_is_stored_as_its_path(
    provider: type[Any], path: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNA_API_KEY", API_KEY)

    stored = serialize_provider(provider())

    content = base64.b64decode(stored)
    assert len(stored) < 200
    assert all(part in content for part in path)
    assert stored == serialize_provider(provider())
    assert API_KEY.encode() not in content


def test_endpoint_lives_and_dies(webhooks: Any, next_run: Start, emulator: EmulatorServer) -> None:
    checked, failures = webhooks.check({**ENDPOINT, "metadata": {"a": 1, "b": {"c": [2, True]}}})
    assert failures == []

    id_, outputs = webhooks.create(checked)

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert id_ == endpoint.id
    assert outputs["secret"] == {**ENVELOPE, "value": endpoint.secret}
    assert json.dumps(endpoint.metadata) == '{"a": 1, "b": {"c": [2, true]}}'
    state = unwrapped(outputs)
    read_id, read_outputs, read_inputs = webhooks.read(id_, state)
    assert (read_id, read_outputs, read_inputs) == (id_, outputs, {})
    assert webhooks.diff(id_, state, checked).changes == provider_pb2.DiffResponse.DIFF_NONE

    changed = {**checked, "description": "new"}
    assert webhooks.diff(id_, state, changed).changes == provider_pb2.DiffResponse.DIFF_SOME
    updated = webhooks.update(id_, state, changed)
    assert updated["secret"] == outputs["secret"]
    assert endpoint.description == updated["description"] == "new"

    destroying = next_run("webhook", SIGNA_API_KEY=API_KEY, SIGNA_BASE_URL=emulator.base_url)
    destroying.delete(id_, unwrapped(updated))
    assert emulator.organization.endpoints.newest_first() == []
    assert webhooks.read(id_, state)[:2] == ("", {})


def test_endpoint_is_read_without_a_state(webhooks: Any) -> None:
    id_, _ = webhooks.create(ENDPOINT)

    found, outputs, inputs = webhooks.read(id_, {})

    assert (found, outputs["url"], outputs["secret_status"]) == (id_, URL, "unknown")
    assert inputs["url"] == URL
    assert "secret" not in outputs


def test_nothing_ever_replaces_an_endpoint(webhooks: Any) -> None:
    old = {**ENDPOINT, "description": "a", "metadata": {"a": 1}, "status": "active"}
    new = {
        "url": "https://b.example/",
        "enabled_events": ["x"],
        "description": "b",
        "metadata": {},
        "status": "disabled",
    }

    answer = webhooks.diff("whk_1", old, new)

    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == []


def test_preview_calls_nobody(webhooks: Any, emulator: EmulatorServer) -> None:
    webhooks.check(ENDPOINT)
    webhooks.diff("whk_1", ENDPOINT, {**ENDPOINT, "description": "x"})

    assert emulator.organization.requests.entries() == []


@pytest.mark.parametrize(
    ("field", "marker"),
    [
        ("url", UNKNOWN_STRING),
        ("enabled_events", UNKNOWN_LIST),
        ("enabled_events", [UNKNOWN_STRING]),
        ("metadata", UNKNOWN_OBJECT),
        ("metadata", {"a": {"b": [UNKNOWN_STRING]}}),
    ],
)
def test_unknown_value_passes_check_and_counts_as_changed(webhooks: Any, field: str, marker: Any) -> None:
    declared = {**ENDPOINT, field: marker}

    inputs, failures = webhooks.check(declared)
    answer = webhooks.diff("whk_1", ENDPOINT, declared)

    assert failures == []
    assert UNKNOWN_STRING in json.dumps(inputs[field])
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME


def test_unknown_secret_passes_check_and_counts_as_changed(secrets: Any) -> None:
    declared = {**SECRET, "secret_string": UNKNOWN_STRING}
    stored = {"secret_name": "signa/prod", "arn": "arn:aws:secretsmanager:eu-west-1:1:secret:a-AbCdEf"}

    inputs, failures = secrets.check(declared)
    answer = secrets.diff("x", stored, declared)

    assert failures == []
    assert inputs["secret_string"] == UNKNOWN_STRING
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME


def test_problems_come_at_once_and_under_no_name(webhooks: Any) -> None:
    _, failures = webhooks.check({**ENDPOINT, "url": "ftp://x", "status": "sleeping"})

    assert [property_ for property_, _ in failures] == ["", ""]
    assert [reason.partition(":")[0] for _, reason in failures] == ["url", "status"]


def test_missing_key_is_found_at_preview(plugin: Start) -> None:
    _, failures = plugin("webhook").check({**ENDPOINT, "status": "sleeping"})

    assert len(failures) == 2
    assert "signa:apiKey" in failures[0][1]
    assert "SIGNA_API_KEY" in failures[0][1]


def test_malformed_base_url_is_found_at_preview(plugin: Start) -> None:
    _, failures = plugin("webhook", {"signa:apiKey": API_KEY}, SIGNA_BASE_URL="https://[::1").check(ENDPOINT)

    assert failures == [("", "the base URL from SIGNA_BASE_URL is not a URL")]


def test_problem_with_a_secret_does_not_show_it(secrets: Any) -> None:
    _, failures = secrets.check({**SECRET, "secret_json": {"a": "s3cret-value-two"}, "tags": {"a": 1}})

    assert len(failures) == 2
    assert all(property_ == "" for property_, _ in failures)
    assert "s3cret" not in json.dumps(failures)


def test_secret_lives_and_dies(secrets: Any, next_run: Start) -> None:
    checked, failures = secrets.check({**SECRET, "tags": {"a": "b"}, "recovery_window_in_days": 7})
    assert failures == []

    arn, outputs = secrets.create(checked)

    client = boto3.client("secretsmanager", region_name="eu-west-1")
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "s3cret-value-one"
    assert outputs["arn"] == arn
    assert outputs["__fingerprint"].keys() == {*ENVELOPE, "value"}
    assert "s3cret" not in json.dumps(outputs)
    state = unwrapped(outputs)
    assert secrets.read(arn, state)[:2] == (arn, outputs)
    assert secrets.diff(arn, state, checked).changes == provider_pb2.DiffResponse.DIFF_NONE

    changed = {**checked, "secret_string": "s3cret-value-two"}
    assert secrets.diff(arn, state, changed).changes == provider_pb2.DiffResponse.DIFF_SOME
    updated = secrets.update(arn, state, changed)
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "s3cret-value-two"

    next_run("secret").delete(arn, unwrapped(updated))
    assert secrets.read(arn, state)[:2] == ("", {})


def test_secret_whose_value_others_write_lives_and_dies(secrets: Any, next_run: Start) -> None:
    checked, failures = secrets.check({"secret_name": "signa/empty", "without_value": True, "__urn": "urn:stored"})
    assert failures == []

    arn, outputs = secrets.create(checked)
    boto3.client("secretsmanager", region_name="eu-west-1").put_secret_value(SecretId=arn, SecretString="theirs")

    assert outputs["without_value"] is True
    assert outputs.keys().isdisjoint({"version_id", "__fingerprint", "__value_input"})
    assert secrets.read(arn, outputs) == (arn, outputs, {})
    assert secrets.diff(arn, outputs, checked).changes == provider_pb2.DiffResponse.DIFF_NONE
    of_older_code = {name: value for name, value in checked.items() if name != "without_value"}
    assert secrets.diff(arn, outputs, of_older_code).changes == provider_pb2.DiffResponse.DIFF_SOME
    destroying = next_run("secret")
    destroying.delete(arn, outputs)
    assert destroying.read(arn, outputs)[:2] == ("", {})


def test_delete_that_is_left_of_a_replacement_keeps_the_secret(secrets: Any, plugin: Start) -> None:
    checked, _ = secrets.check(SECRET)
    arn, outputs = secrets.create(checked)
    state = unwrapped(outputs)
    next_run = plugin("secret")
    next_run.check(checked, checked)
    next_run.diff(arn, state, checked)

    next_run.delete(arn, state)

    assert secrets.read(arn, state)[0] == arn


@pytest.mark.parametrize("change", [{"secret_name": "other"}, {}])
def test_delete_after_a_comparison_deletes(secrets: Any, plugin: Start, change: dict[str, str]) -> None:
    checked, _ = secrets.check(SECRET)
    arn, outputs = secrets.create(checked)
    state = unwrapped(outputs)
    next_run = plugin("secret")
    if change:
        next_run.check({**checked, **change}, checked)
    next_run.diff(arn, state, {**checked, **change})

    next_run.delete(arn, state)

    assert secrets.read(arn, state)[0] == ""


@pytest.mark.parametrize(
    ("change", "replaces"),
    [({"secret_name": "other"}, ["secret_name"]), ({"region": "us-east-1"}, ["region"]), ({"description": "x"}, [])],
)
def test_other_name_or_region_replaces(secrets: Any, change: dict[str, str], replaces: list[str]) -> None:
    stored = {"secret_name": "signa/prod", "arn": "arn:aws:secretsmanager:eu-west-1:1:secret:a-AbCdEf"}

    answer = secrets.diff("x", stored, {**SECRET, **change})

    assert list(answer.replaces) == replaces
    assert not answer.deleteBeforeReplace


def test_region_of_the_stack_is_used(plugin: Start, aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")

    arn, _ = plugin("secret", {"aws:region": "ap-southeast-2"}).create(SECRET)

    assert ":ap-southeast-2:" in arn


def test_four_creates_at_a_time(webhooks: Any, emulator: EmulatorServer) -> None:
    emulator.organization.change_settings(rate_limit=None)

    def create(number: int) -> tuple[str, dict[str, Any]]:
        made: tuple[str, dict[str, Any]] = webhooks.create({**ENDPOINT, "__urn": f"urn:{number}"})
        return made

    with ThreadPoolExecutor(4) as pool:
        made = dict(pool.map(create, range(16)))

    endpoints = emulator.organization.endpoints.newest_first()
    assert {id_: outputs["secret"]["value"] for id_, outputs in made.items()} == {
        endpoint.id: endpoint.secret for endpoint in endpoints
    }
    assert len(made) == 16


def test_four_secrets_at_a_time(secrets: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        arns = list(
            pool.map(
                lambda number: secrets.create({**SECRET, "secret_name": f"s{number}", "__urn": f"u{number}"})[0],
                range(8),
            )
        )

    assert len(set(arns)) == 8


def test_wrong_key_names_where_it_came_from(plugin: Start, emulator: EmulatorServer) -> None:
    wrong = "sig_" + "e" * 48
    webhooks = plugin("webhook", {"signa:apiKey": wrong, "signa:baseUrl": emulator.base_url})

    details = failure(lambda: webhooks.create(ENDPOINT), wrong)

    assert details.startswith("cannot create webhook endpoint: Signa answered 401 unauthorized: Invalid API key.")
    assert "; the key came from stack configuration signa:apiKey: check that it is whole and not revoked" in details
    assert details.endswith("; refresh and destroy use the one of the last `pulumi up`")


def test_missing_scope_is_named(plugin: Start) -> None:
    with EmulatorServer(api_keys_without_scope=[API_KEY]) as emulator:
        webhooks = plugin("webhook", SIGNA_API_KEY=API_KEY, SIGNA_BASE_URL=emulator.base_url)

        details = failure(lambda: webhooks.create(ENDPOINT))

    assert details.endswith("; the key from SIGNA_API_KEY needs the scope portfolios:manage")


def test_unreachable_server_is_named(plugin: Start) -> None:
    webhooks = plugin("webhook", SIGNA_API_KEY=API_KEY, SIGNA_BASE_URL="http://127.0.0.1:1/v1", SIGNA_MAX_WAIT_S="0")

    details = failure(lambda: webhooks.create(ENDPOINT))

    assert details == (
        "cannot create webhook endpoint: cannot reach 127.0.0.1:1: Connection refused; "
        "is http://127.0.0.1:1/v1 the right base URL, and the network up?"
    )


def test_missing_key_fails_what_needs_it(plugin: Start) -> None:
    webhooks = plugin("webhook")

    for operation in (lambda: webhooks.read("whk_1", ENDPOINT), lambda: webhooks.delete("whk_1", ENDPOINT)):
        assert "no Signa API key: run `pulumi config set --secret signa:apiKey`" in failure(operation)


def test_server_that_tells_secrets_is_silenced(webhooks: Any, emulator: EmulatorServer) -> None:
    id_, outputs = webhooks.create(ENDPOINT)
    secret = outputs["secret"]["value"]
    emulator.organization.faults.add(
        kind="status", status=400, detail=f"Bad {secret} with {API_KEY}.\nAnd more.", operation="update"
    )

    details = failure(lambda: webhooks.update(id_, unwrapped(outputs), {**ENDPOINT, "description": "x"}), secret)

    assert "Bad [secret] with [secret]. And more." in details


def test_malformed_answer_names_the_field(webhooks: Any, emulator: EmulatorServer) -> None:
    emulator.organization.faults.add(kind="body", body='{"id": 5, "secret": "whsec_x"}')

    details = failure(lambda: webhooks.create(ENDPOINT), "whsec_x")

    assert "`$.id`" in details


def test_taken_name_says_how_to_go_on(secrets: Any) -> None:
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="signa/prod", SecretString="x")

    details = failure(lambda: secrets.create(SECRET), "s3cret-value-one")

    assert details.startswith("cannot create Secrets Manager secret: a secret named signa/prod exists already: ")


def test_value_of_a_wrong_type_is_not_shown(secrets: Any) -> None:
    details = failure(lambda: secrets.create({**SECRET, "tags": {"a": {"b": "c"}}}), "s3cret-value-one")

    assert "AWS's library refused the parameters of CreateSecret" in details


def test_defect_names_the_place_and_not_the_value(secrets: Any) -> None:
    # Inputs that were not checked stand for a defect.
    details = failure(lambda: secrets.create({**SECRET, "tags": 5}), "s3cret-value-one")

    assert details.startswith("cannot create Secrets Manager secret: unexpected AttributeError at ")
    assert "SIGNA_LOG_LEVEL=DEBUG" in details


ROTATING = {**ENDPOINT, "rotate_trigger": "a", "on_stale_secret": "warn"}
TRIGGERED = {**ROTATING, "rotate_trigger": "b"}
SPARE_URN = "urn:pulumi:dev::p::t::spare"


def test_trigger_that_has_changed_is_shown(
    webhooks: Any, emulator: EmulatorServer, said: list[tuple[str, str]]
) -> None:
    id_, outputs = webhooks.create(ROTATING)
    emulator.organization.requests.reset_calls()

    answer = webhooks.diff(id_, unwrapped(outputs), TRIGGERED)

    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == []
    assert said == [
        (ENDPOINT["__urn"], "rotates the secret: rotate_trigger has changed; the one before stays valid for 24 hours")
    ]
    assert emulator.organization.requests.calls()["total"] == 0


def test_both_secrets_come_in_envelopes(webhooks: Any, emulator: EmulatorServer) -> None:
    id_, outputs = webhooks.create(ROTATING)

    updated = webhooks.update(id_, unwrapped(outputs), TRIGGERED)

    (endpoint,) = emulator.organization.endpoints.newest_first()
    assert updated["secret"] == {**ENVELOPE, "value": endpoint.secret}
    assert updated["previous_secret"] == outputs["secret"]
    assert (updated["secret_version"], updated["secret_status"]) == (2, "current")
    assert webhooks.diff(id_, unwrapped(updated), TRIGGERED).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_rotation_inside_the_overlap_is_refused_at_preview(webhooks: Any, emulator: EmulatorServer) -> None:
    id_, outputs = webhooks.create(ROTATING)
    state = unwrapped(webhooks.update(id_, unwrapped(outputs), TRIGGERED))
    emulator.organization.requests.reset_calls()

    details = failure(
        lambda: webhooks.diff(id_, state, {**TRIGGERED, "rotate_trigger": "c"}),
        state["secret"],
        state["previous_secret"],
    )

    assert details.startswith(
        f"cannot update webhook endpoint: the secret of {id_} was rotated at {state['secret_rotated_at']}, and Signa "
        f"rotates it again from {state['previous_secret_expires_at']} on: "
    )
    assert emulator.organization.requests.calls()["total"] == 0


@pytest.mark.parametrize(
    ("days", "changes"), [(29, provider_pb2.DiffResponse.DIFF_NONE), (31, provider_pb2.DiffResponse.DIFF_SOME)]
)
def test_clock_that_is_moved_makes_a_rotation_due(
    webhooks: Any, plugin: Start, emulator: EmulatorServer, days: int, changes: int
) -> None:
    declared = {**ROTATING, "rotation_period_days": 30}
    id_, outputs = webhooks.create(declared)
    later = plugin(
        "webhook",
        {"signa:apiKey": API_KEY, "signa:baseUrl": emulator.base_url},
        SIGNA_CLOCK_OFFSET_S=str(days * 24 * 60 * 60),
    )

    assert later.diff(id_, unwrapped(outputs), declared).changes == changes


def test_refresh_looks_at_fields_alone(webhooks: Any, plugin: Start, emulator: EmulatorServer) -> None:
    declared = {**ROTATING, "rotation_period_days": 30}
    id_, outputs = webhooks.create(declared)
    later = plugin(
        "webhook",
        {"signa:apiKey": API_KEY, "signa:baseUrl": emulator.base_url},
        SIGNA_CLOCK_OFFSET_S=str(31 * 24 * 60 * 60),
    )

    _, read_outputs, _ = later.read(id_, unwrapped(outputs))
    state = unwrapped(read_outputs)
    of_refresh = [later.diff(id_, state, inputs).changes for inputs in (declared, {**declared, "description": "x"})]
    later.check(declared, declared)
    of_up = later.diff(id_, state, declared).changes

    none, some = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME
    assert (of_refresh, of_up) == ([none, some], some)


def test_endpoint_is_taken_over(webhooks: Any, emulator: EmulatorServer, said: list[tuple[str, str]]) -> None:
    id_, made = webhooks.create({**ENDPOINT, "__urn": SPARE_URN})
    secret = made["secret"]["value"]
    declared = {**ROTATING, "adopt": {"id": id_, "secret": secret, "rotate": False}}
    checked, failures = webhooks.check(declared)

    adopted, outputs = webhooks.create(checked)

    assert failures == []
    assert [message for _, message in said] == [
        f"takes over {id_}, with changes only where it differs; its secret stays"
    ]
    assert adopted == id_
    assert len(emulator.organization.endpoints.newest_first()) == 1
    assert outputs["secret"] == {**ENVELOPE, "value": secret}
    assert json.dumps(outputs).count(secret) == 1
    assert "adopt" not in outputs
    for inputs in (checked, ROTATING):
        assert webhooks.diff(id_, unwrapped(outputs), inputs).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_resource_that_adopts_is_not_replaced(webhooks: Any, emulator: EmulatorServer) -> None:
    id_, made = webhooks.create({**ENDPOINT, "__urn": SPARE_URN})
    declared = {**ROTATING, "adopt": {"id": id_, "secret": made["secret"]["value"], "rotate": False}}
    webhooks.check(declared)

    details = failure(lambda: webhooks.delete(id_, ROTATING))

    assert details.startswith(f"cannot delete webhook endpoint: a resource that adopts {id_} is not replaced: ")
    assert len(emulator.organization.endpoints.newest_first()) == 1


def test_resource_that_adopts_is_not_replaced_beside_itself(webhooks: Any) -> None:
    declared = {**ROTATING, "adopt": {"id": "whk_1", "rotate": False}, "__random_key": True}

    _, failures = webhooks.check(declared)

    assert [reason.split(":")[0] for _, reason in failures] == ["adopt"]


def test_adopting_what_the_resource_has_not_is_warned_of(webhooks: Any, said: list[tuple[str, str]]) -> None:
    id_, outputs = webhooks.create(ROTATING)
    declared = {**ROTATING, "adopt": {"id": "whk_2", "rotate": True}}
    webhooks.check(declared, ROTATING)
    spare = {**ENDPOINT, "__urn": SPARE_URN}
    webhooks.check(spare, spare)

    answers = [webhooks.diff(id_, unwrapped(outputs), declared), webhooks.diff("whk_2", spare, spare)]

    assert [answer.changes for answer in answers] == [provider_pb2.DiffResponse.DIFF_NONE] * 2
    ((urn, message),) = said
    assert urn == ENDPOINT["__urn"]
    assert message.startswith("whk_2 is not taken over")


def test_endpoint_of_another_resource_is_refused_when_it_is_checked(webhooks: Any) -> None:
    webhooks.check(ENDPOINT, ENDPOINT)
    webhooks.diff("whk_1", ENDPOINT, ENDPOINT)
    declared = {**ENDPOINT, "__urn": SPARE_URN, "adopt": {"id": "whk_1", "secret": "whsec_x"}}

    details = failure(lambda: webhooks.check(declared), "whsec_x")

    assert details == (
        "cannot check webhook endpoint: whk_1 is declared twice, by the resources 'spare' and 'alerts': "
        "keep one of them"
    )


def test_endpoint_of_another_resource_is_refused_when_it_is_compared(webhooks: Any) -> None:
    webhooks.check({**ENDPOINT, "__urn": SPARE_URN, "adopt": {"id": "whk_1"}})
    webhooks.check(ENDPOINT, ENDPOINT)

    details = failure(lambda: webhooks.diff("whk_1", ENDPOINT, ENDPOINT))

    assert details.startswith("cannot update webhook endpoint: whk_1 is declared twice, by the resources 'alerts' and ")


def test_resource_may_keep_naming_what_it_took_over(webhooks: Any) -> None:
    declared = {**ENDPOINT, "adopt": {"id": "whk_1"}}

    inputs, failures = webhooks.check(declared, declared)
    answer = webhooks.diff("whk_1", ENDPOINT, inputs)

    assert (failures, answer.changes) == ([], provider_pb2.DiffResponse.DIFF_NONE)


def test_unknown_endpoint_to_take_over_passes_check(webhooks: Any) -> None:
    inputs, failures = webhooks.check({**ENDPOINT, "adopt": {"id": UNKNOWN_STRING, "secret": UNKNOWN_STRING}})

    assert failures == []
    assert inputs["adopt"] == {"id": UNKNOWN_STRING, "secret": UNKNOWN_STRING}


def test_problem_with_an_adoption_does_not_show_it(webhooks: Any) -> None:
    _, failures = webhooks.check(
        {**ENDPOINT, "adopt": {"id": "whsec_s3cret", "secret": ["s3cret"], "rotate": "s3cret"}}
    )

    assert [property_ for property_, _ in failures] == ["", "", ""]
    assert "s3cret" not in json.dumps(failures)


def test_server_that_tells_every_secret_is_silenced(webhooks: Any, emulator: EmulatorServer) -> None:
    id_, outputs = webhooks.create(ROTATING)
    state = unwrapped(webhooks.update(id_, unwrapped(outputs), TRIGGERED))
    held = (state["secret"], state["previous_secret"])
    adopted = {**ENDPOINT, "__urn": SPARE_URN, "adopt": {"id": id_, "secret": "whsec_adopted"}}
    for operation in ("update", "retrieve"):
        detail = f"Bad {' '.join(held)} whsec_adopted."
        emulator.organization.faults.add(kind="status", status=400, detail=detail, operation=operation)

    of_update = failure(lambda: webhooks.update(id_, state, {**TRIGGERED, "description": "x"}), *held)
    of_create = failure(lambda: webhooks.create(adopted), "whsec_adopted")

    assert "Bad [secret] [secret] whsec_adopted." in of_update
    assert " [secret]. " in of_create


@pytest.mark.parametrize("accounts", [["999999999999"], '["999999999999"]'])
def test_secret_goes_to_no_account_that_the_stack_does_not_allow(plugin: Start, aws: str, accounts: object) -> None:
    secrets = plugin("secret", {"aws:allowedAccountIds": accounts}, AWS_ENDPOINT_URL_STS=aws)

    assert secrets.check(SECRET)[1] == []
    assert "account 123456789012, which aws:allowedAccountIds does not name" in failure(lambda: secrets.create(SECRET))


@pytest.mark.parametrize("id_", ["signa/prod", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-AbCdEf"])
def test_secret_that_cannot_be_read_by_its_id_is_an_error(secrets: Any, id_: str) -> None:
    details = failure(lambda: secrets.read(id_, SECRET))

    assert details.startswith("cannot read Secrets Manager secret: ")
    assert "unexpected" not in details
