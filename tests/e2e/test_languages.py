"""Programs in other languages than Python, without a resource, on the engine that `make setup` gives."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox.stack import PULUMI, Stack

from languages import programs, sdks

# Where nobody ran `make test` before, what the programs need is fetched and built first.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SCHEMA = Path(programs.__file__).with_name("schema.json")

YAML = """\
name: sandbox
runtime: yaml
config: {who: {type: string, default: world}}
outputs: {greeting: "hello ${who}"}
"""

TYPESCRIPT = """\
import * as pulumi from "@pulumi/pulumi";
import * as sample from "sample";
const size: sample.ThingArgs = { size: 1 };
export const greeting = pulumi.interpolate`hello ${new pulumi.Config().get("who") ?? "world"}`;
"""

GO = """\
package main

import (
	"example.com/sample/sdk/go/sample"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

var _ = sample.ThingArgs{Size: pulumi.Int(1)}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		who := config.Get(ctx, "who")
		if who == "" {
			who = "world"
		}
		ctx.Export("greeting", pulumi.Sprintf("hello %s", who))
		return nil
	})
}
"""

SOURCES = {
    "yaml": {"Pulumi.yaml": YAML},
    "nodejs": {"Pulumi.yaml": "name: sandbox\nruntime: nodejs\n", "index.ts": TYPESCRIPT},
    "go": {"Pulumi.yaml": "name: sandbox\nruntime: go\n", "main.go": GO},
}


@pytest.fixture
def make_stack(tmp_path: Path) -> Callable[..., Stack]:
    """Return what makes a stack of a language's program, ready to run."""

    def make(language: str, **changed: str) -> Stack:
        missing = sdks.missing(*programs.NEEDS[language])
        if missing:
            pytest.skip(f"this machine has no {' and no '.join(missing)}")
        stack = Stack(tmp_path, "", {})
        for name, text in {**SOURCES[language], **changed}.items():
            (stack.folder / name).write_text(text)
        programs.prepare(stack, SCHEMA)
        run(stack, "stack init dev")
        return stack

    return make


def run(stack: Stack, command: str, *, fails: bool = False) -> str:
    """Run a command of the CLI, and return what it printed."""
    with stack.start(PULUMI, *command.split(), "--non-interactive") as process:
        output, _ = process.communicate()
    assert (process.returncode != 0) == fails, output
    return output


@pytest.mark.parametrize("language", SOURCES)
def test_engine_runs_programs_of_the_language(make_stack: Callable[..., Stack], language: str) -> None:
    stack = make_stack(language)

    previewed = run(stack, "preview")
    run(stack, "up --yes --skip-preview --config sandbox:who=Signa")

    assert "1 to create" in previewed
    assert run(stack, "stack output greeting") == "hello Signa\n"


def test_argument_that_no_sdk_knows_is_refused_by_typescript(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("nodejs", **{"index.ts": TYPESCRIPT.replace("{ size: 1 }", "{ size: 1, sise: 2 }")})

    assert "'sise' does not exist in type 'ThingArgs'" in run(stack, "preview", fails=True)


WAITING_GO = """\
package main

import "os"

func main() {
	os.OpenFile("alive", os.O_WRONLY, 0)
	select {}
}
"""

WAITING = {
    "nodejs": {"index.ts": 'require("fs").openSync("alive", "w"); setInterval(() => {}, 1000);\n'},
    "go": {"main.go": WAITING_GO},
}


@pytest.mark.parametrize("language", WAITING)
def test_program_ends_when_its_engine_was_killed(make_stack: Callable[..., Stack], language: str) -> None:
    stack = make_stack(language, **WAITING[language])
    os.mkfifo(stack.folder / "alive")

    with stack.start(PULUMI, "preview", "--non-interactive") as engine, (stack.folder / "alive").open("rb") as alive:
        engine.kill()

        # The pipe ends when nobody has it open to write.
        assert alive.read() == b""
