"""The wheel, as somebody else installs it."""

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(build_wheel: Callable[[Path], Path]) -> Path:
    """Build the wheel of this repository."""
    return build_wheel(REPOSITORY)


def test_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"pulumi_signa", "signa_emulator"}
    assert {"pulumi_signa/py.typed", "pulumi_signa/schema.json", "signa_emulator/py.typed"} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_wheel_installs_into_an_empty_environment(
    wheel: Path, install: Callable[[Path, Path], Path], tmp_path: Path
) -> None:
    python = install(wheel, tmp_path / "venv")

    imported = subprocess.run(
        [
            python,
            "-c",
            "from pulumi_signa import SecretsManagerSecret, WebhookEndpoint; print(WebhookEndpoint.__name__)",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    emulator = subprocess.run(
        [python, "-m", "signa_emulator", "--port", "0", "--api-key", "sig_x"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert imported.stdout == "WebhookEndpoint\n", imported.stderr
    assert emulator.returncode != 0
    assert "pulumi-signa[emulator]" in emulator.stderr
    assert "Traceback" not in emulator.stderr
