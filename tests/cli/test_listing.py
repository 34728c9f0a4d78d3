"""`pulumi-signa list`."""

import errno
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from rich.text import Text

from cli.harness import NOW, Run, Signa, assert_shows
from pulumi_signa.cli import screen
from pulumi_signa.cli.exit_codes import ExitCode
from signa_emulator.clock import to_iso


def fill(signa: Signa) -> list[str]:
    """Make an endpoint of each kind, and return the ids."""
    ago = {"minutes": NOW - timedelta(minutes=5), "days": NOW - timedelta(days=3)}
    made = [
        signa.make("https://example.com/b", last_success_at=ago["minutes"]),
        signa.make("https://example.com/a"),
        signa.make(
            "https://hooks.example.com/signa/trademark-alerts/production/eu-central-1",
            description="Trademark alerts of Acme, for Legal Operations; ask #legal-ops before any change, please",
            status="disabled",
            consecutive_failures=50,
            last_failure_at=ago["days"],
            secret_version=3,
        ),
        signa.make(
            "https://example.com/c",
            description="Überwachung [red]商標[/red]\x1b[31m\u202e\n:smile:",
            enabled_events=["alert.created", "alert.updated"],
            consecutive_failures=2,
            last_success_at=ago["days"],
            last_failure_at=ago["minutes"],
        ),
    ]
    return [endpoint.id for endpoint in made]


def test_terminal_shows_the_worst_first_in_80_columns(run: Run, signa: Signa) -> None:
    ids = fill(signa)

    result = run("list", on_terminal=True)

    assert result.exit_code == 0
    assert result.stderr == ""
    assert_shows(result.stdout, "list", ids)


def test_pipe_gets_a_line_an_endpoint(run: Run, signa: Signa) -> None:
    ids = fill(signa)

    result = run("list")

    assert result.stderr == ""
    assert_shows(result.stdout, "list_piped", ids)


def test_json_is_one_object_with_the_same_endpoints(run: Run, signa: Signa) -> None:
    ids = fill(signa)

    found = json.loads(run("list", "--json").stdout)

    assert found.keys() == {"account", "endpoints"}
    assert [endpoint["id"] for endpoint in found["endpoints"]] == [ids[2], ids[3], ids[1], ids[0]]
    assert found["endpoints"][1] == {
        "id": ids[3],
        "url": "https://example.com/c",
        "health": "failing",
        "status": "active",
        "enabled_events": ["alert.created", "alert.updated"],
        "secret_version": 1,
        "consecutive_failures": 2,
        "last_success_at": to_iso(NOW - timedelta(days=3)),
        "last_failure_at": to_iso(NOW - timedelta(minutes=5)),
        "created_at": to_iso(NOW),
        "updated_at": to_iso(NOW),
        "description": "Überwachung [red]商標[/red]\x1b[31m\u202e\n:smile:",
        "metadata": {},
    }


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_no_line_is_wider_than_the_terminal(run: Run, signa: Signa, columns: int) -> None:
    fill(signa)

    shown = run("list", on_terminal=True, TERM="xterm", COLUMNS=str(columns)).stdout
    lines = Text.from_ansi(shown).plain.splitlines()

    assert max(map(cell_len, lines)) <= columns
    assert len(lines) <= 13, "no line was broken"


@pytest.mark.parametrize(
    ("status", "failures", "options", "code"),
    [
        ("active", 0, ["--fail-on", "disabled", "--fail-on", "failing"], 0),
        ("active", 1, ["--fail-on", "disabled"], 0),
        ("active", 1, ["--fail-on", "failing"], 1),
        ("disabled", 1, ["--fail-on", "failing"], 0),
        ("disabled", 0, ["--fail-on", "failing", "--fail-on", "disabled"], 1),
        ("disabled", 9, [], 0),
    ],
)
def test_exit_code_tells_of_what_was_asked_for(
    run: Run, signa: Signa, *, status: str, failures: int, options: list[str], code: int
) -> None:
    signa.make()
    signa.make(status=status, consecutive_failures=failures)

    assert run("list", *options).exit_code == code


def test_thousand_endpoints_take_ten_calls(run: Run, signa: Signa) -> None:
    signa.organization.change_settings(rate_limit=None)
    for _ in range(1_000):
        signa.make()

    lines = run("list").stdout.splitlines()

    assert len({line.split("\t")[0] for line in lines}) == 1_000
    assert signa.calls() == ["GET /v1/webhooks"] * 10


def test_empty_organization_is_told_as_such(run: Run, signa: Signa) -> None:
    assert run("list", on_terminal=True).stdout == "There is no endpoint in the organization.\n"
    assert run("list").stdout == ""
    assert json.loads(run("list", "--json").stdout) == {"account": None, "endpoints": []}


def test_wait_for_the_rate_limit_shows_on_a_terminal_alone(run: Run, signa: Signa) -> None:
    signa.organization.change_settings(rate_limit=1, rate_window_s=2)
    for _ in range(101):
        signa.make()

    shown = run("list", on_terminal=True, TERM="xterm")
    piped = run("list")

    assert "waiting for Signa's rate limit of 1 calls per 2 s" in shown.stderr
    assert (piped.stderr, len(piped.stdout.splitlines())) == ("", 101)


def test_output_that_cannot_be_written_is_told(run: Run, signa: Signa, monkeypatch: pytest.MonkeyPatch) -> None:
    """As into a file on a disk that is full."""

    def full(_text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    signa.make()
    monkeypatch.setattr(screen, "typer", SimpleNamespace(echo=full))

    result = run("list")

    assert result.exit_code == ExitCode.USAGE
    assert result.stderr == "pulumi-signa: cannot write to stdout: No space left on device\n"


def test_json_escapes_what_would_steer_a_terminal(run: Run, signa: Signa) -> None:
    description = "\x1b[31m \x9b31m \u202e Zoë \U0001f389"
    signa.make(description=description)

    result = run("list", "--json")

    assert json.loads(result.stdout)["endpoints"][0]["description"] == description
    assert "Zoë \U0001f389" in result.stdout
    assert not {"\x1b", "\x9b", "\u202e"} & {*result.stdout}
