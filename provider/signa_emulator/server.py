"""EmulatorServer: the emulator in this process."""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from flask import Flask, jsonify
from werkzeug.exceptions import HTTPException
from werkzeug.serving import ThreadedWSGIServer

from signa_emulator.api.routes import signa
from signa_emulator.api.served import ORGANIZATION, served
from signa_emulator.api.wire import KeepAliveHandler
from signa_emulator.control import control
from signa_emulator.organization import Organization

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Response
    from typing_extensions import Self

    from signa_emulator.settings import Settings

_HOST = "127.0.0.1"
_BACKLOG = 128
# Where closing the port does not wake the accepting thread, `stop` waits until the thread looks again.
_POLL_S = 0.02


class EmulatorServer:
    """
    Signa's webhook API on 127.0.0.1, for one organization.

        with EmulatorServer(api_keys=["sig_demo"]) as emulator:
            ...  # emulator.base_url, emulator.organization

    Args:
        api_keys: Valid API keys; they begin with `sig_`.
        api_keys_without_scope: Valid keys without the scope `portfolios:manage`.
        settings: The switches; None for the defaults.
        port: The TCP port; 0 for a free one.
        requests_log: Gets one line of JSON for each call of Signa's API.

    Attributes:
        organization: The live state. Hold `organization.lock` to read several things of one moment.

    Raises:
        ValueError: A key does not begin with `sig_`.
        OSError: The port is taken.
    """

    def __init__(
        self,
        api_keys: Iterable[str] = (),
        *,
        api_keys_without_scope: Iterable[str] = (),
        settings: Settings | None = None,
        port: int = 0,
        requests_log: TextIO | None = None,
    ) -> None:
        self.organization = Organization(api_keys, api_keys_without_scope, settings, requests_log)
        self._server = _Server(_serving(self.organization), port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="signa-emulator", daemon=True
        )

    @property
    def base_url(self) -> str:
        """The API's base URL, such as `http://127.0.0.1:40123/v1`."""
        return f"http://{_HOST}:{self._server.port}/v1"

    @property
    def control_url(self) -> str:
        """The control API's base URL, such as `http://127.0.0.1:40123/_emulator`."""
        return f"http://{_HOST}:{self._server.port}/_emulator"

    def start(self) -> None:
        """Begin to serve; connections that were made since the constructor ran have waited."""
        self.organization.start()
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection, and stop sending deliveries."""
        self._server.close_port()
        self._server.shutdown()
        self._thread.join()
        self.organization.stop()
        self._server.close_connections()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


class _Server(ThreadedWSGIServer):
    """A thread per connection, and a record of all of them, because kept-alive ones outlive the accepting loop."""

    def __init__(self, application: WSGIApplication, port: int) -> None:
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        # werkzeug would leave the process when the port is taken; a socket of our own raises OSError instead.
        with socket.create_server((_HOST, port), backlog=_BACKLOG) as listener:
            super().__init__(_HOST, port, application, KeepAliveHandler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_port(self) -> None:
        """Wake the accepting thread, which finds nobody there."""
        # Only Linux shuts a socket down that listens.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close_connections(self) -> None:
        """End every connection, and so the threads that serve them."""
        with self._connections_lock:
            for connection in self._connections:
                # A client that has just gone away leaves nothing to shut down.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def _serving(organization: Organization) -> WSGIApplication:
    application = _application()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[ORGANIZATION] = organization
        return application(environ, start_response)

    return serve


# werkzeug compiles two functions for each route, which takes longer than all else that a server begins with.
@functools.cache
def _application() -> Flask:
    application = Flask("signa_emulator", static_folder=None)
    application.register_blueprint(signa())
    application.register_blueprint(control())

    @application.after_request
    def dated(response: Response) -> Response:
        organization = served()
        with organization.lock:
            response.date = organization.clock.now()
        return response

    @application.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[Response, int]:
        return jsonify(error=error.description), error.code or 500

    return application
