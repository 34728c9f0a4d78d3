"""Programs of the machine, asked for a line within a bounded time."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_LONGEST_S = 20.0


class ProgramError(Exception):
    """A program did not run, failed, or took too long; one line that says which."""


def output_of(command: Sequence[str | Path]) -> str:
    """
    Return what a program prints, without the space around it.

    Raises:
        ProgramError: It does not run, fails, or is not done after 20 seconds; the text ends with its last line.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the user's own programs
            command,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProgramError(f"{command[0]} is not done after {_LONGEST_S:g} s") from None
    except (OSError, ValueError) as error:
        raise ProgramError(f"{command[0]} does not run: {getattr(error, 'strerror', None) or error}") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ends with status {done.returncode}"]
        raise ProgramError(said[-1])
    return done.stdout.strip()
