"""The command line: the options that every command has."""

import typer

app = typer.Typer(name="pulumi-signa", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def options() -> None:
    """Look after Signa webhook endpoints outside of a Pulumi run."""
