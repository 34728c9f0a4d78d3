"""
Failures as the dynamic host shows them.

The host prints whatever a provider raises as a whole traceback, causes included, and the engine prints the value of a
named property that fails its check. Both would show what must not be shown.
"""

import functools
import sys
import traceback
from collections.abc import Iterable
from typing import Any

from pulumi import dynamic

from pulumi_signa.hosting.one_line import OneLineError


def check_failures(problems: Iterable[str]) -> list[dynamic.CheckFailure]:
    """
    Return problems under the empty property name.

    Under its own name the engine would print the value, whole and in plain text, and any input may be a secret.
    """
    return [dynamic.CheckFailure("", problem) for problem in problems]


def show_own_errors_in_one_line() -> None:
    """
    Leave the traceback away where one of our own errors is shown.

    The host formats what a provider raises with `traceback.format_exc()`. `sys.tracebacklimit = 0` would shorten the
    tracebacks of every other dynamic provider in the process too; this shortens ours alone.
    """
    whole = traceback.format_exc
    if hasattr(whole, "__wrapped__"):
        return

    @functools.wraps(whole)
    def format_exc(*args: Any, **kwargs: Any) -> str:
        error = sys.exc_info()[1]
        return str(error) if isinstance(error, OneLineError) else whole(*args, **kwargs)

    traceback.format_exc = format_exc
