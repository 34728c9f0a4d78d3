"""Pulumi's binder and its generators of SDKs, at work on a schema."""

import json
import py_compile
from pathlib import Path

import pytest

from languages import sdks

pytestmark = [
    pytest.mark.skipif(bool(sdks.missing("go")), reason="this machine has no go"),
    # Where nobody ran `make test` before, the generators are built first.
    pytest.mark.timeout(900),
]

SCHEMA = Path(__file__).resolve().parents[2] / "provider/pulumi_signa/schema.json"


def test_binder_finds_nothing_wrong_with_the_schema_of_the_package(tmp_path: Path) -> None:
    assert sdks.bind(SCHEMA, tmp_path) == ""


def test_binder_names_what_is_wrong_and_nothing_is_written(tmp_path: Path) -> None:
    schema = json.loads(SCHEMA.read_text())
    schema["resources"]["signa:index:WebhookEndpoint"]["requiredInputs"] = ["link"]
    (tmp_path / "schema.json").write_text(json.dumps(schema))

    found = sdks.bind(tmp_path / "schema.json", tmp_path / "into")

    assert found == '#/resources/signa:index:WebhookEndpoint/requiredInputs/0: unknown required property "link"\n'
    assert not (tmp_path / "into").exists()


def test_sdk_for_python_compiles(tmp_path: Path) -> None:
    sdks.bind(SCHEMA, tmp_path)

    modules = list((tmp_path / "python").rglob("*.py"))
    assert "webhook_endpoint.py" in {module.name for module in modules}
    for module in modules:
        py_compile.compile(str(module), cfile=str(tmp_path / "compiled"), doraise=True)
