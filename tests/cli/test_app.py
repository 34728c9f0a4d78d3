"""What all commands have in common: options, exit codes, and errors in one line."""

import re
import subprocess
import sys
from importlib.metadata import version

import pytest

from cli.harness import Run, Signa
from pulumi_signa.cli import listing
from pulumi_signa.cli.app import app
from pulumi_signa.cli.errors import LOGGER
from pulumi_signa.cli.exit_codes import MEANINGS, ExitCode

COMMANDS = [str(command.name) for command in app.registered_commands]


@pytest.mark.parametrize(
    ("environment", "code", "words"),
    [
        ({"SIGNA_API_KEY": "sig_wrong"}, ExitCode.REFUSED, "401"),
        ({"SIGNA_API_KEY": "nonsense"}, ExitCode.USAGE, "the Signa API key from SIGNA_API_KEY is malformed"),
        ({"SIGNA_API_KEY": ""}, ExitCode.USAGE, "no Signa API key"),
        ({"SIGNA_BASE_URL": "http://example.com"}, ExitCode.USAGE, "must be https"),
        ({"SIGNA_BASE_URL": "http://127.0.0.1:1/v1", "SIGNA_MAX_WAIT_S": "0"}, ExitCode.REFUSED, "cannot reach"),
    ],
)
def test_error_is_one_line_on_stderr_with_an_exit_code(
    run: Run, environment: dict[str, str], code: ExitCode, words: str
) -> None:
    result = run("list", **environment)

    assert result.exit_code == code
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("pulumi-signa: ")
    assert words in line


def test_refusal_names_the_scope_and_no_key(run: Run, signa: Signa) -> None:
    signa.organization.faults.add(kind="status", operation="list", status=403)

    result = run("list")

    assert result.exit_code == ExitCode.REFUSED
    assert "portfolios:manage" in result.stderr


def test_defect_names_its_place_and_no_value(run: Run, signa: Signa, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("whsec_secret")

    monkeypatch.setattr(listing, "listing_of", fail)

    result = run("list")

    assert result.exit_code == ExitCode.DEFECT
    assert re.fullmatch(
        r"pulumi-signa: unexpected ValueError at test_app\.py:\d+; please report it .*\n", result.stderr
    )


def test_ctrl_c_ends_without_a_word(run: Run, signa: Signa, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "listing_of", interrupt)

    result = run("list")

    assert (result.exit_code, result.output) == (ExitCode.INTERRUPTED, "")


def test_log_that_a_message_asks_for_has_the_calls(run: Run, signa: Signa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOGGER, "handlers", [])
    monkeypatch.setattr(LOGGER, "level", LOGGER.level)

    result = run("list", SIGNA_LOG_LEVEL="DEBUG")

    assert "pulumi_signa DEBUG GET /webhooks: 200" in result.stderr
    assert "DEBUG" not in result.stdout


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_the_exit_codes_and_no_option_for_a_key(run: Run, command: str) -> None:
    shown = run(*command.split(), "--help").stdout

    for code, meaning in MEANINGS.items():
        assert f"  {code.value:<5}{meaning}\n" in shown
    assert not re.search("--[a-z-]*key", shown)
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("arguments", [["nothing"], ["list", "--nothing"], ["orphans", "--older-than", "soon"]])
def test_wrong_usage_has_a_code_of_its_own(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)

    assert result.exit_code == ExitCode.USAGE
    assert result.stdout == ""


def test_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").stdout == f"{version('pulumi-signa')}\n"


def test_help_loads_no_library_of_a_server() -> None:
    script = (
        "import sys; from pulumi_signa.cli.app import app; app(['--help'], standalone_mode=False);"
        "print(*{'requests', 'boto3', 'botocore', 'msgspec', 'pulumi', 'grpc'} & sys.modules.keys())"
    )

    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert printed.splitlines()[-1] == ""


def test_module_is_the_command() -> None:
    printed = subprocess.check_output([sys.executable, "-m", "pulumi_signa", "--version"], text=True)

    assert printed == f"{version('pulumi-signa')}\n"


@pytest.mark.parametrize("key", ["sig_" + "0a" * 24, "whsec_" + "Ab+/" * 8])
@pytest.mark.parametrize("command", [["orphans"], ["verify"], ["adopt", "--export"], ["list", "--stack"]])
def test_key_in_the_place_of_a_name_is_not_shown(run: Run, command: list[str], key: str) -> None:
    result = run(*command, key)

    assert result.exit_code == ExitCode.USAGE
    assert key not in result.output
    assert result.output.count("\n") == 1
