"""One request and its answer over `requests`, bounded in time and size, and its exceptions as our errors."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy

from pulumi_signa.deadline import DeadlineError, within
from pulumi_signa.quotes import quoting
from pulumi_signa.signa_api.connections import adapter_for
from pulumi_signa.signa_api.errors import ResponseFormatError, UnreachableError

VERSION = "0.1.0"
"""That of the package; `importlib.metadata` takes 10 ms to look the version up."""

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
DEADLINE_S = CONNECT_TIMEOUT_S + READ_TIMEOUT_S
"""Time for one request and its whole answer."""

MAX_BYTES = 8 * 2**20
"""Size of an answer, unpacked. A page of a hundred endpoints with the longest texts has less than a tenth of that."""

_PIECE = 2**14
_PROXY = "the proxy of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"
_CORPORATE_CA = "Where a company proxy signs certificates, point REQUESTS_CA_BUNDLE at its CA file"
# Classes of `requests` overlap, so the first one that fits counts; then what is said, and whether a retry may help.
_FAILURES: tuple[tuple[type[Exception], str, bool], ...] = (
    (DeadlineError, "no whole answer from {where} within {deadline_s:g} s", True),
    (requests.exceptions.SSLError, f"TLS with {{where}} failed: {{quote}}. {_CORPORATE_CA}", False),
    (requests.exceptions.ConnectTimeout, "cannot reach {where}: no connection within {connect_s:g} s", True),
    (requests.exceptions.ReadTimeout, "{where} did not answer within {read_s:g} s", True),
    (requests.exceptions.ConnectionError, "cannot reach {where}: {quote}", True),
    (requests.exceptions.ChunkedEncodingError, "{where} broke off in the middle of its answer", True),
    (requests.exceptions.RequestException, "the request to {where} failed: {name}", False),
    (OSError, "the request to {where} failed: {quote}", False),
    (ValueError, "the request to {where} failed: {name}", False),
)
# The base URL was checked with the settings, so what `requests` calls malformed is the proxy's URL.
_PROXY_FAILURES: tuple[tuple[type[Exception], str, bool], ...] = (
    (requests.exceptions.InvalidSchema, f"{_PROXY} needs a package more: `pip install 'requests[socks]'`", False),
    (ValueError, f"{_PROXY} is no URL of a proxy, such as http://proxy.example.com:3128", False),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """`Answer` is an HTTP answer; header names are case-insensitive, and the repr leaves out the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Return the status and the size of the body."""
        return f"Answer(status={self.status}, {len(self.body)} bytes)"


class Transport:
    """
    `Transport` sends requests to one base URL. It may be shared between threads.

    Redirects are not followed, because they would send the API key and the body to another server. Proxies,
    `REQUESTS_CA_BUNDLE` and TLS verification work as in a session of `requests`. There is no session, because sessions
    are not promised to be safe in threads, and add a third to the cost of a request.
    """

    def __init__(  # noqa: PLR0913 - the bounds of an exchange
        self,
        base_url: str,
        auth: AuthBase,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        deadline_s: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """
        Read the proxies and the CA file from the environment; nothing is connected yet.

        Args:
            connect_timeout_s: Bounds the connection to one address of the server.
            read_timeout_s: Bounds the wait for the next byte.
            deadline_s: Bounds the whole exchange: names, connections, TLS, and the answer to its last byte.
            max_bytes: Bounds the body of an answer, unpacked.
        """
        self._base_url = base_url.rstrip("/")
        self._auth = auth
        self._timeout = (connect_timeout_s, read_timeout_s)
        self._deadline_s = deadline_s
        self._max_bytes = max_bytes
        environment = requests.Session().merge_environment_settings(self._base_url, {}, None, None, None)
        self._proxies, bundle = environment["proxies"], environment["verify"]
        self._ca_bundle = Path(bundle if isinstance(bundle, str) else DEFAULT_CA_BUNDLE_PATH)
        self._proxy = select_proxy(self._base_url, self._proxies)
        self._connecting = threading.Lock()
        self._adapter: HTTPAdapter | None = None
        self._headers = {
            "User-Agent": f"pulumi-signa/{VERSION} python-requests/{requests.__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        Send one request, and return the complete answer with any status.

        Args:
            path: The path below the base URL, with a leading slash.
            body: JSON as bytes, since a retry must send the same bytes.

        Raises:
            UnreachableError: No complete answer came.
            ResponseFormatError: The answer is too large.
        """
        sent = {**self._headers, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        request = requests.PreparedRequest()
        with self._errors():
            url = self._base_url + path
            request.prepare(method=method, url=url, params=query, data=body, headers=sent, auth=self._auth)
            return within(self._deadline_s, lambda: self._exchange(request))

    def _exchange(self, request: requests.PreparedRequest) -> Answer:
        adapter = self._connected()
        with adapter.send(request, stream=True, timeout=self._timeout, proxies=self._proxies) as response:
            body = bytearray()
            for piece in response.iter_content(_PIECE):
                body += piece
                if len(body) > self._max_bytes:
                    raise ResponseFormatError(f"the answer of {self._where()} is larger than {self._max_bytes:,} bytes")
        return Answer(response.status_code, response.headers, bytes(body))

    def _connected(self) -> HTTPAdapter:
        with self._connecting:
            if self._adapter is None:
                self._adapter = adapter_for([self._base_url, self._proxy or ""], self._ca_bundle)
            return self._adapter

    def _where(self) -> str:
        """Return the server, and the way there; the proxy's own URL may hold a password."""
        parts = urlsplit(self._base_url)
        server = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        return f"{server} through {_PROXY}" if self._proxy else server

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn exceptions of `requests` into ours."""
        try:
            yield
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            failures = (*_PROXY_FAILURES, *_FAILURES) if self._proxy else _FAILURES
            said, retryable = next((said, retryable) for kind, said, retryable in failures if isinstance(error, kind))
            (connect_s, read_s), name = self._timeout, type(error).__name__
            words = {"where": self._where(), "name": name, "connect_s": connect_s, "read_s": read_s}
            parts = quoting(said, _innermost(error), deadline_s=self._deadline_s, **words)
            raise UnreachableError(*parts, retryable=retryable) from None


def _innermost(error: BaseException) -> str:
    """
    Return the operating system's reason, such as `Connection refused`.

    `requests` and urllib3 nest the cause in `reason`, `args` and `__context__`; their own texts repeat the whole URL.
    """
    cause: BaseException = error
    while True:
        inner = getattr(cause, "reason", None) or next(
            (arg for arg in cause.args if isinstance(arg, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            inner = cause.__cause__ or cause.__context__
        if not isinstance(inner, BaseException):
            break
        cause = inner
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return text if text.strip() else type(cause).__name__
