"""Rules that properties of several resources share."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

from pulumi_signa.lifecycle.schema import Rule
from pulumi_signa.lifecycle.times import moment
from pulumi_signa.lifecycle.values import kind_of
from pulumi_signa.organizations import ACCOUNT_NAME

_LONGEST_PERIOD = timedelta(days=36_500)


def json_value(value: object) -> Iterator[str]:
    """Refuse what JSON cannot write."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        yield "must not hold NaN or an infinite number: JSON has no form for them"
    except TypeError:
        yield "must hold only what JSON has: strings, numbers, booleans, lists and objects"


def text(longest: int | None = None, noun: str = "a string") -> Rule:
    """Return the rule of a text that has at most so many characters."""

    def rule(value: object) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"must be {noun}, not {kind_of(value)}"
        elif longest is not None and len(value) > longest:
            yield f"must be at most {longest} characters, not {len(value)}"

    return rule


def one_of(*choices: str) -> Rule:
    """Return the rule of a text that is one of a few."""

    def rule(value: object) -> Iterator[str]:
        if value not in choices:
            yield f"must be {' or '.join(choices)}"

    return rule


def boolean(value: object) -> Iterator[str]:
    """Refuse everything but true and false."""
    if not isinstance(value, bool):
        yield f"must be true or false, not {kind_of(value)}"


def whole_number(value: object) -> Iterator[str]:
    """Refuse everything but integers."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"must be a whole number, not {kind_of(value)}"


def date(value: object) -> Iterator[str]:
    """Refuse what is no moment, and a moment that the longest schedule would carry beyond the year 9999."""
    try:
        moment(value) + _LONGEST_PERIOD  # type: ignore[arg-type]
    except (AttributeError, OverflowError, ValueError):
        yield "must be a date, ISO 8601 UTC"


def in_order(value: object) -> object:
    """Return the normal form of texts that are a set to the service: in alphabetical order."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return sorted(value)
    return value


def none_if_empty(value: object) -> object:
    """Return the normal form of a text whose empty form means that there is none."""
    return None if value == "" else value


def matching(pattern: re.Pattern[str], problem: str) -> Rule:
    """Return the rule of a text that has to match a pattern as a whole."""

    def rule(value: object) -> Iterator[str]:
        if not (isinstance(value, str) and pattern.fullmatch(value)):
            yield problem

    return rule


def optional(rule: Rule) -> Rule:
    """Return the rule of a value that may be left out."""
    return lambda value: iter(()) if value is None else rule(value)


endpoint_id = matching(
    re.compile(r"whk_[A-Za-z0-9_-]{1,100}", re.ASCII), "must be that of a webhook endpoint, such as whk_0190c2f4"
)
"""The rule of the id of an endpoint, wherever a resource names one."""

account = optional(
    matching(
        ACCOUNT_NAME,
        "must be the name of an organization in signa:accounts, known when the program runs: "
        "letters, digits, - and _, beginning with a letter",
    )
)
"""The rule of the name of an organization, on every resource that has one."""
