"""What the program sees of the stack's configuration."""

from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime import config as pulumi_config

from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
from pulumi_signa.program.arguments import ArgumentError

URL = "https://example.com/hook"

Run = Callable[..., Any]


@pytest.fixture
def configure() -> Iterator[Callable[..., None]]:
    """Yield what sets the configuration of the stack."""
    before = pulumi_config.CONFIG.get(), pulumi_config._SECRET_KEYS.get()

    def set_config(values: dict[str, str], *secret_keys: str) -> None:
        pulumi.runtime.set_all_config(values, list(secret_keys))

    yield set_config
    pulumi_config.CONFIG.set(before[0])
    pulumi_config._SECRET_KEYS.set(before[1])


def test_api_key_that_is_no_secret_is_refused(run: Run, configure: Callable[..., None]) -> None:
    configure({"signa:apiKey": "sig_readable"})

    with pytest.raises(ArgumentError, match="pulumi config set --secret signa:apiKey") as refused:
        run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    assert "revoke the key" in str(refused.value)
    assert "sig_readable" not in str(refused.value)


def test_api_key_that_is_no_secret_is_refused_by_every_resource(run: Run, configure: Callable[..., None]) -> None:
    """The key of the configuration goes to the plugin, and into the state, whatever resource there is."""
    configure({"signa:apiKey": "sig_readable"})

    with pytest.raises(ArgumentError, match="signa:apiKey"):
        run(lambda: SecretsManagerSecret("stored", secret_name="a", secret_string="x").urn)
    with pytest.raises(ArgumentError, match="signa:apiKey"):
        run(lambda: WebhookEndpoint.get("theirs", "whk_1").urn)


def test_key_of_an_organization_that_is_no_secret_is_refused(run: Run, configure: Callable[..., None]) -> None:
    configure({"signa:accounts": '{"us":{"baseUrl":"https://a.example"},"eu":{"apiKey":"sig_readable"}}'})

    with pytest.raises(
        ArgumentError, match=r"pulumi config set --secret --path 'signa:accounts\.eu\.apiKey'"
    ) as refused:
        run(lambda: WebhookEndpoint("alerts", url=URL).urn)

    assert "revoke the key" in str(refused.value)
    assert "sig_readable" not in str(refused.value)


@pytest.mark.parametrize("accounts", ["{}", "x", "[]", "5", '{"eu": 5}', '{"eu": {"baseUrl": "https://a.example"}}'])
def test_accounts_without_a_readable_key_pass(run: Run, configure: Callable[..., None], accounts: str) -> None:
    """What is malformed, the plugin says at preview."""
    configure({"signa:accounts": accounts})

    assert "alerts" in run(lambda: WebhookEndpoint("alerts", url=URL).urn).registered


@pytest.mark.parametrize("values", [{"signa:apiKey": "sig_1"}, {"signa:accounts": '{"eu":{"apiKey":"sig_1"}}'}, {}])
def test_secret_api_key_and_none_pass(run: Run, configure: Callable[..., None], values: dict[str, str]) -> None:
    configure(values, *values)

    assert "alerts" in run(lambda: WebhookEndpoint("alerts", url=URL).urn).registered


def test_setting_of_the_native_plugin_beside_ours_is_not_warned_of(run: Run, configure: Callable[..., None]) -> None:
    """A stack that moved here from the plugin has both keys, and so has one with resources of both hosts."""
    configure({"aws:region": "eu-west-1", "signa:awsRegion": "eu-west-1"})

    assert run(lambda: WebhookEndpoint("alerts", url=URL).urn).warnings == []


def test_setting_that_the_native_plugin_alone_reads_is_warned_of(run: Run, configure: Callable[..., None]) -> None:
    configure({"signa:awsAllowedAccountIds": '["123456789012"]'})

    (warning,) = run(lambda: WebhookEndpoint("alerts", url=URL).urn).warnings

    assert warning == (
        "the stack's dynamic resources do not read signa:awsAllowedAccountIds; set aws:allowedAccountIds as well"
    )


def test_other_settings_of_aws_are_named_in_one_warning(run: Run, configure: Callable[..., None]) -> None:
    configure({"aws:region": "eu-west-1", "aws:assumeRole": "{}", "aws:accessKey": "AKIA1", "app:x": "y"})

    def program() -> Any:
        one, two = (SecretsManagerSecret(name, secret_name=name, secret_string="x") for name in "ab")
        return pulumi.Output.all(one.urn, two.urn)

    (warning,) = run(program).warnings
    assert "aws:accessKey, aws:assumeRole" in warning
    assert "AKIA1" not in warning


def test_settings_of_aws_that_are_read_are_no_warning(run: Run, configure: Callable[..., None]) -> None:
    configure({"aws:region": "eu-west-1"})

    assert run(lambda: SecretsManagerSecret("a", secret_name="a", secret_string="x").urn).warnings == []


def test_misspelt_settings_are_named_in_a_warning_each_with_what_was_meant(
    run: Run, configure: Callable[..., None]
) -> None:
    configure({"signa:apikey": "sig_readable", "signa:maxWait": "5", "signa:namespace": "x", "signal:x": "y"})

    def program() -> Any:
        return pulumi.Output.all(*(WebhookEndpoint(name, url=URL).urn for name in "ab"))

    assert run(program).warnings == [
        "pulumi-signa does not read signa:apikey; did you mean signa:apiKey?",
        "pulumi-signa does not read signa:maxWait; did you mean signa:maxWaitSeconds?",
    ]


def test_unlike_setting_is_told_with_those_that_are_read(run: Run, configure: Callable[..., None]) -> None:
    configure({"signa:colour": "red"})

    (warning,) = run(lambda: WebhookEndpoint("alerts", url=URL).urn).warnings

    assert warning.startswith("pulumi-signa does not read signa:colour; the settings are signa:apiKey, signa:baseUrl, ")
    assert "aws:" not in warning


def test_api_key_that_stands_where_a_name_belongs_is_not_shown(run: Run, configure: Callable[..., None]) -> None:
    configure({"signa:sig_readable": ""})

    (warning,) = run(lambda: WebhookEndpoint("alerts", url=URL).urn).warnings

    assert "pulumi-signa does not read signa:[secret]; " in warning
    assert "sig_readable" not in warning


def test_project_called_signa_has_settings_of_its_own(
    run: Run, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi, "get_project", lambda: "signa")
    configure({"signa:url": URL, "signa:apikey": "x"})

    assert run(lambda: WebhookEndpoint("alerts", url=URL).urn).warnings == []
