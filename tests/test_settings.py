"""Configuration, row by row."""

import logging
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.organizations import ACCOUNTS_KEY
from pulumi_signa.setting_rows import STACK_KEYS
from pulumi_signa.settings import SettingsError, load

KEY = "sig_" + "ab" * 24
OTHER = "sig_" + "cd" * 24


@pytest.mark.parametrize(
    ("attribute", "variable", "stack_key", "of_environment", "of_stack", "default"),
    [
        ("api_key", "SIGNA_API_KEY", "signa:apiKey", (KEY, KEY), (OTHER, OTHER), None),
        (
            "base_url",
            "SIGNA_BASE_URL",
            "signa:baseUrl",
            ("https://a.example/v1", "https://a.example/v1"),
            ("https://b.example/v1", "https://b.example/v1"),
            "https://api.signa.so/v1",
        ),
        ("max_wait_s", "SIGNA_MAX_WAIT_S", "signa:maxWaitSeconds", ("1.5", 1.5), ("20", 20.0), 300.0),
        ("namespace", "SIGNA_NAMESPACE", "signa:namespace", ("a", "a"), ("b", "b"), ""),
        ("aws_region", "AWS_REGION", "aws:region", ("eu-west-1", "eu-west-1"), ("us-east-1", "us-east-1"), None),
        # boto3 reads the variable itself.
        ("aws_profile", "AWS_PROFILE", "aws:profile", ("a", None), ("b", "b"), None),
    ],
)
def test_environment_wins_over_the_stack_and_both_over_the_default(
    *,
    attribute: str,
    variable: str,
    stack_key: str,
    of_environment: tuple[str, object],
    of_stack: tuple[str, object],
    default: object,
) -> None:
    environment, stack = {variable: of_environment[0]}, {stack_key: of_stack[0]}

    assert getattr(load(stack, environment), attribute) == of_environment[1]
    assert getattr(load(stack, {variable: ""}), attribute) == of_stack[1]
    assert getattr(load({stack_key: ""}, {}), attribute) == default
    assert getattr(load({}, {}), attribute) == default
    assert stack_key in STACK_KEYS


def test_number_in_the_stack_may_be_one() -> None:
    assert load({"signa:maxWaitSeconds": 12.0}, {}).max_wait_s == 12


def test_missing_key_names_both_places() -> None:
    (problem,) = load({}, {}).signa_problems

    assert "pulumi config set --secret signa:apiKey" in problem
    assert "SIGNA_API_KEY" in problem


@pytest.mark.parametrize("key", ["sk_abc", "SIG_abc", " sig_abc", "sig_a b", "sig_abc\n", "sig_é", "sig_\x00", "x"])
@pytest.mark.parametrize("place", ["SIGNA_API_KEY", "stack configuration signa:apiKey"])
def test_malformed_key_names_its_source_and_never_itself(key: str, place: str) -> None:
    settings = load({}, {"SIGNA_API_KEY": key}) if place == "SIGNA_API_KEY" else load({"signa:apiKey": key}, {})

    (problem,) = settings.signa_problems

    assert f"from {place} is malformed" in problem
    assert key == "x" or key.strip() not in problem
    assert len(problem.splitlines()) == 1


@pytest.mark.parametrize("key", ["sig_", KEY, "sig_live_abc", "sig_~!"])
def test_only_prefix_and_characters_are_insisted_on(key: str) -> None:
    assert load({}, {"SIGNA_API_KEY": key}).require_signa() == key


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("api.signa.so/v1", "must be an absolute URL, such as https://api.signa.so/v1"),
        ("ftp://api.signa.so", "must be an absolute URL, such as https://api.signa.so/v1"),
        ("https://", "must be an absolute URL, such as https://api.signa.so/v1"),
        ("https://a b/", "must be an absolute URL, such as https://api.signa.so/v1"),
        ("https://ex\nample/", "must be an absolute URL, such as https://api.signa.so/v1"),
        ("https://[::1", "is not a URL"),
        ("https://a:port/", "is not a URL"),
        ("https://u:pass-word@a.example/", "must not contain a user or password"),
        ("https://a.example/?x=1", "must not contain a query or fragment"),
        ("https://a.example/?", "must not contain a query or fragment"),
        ("https://a.example/#", "must not contain a query or fragment"),
        ("http://a.example/v1", "must be https: over http the API key would be readable on the way"),
        ("http://10.0.0.1/v1", "must be https: over http the API key would be readable on the way"),
        ("http://127.0.0.1.example/v1", "must be https: over http the API key would be readable on the way"),
        ("http://localhost.example/v1", "must be https: over http the API key would be readable on the way"),
        ("http://0.0.0.0/v1", "must be https: over http the API key would be readable on the way"),
    ],
)
def test_malformed_base_url_names_its_source_and_never_itself(url: str, problem: str) -> None:
    of_environment = load({"signa:apiKey": KEY}, {"SIGNA_BASE_URL": url})
    of_stack = load({"signa:apiKey": KEY, "signa:baseUrl": url}, {})

    assert of_environment.signa_problems == (f"the base URL from SIGNA_BASE_URL {problem}",)
    assert of_stack.signa_problems == (f"the base URL from stack configuration signa:baseUrl {problem}",)
    assert isinstance(of_environment.is_production, bool)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/v1",
        "http://localhost/v1",
        "http://LOCALHOST:1",
        "http://[::1]:8080/v1",
        "http://127.9.9.9",
    ],
)
def test_http_is_for_loopback(url: str) -> None:
    settings = load({"signa:apiKey": KEY}, {"SIGNA_BASE_URL": url})

    assert settings.signa_problems == ()
    assert not settings.is_production


@pytest.mark.parametrize(
    "url", ["https://api.signa.so/v1/", "https://API.signa.so/v1", "https://api.signa.so:443/v2//"]
)
def test_production_is_told_by_its_host(url: str) -> None:
    settings = load({}, {"SIGNA_BASE_URL": url})

    assert settings.is_production
    assert not settings.base_url.endswith("/")


@pytest.mark.parametrize("wait", ["abc", "-1", "nan", "inf", "-inf", "1s", "1e999"])
def test_malformed_wait_names_its_source_and_never_itself(wait: str) -> None:
    settings = load({"signa:apiKey": KEY}, {"SIGNA_MAX_WAIT_S": wait})

    assert settings.signa_problems == ("the longest wait from SIGNA_MAX_WAIT_S must be a number of seconds, 0 or more",)
    assert settings.max_wait_s == 300


@pytest.mark.parametrize(
    ("offset", "seconds"), [("", 0), ("0", 0), ("86400", 86_400), ("1.5", 1.5), ("1e10", 1e10), (" 7 ", 7)]
)
def test_clock_is_ahead_by_so_many_seconds(offset: str, seconds: float) -> None:
    settings = load({"signa:apiKey": KEY}, {"SIGNA_CLOCK_OFFSET_S": offset})

    before = datetime.now(timezone.utc)
    told = settings.now()
    after = datetime.now(timezone.utc)

    assert settings.signa_problems == ()
    assert settings.clock_offset == timedelta(seconds=seconds)
    assert before <= told - timedelta(seconds=seconds) <= after
    assert told.utcoffset() == timedelta(0)


@pytest.mark.parametrize("offset", ["abc", "-1", "-86400", "1d", "nan", "inf", "1e11", "1e999", "10000000001"])
def test_malformed_clock_names_its_variable_and_never_itself(offset: str) -> None:
    settings = load({"signa:apiKey": KEY}, {"SIGNA_CLOCK_OFFSET_S": offset})

    (problem,) = settings.signa_problems

    assert problem.startswith("the clock offset from SIGNA_CLOCK_OFFSET_S must be a number of seconds")
    assert "take it out" in problem
    assert offset not in problem
    assert settings.clock_offset == timedelta()


def test_clock_is_no_setting_of_a_stack() -> None:
    settings = load({"signa:apiKey": KEY, "signa:clockOffsetS": "86400", "SIGNA_CLOCK_OFFSET_S": "86400"}, {})

    assert settings.clock_offset == timedelta()


def test_all_problems_come_at_once() -> None:
    settings = load({}, {"SIGNA_API_KEY": "x", "SIGNA_BASE_URL": "y", "SIGNA_MAX_WAIT_S": "z"})

    with pytest.raises(SettingsError) as caught:
        settings.require_signa()

    assert len(settings.signa_problems) == 3
    assert len(str(caught.value).splitlines()) == 1


def test_repr_shows_no_key() -> None:
    assert KEY not in repr([load({}, {"SIGNA_API_KEY": KEY})])


@pytest.mark.parametrize(("name", "level"), [("debug", logging.DEBUG), ("INFO", logging.INFO), ("", None), ("x", None)])
def test_log_level_is_named(name: str, level: int | None) -> None:
    assert load({}, {"SIGNA_LOG_LEVEL": name}).log_level == level


@given(st.text(), st.text(), st.text())
def test_any_text_can_stand_in_a_setting(key: str, url: str, wait: str) -> None:
    settings = load({"signa:apiKey": key, "signa:baseUrl": url, "signa:maxWaitSeconds": wait}, {})

    assert all(len(problem.splitlines()) == 1 for problem in settings.signa_problems)
    assert isinstance(settings.is_production, bool)


def test_log_level_of_no_name_is_a_problem() -> None:
    assert load({"signa:apiKey": KEY}, {"SIGNA_LOG_LEVEL": "loud"}).signa_problems == (
        "the log level from SIGNA_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR",
    )
    assert load({"signa:apiKey": KEY}, {"SIGNA_LOG_LEVEL": "debug"}).log_level == logging.DEBUG


def test_key_of_the_stack_is_known_to_be_stored() -> None:
    assert load({"signa:apiKey": KEY}, {}).api_key_is_stored
    assert not load({"signa:apiKey": KEY}, {"SIGNA_API_KEY": KEY}).api_key_is_stored


# Organizations


@pytest.mark.parametrize("accounts", [{"eu": {"apiKey": OTHER}}, '{"eu": {"apiKey": "' + OTHER + '"}}'])
def test_organization_has_its_own_key_and_what_it_lacks_is_that_of_the_default_one(accounts: object) -> None:
    stack = {
        "signa:apiKey": KEY,
        "signa:baseUrl": "https://a.example/v1",
        "signa:namespace": "copy",
        "signa:maxWaitSeconds": "7",
        ACCOUNTS_KEY: accounts,
    }

    default, eu = load(stack, {}), load(stack, {}, "eu")

    assert (default.account, default.api_key) == (None, KEY)
    assert (eu.account, eu.api_key, eu.base_url, eu.namespace) == ("eu", OTHER, "https://a.example/v1", "copy")
    assert (eu.max_wait_s, eu.signa_problems, eu.api_key_is_stored) == (7, (), True)
    assert eu.api_key_source == "stack configuration signa:accounts.eu.apiKey"
    assert eu.of_aws == default.of_aws
    assert ACCOUNTS_KEY in STACK_KEYS


def test_organization_may_have_more_of_its_own() -> None:
    own = {"apiKey": OTHER, "baseUrl": "https://b.example/v1/", "namespace": 5}
    stack = {"signa:baseUrl": "not a URL", "signa:namespace": "copy", ACCOUNTS_KEY: {"eu": own}}

    eu = load(stack, {}, "eu")

    assert (eu.base_url, eu.namespace, eu.signa_problems) == ("https://b.example/v1", "5", ())


def test_environment_wins_for_each_organization() -> None:
    stack = {ACCOUNTS_KEY: {"my-org": {"apiKey": KEY, "baseUrl": "https://a.example", "namespace": "a"}}}
    environment = {
        "SIGNA_API_KEY_MY_ORG": OTHER,
        "SIGNA_BASE_URL_MY_ORG": "https://b.example",
        "SIGNA_NAMESPACE_MY_ORG": "b",
    }

    found = load(stack, environment, "my-org")

    assert (found.api_key, found.base_url, found.namespace) == (OTHER, "https://b.example", "b")
    assert (found.api_key_source, found.api_key_is_stored) == ("SIGNA_API_KEY_MY_ORG", False)


@pytest.mark.parametrize("accounts", [None, {}, "", "{}", {"eu": {}}, {"eu": {"apiKey": ""}}, {"us": {"apiKey": KEY}}])
def test_organization_without_a_key_never_has_that_of_another_one(accounts: object) -> None:
    stack = {"signa:apiKey": KEY, ACCOUNTS_KEY: accounts}

    eu = load(stack, {"SIGNA_API_KEY": KEY}, "eu")

    assert eu.api_key is None
    (problem,) = eu.signa_problems
    assert problem == (
        "no Signa API key for account eu: run `pulumi config set --secret --path 'signa:accounts.eu.apiKey'`, "
        "or set SIGNA_API_KEY_EU in the environment"
    )


@pytest.mark.parametrize(
    ("accounts", "problem"),
    [
        (KEY, "signa:accounts must be an object of organizations by name"),
        ("[" * 100_000, "signa:accounts must be an object of organizations by name"),
        ([KEY], "signa:accounts must be an object of organizations by name"),
        (5, "signa:accounts must be an object of organizations by name"),
        ({"eu": KEY}, "signa:accounts.eu must be an object of apiKey, baseUrl and namespace"),
        ({"eu": None}, "signa:accounts.eu must be an object of apiKey, baseUrl and namespace"),
        ({"eu": {"apikey": KEY}}, "signa:accounts.eu may hold only apiKey, baseUrl and namespace"),
        ({"eu": {"apiKey": KEY, KEY: 1}}, "signa:accounts.eu may hold only apiKey, baseUrl and namespace"),
        ({"eu": {"apiKey": 5}}, "the Signa API key from stack configuration signa:accounts.eu.apiKey is malformed"),
        ({"eu": {"apiKey": {"a": KEY}}}, "stack configuration signa:accounts.eu.apiKey is malformed"),
        ({"eu": {"apiKey": KEY, "baseUrl": 5}}, "the base URL from stack configuration signa:accounts.eu.baseUrl must"),
    ],
)
def test_malformed_accounts_are_one_problem_that_shows_no_key(accounts: object, problem: str) -> None:
    (found,) = load({ACCOUNTS_KEY: accounts}, {}, "eu").signa_problems

    assert problem in found
    assert KEY not in found
    assert len(found.splitlines()) == 1
    assert load({ACCOUNTS_KEY: accounts, "signa:apiKey": KEY}, {}).signa_problems == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.dictionaries(st.sampled_from(["eu", "apiKey", "baseUrl", "namespace", "x"]), inner) | st.lists(inner)
        ),
    )
)
def test_anything_can_stand_in_the_accounts(accounts: object) -> None:
    for account in (None, "eu"):
        assert all(
            len(problem.splitlines()) == 1 for problem in load({ACCOUNTS_KEY: accounts}, {}, account).signa_problems
        )


def test_every_key_is_known_to_all_and_shown_by_none() -> None:
    keys = {name: KEY.replace("ab", f"{number:02}") for number, name in enumerate(["default", "eu", "us", "uk"])}
    stack = {
        "signa:apiKey": keys["default"],
        ACCOUNTS_KEY: {"eu": {"apiKey": keys["eu"]}, "us": {"apiKey": keys["us"]}},
    }

    for account in (None, "eu"):
        found = load(stack, {"SIGNA_API_KEY_UK": keys["uk"]}, account)
        assert set(found.every_api_key) == set(keys.values())
        assert not any(key in repr(found) for key in keys.values())
