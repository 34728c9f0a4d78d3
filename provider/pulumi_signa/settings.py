"""
Configuration, read once into one frozen value; `docs/reference/configuration.md` has the table of it.

The environment wins, unlike in most Pulumi providers, because stack configuration is stored with the state: refresh and
destroy would go on using an old key from there after a change.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import Enum, auto
from typing import Any
from urllib.parse import urlsplit

from pulumi_signa import organizations
from pulumi_signa.organizations import ACCOUNTS_KEY, api_key_of
from pulumi_signa.setting_rows import OF_AN_ACCOUNT, PRODUCTION_URL, ROWS, MalformedError, Row


class SettingsError(Exception):
    """A setting is missing or malformed; one line that says which, and how to set it."""


class Place(Enum):
    """Where configuration stands beside the environment."""

    STACK = auto()
    """The stack's configuration, as the dynamic host and the command read it."""

    DEFAULT_PROVIDER = auto()
    """What stands there under `signa:`, which is all that the native host gets."""

    EXPLICIT_PROVIDER = auto()
    """The arguments of a provider in a program. They win over the environment, because two providers differ in them."""

    def key_of(self, row: Row) -> str | None:
        """Return the key of a setting; the arguments of a provider are those under `signa:`."""
        return row.key if self is Place.STACK else row.native_key or row.key

    def name_of(self, key: str) -> str:
        """Return what a message calls a setting that stands here."""
        if self is Place.EXPLICIT_PROVIDER:
            return f"{key.partition(':')[2]} of the provider"
        return f"stack configuration {key}"


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the lifecycles and their connections need to know beyond a resource's own inputs, for one organization.

    Attributes:
        account: The name of the organization; None for the default one.
        api_key_source: Where the key came from, in the words a user would type.
        api_key_is_stored: Whether the key came from the stack configuration, which is stored with the state.
        base_url_source: Where the base URL came from; empty for Signa's own.
        max_wait_s: Upper bound of all waits of one call, in seconds; the queue of our own calls is none.
        namespace: Keeps the idempotency keys of two stacks with the same URNs apart.
        clock_offset: How far the clock is ahead of the real time; a test that moves Signa's clock moves this one too.
        aws_profile: The stack's profile; None where it has none, or where the environment has credentials of its own.
        aws_allowed_accounts: The only accounts of AWS that may be used, 12 digits each; all where none is named.
        aws_forbidden_accounts: Accounts of AWS that must not be used.
        signa_problems: What is wrong with the settings for Signa, one line each.
        aws_problems: What is wrong with those for AWS.
        every_api_key: The keys of all organizations as they were given, none of which may show.
        place: Where the configuration stands.
    """

    account: str | None
    api_key: str | None = field(repr=False)
    api_key_source: str
    api_key_is_stored: bool
    base_url: str
    base_url_source: str
    max_wait_s: float
    namespace: str
    aws_region: str | None
    aws_profile: str | None
    aws_allowed_accounts: tuple[str, ...]
    aws_forbidden_accounts: tuple[str, ...]
    log_level: int | None
    clock_offset: timedelta
    signa_problems: tuple[str, ...]
    aws_problems: tuple[str, ...]
    every_api_key: tuple[str, ...] = field(repr=False)
    place: Place = Place.STACK

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

    def require_aws(self) -> None:
        """Raise `SettingsError` where a setting for AWS is malformed: `destroy` and `refresh` check no inputs."""
        if self.aws_problems:
            raise SettingsError("; ".join(self.aws_problems))

    @property
    def of_signa(self) -> object:
        """What decides which organization is reached; one may have several names."""
        return self if self.signa_problems else (self.base_url, self.api_key, self.max_wait_s)

    @property
    def of_aws(self) -> tuple[object, ...]:
        """What decides which AWS is reached; the same for every organization of Signa."""
        return self.aws_profile, self.aws_allowed_accounts, self.aws_forbidden_accounts, self.aws_problems

    @property
    def limits_aws_accounts(self) -> bool:
        """Whether the account of AWS's credentials has to be looked up."""
        return bool(self.aws_allowed_accounts or self.aws_forbidden_accounts)

    def require_aws_account(self, account_id: str) -> None:
        """Raise `SettingsError` where the stack does not allow this account of AWS."""
        if account_id in self.aws_forbidden_accounts:
            refusal = f"{self.place.key_of(ROWS['aws_forbidden_accounts'])} names"
        elif self.aws_allowed_accounts and account_id not in self.aws_allowed_accounts:
            refusal = f"{self.place.key_of(ROWS['aws_allowed_accounts'])} does not name"
        else:
            return
        raise SettingsError(
            f"the AWS credentials are those of account {account_id}, which {refusal}: "
            f"check AWS_PROFILE, the other AWS_* variables, and {self.place.key_of(ROWS['aws_profile'])}"
        )


_CREDENTIAL_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")
"""Variables in which boto3 finds credentials, and which it passes over where it is told a profile."""


def has_aws_credentials(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the environment says which credentials of AWS count, whatever profile the stack names."""
    return any(environment.get(variable) for variable in _CREDENTIAL_VARIABLES)


def load(
    stack_config: Mapping[str, object],
    environment: Mapping[str, str] = os.environ,
    account: str | None = None,
    *,
    place: Place = Place.STACK,
) -> Settings:
    """
    Read the settings of one organization; problems are collected, not raised: not every operation needs every setting.

    Args:
        stack_config: Configuration of the stack by full key, such as `signa:apiKey`; secrets in plain text.
        environment: Environment variables.
        account: The name of the organization, or None for the default one.
        place: Where the configuration stands.
    """
    given = {**stack_config, **organizations.flat(stack_config.get(ACCOUNTS_KEY))}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    # The default organization does without `signa:accounts`.
    problems = [] if account is None else organizations.problems(stack_config.get(ACCOUNTS_KEY), account)
    is_sound = not problems
    aws_problems: list[str] = []
    for name, row in ROWS.items():
        text, sources[name] = _given(_rows_of(account, name), given, environment, place)
        values[name] = row.default
        if text is not None:
            try:
                values[name] = row.parse(text)
            except MalformedError as problem:
                of_service = aws_problems if name.startswith("aws_") else problems
                of_service.append(f"the {row.noun} from {sources[name]} {problem}")
    if has_aws_credentials(environment):
        values["aws_profile"] = None
    if is_sound and not sources["api_key"]:
        problems.insert(0, _no_api_key(account, place))
    return Settings(
        **values,
        account=account,
        api_key_source=sources["api_key"],
        base_url_source=sources["base_url"],
        api_key_is_stored=sources["api_key"] not in ("", _row_of(account, "api_key").variable),
        signa_problems=tuple(problems),
        aws_problems=tuple(aws_problems),
        every_api_key=_every_api_key(given, environment),
        place=place,
    )


def _row_of(account: str | None, name: str) -> Row:
    row = ROWS[name]
    if account is None or row.variable is None or row.key is None:
        return row
    variable = f"{row.variable}_{account.upper().replace('-', '_')}"
    return replace(row, variable=variable, key=row.key.replace("signa:", f"{ACCOUNTS_KEY}.{account}."))


def _rows_of(account: str | None, name: str) -> tuple[Row, ...]:
    """Return where one organization's setting may stand: what an organization lacks is that of the default one."""
    if account is None or name not in OF_AN_ACCOUNT:
        return (ROWS[name],)
    return (_row_of(account, name),) if name == "api_key" else (_row_of(account, name), ROWS[name])


def _given(
    rows: Iterable[Row], config: Mapping[str, object], environment: Mapping[str, str], place: Place
) -> tuple[str | None, str]:
    """Return the text of a setting from the first of its places that has one, or None, and where it came from."""
    for row in rows:
        key = place.key_of(row)
        value = None if key is None else config.get(key)
        of_config = None if key is None or value in (None, "") else (_text(value), place.name_of(key))
        variable = environment.get(row.variable) if row.variable is not None else None
        of_environment = (variable, row.variable) if variable and row.variable else None
        found = (of_config or of_environment) if place is Place.EXPLICIT_PROVIDER else (of_environment or of_config)
        if found is not None:
            return found
    return None, ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _no_api_key(account: str | None, place: Place) -> str:
    key, row = "signa:apiKey", _row_of(account, "api_key")
    of_account = ""
    if account is not None:
        key, of_account = f"--path '{api_key_of(account)}'", f" for account {account}"
    way = f"run `pulumi config set --secret {key}`"
    if place is Place.EXPLICIT_PROVIDER:
        way = "give the provider apiKey" if account is None else f"give the provider accounts with {account}"
    return f"no Signa API key{of_account}: {way}, or set {row.variable} in the environment"


def _every_api_key(given: Mapping[str, object], environment: Mapping[str, str]) -> tuple[str, ...]:
    row = ROWS["api_key"]
    of_stack = [value for key, value in given.items() if key == row.key or key.endswith(".apiKey")]
    of_environment = [value for name, value in environment.items() if name.startswith(str(row.variable))]
    return tuple(dict.fromkeys(value for value in (*of_stack, *of_environment) if isinstance(value, str) and value))
