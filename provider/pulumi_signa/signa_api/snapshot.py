"""The list of the organization's endpoints, read as far as somebody needed it."""

import threading
from collections.abc import Callable, Iterator, Sequence

from pulumi_signa.signa_api.errors import NotFoundError, ResponseFormatError
from pulumi_signa.signa_api.models import WebhookEndpoint

ReadPages = Callable[[], Iterator[Sequence[WebhookEndpoint]]]
"""Reads the list from its beginning, a page at a time."""


class Snapshot:
    """
    What pages of the list have told, shared by all threads.

    A refresh looks at every endpoint of a stack. One page tells of a hundred, so whoever misses an endpoint reads the
    next page, and the others find theirs in it. That an endpoint is not in the list is no proof that it is gone.
    """

    def __init__(self, read_pages: ReadPages) -> None:
        """Know nothing yet."""
        self.was_read = False
        self._read_pages = read_pages
        self._lock = threading.Lock()
        self._failures: list[Exception] = []
        self._forget()

    def find(self, endpoint_id: str) -> WebhookEndpoint | None:
        """
        Give an endpoint, reading one more page if it was not on those before.

        Raises:
            SignaError: The page could not be read.
        """
        failures = self._failures
        with self._lock:
            if failures:
                raise failures[0]
            if endpoint_id not in self._by_id:
                self._read_next_page()
            return self._by_id.get(endpoint_id)

    def with_url(self, url: str) -> list[WebhookEndpoint]:
        """Give the endpoints with this URL that are on the pages so far, reading none."""
        with self._lock:
            return list(self._by_url.get(url, ()))

    def drop(self) -> None:
        """Forget what is known: something was changed. A page that is under way is waited for, and forgotten too."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._pages: Iterator[Sequence[WebhookEndpoint]] | None = None
        self._by_id: dict[str, WebhookEndpoint] = {}
        self._by_url: dict[str, list[WebhookEndpoint]] = {}

    def _read_next_page(self) -> None:
        if self._pages is None:
            self._pages = self._read_pages()
        try:
            page = next(self._pages, None)
        except (ResponseFormatError, NotFoundError):
            # One odd row must not spoil the others, and nothing here proves that anything is gone: whoever asked
            # fetches its endpoint by itself, and learns what is wrong.
            return
        except Exception as failure:
            # That of all who waited for this page, each of whom would have waited as long again; whoever comes later
            # starts anew.
            self._failures.append(failure)
            self._failures = []
            self._forget()
            raise
        if page is None:
            return
        self.was_read = True
        for endpoint in page:
            self._by_id[endpoint.id] = endpoint
            self._by_url.setdefault(endpoint.url, []).append(endpoint)
