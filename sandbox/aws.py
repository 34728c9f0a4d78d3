"""AWS in memory, on 127.0.0.1."""

import os
import threading
from typing import Any

import boto3
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from typing_extensions import Self
from werkzeug.serving import WSGIRequestHandler, make_server

REGION = "eu-west-1"

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

USER_AGENT = "sandbox"
"""Stands in the user agent of `LocalAws.secrets_manager`."""


class LocalAws:
    """
    Moto's AWS on a free port.

    Attributes:
        url: Its address.
    """

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self.serve, threaded=True, request_handler=QuietHandler)
        # Accepting looks for the end of the server once in so many seconds, and `__exit__` waits for that.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a process to this Secrets Manager, and away from the user's own AWS settings."""
        return {
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.url,
        }

    @property
    def secrets_manager(self) -> Any:
        """boto3's client, for a look at what is there."""
        return boto3.client(
            "secretsmanager",
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(user_agent_extra=USER_AGENT),
        )

    def serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request; the arguments and the result are those of a WSGI application."""
        return self._moto(environ, start_response)

    def reset(self) -> None:
        """Forget everything."""
        requests.post(f"{self.url}/moto-api/reset", timeout=10).raise_for_status()

    def values(self, stage: str = "AWSCURRENT") -> dict[str, str]:
        """Return the value of every secret at a stage, by name; those scheduled for deletion are not listed."""
        client = self.secrets_manager
        return {
            secret["Name"]: client.get_secret_value(SecretId=secret["Name"], VersionStage=stage)["SecretString"]
            for secret in client.list_secrets()["SecretList"]
        }


class QuietHandler(WSGIRequestHandler):
    """Logs nothing: requests would stand between the lines of a test or a demo."""

    def log(self, *_: Any) -> None:
        """Log nothing."""
