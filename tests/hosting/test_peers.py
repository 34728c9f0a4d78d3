"""Rosters of several processes, which are real ones."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pulumi_signa.hosting.peers import Peers

ALERTS, SPARE, FORMER = (f"urn:pulumi:dev::p::t::{name}" for name in ("alerts", "spare", "former"))
ENGINE, OTHER_ENGINE = 40001, 40002
"""Ports. Nobody connects to them: an address is only a name here."""

LONG_S = 60.0
"""Far longer than anything here takes."""


class RosterProcess:
    """A process that has one roster, spoken to from here."""

    def __init__(self, temporary: Path) -> None:
        """Start."""
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("roster_process.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(temporary)},
        )

    def begin(self, method: str, *arguments: Any, **options: Any) -> None:
        """Call, and wait for nothing."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps([method, arguments, options])}\n")
        self.process.stdin.flush()

    def result(self) -> Any:
        """Wait for the answer to the oldest call that has not been answered."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        return json.loads(self.process.stdout.readline() or self.process.stderr.read())

    def __call__(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Call, and wait for the answer."""
        self.begin(method, *arguments, **options)
        return self.result()

    def kill(self) -> None:
        """Kill, as `kill -9` does."""
        self.process.kill()
        self.process.communicate()


Start = Callable[..., RosterProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return what starts a process whose roster joins those of an engine."""
    processes: list[RosterProcess] = []

    def started(engine: int = ENGINE, kind: str = "objects", *, settle_s: float = 0, joins: bool = True) -> Any:
        processes.append(RosterProcess(tmp_path))
        assert processes[-1]("join", engine, kind, settle_s=settle_s) is joins
        return processes[-1]

    yield started
    for each in processes:
        each.kill()


def of_this_user(temporary: Path) -> Path:
    """Return the folder of all rosters."""
    return temporary / f"pulumi-signa-{os.getuid()}"


def files(temporary: Path) -> list[Path]:
    """Return the files of all rosters."""
    return [path for path in of_this_user(temporary).rglob("*") if path.is_file()]


# What another process has


@pytest.mark.parametrize("object_id", ["whk_1", "arn:aws:secretsmanager:eu-west-1:1:secret:a-AbCdEf"])
def test_object_that_another_process_took_over_must_stay(start: Start, object_id: str) -> None:
    one, other = start(), start()

    one("take", object_id, ALERTS)

    assert other("must_stay", object_id)
    assert not other("must_stay", "another")
    assert other("is_known", object_id)


def test_process_hears_what_was_told_before_it_began(start: Start) -> None:
    start()("take", "whk_1", ALERTS)

    assert start()("must_stay", "whk_1")


def test_object_that_another_process_lets_go_need_not_stay(start: Start) -> None:
    one, other = start(), start()
    one("take", "whk_1", ALERTS)
    assert other("must_stay", "whk_1")

    # Nothing declares the resource: a refresh.
    one("compare", "whk_1", ALERTS)

    assert not other("must_stay", "whk_1")
    assert other("is_known", "whk_1")


def test_refresh_or_destroy_in_two_processes_keeps_nothing(start: Start) -> None:
    processes = start(), start()
    for process in processes:
        process("read", "whk_1")
        assert process("compare", "whk_1", ALERTS) is None

    assert [process("is_refresh", "whk_1", ALERTS) for process in processes] == [True, True]
    assert [process("must_stay", "whk_1") for process in processes] == [False, False]


def test_object_that_is_replaced_in_one_process_may_be_deleted_in_another(start: Start) -> None:
    one, other = start(), start()
    one("declare", ALERTS)
    one("compare", "whk_1", ALERTS)
    assert other("must_stay", "whk_1")

    one("compare", "whk_1", ALERTS, is_replaced=True)

    assert not other("must_stay", "whk_1")


def test_resource_is_no_rival_to_itself_in_another_process(start: Start) -> None:
    for process in (start(), start()):
        process("declare", ALERTS)
        assert process("claim", "whk_1", ALERTS) is None
        assert process("compare", "whk_1", ALERTS) is None


# One object, two resources


def test_claim_on_what_another_process_declares_names_that_resource(start: Start) -> None:
    one, other = start(), start()
    one("declare", ALERTS)
    assert one("compare", "whk_1", ALERTS) is None

    assert other("claim", "whk_1", SPARE) == ALERTS


def test_comparison_of_what_another_process_claims_names_that_resource(start: Start) -> None:
    one, other = start(), start()
    assert other("claim", "whk_1", SPARE) is None

    one("declare", ALERTS)

    assert one("compare", "whk_1", ALERTS) == SPARE
    assert one("is_claimed_by", "whk_1", SPARE)


def test_second_claim_of_a_destination_names_the_first_one(start: Start) -> None:
    one, other = (start(kind="destinations") for _ in range(2))
    assert one("claim", "signa/alerts in eu-west-1", ALERTS) is None

    assert other("claim", "signa/alerts in eu-west-1", SPARE) == ALERTS
    assert other("claim", "signa/other in eu-west-1", SPARE) is None


def test_destination_is_no_object(start: Start) -> None:
    start(kind="destinations")("take", "arn", ALERTS)

    assert not start(kind="objects")("must_stay", "arn")


# Who counts


def test_process_that_was_killed_counts_no_more(start: Start, tmp_path: Path) -> None:
    one, other = start(), start()
    other("claim", "whk_1", SPARE)
    assert one("must_stay", "whk_1")

    other.kill()

    assert not one("must_stay", "whk_1")
    assert one("claim", "whk_1", ALERTS) is None
    assert len(files(tmp_path)) == 1


def test_engines_share_nothing(start: Start) -> None:
    start(ENGINE)("take", "whk_1", ALERTS)

    other = start(OTHER_ENGINE)

    assert not other("must_stay", "whk_1")
    assert other("claim", "whk_1", SPARE) is None


def test_next_run_removes_what_a_run_of_another_engine_left(start: Start, tmp_path: Path) -> None:
    left, living = start(), start(OTHER_ENGINE)
    left("take", "whk_1", ALERTS)
    living("take", "whk_1", ALERTS)
    left.kill()

    start(OTHER_ENGINE)

    assert [path.name for path in of_this_user(tmp_path).iterdir()] == [f"127.0.0.1-{OTHER_ENGINE}-objects"]
    assert len(files(tmp_path)) == 2


def test_eight_processes_at_once_know_of_each_other(start: Start) -> None:
    with ThreadPoolExecutor(8) as pool:
        processes = list(pool.map(lambda _: start(), range(8)))
    names = [f"urn:{number}" for number in range(len(processes))]
    every = [[f"whk_{name}_{number}", name] for name in names for number in range(20)]

    for process, name in zip(processes, names, strict=True):
        process.begin("each", *(each for each in every if each[1] == name), of="take")
        process.begin("claim", "whk_of_all", name)
    for process in processes:
        process.result()
    rivals = [process.result() for process in processes]

    assert rivals.count(None) <= 1
    for process in processes:
        assert all(process("each", *([id_] for id_, _ in every), of="must_stay"))
        assert process("is_known", "whk_of_all")


# Settling


def test_object_that_another_process_compares_while_the_run_settles_is_not_free(start: Start) -> None:
    one, other = start(settle_s=LONG_S), start()

    one.begin("is_free_after_settling", "whk_1")
    assert one.result() == "waits"
    other("see", "whk_2")
    other("compare", "whk_1", ALERTS)

    assert one.result() is False


def test_object_that_no_process_has_is_free_in_the_end(start: Start) -> None:
    one, other = start(), start()
    other("see", "whk_2")

    assert one("is_free_after_settling", "whk_1")
    assert not one("is_free_after_settling", "whk_2")


# Files


def test_line_that_is_being_written_is_read_once_it_is_whole(start: Start, tmp_path: Path) -> None:
    one, other = start(), start()
    one("see", "whk_0")
    (file,) = [path for path in files(tmp_path) if path.stat().st_size]

    with file.open("ab") as torn:
        torn.write(b'["own", "whk_1"')
        torn.flush()
        assert not other("must_stay", "whk_1")
        torn.write(f', "{ALERTS}"]\n'.encode())

    assert other("must_stay", "whk_1")


@pytest.mark.parametrize(
    "line", [b'["own", "whk_9"["see", "whk_8", null]', b'["own"]', b'["new", "whk_8", "a", "b"]', b""]
)
def test_line_that_says_nothing_counts_for_nothing(start: Start, tmp_path: Path, line: bytes) -> None:
    one, other = start(), start()
    one("see", "whk_0")
    (file,) = [path for path in files(tmp_path) if path.stat().st_size]

    with file.open("ab") as damaged:
        damaged.write(line + b'\n["own", "whk_1", "urn"]\n')

    assert other("must_stay", "whk_1")
    assert not other("must_stay", "whk_9")


def test_files_are_for_this_user_alone(start: Start, tmp_path: Path) -> None:
    start()("claim", "whk_1", ALERTS)

    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file.parent.parent)] == [0o700, 0o700]
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        ["claim", "whk_1", ALERTS],
        ["own", "whk_1", ALERTS],
    ]


def a_link(folder: Path) -> None:
    """Put a link to a folder of ours there."""
    elsewhere = folder.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)


def a_file(folder: Path) -> None:
    """Put a file there."""
    folder.touch(mode=0o700)


def open_to_others(folder: Path) -> None:
    """Let others look into the folder."""
    folder.mkdir()
    folder.chmod(0o755)


@pytest.mark.parametrize("place", [a_link, a_file, open_to_others])
def test_roster_is_alone_where_the_folder_is_not_ours(
    start: Start, tmp_path: Path, place: Callable[[Path], None]
) -> None:
    place(of_this_user(tmp_path))
    one, other = start(joins=False), start(joins=False)

    one("take", "whk_1", ALERTS)

    assert one("must_stay", "whk_1")
    assert not other("must_stay", "whk_1")
    assert files(tmp_path) == []


def test_roster_is_alone_where_the_folder_is_somebody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    somebody = os.getuid() + 1
    monkeypatch.setattr("os.getuid", lambda: somebody)

    assert Peers(("127.0.0.1", ENGINE)).channel("objects") is None
    assert [path.name for path in tmp_path.rglob("*")] == [f"pulumi-signa-{somebody}"]


def test_without_an_engine_no_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert Peers(None).channel("objects") is None
    assert list(tmp_path.iterdir()) == []
