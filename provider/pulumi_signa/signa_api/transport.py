"""One request, one answer: `requests` with our time-outs, its exceptions turned into ours."""

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
    An HTTP answer.

    Attributes:
        status: HTTP status.
        headers: Case-insensitive.
        body: The raw bytes; may hold a secret, so it stays out of the repr.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Show the status and the size."""
        return f"Answer(status={self.status}, {len(self.body)} bytes)"


class Transport:
    """
    Sends requests below one base URL.

    Sessions are pooled and lent to one request at a time, since `requests` does not promise that one may be shared.
    Redirects are not followed: they would carry the key and the body somewhere else. Proxies, `REQUESTS_CA_BUNDLE`
    and TLS verification are `requests`' own.
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
        Send one request and read the whole answer, whatever its status.

        Args:
            path: Below the base URL, with a leading slash.
            body: JSON, already encoded: a retry must send the same bytes.

        Raises:
            UnreachableError: No whole answer.
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
        """Lend a session that is idle, or a new one; appending to and taking from a list are atomic."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = self._new_session()
        try:
            yield session
        finally:
            self._idle.append(session)

    def _new_session(self) -> requests.Session:
        """Make a session that has looked at the environment once, and not again for each request."""
        session = requests.Session()
        session.auth = self._auth
        environment = session.merge_environment_settings(self._base_url, {}, None, None, None)
        session.proxies, session.verify = environment["proxies"], environment["verify"]
        session.trust_env = False
        return session

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Map what `requests` raises; the order matters, since its classes overlap."""
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
            # Not an exception of `requests`: REQUESTS_CA_BUNDLE names a file that is not there.
            raise UnreachableError(f"the request to {where} failed: {one_line(str(error))}", retryable=False) from None


def _innermost(error: BaseException) -> str:
    """
    Give the system's own reason, such as `Connection refused`.

    `requests` and urllib3 nest their causes in `args`, `reason` and `__context__`; the outer texts repeat the
    whole URL.
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
