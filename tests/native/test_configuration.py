"""The settings of a provider resource: checked, compared, and taken."""

from typing import Any

import pytest

from fake_transport import API_KEY
from native.conftest import ENDPOINT, PROVIDER_ID, Plugin, Start, failure, urn_of, urn_of_provider
from plugin_process import secret
from pulumi_signa.native.configuration import is_default
from signa_emulator.server import EmulatorServer

KIND = "WebhookEndpoint"
OTHER_KEY = API_KEY.replace("0123", "e0e0")
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ACCOUNTS = {"eu": {"apiKey": API_KEY}}


def sources_of(plugin: Plugin) -> str:
    """Return where the API key of a plugin came from, as the error of a wrong one says."""
    details = failure(lambda: plugin.create(KIND, ENDPOINT), OTHER_KEY)
    return details.partition("the key came from ")[2].partition(":")[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("default", True),
        ("default_0_1_0", True),
        ("default_0_1_0_https_/example.com", True),
        ("default_https_/example.com", True),
        ("default-eu", False),
        ("default_eu", False),
        ("defaults", False),
        ("eu", False),
    ],
)
def test_default_provider_is_known_by_the_name_that_the_engine_gives(name: str, expected: object) -> None:
    assert is_default(urn_of_provider(name)) == expected


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"apiKey": API_KEY}, ["signa:apiKey"]),
        ({"accounts": ACCOUNTS}, ["signa:accounts.eu.apiKey"]),
        (
            {"apiKey": API_KEY, "accounts": f'{{"eu": {{"apiKey": "{API_KEY}"}}}}'},
            ["signa:apiKey", "signa:accounts.eu"],
        ),
    ],
)
def test_key_that_is_readable_in_the_stack_configuration_is_refused(
    start: Start, given: dict[str, Any], keys: list[str]
) -> None:
    """The engine sends `CheckConfig` no marks of the default provider, and puts them on before `Configure`."""
    plugin = start()
    plugin.configure(given)

    inputs, failures = plugin.check(KIND, ENDPOINT)

    problems = [reason for _, reason in failures]
    assert (inputs, {property_ for property_, _ in failures}) == ({}, {""})
    assert len(problems) == len(keys)
    assert all(problem.startswith(key) for problem, key in zip(problems, keys, strict=True))
    assert all("pulumi config set --secret" in problem and API_KEY not in problem for problem in problems)


def test_key_that_is_secret_in_the_stack_configuration_passes_as_it_is(start: Start) -> None:
    given = {"apiKey": secret(API_KEY), "accounts": secret(ACCOUNTS), "baseUrl": "https://example.com/v1"}
    plugin = start()
    plugin.configure(given)

    assert plugin.check_config({"apiKey": API_KEY}) == ({"apiKey": API_KEY}, [])
    assert plugin.check(KIND, ENDPOINT)[1] == []


def test_keys_of_an_explicit_provider_become_secrets(unconfigured: Plugin) -> None:
    given = {"apiKey": API_KEY, "accounts": ACCOUNTS, "namespace": "n", "version": "0.1.0"}

    checked, problems = unconfigured.check_config(given, provider="eu")

    assert problems == []
    assert checked == {**given, "apiKey": secret(API_KEY), "accounts": secret(ACCOUNTS)}


def test_key_of_an_explicit_provider_may_be_unknown_in_a_preview(unconfigured: Plugin) -> None:
    checked, problems = unconfigured.check_config({"apiKey": UNKNOWN}, provider="eu")

    assert (checked, problems) == ({"apiKey": secret(UNKNOWN)}, [])


def test_misspelt_setting_of_the_stack_is_warned_of(start: Start, said: list[tuple[str, str]]) -> None:
    plugin = start()

    plugin.check_config({"apikey": secret(API_KEY), "version": "0.1.0"})
    plugin.check_config({"apikey": secret(API_KEY)}, provider="eu")

    assert said == [("", "pulumi-signa does not read signa:apikey; did you mean signa:apiKey?")]


@pytest.mark.parametrize(
    ("olds", "news", "is_changed"),
    [
        ({"apiKey": API_KEY}, {"apiKey": API_KEY}, False),
        ({"apiKey": API_KEY}, {"apiKey": secret(API_KEY)}, False),
        ({"apiKey": API_KEY}, {"apiKey": OTHER_KEY}, True),
        ({"apiKey": API_KEY}, {"apiKey": UNKNOWN}, True),
        ({"baseUrl": "a"}, {}, True),
        ({}, {"accounts": ACCOUNTS}, True),
        ({"version": "0.1.0"}, {"version": "0.2.0"}, False),
    ],
)
def test_changed_setting_is_a_difference_and_replaces_nothing(
    unconfigured: Plugin, olds: dict[str, Any], news: dict[str, Any], *, is_changed: bool
) -> None:
    answer = unconfigured.diff_config(olds, news)

    assert answer.changes == (answer.DIFF_SOME if is_changed else answer.DIFF_NONE)
    assert list(answer.replaces) == []


def test_environment_wins_over_the_stack_configuration(start: Start, emulator: EmulatorServer) -> None:
    plugin = start(SIGNA_API_KEY=OTHER_KEY)

    plugin.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url})

    assert sources_of(plugin) == "SIGNA_API_KEY"


def test_arguments_of_an_explicit_provider_win_over_the_environment(start: Start, emulator: EmulatorServer) -> None:
    plugin = start(SIGNA_API_KEY=API_KEY, SIGNA_BASE_URL=emulator.base_url)

    plugin.configure({"apiKey": secret(OTHER_KEY)}, provider="eu")

    assert sources_of(plugin) == "apiKey of the provider"


def test_explicit_provider_takes_from_the_environment_what_it_is_not_given(
    start: Start, emulator: EmulatorServer
) -> None:
    plugin = start(SIGNA_API_KEY=API_KEY)

    plugin.configure({"baseUrl": emulator.base_url}, provider="eu")

    assert plugin.create(KIND, ENDPOINT)[0] == emulator.organization.endpoints.newest_first()[0].id


@pytest.mark.parametrize("as_text", [False, True])
def test_organizations_are_taken_as_an_object_and_as_its_text(
    start: Start, emulator: EmulatorServer, *, as_text: bool
) -> None:
    accounts: Any = {"eu": {"apiKey": API_KEY, "baseUrl": emulator.base_url}}
    if as_text:
        accounts = f'{{"eu": {{"apiKey": "{API_KEY}", "baseUrl": "{emulator.base_url}"}}}}'
    plugin = start()

    plugin.configure({"accounts": secret(accounts)})

    assert plugin.create(KIND, {**ENDPOINT, "account": "eu"})[1]["account"] == "eu"


@pytest.mark.parametrize(
    ("provider", "way"), [("default", "pulumi config set --secret signa:apiKey"), ("eu", "give the provider apiKey")]
)
def test_missing_key_is_found_at_preview(start: Start, provider: str, way: str) -> None:
    plugin = start()
    plugin.configure(provider=provider)

    _, failures = plugin.check(KIND, ENDPOINT)

    assert [property_ for property_, _ in failures] == [""]
    assert failures[0][1].startswith("no Signa API key: ")
    assert way in failures[0][1]


def test_identity_is_that_of_the_provider_and_of_the_names_of_the_stack(start: Start, emulator: EmulatorServer) -> None:
    found = []
    for id_, stack in ((PROVIDER_ID, "dev"), (PROVIDER_ID, "dev"), (PROVIDER_ID, "prod"), ("other", "dev")):
        plugin = start()
        request_urn = urn_of_provider().replace(":dev:", f":{stack}:")
        args = {"apiKey": secret(API_KEY), "baseUrl": emulator.base_url}
        plugin.configure(args, id_=id_, urn=request_urn)
        found.append(plugin.check(KIND, ENDPOINT, urn=urn_of(KIND, stack=stack))[0]["__stack"])

    assert found[0] == found[1]
    assert len(set(found)) == 3
