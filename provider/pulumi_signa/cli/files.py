"""Files that a command is given; `-` is stdin."""

import sys
from pathlib import Path

from pulumi_signa.cli.errors import CommandError

STDIN = Path("-")


def named(file: Path) -> str:
    """Return what a message calls a file."""
    return "stdin" if file == STDIN else str(file)


def read(file: Path, most: int = -1) -> bytes:
    """Return what a file holds, at most so many bytes; raise `CommandError` where it cannot be read."""
    try:
        if file == STDIN:
            return sys.stdin.buffer.read(most)
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise CommandError(f"cannot read {named(file)}: {error.strerror}") from None
