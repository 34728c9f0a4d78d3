"""
A receiver of Signa's deliveries, as a team would run one.

It takes the signing secret from AWS Secrets Manager, never from the stack, and accepts a delivery only if its
signature is right. It keeps the secret in memory with the library that AWS has for that, and reads it again where the
signature fits neither the current one nor the one before: so it needs no restart when the secret is rotated.

Source: https://docs.signa.so/guides/monitoring/webhooks and
https://docs.aws.amazon.com/secretsmanager/latest/userguide/use-client-side-caching.html,
…/retrieving-secrets_cache-python.html
"""

import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING

from aws_secretsmanager_caching import SecretCache, SecretCacheConfig  # type: ignore[import-untyped]
from standardwebhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from typing_extensions import Self

HOUR_S = 3600

_STAGES = ("AWSCURRENT", "AWSPREVIOUS")


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
        accepted: Deliveries whose signature was right, in order.
        rejected: Ids of the events of those that were turned away, in order.
    """

    def __init__(
        self, secrets_manager: "SecretsManagerClient", secret_name: str, *, refresh_interval_s: int = HOUR_S
    ) -> None:
        """
        Listen; nothing is read before the first delivery asks for the secret.

        Args:
            secrets_manager: boto3's client.
            secret_name: Where the signing secret is.
            refresh_interval_s: For how long it is at most kept in memory; an hour is the library's own default.
        """
        config = SecretCacheConfig(secret_refresh_interval=refresh_interval_s)
        self._secrets = SecretCache(config=config, client=secrets_manager)
        self._secret_name = secret_name
        self.accepted: list[Accepted] = []
        self.rejected: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True)
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
        """Take one delivery: 204 where the signature is right, 401 where it is not."""
        accepted = self._verified(body, headers)
        if accepted is None:
            # The secret may be newer than what is in memory. The library waits a few seconds before it asks AWS.
            self._secrets.refresh_secret_now(self._secret_name)
            accepted = self._verified(body, headers)
        if accepted is None:
            self.rejected.append(headers.get("webhook-id", ""))
            return HTTPStatus.UNAUTHORIZED
        self.accepted.append(accepted)
        return HTTPStatus.NO_CONTENT

    def _verified(self, body: bytes, headers: dict[str, str]) -> Accepted | None:
        for stage in _STAGES:
            secret = self._secrets.get_secret_string(self._secret_name, stage)
            if secret is None:  # there is none before the first rotation
                continue
            try:
                event = Webhook(secret).verify(body, headers)
            except WebhookVerificationError:
                continue
            return Accepted(event["id"], event["type"], secret)
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(
                    receiver.receive(body, {name.lower(): value for name, value in self.headers.items()})
                )
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the demo's own lines together."""

        return Handler
