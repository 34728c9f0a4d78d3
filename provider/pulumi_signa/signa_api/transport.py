"""One request and its answer over `requests`, with time-outs, and its exceptions as our errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from pulumi_signa.signa_api.errors import UnreachableError, one_line

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """
    `Answer` is an HTTP answer.

    Attributes:
        status: HTTP status.
        headers: By name, which is case-insensitive.
        body: The raw bytes. They may hold a secret, so the repr leaves them out.
    """

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
        """Turn exceptions of `requests` into ours. Its classes overlap, so the order of the clauses matters."""
        parts = urlsplit(self._base_url)
        where = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        try:
            yield
        except requests.exceptions.SSLError as error:
            raise UnreachableError(
                f"TLS with {where} failed: {_innermost(error)}. Where a company proxy signs certificates, point "
                "REQUESTS_CA_BUNDLE at its CA file",
                retryable=False,
            ) from None
        except requests.exceptions.ProxyError as error:
            raise UnreachableError(
                f"cannot reach {where} through the proxy of HTTPS_PROXY/HTTP_PROXY: {_innermost(error)}", retryable=True
            ) from None
        except requests.exceptions.ConnectTimeout:
            raise UnreachableError(
                f"cannot reach {where}: no connection within {self._timeout[0]:g} s", retryable=True
            ) from None
        except requests.exceptions.ReadTimeout:
            raise UnreachableError(f"{where} did not answer within {self._timeout[1]:g} s", retryable=True) from None
        except requests.exceptions.ConnectionError as error:
            raise UnreachableError(f"cannot reach {where}: {_innermost(error)}", retryable=True) from None
        except requests.exceptions.ChunkedEncodingError:
            raise UnreachableError(f"{where} broke off in the middle of its answer", retryable=True) from None
        except requests.exceptions.RequestException as error:
            raise UnreachableError(f"the request to {where} failed: {type(error).__name__}", retryable=False) from None
        except OSError as error:
            # `requests` raises a plain OSError if REQUESTS_CA_BUNDLE names a file that does not exist.
            raise UnreachableError(f"the request to {where} failed: {one_line(str(error))}", retryable=False) from None


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
    return one_line(text) or type(cause).__name__
