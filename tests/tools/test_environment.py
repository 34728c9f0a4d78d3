"""What `make` does about `.venv`, as its user sees it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Checkout

MADE = "venv .venv"
UV = ["python uv", "uv --group=demo ."]
PIP = ["python pip", "python --group=demo ."]
PLAYED = "python demo"


@pytest.fixture
def gate(checkout: Checkout) -> Path:
    """Let each installation say `started`, in a pipe, and wait until it may go on."""
    for name in ("started", "gate"):
        os.mkfifo(checkout.folder / name)
    checkout.commands_then('case "$*" in *--editable*) echo > started; read line < gate ;; esac')
    return checkout.folder


def test_demo_installs_its_group_with_uv_and_is_played(checkout: Checkout) -> None:
    status, output, _ = checkout.make("demo")

    assert status == 0
    assert checkout.steps() == [MADE, *UV, PLAYED]
    assert [line.split(",")[0] for line in output.splitlines()] == [
        "setup: making .venv",
        "setup: installing Python packages: demo",
        "setup: .venv/bin/pulumi is Pulumi 3.274.1",
        f"       {checkout.bin}/pulumi",
    ]


def test_finished_environment_is_left_alone(checkout: Checkout) -> None:
    checkout.make("demo")
    checkout.steps()

    checkout.make("demo")

    assert checkout.steps() == [PLAYED]


def test_environment_of_the_demo_is_extended(checkout: Checkout) -> None:
    checkout.make("demo")
    checkout.steps()

    checkout.make("setup")
    extended = checkout.steps()
    checkout.make("demo")

    assert extended == ["python uv", "uv --group=bench --group=demo --group=docs --group=lint --group=test ."]
    assert checkout.steps() == [PLAYED]


def test_tests_begin_when_programs_of_other_languages_have_what_they_need(checkout: Checkout) -> None:
    checkout.make("test")

    steps = checkout.steps()
    assert steps.index("python languages") < steps.index("python e2e")


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml", "tools/environment.py"])
def test_changed_requirements_are_installed_over_what_is_there(checkout: Checkout, name: str) -> None:
    checkout.make("demo")
    checkout.steps()
    with (checkout.folder / name).open("a") as file:
        file.write("\n# changed\n")

    checkout.make("demo")

    assert checkout.steps() == [*UV, PLAYED]


def test_installation_keeps_to_the_constraints(checkout: Checkout) -> None:
    checkout.commands_then('case "$*" in *uv\\ pip*) exit 1 ;; esac')
    checkout.make("demo")

    installations = [line for line in (checkout.folder / "calls").read_text().splitlines() if " install " in line]
    assert installations
    assert all("--constraint constraints.txt" in line for line in installations)


@pytest.mark.parametrize(
    ("failing", "steps"),
    [('"-m pip install"*" uv"', [UV[0]]), ('"pip install --python"*', UV)],
    ids=["cannot be had", "fails"],
)
def test_pip_installs_where_uv_does_not(checkout: Checkout, failing: str, steps: list[str]) -> None:
    checkout.commands_then(f'case "$*" in {failing}) echo no such thing; exit 1 ;; esac')

    status, output, _ = checkout.make("demo")

    assert status == 0
    assert checkout.steps() == [MADE, *steps, *PIP, PLAYED]
    assert output.count("without uv, with pip") == 1


def test_failed_installation_is_one_line_and_no_demo(checkout: Checkout) -> None:
    checkout.commands_then('case "$*" in *--editable*) echo trying; echo no route; exit 1 ;; esac')

    status, _, errors = checkout.make("demo")

    assert status != 0
    assert [line for line in errors.splitlines() if "make" not in line] == [
        "trying",
        "no route",
        "setup: installing Python packages: no route",
    ]
    assert PLAYED not in checkout.steps()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_environment_is_made_anew(checkout: Checkout, number: int) -> None:
    checkout.commands_then(f'case "$*" in *--editable*) kill -{int(number)} $PPID; exit 1 ;; esac')
    status, _, errors = checkout.make("demo")
    checkout.steps()
    checkout.commands_then("exit 0")

    checkout.make("demo")

    assert status != 0
    assert number == signal.SIGKILL or "setup: interrupted; run `make setup` again" in errors
    assert checkout.steps() == [MADE, *UV, PLAYED]


def become_another_python(checkout: Checkout) -> None:
    """Let Python say that it is another one."""
    (checkout.fakes / "sitecustomize.py").write_text("import sys; sys.version = '3.99'")


def move(checkout: Checkout) -> None:
    """Rename the folder of the checkout, which the scripts of an environment name."""
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))


def damage(checkout: Checkout, content: str = "{") -> None:
    """Leave a stamp that is none."""
    (checkout.folder / ".venv" / ".pulumi-signa-setup.json").write_text(content)


@pytest.mark.parametrize("change", [become_another_python, move, damage, partial(damage, content="[1]")])
def test_environment_that_does_not_fit_is_made_anew(checkout: Checkout, change: Callable[[Checkout], None]) -> None:
    checkout.make("demo")
    checkout.steps()
    change(checkout)

    checkout.make("demo")

    assert checkout.steps() == [MADE, *UV, PLAYED]


def test_python_that_cannot_make_environments_says_what_to_install(checkout: Checkout) -> None:
    (checkout.fakes / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = None")

    _, _, errors = checkout.make("demo")

    assert "apt install python3-venv" in errors


def test_old_python_is_named_with_what_is_needed(checkout: Checkout) -> None:
    (checkout.fakes / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 9, 1)")

    status, _, errors = checkout.make("demo")

    assert status != 0
    assert "Python 3.10 or newer is needed" in errors
    assert "is 3.9" in errors


def test_second_set_up_says_that_it_waits_and_then_finds_all_done(checkout: Checkout, gate: Path) -> None:
    first = checkout.start("demo")
    (gate / "started").read_text()
    second = checkout.start("demo")
    said = second.stdout.readline()

    (gate / "gate").write_text("go on\n")
    first.communicate()
    second.communicate()

    assert said.startswith("setup: another set-up works on")
    assert (first.returncode, second.returncode) == (0, 0)
    assert sorted(checkout.steps()) == sorted([MADE, *UV, PLAYED, PLAYED])


def test_command_of_a_killed_set_up_keeps_the_lock_until_it_ends(checkout: Checkout, gate: Path) -> None:
    first = checkout.start("demo")
    (gate / "started").read_text()
    # The command has a process group of its own, and is not killed with the set-up.
    os.killpg(first.pid, signal.SIGKILL)
    second = checkout.start("demo")
    said = second.stdout.readline()
    checkout.commands_then("exit 0")

    (gate / "gate").write_text("go on\n")
    second.communicate()

    assert said.startswith("setup: another set-up works on")
    assert checkout.steps() == [MADE, *UV, MADE, *UV, PLAYED]
