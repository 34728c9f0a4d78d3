"""How the rules of a resource are applied, and those that several properties share."""

import json
from collections.abc import Callable, Iterator, Mapping

from pulumi_signa.inputs import Properties, is_unknown, kind_of

Rule = Callable[[object], Iterator[str]]
"""Gives what is wrong with a known value, each in words that follow the property's name."""


def broken(rules: Mapping[str, Rule], properties: Properties) -> list[str]:
    """Apply each property's rule and give everything that is wrong, one line each; the unknown is skipped."""
    return [
        f"{name}: {problem}"
        for name, rule in rules.items()
        if not is_unknown(properties.get(name))
        for problem in rule(properties.get(name))
    ]


def json_value(value: object) -> Iterator[str]:
    """Refuse what JSON cannot write."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        yield "must not hold NaN or an infinite number: JSON has no form for them"
    except TypeError:
        yield "must hold only what JSON has: strings, numbers, booleans, lists and objects"


def optional_text(longest: int) -> Rule:
    """Give the rule of a text that may be left out and has at most so many characters."""

    def rule(value: object) -> Iterator[str]:
        if value is None:
            return
        if not isinstance(value, str):
            yield f"must be a string, not {kind_of(value)}"
        elif len(value) > longest:
            yield f"must be at most {longest} characters, not {len(value)}"

    return rule


def one_of(*choices: str) -> Rule:
    """Give the rule of a text that is one of a few."""

    def rule(value: object) -> Iterator[str]:
        if value not in choices:
            yield f"must be {' or '.join(choices)}"

    return rule
