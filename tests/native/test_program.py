"""What a program in Python asks of the native host."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime import config as pulumi_config

import pulumi_signa
from pulumi_signa import native
from pulumi_signa.native import (
    Adopt,
    DeliveryCheck,
    Provider,
    SecretsManagerDestination,
    SecretsManagerSecret,
    StoredWebhookEndpoint,
    WebhookEndpoint,
)
from pulumi_signa.program.arguments import ArgumentError
from pulumi_signa.setting_rows import NATIVE_KEYS

URL = "https://example.com/hook"
SIGNATURE = "4dabf18193072939515e22adb298388d"

Run = Callable[..., Any]

CLASSES = [name for name in native.__all__ if isinstance(getattr(native, name), type) and name != "Provider"]
RESOURCES = ["DeliveryCheck", "SecretsManagerSecret", "WebhookEndpoint"]


@pytest.fixture
def stack_settings() -> Iterator[Callable[[dict[str, str]], None]]:
    """Yield what sets configuration of the stack."""
    before = pulumi_config.CONFIG.get()
    yield pulumi.runtime.set_all_config
    pulumi_config.CONFIG.set(before)


def declare_all() -> Any:
    """Declare one resource of each kind."""
    endpoint = WebhookEndpoint("alerts", url=URL, metadata={"a_b": 1}, rotate_trigger="1")
    stored = SecretsManagerSecret("stored", secret_name="a", secret_json={"a_b": endpoint.secret})
    check = DeliveryCheck("check", endpoint_id=endpoint.id, triggers=["a"])
    return pulumi.Output.all(endpoint.urn, stored.urn, check.urn)


@pytest.mark.parametrize("name", CLASSES)
def test_class_has_signature_and_docstrings_of_the_dynamic_one(name: str) -> None:
    ours, theirs = getattr(native, name), getattr(pulumi_signa, name)

    assert ours.__name__ == theirs.__name__ == name
    assert inspect.signature(ours) == inspect.signature(theirs)
    assert (ours.__doc__, ours.__init__.__doc__) == (theirs.__doc__, theirs.__init__.__doc__)


@pytest.mark.parametrize("name", RESOURCES)
def test_attributes_and_get_are_those_of_the_dynamic_class(name: str) -> None:
    ours, theirs = getattr(native, name), getattr(pulumi_signa, name)
    inherited = {each for each in dir(pulumi.CustomResource) if not each.startswith("__")}

    assert {each for each in dir(ours) if not each.startswith("_")} - inherited == {
        each for each in dir(theirs) if not each.startswith("_")
    } - inherited
    assert ours._view.__annotations__.keys() == {
        native.program.NATIVE.name(each) for each in theirs._view.__annotations__
    }
    if hasattr(theirs, "get"):
        assert inspect.signature(ours.get) == inspect.signature(theirs.get)


def test_package_offers_what_it_names_and_nothing_else() -> None:
    assert set(native.__all__) <= set(dir(native))
    with pytest.raises(AttributeError, match="has no attribute 'Webhook'"):
        native.Webhook  # noqa: B018


def test_properties_are_registered_in_camel_case_and_keys_stay(run: Run) -> None:
    engine = run(declare_all)

    endpoint, stored = engine.registered["alerts"], engine.registered["stored"]
    assert engine.requests["alerts"].type == "signa:index:WebhookEndpoint"
    assert {name: value for name, value in endpoint.items() if value is not None} == {
        "url": URL,
        "metadata": {"a_b": 1},
        "rotateTrigger": "1",
        "__stack": "signa-id",
    }
    assert stored["secretName"] == "a"
    assert "'a_b'" in str(stored["secretJson"])
    assert engine.registered["check"]["triggers"] == ["a"]


def test_members_are_registered_in_camel_case(run: Run) -> None:
    destination = SecretsManagerDestination("signa/a", region="eu-west-1")

    engine = run(lambda: WebhookEndpoint("alerts", url=URL, secret_destination=destination).urn)

    assert engine.registered["alerts"]["secretDestination"] == {"secretId": "signa/a", "region": "eu-west-1"}


def test_destination_is_read_by_the_names_of_python(run: Run) -> None:
    found: list[Any] = []
    destination = SecretsManagerDestination("signa/a", region="eu-west-1")

    run(lambda: WebhookEndpoint("a", url=URL, secret_destination=destination).secret_destination.apply(found.append))

    assert found == [{"secret_id": "signa/a", "region": "eu-west-1"}]


def test_secret_to_adopt_becomes_a_secret(run: Run) -> None:
    engine = run(lambda: WebhookEndpoint("alerts", url=URL, adopt=Adopt("whk_1", secret="whsec_x")).urn)

    assert "whsec_x" in str(engine.registered["alerts"]["adopt"])
    assert SIGNATURE in str(engine.requests["alerts"].object)


def test_outputs_are_read_where_mocks_answer(run: Run) -> None:
    found: list[Any] = []

    def program() -> Any:
        endpoint = WebhookEndpoint("alerts", url=URL)
        return pulumi.Output.all(endpoint.secret_version, endpoint.secret, endpoint.url).apply(found.append)

    run(program)

    assert found == [[1, "whsec_x", URL]]


def test_signing_secret_is_a_secret_in_a_preview_too(run: Run) -> None:
    found: list[bool] = []

    async def program() -> None:
        found.append(await WebhookEndpoint("alerts", url=URL).secret.is_secret())

    run(program, preview=True)

    assert found == [True]


def test_endpoint_is_read_by_its_id(run: Run) -> None:
    engine = run(lambda: WebhookEndpoint.get("theirs", "whk_1", account="eu").urn)

    assert engine.requests["theirs"].id == "whk_1"
    assert engine.requests["theirs"].type == "signa:index:WebhookEndpoint"
    assert engine.requests["theirs"].properties["account"] == "eu"
    assert "__stack" not in engine.requests["theirs"].properties


def test_each_host_has_the_type_of_the_other_as_alias(run: Run) -> None:
    def program() -> Any:
        ours = WebhookEndpoint("ours", url=URL)
        theirs = pulumi_signa.WebhookEndpoint("theirs", url=URL)
        return pulumi.Output.all(ours.urn, theirs.urn)

    engine = run(program)

    def aliases(name: str) -> list[str]:
        request = engine.requests[name]
        return [*(alias.spec.type or alias.urn for alias in request.aliases), *request.aliasURNs]

    assert any("pulumi-python:dynamic/signa:WebhookEndpoint" in alias for alias in aliases("ours"))
    assert any("signa:index:WebhookEndpoint" in alias for alias in aliases("theirs"))


def test_program_with_both_hosts_registers_one_identity(run: Run) -> None:
    def program() -> Any:
        ours = WebhookEndpoint("ours", url=URL)
        theirs = pulumi_signa.WebhookEndpoint("theirs", url=URL)
        return pulumi.Output.all(ours.urn, theirs.urn)

    engine = run(program)

    assert [name for name in engine.registered if name == "signa"] == ["signa"]
    assert engine.registered["ours"]["__stack"] == engine.registered["theirs"]["__stack"] == "signa-id"


def test_options_that_name_properties_are_renamed(run: Run) -> None:
    opts = pulumi.ResourceOptions(
        ignore_changes=["rotate_trigger", "metadata.a_b", 'metadata["c_d"]'],
        replace_on_changes=["rotation_period_days"],
        additional_secret_outputs=["secret_arn"],
    )

    engine = run(lambda: WebhookEndpoint("alerts", url=URL, opts=opts).urn)

    request = engine.requests["alerts"]
    assert list(request.ignoreChanges) == ["rotateTrigger", "metadata.a_b", 'metadata["c_d"]']
    assert list(request.replaceOnChanges) == ["rotationPeriodDays"]
    assert {"secret", "previousSecret", "secretArn"} <= set(request.additionalSecretOutputs)
    assert opts.ignore_changes == ["rotate_trigger", "metadata.a_b", 'metadata["c_d"]']


def test_endpoint_is_imported(run: Run) -> None:
    engine = run(lambda: WebhookEndpoint("a", url=URL, opts=pulumi.ResourceOptions(import_="whk_1")).urn)

    assert engine.requests["a"].importId == "whk_1"


@pytest.mark.parametrize(
    "opts", [pulumi.ResourceOptions(import_="whk_1"), pulumi.ResourceOptions(replace_on_changes=["url"])]
)
def test_component_takes_no_option_of_one_child(run: Run, opts: pulumi.ResourceOptions) -> None:
    with pytest.raises(ArgumentError, match="component"):
        run(lambda: StoredWebhookEndpoint("a", url=URL, secret_name="a", opts=opts).urn)


def test_children_of_the_component_are_of_the_native_host(run: Run) -> None:
    engine = run(lambda: StoredWebhookEndpoint("a", url=URL, secret_name="a", check_delivery=True).secret_version)

    types = {request.type for name, request in engine.requests.items() if name.startswith("a")}
    assert types == {
        *(f"signa:index:{name}" for name in RESOURCES),
    }
    assert "__urn" not in engine.registered["a-signing-secret"]


def test_every_setting_is_an_argument_of_the_provider(run: Run) -> None:
    settings = {key.removeprefix("signa:") for key in NATIVE_KEYS}
    arguments = [name for name in inspect.signature(Provider).parameters if name not in ("name", "opts")]

    assert {native.program.camel_case(name) for name in arguments} == settings


def test_keys_of_a_provider_are_secrets(run: Run) -> None:
    def program() -> Any:
        provider = Provider("eu", api_key="sig_x", accounts={"b": {"apiKey": "sig_y"}}, aws_region="eu-west-1")
        return pulumi.Output.all(
            provider.urn, WebhookEndpoint("a", url=URL, opts=pulumi.ResourceOptions(provider=provider)).urn
        )

    engine = run(program)

    sent = engine.requests["eu"].object.fields
    assert engine.requests["eu"].type == "pulumi:providers:signa"
    assert {name for name, value in sent.items() if SIGNATURE in value.struct_value.fields} == {"accounts", "apiKey"}
    assert sent["awsRegion"].string_value == "eu-west-1"
    assert engine.requests["a"].provider.endswith("pulumi:providers:signa::eu::eu-id")


def test_argument_of_a_provider_that_pulumi_cannot_send_is_refused(run: Run) -> None:
    with pytest.raises(ArgumentError, match=r"Provider\('eu'\): apiKey: cannot be bytes|a bytes"):
        run(lambda: Provider("eu", api_key=b"sig_x").urn)  # type: ignore[arg-type]


def destination() -> Any:
    """Declare an endpoint that writes to AWS."""
    return WebhookEndpoint("a", url=URL, secret_destination=SecretsManagerDestination("signa/a")).urn


def test_setting_of_aws_that_the_plugin_is_not_shown_is_refused(run: Run, stack_settings: Callable[..., None]) -> None:
    stack_settings({"aws:region": "eu-west-1"})

    with pytest.raises(ArgumentError) as caught:
        run(destination)

    assert str(caught.value) == (
        "aws:region is set, and the native plugin is shown only what stands under signa: in the stack's "
        "configuration; set signa:awsRegion to the same value with `pulumi config set`"
    )


def test_setting_of_aws_counts_for_nobody_without_aws(run: Run, stack_settings: Callable[..., None]) -> None:
    stack_settings({"aws:region": "eu-west-1"})

    assert "a" in run(lambda: WebhookEndpoint("a", url=URL).urn).registered


@pytest.mark.parametrize("mended", ["setting", "environment", "provider", "provider of the parent"])
def test_setting_of_aws_passes_where_the_plugin_has_its_own(
    run: Run, stack_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch, mended: str
) -> None:
    own = {"signa:awsRegion": "eu-west-1"} if mended == "setting" else {}
    stack_settings({"aws:region": "eu-west-1", **own})
    if mended == "environment":
        monkeypatch.setenv("AWS_REGION", "eu-west-1")

    def program() -> Any:
        opts = pulumi.ResourceOptions()
        if mended.startswith("provider"):
            opts.provider = Provider("eu", aws_region="eu-west-1")
        if mended == "provider of the parent":
            parent = pulumi.ComponentResource(
                "my:own:Thing", "parent", None, pulumi.ResourceOptions(providers=[opts.provider])
            )
            opts = pulumi.ResourceOptions(parent=parent)
        return WebhookEndpoint("a", url=URL, secret_destination=SecretsManagerDestination("signa/a"), opts=opts).urn

    assert "a" in run(program).registered
