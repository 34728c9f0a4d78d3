"""The example of unit tests, in a folder of its own as at a user's: they pass, and fail on a broken program."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tested-program"


def run(folder: Path, *, old: str = "", new: str = "") -> "subprocess.CompletedProcess[str]":
    """Run the example's unit tests, with something in its program replaced."""
    shutil.copy(EXAMPLE / "test_alerts.py", folder)
    (folder / "alerts.py").write_text((EXAMPLE / "alerts.py").read_text().replace(old, new))
    command = [sys.executable, "-m", "pytest", "--config-file", "/dev/null", "--rootdir", ".", "test_alerts.py"]
    # A user has none of our plugins of pytest, and loading them takes half of the time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_unit_tests_of_a_program_pass(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert "3 passed" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("old", "new", "failing"),
    [
        ('config.require("url")', '"https://example.com/elsewhere"', "test_endpoint_leads_to_the_configured_url"),
        ("secret_string=endpoint.secret", 'secret_string="x"', "test_signing_secret_is_stored_as_it_is"),
    ],
)
def test_unit_tests_of_a_broken_program_fail(tmp_path: Path, old: str, new: str, failing: str) -> None:
    done = run(tmp_path, old=old, new=new)

    assert f"FAILED test_alerts.py::{failing}" in done.stdout, done.stdout
    assert "1 failed, 2 passed" in done.stdout, done.stdout
