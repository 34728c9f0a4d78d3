"""
Configuration, read once into one frozen value; the README has the table of it.

The environment wins, unlike in most Pulumi providers, because stack configuration is stored with the state: refresh and
destroy would go on using an old key from there after a change.
"""

import ipaddress
import logging
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pulumi_signa.aws.errors import NO_REGION

PRODUCTION_URL = "https://api.signa.so/v1"
DEFAULT_MAX_WAIT_S = 300.0
KEY_PREFIX = "sig_"
LOG_LEVEL_VARIABLE = "SIGNA_LOG_LEVEL"

_LONGEST_OFFSET_S = 1e10
"""About 300 years, which leaves every date before the year 9999."""


class SettingsError(Exception):
    """A setting is missing or malformed; one line that says which, and how to set it."""


class _MalformedError(Exception):
    """What is wrong with one setting, in words that follow its name and source."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the lifecycles and their connections need to know beyond a resource's own inputs.

    Attributes:
        api_key_source: Where the key came from, in the words a user would type.
        api_key_is_stored: Whether the key came from the stack configuration, which is stored with the state.
        max_wait_s: Upper bound of all waits of one call, in seconds.
        namespace: Keeps the idempotency keys of two stacks with the same URNs apart.
        clock_offset: How far the clock is ahead of the real time; a test that moves Signa's clock moves this one too.
        signa_problems: What is wrong with the settings for Signa, one line each.
        aws_problems: What is wrong with those for AWS, as far as it is known without asking boto3.
    """

    api_key: str | None = field(repr=False)
    api_key_source: str
    api_key_is_stored: bool
    base_url: str
    max_wait_s: float
    namespace: str
    aws_region: str | None
    log_level: int | None
    clock_offset: timedelta
    signa_problems: tuple[str, ...]
    aws_problems: tuple[str, ...]

    @property
    def is_production(self) -> bool:
        """Whether this is Signa's own service rather than a test server."""
        try:
            return urlsplit(self.base_url).hostname == urlsplit(PRODUCTION_URL).hostname
        except ValueError:
            return False

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(timezone.utc) + self.clock_offset

    def require_signa(self) -> str:
        """
        Return the API key, once everything that Signa needs is known to be well formed.

        Raises:
            SettingsError: Something is missing or malformed.
        """
        if self.signa_problems or self.api_key is None:
            raise SettingsError("; ".join(self.signa_problems))
        return self.api_key


def _api_key(text: str) -> str:
    if not text.startswith(KEY_PREFIX) or not _is_printable_ascii(text):
        raise _MalformedError(
            f"is malformed: it begins with {KEY_PREFIX} and holds only printable ASCII without spaces; copy it again"
        )
    return text


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _MalformedError("is not a URL") from None
    if parts.scheme not in ("http", "https") or not host or not _is_printable_ascii(text):
        raise _MalformedError(f"must be an absolute URL, such as {PRODUCTION_URL}")
    if parts.username is not None or parts.password is not None:
        raise _MalformedError("must not contain a user or password")
    if "?" in text or "#" in text:
        raise _MalformedError("must not contain a query or fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise _MalformedError("must be https: over http the API key would be readable on the way")
    return text.rstrip("/")


def _seconds(text: str, *, longest: float = math.inf) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and 0 <= number <= longest):
        raise _MalformedError("must be a number of seconds, 0 or more")
    return number


def _offset(text: str) -> timedelta:
    try:
        return timedelta(seconds=_seconds(text, longest=_LONGEST_OFFSET_S))
    except _MalformedError as problem:
        raise _MalformedError(f"{problem}; it is meant for tests: take it out") from None


def _log_level(name: str) -> int:
    level = logging.getLevelName(name.upper())
    if not isinstance(level, int):
        raise _MalformedError("must be DEBUG, INFO, WARNING or ERROR")
    return level


@dataclass(frozen=True, slots=True)
class _Row:
    """One setting: what a message calls it, where it is found, how it is parsed, and its default."""

    noun: str
    variable: str
    key: str | None = None
    parse: Callable[[str], Any] = str
    default: Any = None


_ROWS = {
    "api_key": _Row("Signa API key", "SIGNA_API_KEY", "signa:apiKey", _api_key),
    "base_url": _Row("base URL", "SIGNA_BASE_URL", "signa:baseUrl", _base_url, PRODUCTION_URL),
    "max_wait_s": _Row("longest wait", "SIGNA_MAX_WAIT_S", "signa:maxWaitSeconds", _seconds, DEFAULT_MAX_WAIT_S),
    "namespace": _Row("namespace", "SIGNA_NAMESPACE", "signa:namespace", default=""),
    "aws_region": _Row("AWS region", "AWS_REGION", "aws:region"),
    "log_level": _Row("log level", LOG_LEVEL_VARIABLE, parse=_log_level),
    "clock_offset": _Row("clock offset", "SIGNA_CLOCK_OFFSET_S", parse=_offset, default=timedelta()),
}

STACK_KEYS = tuple(row.key for row in _ROWS.values() if row.key is not None)
VARIABLES = tuple(row.variable for row in _ROWS.values())


def load(stack_config: Mapping[str, object], environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the settings; problems are collected, not raised, since not every operation needs every setting.

    Args:
        stack_config: Configuration of the stack by full key, such as `signa:apiKey`; secrets in plain text.
        environment: Environment variables.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    problems: list[str] = []
    for name, row in _ROWS.items():
        text, sources[name] = _given(row, stack_config, environment)
        values[name] = row.default
        if text is not None:
            try:
                values[name] = row.parse(text)
            except _MalformedError as problem:
                problems.append(f"the {row.noun} from {sources[name]} {problem}")
    if not sources["api_key"]:
        problems.insert(
            0,
            "no Signa API key: run `pulumi config set --secret signa:apiKey`, or set SIGNA_API_KEY in the environment",
        )
    return Settings(
        **values,
        api_key_source=sources["api_key"],
        api_key_is_stored=sources["api_key"] not in ("", _ROWS["api_key"].variable),
        signa_problems=tuple(problems),
        aws_problems=() if values["aws_region"] is not None or _boto3_may_find_region(environment) else (NO_REGION,),
    )


def _given(row: _Row, stack_config: Mapping[str, object], environment: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the text of a setting, or None, and where the text came from."""
    if environment.get(row.variable):
        return environment[row.variable], row.variable
    value = None if row.key is None else stack_config.get(row.key)
    return (None, "") if value in (None, "") else (str(value), f"stack configuration {row.key}")


def _boto3_may_find_region(environment: Mapping[str, str]) -> bool:
    config = environment.get("AWS_CONFIG_FILE") or Path(environment.get("HOME", "/")) / ".aws" / "config"
    return bool(environment.get("AWS_DEFAULT_REGION")) or Path(config).exists()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_printable_ascii(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)
