"""Settings that a stack's configuration has under `signa:` and that nothing reads: most are misspelt."""

from collections.abc import Iterable

from pulumi_signa.settings import KEY_PREFIX, STACK_KEYS

_NAMESPACE = "signa"
_NAMES = tuple(key.partition(":")[2] for key in STACK_KEYS if key.startswith(f"{_NAMESPACE}:"))


def unread(keys: Iterable[str], project: str | None) -> list[tuple[str, str]]:
    """
    Return each key under `signa:` that is not read, with what was probably meant.

    Args:
        keys: Full keys, such as `signa:apiKey`.
        project: The project's name. One that is called `signa` has its own settings under `signa:`.
    """
    if project == _NAMESPACE:
        return []
    names = sorted(key.partition(":")[2] for key in keys if key.startswith(f"{_NAMESPACE}:"))
    return [(f"{_NAMESPACE}:{_shown(name)}", _meant(name)) for name in names if name not in _NAMES]


def _shown(name: str) -> str:
    # `pulumi config set signa:sig_…` has made a name of a key.
    return "[secret]" if KEY_PREFIX in name else name


def _meant(name: str) -> str:
    # Every program imports this module, and few have such a key.
    import difflib  # noqa: PLC0415

    by_lower = {each.lower(): each for each in _NAMES}
    likely = difflib.get_close_matches(name.lower(), by_lower, n=1)
    if likely:
        return f"did you mean {_NAMESPACE}:{by_lower[likely[0]]}?"
    return f"the settings are {', '.join(f'{_NAMESPACE}:{each}' for each in _NAMES)}"
