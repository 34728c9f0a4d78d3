"""
A receiver of Signa's deliveries, as a team would run one.

It takes the signing secret from AWS Secrets Manager, never from the stack, and accepts a delivery only if its
signature is right (https://docs.signa.so/guides/monitoring/webhooks).
"""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING

from standardwebhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from typing_extensions import Self


class Receiver:
    """
    An HTTP server on a free port of 127.0.0.1.

    Attributes:
        url: Where deliveries go.
        accepted: Types of the events whose signature was right, in order.
        rejected: How many deliveries were turned away.
    """

    def __init__(self, secrets_manager: "SecretsManagerClient", secret_name: str) -> None:
        """
        Listen; nothing is accepted before the first delivery asks for the secret.

        Args:
            secrets_manager: boto3's client.
            secret_name: Where the signing secret is.
        """
        self._secrets_manager = secrets_manager
        self._secret_name = secret_name
        self.accepted: list[str] = []
        self.rejected = 0
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
        secret = self._secrets_manager.get_secret_value(SecretId=self._secret_name)["SecretString"]
        try:
            Webhook(secret).verify(body, headers)
        except WebhookVerificationError:
            self.rejected += 1
            return HTTPStatus.UNAUTHORIZED
        self.accepted.append(json.loads(body)["type"])
        return HTTPStatus.NO_CONTENT

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
