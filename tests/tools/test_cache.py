"""Folders that are made once, however many want them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tools.cache import entry, fill


def test_folder_that_is_there_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "entry").mkdir()

    def make(into: Path, lock: int) -> None:
        raise AssertionError

    assert entry(tmp_path / "entry", make) == tmp_path / "entry"


def test_two_who_want_a_folder_make_it_once(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "entry"
    made: list[int] = []
    both = threading.Barrier(2)

    def make(into: Path, lock: int) -> None:
        made.append(lock)
        (into / "content").touch()

    def want() -> None:
        both.wait()
        entry(folder, make)

    threads = [threading.Thread(target=want) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert [path.name for path in folder.iterdir()] == ["content"]


def test_folder_that_could_not_be_made_is_not_there(tmp_path: Path) -> None:
    def make(into: Path, lock: int) -> None:
        (into / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        entry(tmp_path / "cache" / "entry", make)

    assert list((tmp_path / "cache").iterdir()) == []


def test_folder_that_is_made_anew_keeps_nothing_of_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "entry").mkdir()
    (tmp_path / "entry" / "old").touch()

    fill(tmp_path / "entry", lambda into: (into / "new").touch())

    assert [path.name for path in (tmp_path / "entry").iterdir()] == ["new"]
