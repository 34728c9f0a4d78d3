"""
Configuration, read once into one frozen value.

| setting                    | environment (wins) | stack configuration    | default                   |
| -------------------------- | ------------------ | ---------------------- | ------------------------- |
| API key                    | `SIGNA_API_KEY`    | `signa:apiKey`         | none                      |
| base URL                   | `SIGNA_BASE_URL`   | `signa:baseUrl`        | `https://api.signa.so/v1` |
| longest wait, in seconds   | `SIGNA_MAX_WAIT_S` | `signa:maxWaitSeconds` | 300                       |
| namespace of the keys      | `SIGNA_NAMESPACE`  | `signa:namespace`      | empty                     |
| AWS region                 | `AWS_REGION`       | `aws:region`           | boto3's own               |
| log on stderr              | `SIGNA_LOG_LEVEL`  |                        | none                      |
| clock ahead, in seconds    | `SIGNA_CLOCK_OFFSET_S` |                    | 0                         |

The environment wins, unlike in most Pulumi providers, because stack configuration is stored with the state:
refresh and destroy would go on using an old key from there after a change.
"""

import ipaddress
import logging
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

from pulumi_signa.aws.errors import NO_REGION

PRODUCTION_URL = "https://api.signa.so/v1"
DEFAULT_MAX_WAIT_S = 300.0
KEY_PREFIX = "sig_"
LOG_LEVEL_VARIABLE = "SIGNA_LOG_LEVEL"
CLOCK_VARIABLE = "SIGNA_CLOCK_OFFSET_S"
STACK_KEYS = ("signa:apiKey", "signa:baseUrl", "signa:maxWaitSeconds", "signa:namespace", "aws:region")

_LONGEST_OFFSET_S = 1e10
"""About 300 years, which leaves every date before the year 9999."""


class SettingsError(Exception):
    """A setting is missing or malformed; one line that says which, and how to set it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the providers need to know beyond a resource's own inputs.

    Attributes:
        api_key: Signa's API key, or None; never in the repr.
        api_key_source: Where it came from, in the words a user would type.
        api_key_is_stored: Whether that is the stack configuration, which is stored with the state.
        base_url: Without a trailing slash.
        max_wait_s: Upper bound of all waits of one call, in seconds.
        namespace: Keeps the idempotency keys of two stacks with the same URNs apart.
        aws_region: The region of the environment or the stack, or None for boto3's own chain.
        log_level: Level of the `pulumi_signa` logger, or None for no log.
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
        """Tell the time."""
        return datetime.now(timezone.utc) + self.clock_offset

    def require_signa(self) -> str:
        """
        Give the API key, once everything that Signa needs is known to be well formed.

        Raises:
            SettingsError: Something is missing or malformed.
        """
        if self.signa_problems or self.api_key is None:
            raise SettingsError("; ".join(self.signa_problems))
        return self.api_key


def load(stack_config: Mapping[str, object], environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the settings; problems are collected, not raised, since not every operation needs every setting.

    Args:
        stack_config: Configuration of the stack by full key, such as `signa:apiKey`; secrets in plain text.
        environment: Environment variables.
    """
    problems: list[str] = []

    def setting(variable: str, key: str) -> tuple[str | None, str]:
        if environment.get(variable):
            return environment[variable], variable
        value = stack_config.get(key)
        return (None, "") if value in (None, "") else (str(value), f"stack configuration {key}")

    api_key, api_key_source = setting("SIGNA_API_KEY", "signa:apiKey")
    if api_key is None:
        problems.append(
            "no Signa API key: run `pulumi config set --secret signa:apiKey`, or set SIGNA_API_KEY in the environment"
        )
    elif not api_key.startswith(KEY_PREFIX) or not _is_printable_ascii(api_key):
        problems.append(
            f"the Signa API key from {api_key_source} is malformed: it begins with {KEY_PREFIX} and holds only "
            "printable ASCII without spaces; copy it again"
        )

    base_url, base_url_source = setting("SIGNA_BASE_URL", "signa:baseUrl")
    if base_url is not None:
        problems.extend(f"the base URL from {base_url_source} {problem}" for problem in _base_url_problems(base_url))

    max_wait, max_wait_source = setting("SIGNA_MAX_WAIT_S", "signa:maxWaitSeconds")
    max_wait_s = DEFAULT_MAX_WAIT_S if max_wait is None else _seconds(max_wait)
    if max_wait_s is None:
        problems.append(f"the longest wait from {max_wait_source} must be a number of seconds, 0 or more")

    log_level_name = environment.get(LOG_LEVEL_VARIABLE, "")
    log_level = _log_level(log_level_name)
    if log_level_name and log_level is None:
        problems.append(f"{LOG_LEVEL_VARIABLE} must be DEBUG, INFO, WARNING or ERROR")

    clock_offset = _offset(environment.get(CLOCK_VARIABLE) or "0")
    if clock_offset is None:
        problems.append(f"{CLOCK_VARIABLE} must be a number of seconds, 0 or more; it is meant for tests: take it out")

    aws_region, _ = setting("AWS_REGION", "aws:region")
    aws_problems = []
    if aws_region is None and not environment.get("AWS_DEFAULT_REGION") and not _aws_config_file(environment).exists():
        aws_problems.append(NO_REGION)
    return Settings(
        api_key=api_key,
        api_key_source=api_key_source,
        api_key_is_stored=bool(api_key) and api_key_source != "SIGNA_API_KEY",
        base_url=(base_url or PRODUCTION_URL).rstrip("/"),
        max_wait_s=DEFAULT_MAX_WAIT_S if max_wait_s is None else max_wait_s,
        namespace=setting("SIGNA_NAMESPACE", "signa:namespace")[0] or "",
        aws_region=aws_region,
        log_level=log_level,
        clock_offset=clock_offset or timedelta(),
        signa_problems=tuple(problems),
        aws_problems=tuple(aws_problems),
    )


def _base_url_problems(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ["is not a URL"]
    if parts.scheme not in ("http", "https") or not host or not _is_printable_ascii(url):
        return [f"must be an absolute URL, such as {PRODUCTION_URL}"]
    problems = []
    if parts.username is not None or parts.password is not None:
        problems.append("must not contain a user or password")
    if "?" in url or "#" in url:
        problems.append("must not contain a query or fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        problems.append("must be https: over http the API key would be readable on the way")
    return problems


def _aws_config_file(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("AWS_CONFIG_FILE") or Path(environment.get("HOME", "/")) / ".aws" / "config")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_printable_ascii(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)


def _seconds(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _offset(text: str) -> timedelta | None:
    seconds = _seconds(text)
    return None if seconds is None or seconds > _LONGEST_OFFSET_S else timedelta(seconds=seconds)


def _log_level(name: str) -> int | None:
    level = logging.getLevelName(name.upper())
    return level if isinstance(level, int) else None
