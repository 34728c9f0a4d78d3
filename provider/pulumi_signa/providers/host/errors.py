"""
What the user reads when something fails: one line that says what was tried, what came back, and what to do.

The host prints whatever a provider raises as a whole traceback, causes included, and the engine prints the value of
a named property that fails its check. Both would show what must not be shown.
"""

import functools
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pulumi import dynamic

from pulumi_signa.aws.errors import AwsError
from pulumi_signa.inputs import leaves
from pulumi_signa.inputs.webhook_endpoint import ADOPT
from pulumi_signa.lifecycle import LifecycleError
from pulumi_signa.providers.host.run import InterruptedRunError
from pulumi_signa.providers.settings import LOG_LEVEL_VARIABLE, Settings, SettingsError
from pulumi_signa.signa_api.errors import (
    AuthenticationError,
    PermissionDeniedError,
    RateLimitedError,
    ResponseFormatError,
    SignaError,
    UnreachableError,
    WaitTooLongError,
)

LOGGER = logging.getLogger("pulumi_signa")

SECRET_PROPERTIES = ("secret", "previous_secret", "secret_string", "secret_json")
"""Properties whose values are taken out of every message, whoever wrote it."""

FREE_TEXT_PROPERTIES = ("url", "description", "force_rotation_reason")
"""Properties that may hold a token, and that the user may have made secrets; a plugin is not told."""

_SHORTEST_HIDDEN = 3
"""As in Pulumi's own filter: a shorter value would be found in half of all words."""

Method = TypeVar("Method", bound=Callable[..., Any])


class OneLineError(Exception):
    """What the user reads; shown without a traceback."""


def explained(verb: str, thing: str) -> Callable[[Method], Method]:
    """
    Turn whatever a provider's method raises into one line.

    Args:
        verb: What the method does, such as `create`.
        thing: What it does it to, such as `webhook endpoint`.
    """

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def wrapper(self: Any, *args: Any) -> Any:
            try:
                return method(self, *args)
            except Exception as error:  # noqa: BLE001 - the last stop before the user
                if not isinstance(error, InterruptedRunError):
                    LOGGER.debug(_redact(traceback.format_exc(), self.settings, args))
                # The cause is cut off: the host would print it too.
                raise OneLineError(f"cannot {verb} {thing}: {_explanation(error, self.settings, args)}") from None

        return wrapper  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see

    return decorate


def check_failures(problems: Iterable[str]) -> list[dynamic.CheckFailure]:
    """
    Report problems under the empty property name.

    Under its own name the engine would print the value, whole and in plain text, and any input may be a secret.
    """
    return [dynamic.CheckFailure("", problem) for problem in problems]


def show_own_errors_in_one_line() -> None:
    """
    Leave the traceback away where one of our own errors is shown.

    The host formats what a provider raises with `traceback.format_exc()`. `sys.tracebacklimit = 0` would shorten that
    too, and would take the tracebacks of every other dynamic provider in the process; this takes ours alone.
    """
    whole = traceback.format_exc
    if hasattr(whole, "__wrapped__"):
        return

    @functools.wraps(whole)
    def format_exc(*args: Any, **kwargs: Any) -> str:
        error = sys.exc_info()[1]
        return str(error) if isinstance(error, OneLineError) else whole(*args, **kwargs)

    traceback.format_exc = format_exc


def _explanation(error: Exception, settings: Settings, bags: Iterable[Any]) -> str:
    if isinstance(error, LifecycleError | SettingsError | InterruptedRunError):
        return str(error)
    if isinstance(error, SignaError | AwsError):
        # Both quote what a server wrote, which may quote what we sent.
        return _redact(str(error), settings, bags) + _advice(error, settings)
    # A defect. The text of an unforeseen exception may quote a value, so the place is named instead.
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"unexpected {type(error).__name__} at {Path(place.filename).name}:{place.lineno}; "
        f"please report it with the log that {LOG_LEVEL_VARIABLE}=DEBUG gives"
    )


def _advice(error: SignaError | AwsError, settings: Settings) -> str:
    if isinstance(error, AuthenticationError):
        stored = "; refresh and destroy use the one of the last `pulumi up`" if settings.api_key_is_stored else ""
        return f"; the key came from {settings.api_key_source}: check that it is whole and not revoked{stored}"
    if isinstance(error, PermissionDeniedError):
        return f"; the key from {settings.api_key_source} needs the scope portfolios:manage"
    asked_s = error.retry_after_s if isinstance(error, SignaError) and error.retryable else None
    if asked_s or isinstance(error, RateLimitedError | WaitTooLongError):
        asked = f"Signa asks for a wait of {asked_s:g} s, " if asked_s else ""
        return f"; {asked}signa:maxWaitSeconds allows {settings.max_wait_s:g} s: run `pulumi up` again later"
    if isinstance(error, UnreachableError):
        return f"; is {settings.base_url} the right base URL, and the network up?"
    if isinstance(error, ResponseFormatError):
        return f"; is {settings.base_url} Signa's base URL, /v1 included?"
    return ""


def _redact(text: str, settings: Settings, bags: Iterable[Any]) -> str:
    """Replace the key, whatever is in a secret property, and texts that the user may have made secrets."""
    replacements = {settings.api_key or "": "[secret]"}
    for bag in bags:
        if isinstance(bag, Mapping):
            replacements |= {str(bag[name]): f"[{name}]" for name in FREE_TEXT_PROPERTIES if name in bag}
            adopt = bag.get(ADOPT)
            nested = adopt.get("secret") if isinstance(adopt, Mapping) else None
            held = leaves([nested, *(bag.get(name) for name in SECRET_PROPERTIES)])
            replacements |= {leaf: "[secret]" for leaf in held if isinstance(leaf, str)}
    # The longest first: a value that is part of another one must not leave the rest of that one readable.
    for value in sorted(replacements, key=len, reverse=True):
        if len(value) >= _SHORTEST_HIDDEN:
            text = text.replace(value, replacements[value])
    return text
