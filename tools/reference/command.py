"""The page of the command `pulumi-signa`, made by walking its command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer.main

from pulumi_signa.cli.app import app
from tools.reference.markdown import code, plain, table
from tools.reference.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "pulumi-signa"


def pages() -> Iterator[Page]:
    """Yield the page of the command."""
    # Typer brings its own Click, whose types have no stubs.
    command: Any = typer.main.get_command(app)
    parts = [_help(command), table(("option", "what it is", "default"), _options(command))]
    for name, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            parts += [f"## {code(f'{_NAME} {name}')}", _help(each)]
            parts += [table(("argument or option", "what it is", "default"), _options(each))]
    yield Page("command", "Command", "\n\n".join(part.strip() for part in parts if part.strip()))


def _help(command: Any) -> str:
    return plain(command.help or "")


def _options(command: Any) -> Iterator[tuple[str, str, str]]:
    for parameter in command.params:
        if getattr(parameter, "hidden", False):
            continue
        is_option = parameter.param_type_name == "option"
        names = ", ".join(parameter.opts + parameter.secondary_opts) if is_option else str(parameter.name).upper()
        yield code(names), plain(getattr(parameter, "help", None) or ""), _default(parameter)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    is_unset = parameter.default is None or isinstance(parameter.default, bool) or parameter.default == ()
    return "" if is_unset else code(str(parameter.default))
