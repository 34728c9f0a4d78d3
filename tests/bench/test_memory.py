"""Which processes are looked at, and what is kept of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from bench.memory import ENGINE, PLUGIN, PROGRAM, PeakMemory

WASTEFUL = "x = b'x' * 100 * 1024**2; del x; print(flush=True); input()"


def peaks(folder: Path, argument: str) -> dict[str, float]:
    """Return the peaks in a folder where a process with an argument has taken a hundred MiB, and given them back."""
    command = [sys.executable, "-c", WASTEFUL, argument, ""]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with PeakMemory(folder) as memory:
            pass
        process.communicate("\n")
    return memory.mebibytes


@pytest.mark.parametrize(
    ("argument", "role"),
    [
        ("/environment/bin/pulumi-resource-signa", PLUGIN),
        ("pulumi.dynamic", PLUGIN),
        ("/cache/pulumi-language-python-exec", PROGRAM),
        ("/cache/bin/pulumi", ENGINE),
    ],
)
def test_peak_is_kept_by_role(tmp_path: Path, argument: str, role: str) -> None:
    found = peaks(tmp_path, argument)

    assert [*found] == [role]
    assert found[role] > 100


def test_other_processes_do_not_count(tmp_path: Path) -> None:
    assert peaks(tmp_path, "/bin/sh") == {}
