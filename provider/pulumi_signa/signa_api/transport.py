"""One request and its answer over `requests`, with time-outs, and its exceptions as our errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from pulumi_signa.quotes import quoting
from pulumi_signa.signa_api.errors import UnreachableError

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0

_CORPORATE_CA = "Where a company proxy signs certificates, point REQUESTS_CA_BUNDLE at its CA file"
# Classes of `requests` overlap, so the first one that fits counts; then what is said, and whether a retry may help.
_FAILURES: tuple[tuple[type[Exception], str, bool], ...] = (
    (requests.exceptions.SSLError, f"TLS with {{where}} failed: {{quote}}. {_CORPORATE_CA}", False),
    (
        requests.exceptions.ProxyError,
        "cannot reach {where} through the proxy of HTTPS_PROXY/HTTP_PROXY: {quote}",
        True,
    ),
    (requests.exceptions.ConnectTimeout, "cannot reach {where}: no connection within {connect_s:g} s", True),
    (requests.exceptions.ReadTimeout, "{where} did not answer within {read_s:g} s", True),
    (requests.exceptions.ConnectionError, "cannot reach {where}: {quote}", True),
    (requests.exceptions.ChunkedEncodingError, "{where} broke off in the middle of its answer", True),
    (requests.exceptions.RequestException, "the request to {where} failed: {name}", False),
    (OSError, "the request to {where} failed: {quote}", False),
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

    Each request in flight has a session of its own from a pool, since `requests` does not promise that threads may
    share a session. Redirects are not followed, because they would send the API key and the body to another server.
    Proxies, `REQUESTS_CA_BUNDLE` and TLS verification work as in `requests`.
    """

    def __init__(
        self,
        base_url: str,
        auth: AuthBase,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = (connect_timeout_s, read_timeout_s)
        self._auth = auth
        self._idle: list[requests.Session] = []
        self._user_agent = f"pulumi-signa/{version('pulumi-signa')} python-requests/{requests.__version__}"

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
        """
        sent = {"User-Agent": self._user_agent, "Accept": "application/json", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        with self._errors(), self._session() as session:
            response = session.request(
                method,
                self._base_url + path,
                params=query,
                data=body,
                headers=sent,
                timeout=self._timeout,
                allow_redirects=False,
            )
        return Answer(response.status_code, response.headers, response.content)

    @contextmanager
    def _session(self) -> Iterator[requests.Session]:
        """Yield an idle session, or a new one. `list.append` and `list.pop` are atomic, so no lock is needed."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = self._new_session()
        try:
            yield session
        finally:
            self._idle.append(session)

    def _new_session(self) -> requests.Session:
        """Return a session that reads the proxies and the CA file from the environment once, not for each request."""
        session = requests.Session()
        session.auth = self._auth
        environment = session.merge_environment_settings(self._base_url, {}, None, None, None)
        session.proxies, session.verify = environment["proxies"], environment["verify"]
        session.trust_env = False
        return session

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn exceptions of `requests` into ours."""
        parts = urlsplit(self._base_url)
        where = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        connect_s, read_s = self._timeout
        try:
            yield
        # `requests` raises a plain OSError if REQUESTS_CA_BUNDLE names a file that does not exist.
        except (requests.exceptions.RequestException, OSError) as error:
            said, retryable = next((said, retryable) for kind, said, retryable in _FAILURES if isinstance(error, kind))
            words = {"where": where, "name": type(error).__name__, "connect_s": connect_s, "read_s": read_s}
            raise UnreachableError(*quoting(said, _innermost(error), **words), retryable=retryable) from None


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
