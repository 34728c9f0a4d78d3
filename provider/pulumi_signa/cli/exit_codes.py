"""What the command's exit status means, in one table for all commands."""

from enum import IntEnum


class ExitCode(IntEnum):
    """`ExitCode` is the status that `pulumi-signa` ends with."""

    OK = 0
    ATTENTION = 1
    USAGE = 2
    REFUSED = 3
    DEFECT = 4
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "all is well",
    ExitCode.ATTENTION: "attention is needed: an orphan, a disabled endpoint, a failed check",
    ExitCode.USAGE: "wrong usage, or a setting, stack or file that is missing or wrong",
    ExitCode.REFUSED: "Signa or AWS refused, or cannot be reached",
    ExitCode.DEFECT: "a defect of this command: please report it",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
}

# `\b` keeps the lines of the paragraph apart.
HELP = "\b\nExit codes:\n" + "\n".join(f"  {code.value:<5}{meaning}" for code, meaning in MEANINGS.items())
"""The table as the end of a help page."""
