"""What is wrong with how a stack's configuration gives settings: API keys that are readable, and misspelt names."""

from collections.abc import Iterable, Iterator, Mapping

from pulumi_signa.organizations import ACCOUNTS_KEY, accounts_in, api_key_of
from pulumi_signa.setting_rows import KEY_PREFIX, ROWS, STACK_KEYS

API_KEY = str(ROWS["api_key"].key)

WITH_KEYS = (API_KEY, ACCOUNTS_KEY)
"""The settings in which an API key may stand."""

_READABLE = (
    "{key} is not a secret in this stack's configuration, so the API key is readable there and in the state: revoke "
    "the key at Signa, and set another one with `pulumi config set --secret {argument}`"
)

_NAMESPACE = "signa"


def readable_api_keys(readable: Mapping[str, object]) -> Iterator[str]:
    """
    Yield what to do about each API key that is readable: such a key stands in a file that is committed, and in backups.

    Args:
        readable: The configuration that is no secret, by full key.
    """
    if readable.get(API_KEY):
        yield _READABLE.format(key=API_KEY, argument=API_KEY)
    for account, members in (accounts_in(readable.get(ACCOUNTS_KEY)) or {}).items():
        if isinstance(members, Mapping) and members.get("apiKey"):
            key = api_key_of(account)
            yield _READABLE.format(key=key, argument=f"--path '{key}'")


def unread(keys: Iterable[str], project: str | None, read: Iterable[str] = STACK_KEYS) -> list[tuple[str, str]]:
    """
    Return each key under `signa:` that is not read, with what was probably meant.

    Args:
        keys: Full keys, such as `signa:apiKey`.
        project: The project's name. One that is called `signa` has its own settings under `signa:`.
        read: Full keys that are read.
    """
    if project == _NAMESPACE:
        return []
    given, known = _names(keys), _names(read)
    return [(f"{_NAMESPACE}:{_shown(name)}", _meant(name, known)) for name in sorted(given) if name not in known]


def _names(keys: Iterable[str]) -> list[str]:
    return [key.partition(":")[2] for key in keys if key.startswith(f"{_NAMESPACE}:")]


def _shown(name: str) -> str:
    # `pulumi config set signa:sig_…` has made a name of a key.
    return "[secret]" if KEY_PREFIX in name else name


def _meant(name: str, known: Iterable[str]) -> str:
    # Every program imports this module, and few have such a key.
    import difflib  # noqa: PLC0415

    by_lower = {each.lower(): each for each in known}
    likely = difflib.get_close_matches(name.lower(), by_lower, n=1)
    if likely:
        return f"did you mean {_NAMESPACE}:{by_lower[likely[0]]}?"
    return f"the settings are {', '.join(f'{_NAMESPACE}:{each}' for each in known)}"
