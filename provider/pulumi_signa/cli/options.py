"""The options that several commands have. None takes an API key: other users of a machine can read command lines."""

from pathlib import Path
from typing import Annotated

import typer

from pulumi_signa.cli.configuration import account_names

Account = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        help="The organization of this name in signa:accounts; the default one without the option.",
        autocompletion=account_names,
    ),
]
Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="Read what the environment does not set from this stack's configuration, and not from the selected one's.",
    ),
]
Folder = Annotated[
    Path,
    typer.Option(
        "--cwd",
        "-C",
        metavar="FOLDER",
        exists=True,
        file_okay=False,
        help="The folder of the Pulumi project, or one inside it.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

HERE = Path()
"""The default of `Folder`."""
