"""
A receiver of Signa's deliveries, as a team would run one: `signa_receiver` behind Python's own HTTP server.

A delivery that only a newer secret verifies may come within a minute after forged ones have made the receiver read
the secret afresh. It is refused then, and accepted when Signa sends it again.
"""

import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING

import signa_receiver
from signa_receiver import FixedSecrets, Secrets, SecretsManagerSecrets, VerificationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from typing_extensions import Self

HOUR_S = 3600

_REMEMBERED = 10_000
_ID_CHARACTERS = 100


@dataclass(frozen=True)
class Accepted:
    """
    A delivery whose signature was right.

    Attributes:
        id: Of the event.
        type: Of the event.
        secret: With which it was verified.
    """

    id: str
    type: str
    secret: str = field(repr=False)


class _LookedAt:
    """The secrets that one delivery was compared with; the demo shows which of them is in use."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._latest: Sequence[str] = ()

    def get(self, *, refresh: bool = False) -> Sequence[str]:
        self._latest = self._secrets.get(refresh=refresh)
        return self._latest

    def that_fits(self, body: bytes, headers: "Message[str, str]") -> str:
        """Return the one that a verified delivery fits."""
        for secret in self._latest:
            with suppress(VerificationError):
                signa_receiver.Receiver(FixedSecrets(secret)).verify(body, headers)
                return secret
        return ""


class Receiver:
    """
    An HTTP server on a free port of 127.0.0.1.

    Attributes:
        url: Where deliveries go.
        accepted: The latest deliveries whose signature was right, in order.
        rejected: Ids of the events of the latest ones that were turned away, in order.
    """

    def __init__(
        self, secrets_manager: "SecretsManagerClient", secret_name: str, *, refresh_interval_s: float = HOUR_S
    ) -> None:
        """
        Listen; nothing is read before the first delivery asks for the secret.

        Args:
            secrets_manager: boto3's client.
            secret_name: Where the signing secret is.
            refresh_interval_s: For how long it is at most kept in memory.
        """
        self._secrets = SecretsManagerSecrets(secret_name, client=secrets_manager, max_age_s=refresh_interval_s)
        self.accepted: list[Accepted] = []
        self.rejected: list[str] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        # Accepting looks for the end of the server once in so many seconds, and `__exit__` waits for that.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="receiver", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/signa"

    def __enter__(self) -> "Self":
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, and close the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def receive(self, body: bytes, headers: "Message[str, str]") -> int:
        """
        Take one delivery, and return the status of the answer: 204 where the signature is right.

        Args:
            body: The bytes as they came; JSON that was parsed and written again has another signature.
            headers: Those of the request.
        """
        secrets = _LookedAt(self._secrets)
        try:
            event = signa_receiver.Receiver(secrets).verify(body, headers)
        except VerificationError as error:
            self.rejected.append(headers.get("webhook-id", "")[:_ID_CHARACTERS])
            del self.rejected[:-_REMEMBERED]
            return error.http_status
        self.accepted.append(Accepted(event.id, event.type, secrets.that_fits(body, headers)))
        del self.accepted[:-_REMEMBERED]
        return HTTPStatus.NO_CONTENT

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_POST(self) -> None:
                length = self.headers.get("Content-Length", "")
                if re.fullmatch("[0-9]{1,6}", length) is None:
                    self.send_error(HTTPStatus.BAD_REQUEST)
                    return
                body = self.rfile.read(int(length))
                self.send_response(receiver.receive(body, self.headers))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the demo's own lines together."""

        return Handler


class _Server(ThreadingHTTPServer):
    # Of a flood, the five that Python lets wait would be full, and a right delivery would try again after a second.
    request_queue_size = 128
