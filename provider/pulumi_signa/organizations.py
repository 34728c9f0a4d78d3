"""
The organizations of Signa that a stack names: what stands in `signa:accounts`, and what they may be called.

An organization is called an account where a user writes its name.
"""

import json
import re
from collections.abc import Mapping

ACCOUNTS_KEY = "signa:accounts"

ACCOUNT_NAME = re.compile(r"(?!sig_)[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
"""What an organization may be called; never like an API key, since a name stands in messages and in the state."""

_MEMBERS = ("apiKey", "baseUrl", "namespace")
_NAMES = f"{', '.join(_MEMBERS[:-1])} and {_MEMBERS[-1]}"


def api_key_of(account: str) -> str:
    """Return the key of the stack configuration that holds an organization's API key, as `--path` takes it."""
    return f"{ACCOUNTS_KEY}.{account}.apiKey"


def accounts_in(value: object) -> Mapping[str, object] | None:
    """Return the organizations of `signa:accounts` by name, from an object or its JSON text; None if it is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except (RecursionError, ValueError):
            return None
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else None


def flat(value: object) -> dict[str, object]:
    """Return what `signa:accounts` holds by full key, such as `signa:accounts.eu.apiKey`."""
    return {
        f"{ACCOUNTS_KEY}.{account}.{member}": item
        for account, members in (accounts_in(value) or {}).items()
        if isinstance(members, Mapping)
        for member, item in members.items()
    }


def problems(value: object, account: str) -> list[str]:
    """Return what is wrong with the form of `signa:accounts` as far as one organization needs it, without a value."""
    accounts = accounts_in(value)
    if accounts is None:
        return [f"{ACCOUNTS_KEY} must be an object of organizations by name: set {api_key_of(account)} with `--path`"]
    members = accounts.get(account, {})
    if not isinstance(members, Mapping):
        return [f"{ACCOUNTS_KEY}.{account} must be an object of {_NAMES}: set {api_key_of(account)} with `--path`"]
    if members.keys() - set(_MEMBERS):
        return [f"{ACCOUNTS_KEY}.{account} may hold only {_NAMES}: is a name misspelt?"]
    return []
