"""
The settings: what each is called, where a text of it may stand, and the value that a text has.

`settings` finds the texts; `docs/reference/configuration.md` has the table.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pulumi_signa.organizations import ACCOUNTS_KEY

PRODUCTION_URL = "https://api.signa.so/v1"
DEFAULT_MAX_WAIT_S = 300.0
KEY_PREFIX = "sig_"
LOG_LEVEL_VARIABLE = "SIGNA_LOG_LEVEL"

_LONGEST_OFFSET_S = 1e10
"""About 300 years, which leaves every date before the year 9999."""


class MalformedError(Exception):
    """What is wrong with the text of one setting, in words that follow its name and source."""


def _api_key(text: str) -> str:
    if not text.startswith(KEY_PREFIX) or not _is_printable_ascii(text):
        raise MalformedError(
            f"is malformed: it begins with {KEY_PREFIX} and holds only printable ASCII without spaces; copy it again"
        )
    return text


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise MalformedError("is not a URL") from None
    if parts.scheme not in ("http", "https") or not host or not _is_printable_ascii(text):
        raise MalformedError(f"must be an absolute URL, such as {PRODUCTION_URL}")
    if parts.username is not None or parts.password is not None:
        raise MalformedError("must not contain a user or password")
    if "?" in text or "#" in text:
        raise MalformedError("must not contain a query or fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise MalformedError("must be https: over http the API key would be readable on the way")
    return text.rstrip("/")


def _seconds(text: str, *, longest: float = math.inf) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and 0 <= number <= longest):
        raise MalformedError("must be a number of seconds, 0 or more")
    return number


def _offset(text: str) -> timedelta:
    try:
        return timedelta(seconds=_seconds(text, longest=_LONGEST_OFFSET_S))
    except MalformedError as problem:
        raise MalformedError(f"{problem}; it is meant for tests: take it out") from None


def _log_level(name: str) -> int:
    level = logging.getLevelName(name.upper())
    if not isinstance(level, int):
        raise MalformedError("must be DEBUG, INFO, WARNING or ERROR")
    return level


def _account(value: object) -> object:
    # YAML writes an account without quotes as a number, which loses zeros at the front.
    return (
        f"{int(value):012}"
        if isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
        else value
    )


def _accounts(text: str) -> tuple[str, ...]:
    try:
        ids = json.loads(text)
    except ValueError:
        ids = None
    ids = [_account(each) for each in ids] if isinstance(ids, list) else [None]
    if not all(isinstance(each, str) and re.fullmatch("[0-9]{12}", each) for each in ids):
        raise MalformedError('must be a list of account ids of 12 digits, such as ["123456789012"]')
    return tuple(ids)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One setting.

    Attributes:
        noun: What a message calls it.
        description: What it is, for the reference.
        variable: The environment variable that it is found in, if any.
        key: The key of the stack configuration, if any.
        native_key: The key for the native host, where that is another one: it is shown keys under `signa:` alone.
        parse: Returns the value of a text.
        default: The value where neither place has a text.
    """

    noun: str
    description: str
    variable: str | None = None
    key: str | None = None
    native_key: str | None = None
    parse: Callable[[str], Any] = str
    default: Any = None


ROWS = {
    "api_key": Row(
        "Signa API key",
        "API key, `sig_…`, with the scope `portfolios:manage`; a secret",
        "SIGNA_API_KEY",
        "signa:apiKey",
        parse=_api_key,
    ),
    "base_url": Row(
        "base URL",
        "base URL, https but for this machine",
        "SIGNA_BASE_URL",
        "signa:baseUrl",
        parse=_base_url,
        default=PRODUCTION_URL,
    ),
    "max_wait_s": Row(
        "longest wait",
        "longest wait of one call, for the rate limit or to try again, in seconds",
        "SIGNA_MAX_WAIT_S",
        "signa:maxWaitSeconds",
        parse=_seconds,
        default=DEFAULT_MAX_WAIT_S,
    ),
    "namespace": Row(
        "namespace", "namespace of the idempotency keys", "SIGNA_NAMESPACE", "signa:namespace", default=""
    ),
    "aws_region": Row(
        "AWS region", "AWS region; without one, boto3's own", "AWS_REGION", "aws:region", "signa:awsRegion"
    ),
    "aws_profile": Row(
        "AWS profile", "AWS profile; without one, boto3's own", "AWS_PROFILE", "aws:profile", "signa:awsProfile"
    ),
    "aws_allowed_accounts": Row(
        "list of accounts",
        "the only AWS accounts that may be used: a list of ids; without one, all",
        None,
        "aws:allowedAccountIds",
        "signa:awsAllowedAccountIds",
        _accounts,
        (),
    ),
    "aws_forbidden_accounts": Row(
        "list of accounts",
        "AWS accounts that must not be used: a list of ids",
        None,
        "aws:forbiddenAccountIds",
        "signa:awsForbiddenAccountIds",
        _accounts,
        (),
    ),
    "log_level": Row(
        "log level",
        "level of our log among Pulumi's diagnostics: `DEBUG`, `INFO`, `WARNING` or `ERROR`; without one, no log",
        LOG_LEVEL_VARIABLE,
        parse=_log_level,
    ),
    "clock_offset": Row(
        "clock offset",
        "for tests only: seconds by which the clock that rotations go by is ahead",
        "SIGNA_CLOCK_OFFSET_S",
        parse=_offset,
        default=timedelta(),
    ),
}
"""The settings by name. Each organization may have its own `api_key`, `base_url` and `namespace`."""

OF_AN_ACCOUNT = ("api_key", "base_url", "namespace")
"""What an organization may have of its own."""

STACK_KEYS = (*(row.key for row in ROWS.values() if row.key is not None), ACCOUNTS_KEY)
NATIVE_KEYS = (*(row.native_key or row.key for row in ROWS.values() if row.key is not None), ACCOUNTS_KEY)
"""What the native host is shown of a stack's configuration."""

VARIABLES = tuple(row.variable for row in ROWS.values() if row.variable is not None)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_printable_ascii(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)
