"""Pulumi's installer, run with a limit that it does not have itself."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.official_cli import fetch
from tools.progress import StepError


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """Make the empty folder that is to be filled."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Return what puts another installer in place of the SDK's."""

    def replace(body: str) -> None:
        package = tmp_path / "fakes" / "pulumi"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "automation.py").write_text(
            f"import subprocess, tempfile\nclass PulumiCommand:\n  def install(root, version):\n    {body}\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(package.parent))

    return replace


def test_everything_the_installer_writes_lies_in_the_folder(
    into: Path, installer: Callable[[str], None], lock: int
) -> None:
    installer("print(version, file=open(tempfile.mkstemp(dir=None)[1], 'w')); open(root + '/bin', 'w')")

    fetch("3.274.1", into, lock)

    (download,) = (into / "downloads").iterdir()
    assert download.read_text() == "3.274.1\n"
    assert (into / "bin").exists()


@pytest.mark.parametrize(
    "body",
    [
        "raise OSError('no route')",
        "raise SystemError('no route')",
        "subprocess.check_output(['sh', '-c', 'echo no route; exit 1'])",
    ],
)
def test_failed_installation_gives_its_reason(
    into: Path, installer: Callable[[str], None], lock: int, body: str
) -> None:
    installer(body)

    with pytest.raises(StepError, match=r"^downloading the Pulumi CLI: no route$"):
        fetch("3.274.1", into, lock)


def test_unreachable_download_is_a_failed_step(monkeypatch: pytest.MonkeyPatch, into: Path, lock: int) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    with pytest.raises(StepError, match=r"^downloading the Pulumi CLI: .*refused"):
        fetch("3.274.1", into, lock)


def test_download_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, into: Path, lock: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{silent.getsockname()[1]}")

        with pytest.raises(StepError, match="nothing arrived"):
            fetch("3.274.1", into, lock, patience_s=1)
