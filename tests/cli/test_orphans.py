"""`pulumi-signa orphans`."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cli.harness import NOW, FakePulumi, Run, Signa, assert_shows, export_of, native_export, resource
from fake_transport import API_KEY
from pulumi_signa.cli.exit_codes import ExitCode

OLD = NOW - timedelta(days=2)


@pytest.fixture
def ids(signa: Signa) -> list[str]:
    """Return the ids of one known endpoint, of two old orphans and of a young one."""
    made = [
        signa.make("https://example.com/known", created_at=OLD),
        signa.make("https://example.com/lost", created_at=OLD, description="Left by a run that died"),
        signa.make("https://example.com/off", created_at=OLD, status="disabled"),
        signa.make("https://example.com/young", created_at=NOW - timedelta(minutes=59)),
    ]
    return [endpoint.id for endpoint in made]


@pytest.fixture
def export(ids: list[str], tmp_path: Path) -> str:
    """Return the file of a stack that has the first endpoint."""
    file = tmp_path / "dev.json"
    file.write_text(json.dumps(export_of(ids[0])))
    return str(file)


def test_terminal_shows_the_orphans(run: Run, ids: list[str], export: str) -> None:
    result = run("orphans", export, on_terminal=True)

    assert result.exit_code == ExitCode.ATTENTION
    assert result.stderr == ""
    assert_shows(result.stdout, "orphans", ids)


def test_pipe_gets_a_line_an_orphan(run: Run, ids: list[str], export: str) -> None:
    assert_shows(run("orphans", export).stdout, "orphans_piped", ids)


def test_json_says_what_was_compared(run: Run, ids: list[str], export: str) -> None:
    found = json.loads(run("orphans", export, "--json").stdout)

    assert {**found, "orphans": [orphan["id"] for orphan in found["orphans"]]} == {
        "account": None,
        "stacks": [export],
        "endpoints": 4,
        "pending_creates": 0,
        "orphans": ids[1:],
    }
    assert found["orphans"][0] == {
        "id": ids[1],
        "url": "https://example.com/lost",
        "status": "active",
        "created_at": "2026-05-06T12:00:00.000Z",
        "description": "Left by a run that died",
        "is_young": False,
        "is_deleted": False,
    }


def test_stacks_files_and_stdin_count_together(run: Run, ids: list[str], export: str, pulumi: FakePulumi) -> None:
    pulumi.answer("stack export --stack prod", export_of(ids[1]))
    pulumi.answer("config --show-secrets --json --stack prod", {"signa:apiKey": {"value": API_KEY, "secret": True}})

    result = run("orphans", export, "-", "--stack", "prod", stdin=json.dumps(export_of(*ids[2:])), SIGNA_API_KEY=None)

    assert (result.exit_code, result.output) == (0, "")


def test_stack_of_the_native_host_knows_its_endpoints(run: Run, ids: list[str], tmp_path: Path) -> None:
    (tmp_path / "native.json").write_text(json.dumps(native_export(alerts=ids[0], stored=ids[1])))

    found = json.loads(run("orphans", "native.json", "--json").stdout)

    assert [orphan["id"] for orphan in found["orphans"]] == ids[2:]


def test_stack_without_its_passphrase_is_compared_by_a_key_of_the_environment(
    run: Run, ids: list[str], pulumi: FakePulumi
) -> None:
    pulumi.answer("stack export --stack prod", export_of(*ids))
    pulumi.answer("config --show-secrets --json --stack prod", "error: incorrect passphrase")

    result = run("orphans", "--stack", "prod")

    assert result.exit_code == 0
    assert "incorrect passphrase" in result.stderr


def test_no_orphan_is_told_as_such(run: Run, signa: Signa, ids: list[str], tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text(json.dumps(export_of(*ids, "whk_gone")))

    result = run("orphans", "all.json", on_terminal=True)

    assert (result.exit_code, result.stdout) == (0, "No orphans: the stacks know all 4 endpoints.\n")


def test_stacks_without_endpoints_are_refused(run: Run, signa: Signa, ids: list[str], tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps(export_of()))

    result = run("orphans", "other.json", "--delete", "--yes")

    assert result.exit_code == ExitCode.USAGE
    assert "are these the right stacks?" in result.stderr
    assert signa.ids() == ids


def test_stacks_of_another_organization_are_refused(run: Run, signa: Signa, ids: list[str], tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps(export_of("whk_elsewhere")))

    result = run("orphans", "other.json", "--delete", "--yes", "--older-than", "0")

    assert result.exit_code == ExitCode.USAGE
    assert "whose API key this is" in result.stderr
    assert signa.ids() == ids


def test_one_stack_of_another_organization_is_warned_of(run: Run, ids: list[str], export: str, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps(export_of("whk_elsewhere")))

    result = run("orphans", export, "other.json")

    assert result.stderr == "pulumi-signa: no endpoint of other.json is in this organization\n"


def test_creates_that_were_begun_are_warned_of(run: Run, ids: list[str], tmp_path: Path) -> None:
    begun = [{"type": "creating", "resource": resource(None)}]
    (tmp_path / "begun.json").write_text(json.dumps(export_of(ids[0], pending_operations=begun)))

    result = run("orphans", "begun.json", "--json")

    assert "begun.json has begun 1 create" in result.stderr
    assert json.loads(result.stdout)["pending_creates"] == 1


def test_nothing_to_compare_with_is_wrong_usage(run: Run) -> None:
    assert run("orphans").exit_code == ExitCode.USAGE


def test_delete_refuses_where_nobody_can_be_asked(run: Run, signa: Signa, ids: list[str], export: str) -> None:
    result = run("orphans", export, "--delete", stdin="y\n")

    assert (result.exit_code, result.stdout) == (ExitCode.USAGE, "")
    assert "add --yes" in result.stderr
    assert signa.ids() == ids


@pytest.mark.usefixtures("interactive")
@pytest.mark.parametrize(
    ("answer", "left", "code"), [("y\n", [0, 3], ExitCode.ATTENTION), ("\n", [0, 1, 2, 3], ExitCode.ATTENTION)]
)
def test_delete_asks_and_spares_the_young(
    run: Run, signa: Signa, *, ids: list[str], export: str, answer: str, left: list[int], code: ExitCode
) -> None:
    result = run("orphans", export, "--delete", on_terminal=True, stdin=answer)

    assert result.exit_code == code
    assert "Delete 2 endpoints? [y/N]" in result.stderr
    assert signa.ids() == [ids[number] for number in left]


def test_terminal_shows_what_was_deleted(run: Run, ids: list[str], export: str) -> None:
    result = run("orphans", export, "--delete", "--yes", on_terminal=True)

    assert_shows(result.stdout, "orphans_deleted", ids)


def test_delete_without_a_question_tells_what_was_deleted(run: Run, signa: Signa, ids: list[str], export: str) -> None:
    result = run("orphans", export, "--delete", "--yes", "--older-than", "0", "--json")

    assert result.exit_code == 0
    assert [orphan["is_deleted"] for orphan in json.loads(result.stdout)["orphans"]] == [True] * 3
    assert signa.ids() == ids[:1]
    assert run("orphans", export).exit_code == 0


def test_young_ones_that_are_left_are_told_where_nobody_sees_the_table(
    run: Run, signa: Signa, *, ids: list[str], export: str
) -> None:
    result = run("orphans", export, "--delete", "--yes", "--older-than", "9999d")

    assert result.exit_code == ExitCode.ATTENTION
    assert result.stderr == ("pulumi-signa: deleted 0 of 3 orphans: 3 are younger than 9999 d, see --older-than\n")
    assert signa.ids() == ids


def test_endpoint_that_is_gone_already_counts_as_deleted(run: Run, signa: Signa, ids: list[str], export: str) -> None:
    signa.organization.faults.add(kind="status", operation="delete", status=404)

    result = run("orphans", export, "--delete", "--yes", "--older-than", "0", "--json")

    assert result.exit_code == 0


def test_deletion_that_ends_in_the_middle_tells_what_was_deleted(
    run: Run, signa: Signa, ids: list[str], export: str
) -> None:
    signa.organization.faults.add(kind="status", operation="delete", status=403, skip=1)

    result = run("orphans", export, "--delete", "--yes", "--older-than", "0", "--json")

    assert result.exit_code == ExitCode.REFUSED
    assert [orphan["is_deleted"] for orphan in json.loads(result.stdout)["orphans"]] == [True, False, False]
    assert "portfolios:manage" in result.stderr


def test_export_may_have_a_name_that_is_no_utf8(run: Run, ids: list[str], tmp_path: Path) -> None:
    file = tmp_path / "caf\udce9.json"
    file.write_text(json.dumps(export_of(*ids)))

    assert run("orphans", str(file), "--json").exit_code == ExitCode.OK
