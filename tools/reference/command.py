"""The page of the command `pulumi-signa`, made by walking its command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer.main

from pulumi_signa.cli.app import app
from tools.reference.markdown import code, plain, table
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "pulumi-signa"

_EXIT_CODE = re.compile(r"^ +(\d+) +(.*)$", re.MULTILINE)


def pages() -> Iterator[Page]:
    """Yield the page of the command."""
    # Typer brings its own Click, whose types have no stubs.
    command: Any = typer.main.get_command(app)
    parts = [*_described(command, _NAME)]
    for name, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            parts += [f"## {code(f'{_NAME} {name}')}", *_described(each, f"{_NAME} {name}")]
    if codes := _EXIT_CODE.findall(command.epilog or ""):
        parts += ["## Exit codes", table(("code", "meaning"), codes)]
    yield Page("command", "Command", "\n\n".join(part.strip() for part in parts if part.strip()))


def _described(command: Any, name: str) -> Iterator[str]:
    yield plain(command.help or "")
    with command.context_class(command, info_name=name) as context:
        yield f"```text\n{name} {' '.join(command.collect_usage_pieces(context))}\n```"
    yield table(("argument or option", "what it is", "default"), _options(command))


def _options(command: Any) -> Iterator[tuple[str, str, str]]:
    for parameter in command.params:
        if getattr(parameter, "hidden", False):
            continue
        is_option = parameter.param_type_name == "option"
        names = (
            ", ".join(parameter.opts + parameter.secondary_opts)
            if is_option
            else parameter.metavar or str(parameter.name)
        )
        yield code(names), plain(getattr(parameter, "help", None) or ""), _default(parameter)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    is_unset = parameter.default is None or isinstance(parameter.default, bool) or parameter.default == ()
    return "" if is_unset else code(str(parameter.default))
