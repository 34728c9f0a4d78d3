"""
Failures in one line.

The host prints whatever a provider raises as a whole traceback, causes included, and the engine prints the value of a
named property that fails its check. Both would show what must not be shown.
"""

import functools
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pulumi import dynamic

from pulumi_signa.explanations import explanation, redacted
from pulumi_signa.lifecycle.errors import InterruptedRunError, PartlyDoneError
from pulumi_signa.providers.host.values import account_in, from_host

LOGGER = logging.getLogger("pulumi_signa")

Method = TypeVar("Method", bound=Callable[..., Any])


class OneLineError(Exception):
    """What the user reads; shown without a traceback."""


def in_one_line(verb: str) -> Callable[[Method], Method]:
    """Turn whatever a provider's method raises into one line; the verb is what the method does to the `thing`."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def wrapper(self: Any, *args: Any) -> Any:
            try:
                return method(self, *args)
            except Exception as error:  # noqa: BLE001 - the last stop before the user
                bags = [from_host(bag) for bag in args if isinstance(bag, Mapping)]
                settings = self.settings_of(account_in(args[-1]))
                # This host records no state beside a failure; the journal leads the next run to what was done.
                cause = error.cause if isinstance(error, PartlyDoneError) else error
                if not isinstance(cause, InterruptedRunError):
                    LOGGER.debug(redacted(traceback.format_exc(), settings, bags))
                # The host would print the cause too, so the cause is cut off.
                raise OneLineError(f"cannot {verb} {self.thing}: {explanation(cause, settings, bags)}") from None

        return wrapper  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see

    return decorate


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
