"""Settings: a switch for each answer that Signa's documentation leaves open, and speeds that tests scale."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple


class SettingError(ValueError):
    """A setting that does not exist, or a value that it cannot have."""


@dataclass(frozen=True)
class Settings:
    """
    How this emulator behaves; every default is the likeliest reading of Signa's documentation.

    Attributes:
        non_production: Accept `http` URLs for endpoints. On by default, unlike Signa's production, because
            local receivers seldom have a certificate.
        block_private_urls: Refuse endpoint URLs whose host is loopback, private or link-local.
        max_endpoints: A further create is `409 conflict` at this number; None for no limit.
        redaction: What reads show as `secret`: `omit` (no such field), `null`, or `masked`.
        replay_includes_secret: Whether an idempotent replay of create or rotate still holds the secret.
        metadata_merge: On PATCH, `merge` new keys into the old ones and remove those sent as null, or
            `replace` all.
        normalize: Store a URL in normal form, such as `https://example.com/` for `https://EXAMPLE.com:443`, and a
            description without blanks at its ends.
        unknown_query: `refuse` unknown query parameters as 400, or `ignore` them.
        general_list_parameters: Whether lists know `sort` and `include_total`, which are documented for lists in
            general and on the page of neither list.
        old_since: What a `since` more than 30 days back lists: nothing (`empty`), which is the documentation's
            wording, or the `rest`, the rows of the last 30 days.
        empty_patch: `refuse` a PATCH without any field as 400, or `accept` it.
        reenable_resets_failures: Whether `disabled` to `active` sets `consecutive_failures` to 0.
        delete_status: 200 with a body, or 204 without.
        validation_errors_list: Add `errors: [{path, message}]` to `validation_error`.
        auto_disable_after: Consecutive failed attempts that disable an endpoint; None for never.
        retry_delays_s: Seconds between the attempts of one delivery; attempts in all = entries + 1.
        retry_scale: Factor for `retry_delays_s`; 0 retries at once.
        disabled_tests: What becomes of the test of a disabled endpoint: it is sent (`deliver`), or stays `pending`
            (`drop`).
        delivery_timeout_s: Seconds a receiver has to accept the connection, and again to answer.
        rich_alerts: Whether a made-up alert has the nested fields, which Signa sends when it can.
        readiness: The answer of `/health/ready`: `ok` or `degraded` with 200, or `unavailable` with 503.
        rate_limit: Calls of the monitoring pool per window; None switches the pool's limit off.
        rate_window_s: Length of that window in seconds.
        latency_ms: Milliseconds by which every answer of Signa's API is delayed.
    """

    non_production: bool = True
    block_private_urls: bool = False
    max_endpoints: int | None = None
    redaction: Literal["omit", "null", "masked"] = "omit"
    replay_includes_secret: bool = True
    metadata_merge: Literal["merge", "replace"] = "merge"
    normalize: bool = False
    unknown_query: Literal["refuse", "ignore"] = "refuse"
    general_list_parameters: bool = True
    old_since: Literal["empty", "rest"] = "empty"
    empty_patch: Literal["refuse", "accept"] = "refuse"
    reenable_resets_failures: bool = True
    delete_status: Literal[200, 204] = 200
    validation_errors_list: bool = False
    auto_disable_after: int | None = 20
    retry_delays_s: tuple[float, ...] = (5, 300, 1800, 7200, 18000, 36000)
    retry_scale: float = 1.0
    disabled_tests: Literal["deliver", "drop"] = "deliver"
    delivery_timeout_s: float = 15.0
    rich_alerts: bool = True
    readiness: Literal["ok", "degraded", "unavailable"] = "ok"
    rate_limit: int | None = 100
    rate_window_s: int = 60
    latency_ms: float = 0

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        for name, rule in _RULES.items():
            value = getattr(self, name)
            if not rule.holds(value):
                raise SettingError(f"setting {name} must be {rule.wanted}, not {json.dumps(value, default=repr)}")

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """
        Return these settings with some of them changed.

        Args:
            changes: Name to value, as JSON has them (a list for `retry_delays_s`).

        Raises:
            SettingError: A name is unknown or a value impossible; nothing is changed then.
        """
        for name in changes:
            if name not in _RULES:
                raise SettingError(f"unknown setting {name!r}; there are {', '.join(_RULES)}")
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()
        }
        return dataclasses.replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """Return name to value, ready for `json.dumps`."""
        return dataclasses.asdict(self)


class _Rule(NamedTuple):
    wanted: str
    holds: Callable[[object], bool]


def _is_number(value: object) -> bool:
    # A bool is an int in Python, and no number in JSON.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _one_of(*choices: object) -> _Rule:
    return _Rule(
        " or ".join(json.dumps(choice) for choice in choices),
        lambda value: any(value is choice or (value == choice and type(value) is type(choice)) for choice in choices),
    )


_BOOLEAN = _Rule("true or false", lambda value: isinstance(value, bool))
_COUNT = _Rule("an integer of at least 1", _is_count)
_COUNT_OR_NONE = _Rule("an integer of at least 1, or null", lambda value: value is None or _is_count(value))
_NUMBER = _Rule("a number that is not negative", _is_number)

_RULES = {
    "non_production": _BOOLEAN,
    "block_private_urls": _BOOLEAN,
    "max_endpoints": _COUNT_OR_NONE,
    "redaction": _one_of("omit", "null", "masked"),
    "replay_includes_secret": _BOOLEAN,
    "metadata_merge": _one_of("merge", "replace"),
    "normalize": _BOOLEAN,
    "unknown_query": _one_of("refuse", "ignore"),
    "general_list_parameters": _BOOLEAN,
    "old_since": _one_of("empty", "rest"),
    "empty_patch": _one_of("refuse", "accept"),
    "reenable_resets_failures": _BOOLEAN,
    "delete_status": _one_of(200, 204),
    "validation_errors_list": _BOOLEAN,
    "auto_disable_after": _COUNT_OR_NONE,
    "retry_delays_s": _Rule(
        "a list of numbers that are not negative",
        lambda value: isinstance(value, tuple) and all(map(_is_number, value)),
    ),
    "retry_scale": _NUMBER,
    "disabled_tests": _one_of("deliver", "drop"),
    "delivery_timeout_s": _Rule("a number above 0", lambda value: _is_number(value) and value != 0),
    "rich_alerts": _BOOLEAN,
    "readiness": _one_of("ok", "degraded", "unavailable"),
    "rate_limit": _COUNT_OR_NONE,
    "rate_window_s": _COUNT,
    "latency_ms": _NUMBER,
}
