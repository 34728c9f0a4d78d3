"""Where the settings of a command come from."""

import shutil
from pathlib import Path

import pytest

from cli.harness import FakePulumi, Run, Signa
from fake_transport import API_KEY
from pulumi_signa.cli import pulumi_cli
from pulumi_signa.cli.configuration import account_names
from pulumi_signa.cli.exit_codes import ExitCode

CONFIG = "config --show-secrets --json"
KEY = {"signa:apiKey": {"value": API_KEY, "secret": True}}
ACCOUNTS = {
    "signa:accounts": {
        "value": f'{{"eu":{{"apiKey":"{API_KEY}"}}, "us":{{"apiKey":"sig_us"}}}}',
        "objectValue": {},
        "secret": True,
    }
}
NO_STACK = "error: no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one"


def test_selected_stack_has_what_the_environment_lacks(run: Run, signa: Signa, pulumi: FakePulumi) -> None:
    signa.make()
    pulumi.answer(CONFIG, KEY)

    result = run("list", SIGNA_API_KEY=None)

    assert result.exit_code == 0, result.output
    assert pulumi.asked() == [CONFIG]


def test_environment_wins(run: Run, signa: Signa, pulumi: FakePulumi) -> None:
    pulumi.answer(CONFIG, {"signa:apiKey": {"value": "sig_other", "secret": True}})

    assert run("list").exit_code == 0


def test_base_url_of_the_stack_counts_beside_a_key_of_the_environment(run: Run, pulumi: FakePulumi) -> None:
    pulumi.answer(CONFIG, {"signa:baseUrl": {"value": "http://127.0.0.1:1/v1", "secret": False}})

    result = run("list", SIGNA_BASE_URL=None, SIGNA_MAX_WAIT_S="0")

    assert "127.0.0.1:1" in result.stderr


def test_named_stack_is_asked_for(run: Run, signa: Signa, pulumi: FakePulumi) -> None:
    pulumi.answer(f"{CONFIG} --stack prod", KEY)

    assert run("list", "--stack", "prod", SIGNA_API_KEY=None).exit_code == 0
    assert pulumi.asked() == [f"{CONFIG} --stack prod"]


def test_named_stack_that_cannot_be_read_is_an_error_whatever_the_environment_has(run: Run, pulumi: FakePulumi) -> None:
    result = run("list", "--stack", "nowhere")

    assert result.exit_code == ExitCode.USAGE
    assert result.stderr == (f"pulumi-signa: `pulumi {CONFIG} --stack nowhere` failed: no stack named so found\n")


def test_organization_of_the_stack_is_reached_by_its_name(run: Run, signa: Signa, pulumi: FakePulumi) -> None:
    pulumi.answer(CONFIG, ACCOUNTS)

    assert run("list", "--account", "eu", SIGNA_API_KEY="sig_other").exit_code == 0


def test_key_given_for_a_name_is_refused_and_not_shown(run: Run) -> None:
    result = run("list", "--account", API_KEY)

    assert result.exit_code == ExitCode.USAGE
    assert "never an API key" in result.stderr


def test_project_without_a_selected_stack_has_the_environment_alone(run: Run, signa: Signa, pulumi: FakePulumi) -> None:
    pulumi.answer(CONFIG, NO_STACK)

    with_key, without_key = run("list"), run("list", SIGNA_API_KEY=None)

    assert (with_key.exit_code, with_key.stderr) == (0, "")
    assert without_key.exit_code == ExitCode.USAGE
    assert "no Signa API key" in without_key.stderr


def test_unreadable_selected_stack_is_warned_of_where_the_environment_has_a_key(
    run: Run, signa: Signa, pulumi: FakePulumi
) -> None:
    pulumi.answer(CONFIG, "error: incorrect passphrase")

    with_key, without_key = run("list"), run("list", SIGNA_API_KEY=None)

    assert with_key.exit_code == 0
    assert "incorrect passphrase" in with_key.stderr
    assert without_key.exit_code == ExitCode.USAGE
    assert "no Signa API key" in without_key.stderr
    assert "incorrect passphrase" in without_key.stderr


def test_outside_of_a_project_no_pulumi_is_run(run: Run, signa: Signa, pulumi: FakePulumi, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").unlink()

    assert run("list").exit_code == 0
    assert pulumi.asked() == []


def test_folder_is_that_of_the_project(run: Run, signa: Signa, pulumi: FakePulumi, tmp_path: Path) -> None:
    inside = tmp_path / "infra" / "signa"
    inside.mkdir(parents=True)
    shutil.move(tmp_path / "Pulumi.yaml", tmp_path / "infra")
    pulumi.answer(CONFIG, KEY)

    assert run("list", "--cwd", str(inside), SIGNA_API_KEY=None).exit_code == 0
    assert run("list", "-C", str(tmp_path / "nowhere")).exit_code == ExitCode.USAGE


def test_missing_pulumi_is_named_where_a_stack_is(run: Run, signa: Signa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert "no `pulumi` on the PATH" in run("list", "--stack", "dev").stderr
    assert run("list").exit_code == 0


def test_stack_whose_back_end_does_not_answer_is_not_waited_for_for_ever(
    run: Run, signa: Signa, pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi_cli, "_LONGEST_S", 0.2)
    (pulumi.folder / "pulumi").write_text("#!/bin/sh\nexec sleep 60\n")

    result = run("list", "--stack", "dev")

    assert result.exit_code == ExitCode.USAGE
    assert "see that the stack's back end can be reached" in result.stderr


def test_names_of_organizations_are_completed(run: Run, pulumi: FakePulumi) -> None:
    pulumi.answer(CONFIG, ACCOUNTS)
    assert account_names("") == ["eu", "us"]
    assert account_names("u") == ["us"]

    pulumi.answer(CONFIG, "error: incorrect passphrase")
    assert account_names("") == []


@pytest.mark.parametrize("command", ["orphans", "list"])
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\necho '{\"truncated\": '\n", "printed something else"),
        ("#!/bin/sh\nprintf '\\377'\n", "printed something else"),
        ("#!/bin/sh\necho '[1]'\n", "printed something else"),
        ("#!/bin/sh\n", "printed something else"),
        ("#!/no/such/interpreter\n", "does not run"),
    ],
)
def test_program_that_is_not_pulumi_is_told_in_one_line(  # noqa: PLR0917 - a case and its fixtures
    run: Run, pulumi: FakePulumi, signa: Signa, command: str, script: str, said: str
) -> None:
    (pulumi.folder / "pulumi").write_text(script)

    result = run(command, "--stack", "dev")

    assert result.exit_code == ExitCode.USAGE
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
