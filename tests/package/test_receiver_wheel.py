"""The wheel of `signa-receiver`, in an environment that has nothing else."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

HEAVY = {"boto3", "botocore", "flask", "grpc", "pulumi", "pulumi_signa", "requests", "signa_emulator", "starlette"}

PROGRAM = """
import json, sys
from datetime import datetime, timezone
import signa_receiver
from signa_receiver import FixedSecrets, Receiver, SecretsManagerSecrets
from standardwebhooks import Webhook

secret, now = "whsec_" + "A" * 43 + "=", datetime.now(timezone.utc)
headers = {
    "webhook-id": "alt_1",
    "webhook-timestamp": str(int(now.timestamp())),
    "webhook-signature": Webhook(secret).sign("alt_1", now, '{"type": "alert.created"}'),
}
event = Receiver(FixedSecrets(secret)).verify(b'{"type": "alert.created"}', headers)
loaded = sorted({name.split(".")[0] for name in sys.modules})
try:
    SecretsManagerSecrets("signa/alerts")
except ImportError as error:
    said = str(error)
print(json.dumps({"type": event.type, "loaded": loaded, "said": said}))
"""


@pytest.fixture(scope="module")
def wheel(build_wheel: Callable[[Path], Path]) -> Path:
    """Build the wheel of the receiver."""
    return build_wheel(REPOSITORY / "receiver")


@pytest.fixture(scope="module")
def python(wheel: Path, install: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment with the wheel and what the wheel requires."""
    return install(wheel, tmp_path_factory.mktemp("bare"))


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    (metadata,) = (name for name in names if name.endswith("METADATA"))
    requires = [line for line in archive.read(metadata).decode().splitlines() if line.startswith("Requires-Dist:")]

    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"signa_receiver"}
    assert "signa_receiver/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert [line.partition(": ")[2] for line in requires if "extra ==" not in line] == ["standardwebhooks>=1.1"]


def test_receiver_verifies_in_a_bare_environment_and_loads_nothing_heavy(python: Path, tmp_path: Path) -> None:
    done = subprocess.run([python, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)

    assert shown["type"] == "alert.created"
    assert HEAVY.isdisjoint(shown["loaded"])
    assert "signa-receiver[aws]" in shown["said"]


def test_environment_has_neither_pulumi_nor_grpc_nor_requests(python: Path) -> None:
    command = [sys.executable, "-m", "pip", "--python", python, "list", "--format=json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    installed = {package["name"].lower() for package in json.loads(listed.stdout)}

    assert "signa-receiver" in installed
    assert installed.isdisjoint({"boto3", "grpcio", "pulumi", "pulumi-signa", "requests"})


def test_receiver_with_a_client_of_the_caller_s_own_loads_no_boto3() -> None:
    """In this environment, which has boto3."""
    program = (
        "import sys\n"
        "from signa_receiver import Receiver, SecretsManagerSecrets\n"
        "Receiver(SecretsManagerSecrets('signa/alerts', client=object()))\n"
        "print(sorted(name for name in sys.modules if name in ('boto3', 'botocore', 'requests', 'grpc', 'pulumi')))"
    )

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert shown.stdout == "[]\n", shown.stderr
