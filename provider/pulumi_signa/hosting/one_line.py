"""Failures in one line, whichever host shows them."""

from __future__ import annotations

import functools
import logging
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from pulumi_signa.explanations import explanation, redacted
from pulumi_signa.hosting.values import Bag
from pulumi_signa.lifecycle.errors import InterruptedRunError, PartlyDoneError

LOGGER = logging.getLogger("pulumi_signa")

Method = TypeVar("Method", bound=Callable[..., Any])


class OneLineError(Exception):
    """
    What the user reads; shown without a traceback.

    Attributes:
        state: The state of an object that is there although the call failed, for a host that records one; else None.
    """

    def __init__(self, text: str, state: Any = None) -> None:
        super().__init__(text)
        self.state = state


def in_one_line(verb: str) -> Callable[[Method], Method]:
    """Turn whatever a call raises into one line; the verb is what the call does to the thing."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def wrapper(self: Any, *args: Any, **options: Any) -> Any:
            try:
                return method(self, *args, **options)
            except Exception as error:  # noqa: BLE001 - the last stop before the user
                bags = [properties for bag in args if isinstance(bag, Bag) for properties in shown_by_others(bag)]
                settings = self.settings_of(args[-1].account)
                partly = error if isinstance(error, PartlyDoneError) else None
                cause = error if partly is None else partly.cause
                if not isinstance(cause, InterruptedRunError):
                    LOGGER.debug(redacted(traceback.format_exc(), settings, bags))
                # A host would print the cause too, so the cause is cut off.
                text = self.worded(explanation(cause, settings, bags))
                state = None if partly is None else partly.state
                raise OneLineError(f"cannot {verb} {self.kind.thing}: {text}", state) from None

        return wrapper  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see

    return decorate


def shown_by_others(bag: Bag) -> list[dict[str, Any]]:
    """Return what a bag holds that must not show: its properties, and once more, as secrets, those that are marked."""
    return [dict(bag.own), *({"secret": bag.own[name]} for name in bag.marked & bag.own.keys())]
