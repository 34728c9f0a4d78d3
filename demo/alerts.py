"""Alerts that keep coming, whatever else goes on."""

import itertools
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from signa_emulator.organization import Organization

if TYPE_CHECKING:
    from typing_extensions import Self


class Alerts:
    """
    Lets Signa see an alert at fixed moments, as long as a block lasts.

    The moments are those of a clock: one that comes late is made up for, so the rate is what it is said to be.

    Attributes:
        sent: Ids of the events, in order.
    """

    def __init__(self, organization: Organization, *, per_second: int) -> None:
        """
        Wait for the block.

        Args:
            organization: Whose endpoints are told.
            per_second: How many alerts.
        """
        self.sent: list[str] = []
        self._organization = organization
        self._per_second = per_second
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._emit, name="alerts", daemon=True)

    def __enter__(self) -> "Self":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Send no more; what was sent may still be on its way."""
        self._over.set()
        self._thread.join()

    def _emit(self) -> None:
        begun_at = time.monotonic()
        for number in itertools.count(1):
            event, _ = self._organization.emit()
            self.sent.append(event.id)
            due_at = begun_at + number / self._per_second
            if self._over.wait(max(0.0, due_at - time.monotonic())):
                return
