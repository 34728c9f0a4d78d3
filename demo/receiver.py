"""
A receiver of Signa's deliveries, as a team would run one.

`SigningSecrets` and `Receiver.receive` are what to copy; the rest is Python's own HTTP server. A delivery is accepted
only if its signature fits the secret that AWS Secrets Manager has, so no restart is needed when that is rotated.

A delivery that only a newer secret verifies may come within a minute after forged ones have made the receiver read
the secret afresh. It is refused then, and accepted when Signa sends it again.

Source: https://docs.signa.so/guides/monitoring/webhook-signature-verification and
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

import logging
import math
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from standardwebhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from typing_extensions import Self

LOGGER = logging.getLogger(__name__)

MINUTE_S = 60
HOUR_S = 3600

_PATIENCE_S = 1.0
"""Seconds for which deliveries wait when the secret is read."""

_TOLERANCE_S = 300
_SIGNATURE = re.compile(r"(?:^| )v1,[A-Za-z0-9+/]{43}=(?: |$)")
_OVERLAP = timedelta(days=1)

_REMEMBERED = 10_000
_ID_CHARACTERS = 100


class SigningSecrets:
    """The signing secret, and for a day after a rotation the one before, in memory."""

    def __init__(self, secrets_manager: "SecretsManagerClient", secret_name: str, *, refresh_interval_s: float) -> None:
        self._secrets_manager = secrets_manager
        self._secret_name = secret_name
        self._refresh_interval_s = refresh_interval_s
        self._lock = threading.Lock()
        self._reader = threading.Thread()
        self._read_at = self._doubted_at = -math.inf
        self._secrets: list[str] = []

    def get(self, *, afresh: bool = False) -> list[str]:
        """Return the secrets, the current one first; `afresh` reads them again, once a minute at most."""
        with self._lock:
            now = time.monotonic()
            is_old = now - self._read_at >= self._refresh_interval_s
            is_doubted = afresh and now - self._doubted_at >= MINUTE_S
            if (is_old or is_doubted) and not self._reader.is_alive():
                self._read_at = now
                self._doubted_at = now if is_doubted else self._doubted_at
                # A Secrets Manager that hangs must not hold whoever posts, so a thread of its own waits for the answer.
                self._reader = threading.Thread(target=self._read, daemon=True)
                self._reader.start()
            reader, patience_s = self._reader, self._read_at + _PATIENCE_S - now
        reader.join(max(0.0, patience_s))
        return self._secrets

    def _read(self) -> None:
        try:
            current = self._secrets_manager.get_secret_value(SecretId=self._secret_name)
            secrets = [current["SecretString"]]
            # Later on, AWSPREVIOUS would only serve somebody who has found an old secret.
            if datetime.now(timezone.utc) - current["CreatedDate"] < _OVERLAP:
                secrets += self._previous()
            self._secrets = secrets
        except (BotoCoreError, ClientError) as error:
            LOGGER.warning("the secrets in memory go on, for %s cannot be read: %s", self._secret_name, error)

    def _previous(self) -> list[str]:
        name = self._secret_name
        try:
            return [self._secrets_manager.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"]]
        except ClientError:
            # There is none before the first rotation, and not every role may read it.
            return []


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
        self._secrets = SigningSecrets(secrets_manager, secret_name, refresh_interval_s=refresh_interval_s)
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

    def receive(self, body: bytes, headers: dict[str, str]) -> HTTPStatus:
        """
        Take one delivery: 204 where the signature is right, 401 where it is not.

        Args:
            body: The bytes as they came; JSON that was parsed and written again has another signature.
            headers: By name in lower case.
        """
        accepted = self._verified(body, headers)
        if accepted is None:
            self.rejected.append(headers.get("webhook-id", "")[:_ID_CHARACTERS])
            del self.rejected[:-_REMEMBERED]
            return HTTPStatus.UNAUTHORIZED
        self.accepted.append(accepted)
        del self.accepted[:-_REMEMBERED]
        return HTTPStatus.NO_CONTENT

    def _verified(self, body: bytes, headers: dict[str, str]) -> Accepted | None:
        if not _is_plausible(headers):
            return None
        for afresh in (False, True):
            for secret in self._secrets.get(afresh=afresh):
                try:
                    event = Webhook(secret).verify(body, headers)
                except WebhookVerificationError:
                    continue
                except ValueError:  # a body that is no UTF-8, or another oddity
                    return None
                return Accepted(event["id"], event["type"], secret)
        return None

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
                self.send_response(
                    receiver.receive(body, {name.lower(): value for name, value in self.headers.items()})
                )
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the demo's own lines together."""

        return Handler


class _Server(ThreadingHTTPServer):
    # Of a flood, the five that Python lets wait would be full, and a right delivery would try again after a second.
    request_queue_size = 128


def _is_plausible(headers: dict[str, str]) -> bool:
    """Return whether a delivery may be Signa's by its headers: all there, well formed, signed within five minutes."""
    timestamp = headers.get("webhook-timestamp", "")
    return (
        bool(headers.get("webhook-id"))
        and _SIGNATURE.search(headers.get("webhook-signature", "")) is not None
        and re.fullmatch("[0-9]{10}", timestamp) is not None
        and abs(time.time() - int(timestamp)) <= _TOLERANCE_S
    )
