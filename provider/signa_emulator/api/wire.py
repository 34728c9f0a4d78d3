"""KeepAliveHandler: one HTTP/1.1 connection, and the ways in which an answer on it ends."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Key in the WSGI environment for how the answer ends: sent, cut, dropped or hanging.
ENDING = "signa_emulator.ending"


class KeepAliveHandler(WSGIRequestHandler):
    """
    Serves the requests of one connection, one after the other.

    werkzeug's own handler closes the connection after every answer, because the application may not have read the
    whole body. This handler reads the body first, so that the connection can be kept.
    """

    protocol_version = "HTTP/1.1"
    # With Nagle's algorithm an answer waits up to 40 ms for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request."""
        environ = self.make_environ()
        try:
            body = self._read_body(environ)
        except (ValueError, OSError):
            self.close_connection = True
            return
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        status, headers, answer = self._run_application(environ)
        ending = environ.get(ENDING, "sent")
        if ending == "dropped":
            self.close_connection = True
        elif ending == "hanging":
            self._hang()
        else:
            self._send(status, headers, answer, cut=ending == "cut")

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: calls are logged by `signa_emulator.request_log`."""

    def _read_body(self, environ: WSGIEnvironment) -> bytes:
        if environ.get("wsgi.input_terminated"):
            chunked: bytes = environ["wsgi.input"].read()
            return chunked
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise OSError("the client went away in the middle of the body")
        return body

    def _run_application(self, environ: WSGIEnvironment) -> tuple[int, list[tuple[str, str]], bytes]:
        """Return status, headers and body of the application's answer."""
        started: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
            started.append((int(status[:3]), headers))
            return self.wfile.write

        chunks = self.server.app(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            # WSGI makes close optional, and an empty answer is a bare tuple.
            if hasattr(chunks, "close"):
                chunks.close()
        return *started[-1], body

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool) -> None:
        # `send_response` would add the date of this machine, and the application's headers have that of Signa's clock.
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if cut:
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(body)

    def _hang(self) -> None:
        self.close_connection = True
        # recv returns nothing when the client gives up or the server stops; other bytes of the client are ignored.
        while self.connection.recv(4096):
            pass
