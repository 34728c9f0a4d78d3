"""Where signing secrets come from: `FixedSecrets`, and `CachedSecrets` over any store."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from signa_receiver.cache import Cache

# standardwebhooks takes base64 after an optional prefix, with or without padding. A placeholder is shorter than 22
# characters, which are 16 bytes, and others can guess it.
_SECRET = re.compile(
    r"""
    (?:whsec_)?
    (?=[A-Za-z0-9+/]{22})
    (?:[A-Za-z0-9+/]{4})*
    (?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?
    """,
    re.VERBOSE,
)

HOUR_S = 3600


class Secrets(Protocol):
    """A source of signing secrets; an implementation must be thread-safe."""

    def get(self, *, refresh: bool = False) -> Sequence[str]:
        """
        Return the secrets that deliveries may be signed with, as Signa issued them.

        Args:
            refresh: A signature fits none of those held. Read them afresh, but seldom: forged deliveries ask for
                this too.

        Raises:
            SecretsUnavailableError: None is held, and none can be read.
        """


class FixedSecrets:
    """Secrets that the program was given: `FixedSecrets(os.environ["SIGNA_WEBHOOK_SECRET"])`."""

    def __init__(self, *secrets: str | Sequence[str]) -> None:
        """
        Hold the secrets: during a rotation the current one and the one before.

        Args:
            secrets: One or several, or a list of them.

        Raises:
            ValueError: There is none, or one is no signing secret.
        """
        several: list[Any] = []
        for given in secrets:
            several += given if isinstance(given, list | tuple) else [given]
        self._secrets = usable(several)
        if not several or not all(usable([each]) for each in several):
            raise ValueError("a signing secret is base64 of 16 bytes or more after an optional whsec_")

    def get(self, *, refresh: bool = False) -> Sequence[str]:  # noqa: ARG002 - there is nothing to read
        """Return them."""
        return self._secrets


class CachedSecrets:
    """
    The secrets of any store, such as Vault or a file, in memory.

    They are read when the first delivery comes, again after `max_age_s`, and at most once a minute for deliveries
    whose signature fits none of them. A thread in the background reads; while the store hangs or fails, the last known
    secrets go on. Each failure is logged as a warning by the logger `signa_receiver`.
    """

    def __init__(self, read: Callable[[], str | Iterable[str]], *, max_age_s: float = HOUR_S) -> None:
        """
        Hold the secrets of a store.

        Args:
            read: Returns the secret, or the current one and the one before. Whatever `read` raises is a failure.
            max_age_s: Seconds for which the secrets are held; 0 reads before each delivery.
        """
        self._cache = Cache(lambda: readable(read()), name="the signing secret", max_age_s=max_age_s)

    def get(self, *, refresh: bool = False) -> Sequence[str]:
        """
        Return the secrets; wait up to five seconds for the first read, and one second for a later one.

        Raises:
            SecretsUnavailableError: The first read has failed or hangs.
        """
        return self._cache.get(refresh=refresh)


def usable(secrets: str | Iterable[object]) -> Sequence[str]:
    """Return what can be a signing secret, without white space around, each once."""
    several = [secrets] if isinstance(secrets, str) else secrets
    stripped = [secret.strip() for secret in several if isinstance(secret, str)]
    return list(dict.fromkeys(secret for secret in stripped if _SECRET.fullmatch(secret)))


def readable(secrets: str | Iterable[str]) -> Sequence[str]:
    """
    Return the usable ones of the secrets that were read.

    Raises:
        ValueError: There is none.
    """
    found = usable(secrets)
    if not found:
        raise ValueError("what was read is no signing secret: base64 of 16 bytes or more after an optional whsec_")
    return found
