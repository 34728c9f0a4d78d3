"""Where a secret goes: the region, the profile and the account, as `check` and the first operation see them."""

import os
import pwd
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from fake_host import context
from pulumi_signa.accounts import Aws
from pulumi_signa.lifecycle.secrets_manager_secret import life
from pulumi_signa.settings import SettingsError, load

DECLARED = {"secret_name": "signa/prod", "secret_string": "x"}
ACCOUNT = "123456789012"  # moto's

Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def no_files_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AWS's files be looked for where they are by default."""
    monkeypatch.delenv("AWS_CONFIG_FILE")
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return what writes a file below the home directory."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return file


def problems(stack: dict[str, object] | None = None, **declared: object) -> list[str]:
    """Return what `check` finds wrong with a secret in this stack."""
    there = replace(context({}), settings=load(stack or {}))
    return life.check(there, {**DECLARED, **declared}, is_new=True).problems


def test_region_that_nobody_names_is_a_problem(write: Write) -> None:
    (problem,) = problems()

    assert "aws:region" in problem
    assert problems({"aws:region": "eu-west-1"}) == problems(region="eu-west-1") == []


def test_region_of_the_credentials_file_counts(write: Write) -> None:
    write(".aws/credentials", "[default]\nregion = eu-west-1\n")

    assert problems() == []


def test_tilde_of_the_configuration_file_is_the_home_directory(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(".aws/other", "[default]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", "~/.aws/other")

    assert problems() == []


def test_home_directory_may_be_in_no_variable(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(".aws/config", "[default]\nregion = eu-west-1\n")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: SimpleNamespace(pw_dir=str(tmp_path)))

    assert problems() == []


def test_home_directory_of_windows_counts(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(".aws/config", "[default]\nregion = eu-west-1\n")
    monkeypatch.delenv("HOME")
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(os.path, "expanduser", lambda path: path.replace("~", os.environ["USERPROFILE"], 1))

    assert problems() == []


def test_region_of_boto3s_own_variable_counts(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert problems() == []


def test_file_without_a_region_names_none(write: Write) -> None:
    write(".aws/config", "[default]\noutput = json\n")

    assert len(problems()) == 1


def test_profile_of_the_stack_has_the_region_and_the_credentials(write: Write) -> None:
    write(".aws/config", "[profile prod]\nregion = eu-west-1\n")
    write(".aws/credentials", "[default]\naws_access_key_id=D\naws_secret_access_key=D\n"
                              "[prod]\naws_access_key_id=P\naws_secret_access_key=P\n")  # fmt: skip
    stack = {"aws:profile": "prod"}

    assert problems(stack) == []
    assert _key_id(stack) == "P"
    assert _key_id({"aws:region": "eu-west-1"}) == "D"


def _key_id(stack: dict[str, object]) -> str:
    client = Aws(load(stack)).secrets_manager(None if "aws:profile" in stack else "eu-west-1")._client
    key_id: str = client._request_signer._credentials.access_key  # type: ignore[attr-defined]
    return key_id


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_PROFILE": "other"},
        {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "E"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ci"},
    ],
)
def test_credentials_of_the_environment_win(variables: dict[str, str]) -> None:
    assert load({"aws:profile": "prod"}, variables).aws_profile is None
    assert load({"aws:profile": "prod"}, {}).aws_profile == "prod"


def test_profile_that_does_not_exist_is_a_problem_at_preview(write: Write) -> None:
    (problem,) = problems({"aws:profile": "nowhere"})

    assert "nowhere" in problem
    assert "aws:profile" in problem


@pytest.mark.parametrize("value", [f'["{ACCOUNT}"]', [ACCOUNT], f"[{ACCOUNT}]", [float(ACCOUNT)]])
def test_accounts_are_a_list_or_its_json(value: object) -> None:
    assert load({"aws:allowedAccountIds": value}, {}).aws_allowed_accounts == (ACCOUNT,)


@pytest.mark.parametrize(
    "value", [ACCOUNT, "prod", '["prod"]', "{}", [None], [True], [-1], ["1234"], [1e999], [1.5], [10**400], [[]]]
)
@pytest.mark.parametrize("key", ["aws:allowedAccountIds", "aws:forbiddenAccountIds"])
def test_malformed_accounts_are_a_problem_at_preview(key: str, value: object) -> None:
    (problem,) = problems({"aws:region": "eu-west-1", key: value})

    assert key in problem
    assert "12 digits" in problem


@pytest.mark.parametrize("key", ["aws:allowedAccountIds", "aws:forbiddenAccountIds"])
def test_malformed_accounts_let_no_run_at_aws(key: str) -> None:
    with pytest.raises(SettingsError, match=key):
        Aws(load({key: "prod"})).secrets_manager("eu-west-1")


def _no_pause(_seconds: float, _reason: str) -> None:
    """Wait for nothing."""


@pytest.fixture
def sts(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto say whose the credentials are."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", aws)


def connect(stack: dict[str, object], regions: Iterable[str] = ("eu-west-1",)) -> None:
    """Make clients in some regions, in one run."""
    account = Aws(load(stack))
    for region in regions:
        account.secrets_manager(region)


@pytest.mark.parametrize(
    ("stack", "is_allowed"),
    [
        ({"aws:allowedAccountIds": [ACCOUNT]}, True),
        ({"aws:allowedAccountIds": ["999999999999", ACCOUNT]}, True),
        ({"aws:allowedAccountIds": []}, True),
        ({"aws:allowedAccountIds": ["999999999999"]}, False),
        ({"aws:forbiddenAccountIds": [ACCOUNT]}, False),
        ({"aws:forbiddenAccountIds": ["999999999999"]}, True),
        ({"aws:allowedAccountIds": [ACCOUNT], "aws:forbiddenAccountIds": [ACCOUNT]}, False),
    ],
)
def test_account_of_the_credentials_has_to_be_allowed(sts: None, stack: dict[str, object], is_allowed: object) -> None:
    if is_allowed:
        connect(stack)
    else:
        with pytest.raises(SettingsError, match=rf"account {ACCOUNT}, which aws:(allowed|forbidden)AccountIds"):
            connect(stack)


def test_account_is_looked_up_once_in_all_regions(sts: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "werkzeug"):
        caplog.clear()
        connect({"aws:allowedAccountIds": [ACCOUNT]}, ["eu-west-1", "us-east-1", "eu-west-1"])

    assert len(caplog.records) == 1


def test_account_that_the_credentials_name_costs_no_call(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCOUNT_ID", ACCOUNT)

    with pytest.raises(SettingsError, match=ACCOUNT):
        connect({"aws:forbiddenAccountIds": [ACCOUNT]})
