"""One set-up at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tools.lock import exclusive

from tools import lock


def test_second_set_up_says_that_it_waits_and_then_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It neither fails nor works beside the first one."""
    said = []
    waiting = threading.Event()
    monkeypatch.setattr(lock, "say", lambda line: (said.append(line), waiting.set()))
    monkeypatch.setattr(lock, "POLL_S", 0.01)
    order = []

    def second() -> None:
        with exclusive(tmp_path):
            order.append("second")

    thread = threading.Thread(target=second)
    with exclusive(tmp_path):
        thread.start()
        assert waiting.wait(timeout=30)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]
    assert said == [f"another set-up works on {tmp_path}; waiting for it"]


def test_lock_leaves_no_file_and_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`git status` stays clean, and a free lock is silent; it can be had again after a failure."""
    with pytest.raises(ZeroDivisionError), exclusive(tmp_path):
        raise ZeroDivisionError
    with exclusive(tmp_path):
        pass

    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""
