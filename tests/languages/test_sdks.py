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

SCHEMA = Path(sdks.__file__).with_name("schema.json")


def test_binder_finds_nothing_in_a_schema_that_is_right(tmp_path: Path) -> None:
    assert sdks.bind(SCHEMA, tmp_path) == ""


def test_binder_names_what_is_wrong_and_nothing_is_written(tmp_path: Path) -> None:
    schema = json.loads(SCHEMA.read_text())
    schema["resources"]["sample:index:Thing"]["requiredInputs"] = ["sise"]
    (tmp_path / "schema.json").write_text(json.dumps(schema))

    found = sdks.bind(tmp_path / "schema.json", tmp_path / "into")

    assert found == '#/resources/sample:index:Thing/requiredInputs/0: unknown required property "sise"\n'
    assert not (tmp_path / "into").exists()


def test_each_language_gets_an_sdk(tmp_path: Path) -> None:
    sdks.bind(SCHEMA, tmp_path)

    assert {"go/sample/thing.go", "nodejs/thing.ts", "python/pulumi_sample/thing.py"} <= {
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")
    }
    for module in (tmp_path / "python").rglob("*.py"):
        py_compile.compile(str(module), cfile=str(tmp_path / "compiled"), doraise=True)
