"""Errors in one line on stderr, and the exit code of each: no command ends with a traceback."""

import functools
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from pulumi_signa import settings as configured
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.explanations import explanation, redacted
from pulumi_signa.quotes import QuotingError
from pulumi_signa.settings import Settings, SettingsError

LOGGER = logging.getLogger("pulumi_signa")

_KEY = re.compile(r"(sig|whsec)_[A-Za-z0-9+/]{24,}=*")
"""A key that was given where the name of a file, a stack or a secret belongs."""


class CommandError(Exception):
    """`CommandError` is one line that says what is wrong and what to do, and the exit code that goes with the line."""

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """Turn what the block raises into a `CommandError`, without any API key of these settings."""
    try:
        yield
    except (CommandError, typer.Exit, typer.Abort, BrokenPipeError):
        # typer ends the command where the program that reads what is printed has ended.
        raise
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        LOGGER.debug(redacted(traceback.format_exc(), settings, ()))
        raise CommandError(explanation(error, settings, ()), _code_of(error)) from None


def in_one_line(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that prints its error in one line, and ends with the exit code of the error."""

    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            # What is raised before a command has read its settings is explained with those of the environment.
            with explained(configured.load({})):
                command(*args, **kwargs)
        except CommandError as error:
            typer.echo(f"pulumi-signa: {_KEY.sub('[…]', str(error))}", err=True)
            raise typer.Exit(error.code) from None
        except (KeyboardInterrupt, typer.Abort):
            raise typer.Exit(ExitCode.INTERRUPTED) from None

    return wrapper


def _code_of(error: Exception) -> ExitCode:
    if isinstance(error, SettingsError):
        return ExitCode.USAGE
    return ExitCode.REFUSED if isinstance(error, QuotingError) else ExitCode.DEFECT
