"""The command line: its commands, and what all of them have."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from pulumi_signa.cli import adopt, exit_codes, listing, orphans
from pulumi_signa.cli.doctor import command as doctor
from pulumi_signa.cli.errors import in_one_line
from pulumi_signa.cli.verify import command as verify

# Help in plain text: boxes would stand in the way of a pipe, and take longer to load.
app = typer.Typer(name="pulumi-signa", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

_COMMANDS: dict[str, Callable[..., None]] = {
    "list": listing.command,
    "orphans": orphans.command,
    "adopt": adopt.command,
    "doctor": doctor.command,
    "verify": verify.command,
}
for _name, _command in _COMMANDS.items():
    app.command(_name, epilog=exit_codes.HELP)(in_one_line(_command))


def _show_version(is_asked: bool) -> None:  # noqa: FBT001 - typer's form of a callback
    if is_asked:
        typer.echo(version("pulumi-signa"))
        raise typer.Exit


@app.callback(epilog=exit_codes.HELP)
def options(
    *,
    is_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Look after Signa webhook endpoints outside of a Pulumi run."""
