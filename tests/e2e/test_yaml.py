"""A YAML program on the engine that `make setup` gives."""

from pathlib import Path

import pytest
from sandbox.stack import PULUMI, Stack

pytestmark = pytest.mark.e2e

PROGRAM = """\
name: sandbox
runtime: yaml
config: {who: {type: string, default: world}}
outputs: {greeting: "hello ${who}"}
"""


def test_engine_runs_yaml_programs(tmp_path: Path) -> None:
    stack = Stack(tmp_path, "", {})
    (stack.folder / "Pulumi.yaml").write_text(PROGRAM)

    printed = []
    for command in ("stack init dev", "preview", "up --yes --skip-preview", "stack output greeting"):
        with stack.start(PULUMI, *command.split(), "--non-interactive") as process:
            output, _ = process.communicate()
        assert process.returncode == 0, output
        printed.append(output)

    assert "1 to create" in printed[1]
    assert "warning" not in printed[1] + printed[2]
    assert printed[3] == "hello world\n"
