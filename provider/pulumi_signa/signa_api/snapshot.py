"""The pages of the endpoint list that were read so far."""

import threading
from collections.abc import Callable, Iterator, Sequence

from pulumi_signa.signa_api.errors import NotFoundError, ResponseFormatError
from pulumi_signa.signa_api.models import WebhookEndpoint

ReadPages = Callable[[], Iterator[Sequence[WebhookEndpoint]]]
"""Reads the list from its beginning, one page at a time."""


class Snapshot:
    """
    `Snapshot` caches the pages of the endpoint list, for all threads together.

    A refresh looks up every endpoint of a stack, and a page holds a hundred. A thread whose endpoint is not cached
    reads the next page; the other threads then find their endpoints in the cache. An endpoint that is not in the list
    may still exist, so its absence proves nothing. `was_read` says whether a page was ever read.

    A page may wait minutes for the rate limit. Changes do not wait for it: they take `_lock` alone, never `_reading`.
    """

    def __init__(self, read_pages: ReadPages) -> None:
        self.was_read = False
        self._read_pages = read_pages
        self._reading = threading.Lock()
        self._lock = threading.Lock()
        self._failures: list[Exception] = []
        self._forget()

    def find(self, endpoint_id: str) -> WebhookEndpoint | None:
        """
        Return an endpoint; if it is not cached, read one more page first. Return None if it is not there either.

        Raises:
            SignaError: The page could not be read.
        """
        failures = self._failures
        with self._reading:
            if failures:
                raise failures[0]
            if endpoint_id not in self._by_id:
                self._read_next_page()
            return self._by_id.get(endpoint_id)

    def with_url(self, url: str) -> list[WebhookEndpoint]:
        """Return the cached endpoints with this URL; no page is read."""
        with self._lock:
            return list(self._by_url.get(url, ()))

    def drop(self) -> None:
        """Empty the cache after a change; a page that another thread is reading will not enter it."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._pages: Iterator[Sequence[WebhookEndpoint]] | None = None
        self._by_id: dict[str, WebhookEndpoint] = {}
        self._by_url: dict[str, list[WebhookEndpoint]] = {}

    def _read_next_page(self) -> None:
        with self._lock:
            if self._pages is None:
                self._pages = self._read_pages()
            pages = self._pages
        try:
            page = next(pages, None)
        except (ResponseFormatError, NotFoundError):
            # One malformed row must not fail the look-up of all other endpoints. The caller fetches its endpoint by
            # id, and that answer says what is wrong.
            return
        except Exception as failure:
            # Threads that wait for this page hold the same list of failures, and raise this one instead of waiting
            # and failing in turn. Later callers start over with a new list.
            self._failures.append(failure)
            self._failures = []
            self.drop()
            raise
        if page is None:
            return
        self.was_read = True
        with self._lock:
            if self._pages is not pages:
                return
            for endpoint in page:
                self._by_id[endpoint.id] = endpoint
                self._by_url.setdefault(endpoint.url, []).append(endpoint)
