"""`Cache`: a value that is read in the background, seldom, and held while its store fails."""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from signa_receiver.errors import SecretsUnavailableError
from signa_receiver.forks import begin_anew_in_children

LOGGER = logging.getLogger("signa_receiver")

_MINUTE_S = 60
"""At most one refresh in this time, and at most one attempt after a failure while a value is held."""

_EMPTY_RETRY_S = 10
"""At most one attempt in this time while no value is held."""

_PATIENCE_S = 1.0
"""Seconds after the start of a read for which deliveries wait, where a value is held."""

_FIRST_PATIENCE_S = 5.0
"""The same, where none is held: credentials may have to be fetched, and a connection opened."""

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """
    A value of a store, in memory; thread-safe.

    A read runs in a thread of its own, since a store that hangs must not hold whoever posts deliveries. Whoever needs a
    read waits for the one under way; everybody else gets the value that is held.
    """

    def __init__(self, read: Callable[[], Value], *, name: str, max_age_s: float) -> None:
        """
        Hold nothing yet.

        Args:
            read: Reads the value.
            name: What the value is, for the log.
            max_age_s: Seconds after which the value is read again.
        """
        self._read = read
        self._name = name
        self._max_age_s = max_age_s
        self._started_at = self._next_read_at = self._next_refresh_at = -math.inf
        self._is_reading = False
        self._value: Value | None = None
        self._error: Exception | None = None
        self._begin_anew()
        begin_anew_in_children(self)

    def _begin_anew(self) -> None:
        """Take a new lock. A read that is under way does not end in a child, since a fork takes no thread along."""
        self._lock = threading.Lock()
        self._reader = threading.Thread()
        if self._is_reading:
            self._next_read_at = -math.inf
            self._is_reading = False

    def get(self, *, refresh: bool = False) -> Value:
        """
        Return the value that is held, after a read where one is due.

        Args:
            refresh: Read although the value is not old, but at most once a minute.

        Raises:
            SecretsUnavailableError: No read has succeeded yet.
        """
        with self._lock:
            reader, patience_s = self._reader_to_wait_for(refresh=refresh)
        reader.join(max(0.0, patience_s))
        if self._value is None:
            raise SecretsUnavailableError("the signing secrets cannot be read; the receiver's log says why") from (
                self._error
            )
        return self._value

    def _reader_to_wait_for(self, *, refresh: bool) -> tuple[threading.Thread, float]:
        """Start a read where one is due; return the latest reader, and for how many seconds to wait for it."""
        now = time.monotonic()
        is_empty, is_due = self._value is None, now >= self._next_read_at
        is_refresh = refresh and not is_empty and now >= self._next_refresh_at
        if (is_due or is_refresh) and not self._reader.is_alive():
            reader = threading.Thread(target=self._try_to_read, name="signa-receiver-secrets", daemon=True)
            # A process that has no thread left raises here; the next delivery tries again.
            self._is_reading = True
            reader.start()
            self._reader, self._started_at = reader, now
            self._next_read_at = now + self._max_age_s
            self._next_refresh_at = now + _MINUTE_S if is_refresh else self._next_refresh_at
        if not (is_empty or is_due or refresh):
            # A read that is under way serves other deliveries, and this one needs none.
            return self._reader, 0.0
        return self._reader, self._started_at + (_FIRST_PATIENCE_S if is_empty else _PATIENCE_S) - now

    def _try_to_read(self) -> None:
        try:
            self._value = self._read()
        except Exception as error:  # noqa: BLE001 - a store may fail in any way, and no delivery must fail with it
            # A traceback has the secret among its local variables, which error trackers collect.
            self._error = error.with_traceback(None)
            is_empty = self._value is None
            LOGGER.warning(
                "%s cannot be read%s: %s: %s",
                self._name,
                "" if is_empty else ", and the last known value goes on",
                type(error).__name__,
                error,
            )
            with self._lock:
                self._next_read_at = time.monotonic() + (_EMPTY_RETRY_S if is_empty else _MINUTE_S)
        self._is_reading = False
