"""Secrets Manager on 127.0.0.1: counted, refused and held as a test wants it."""

import io
import json
import socket
from typing import Any, NamedTuple

from sandbox.aws import USER_AGENT, LocalAws

from e2e.audit import Versions
from e2e.gate import Gate


class Refusal(NamedTuple):
    """
    An error that AWS answers with.

    Attributes:
        times: How often; None for ever.
        after: How many requests are answered before.
    """

    code: str
    message: str
    status: int = 400
    times: int | None = None
    after: int = 0


class Loss(NamedTuple):
    """
    A connection that ends when AWS has done what it was asked, before the answer.

    Attributes:
        times: How often; None for ever.
        after: How many requests are answered before.
    """

    times: int | None = None
    after: int = 0


class CountedAws(LocalAws):
    """
    A local AWS that counts what it is asked; what tests ask with `secrets_manager` is not counted.

    Attributes:
        calls: Names of the Secrets Manager actions, in order.
        refuse: Error code and message, or a whole `Refusal` or `Loss`, by action, or by action and name of a secret; so
            AWS answers instead.
        gate: Holds requests, by action, and by the name of a secret.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuse: dict[str | tuple[str, str], tuple[str, str] | Refusal | Loss] = {}
        self.gate = Gate(self._answer, _request_of)
        super().__init__()

    def serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request, or hold it."""
        return self.gate(environ, start_response)

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self.calls.clear()
        self.refuse.clear()
        self.gate.reset()

    def secrets(self) -> list[dict[str, Any]]:
        """Return every secret whose value is JSON, under the names of our properties."""
        client = self.secrets_manager
        return [
            {
                "id": secret["ARN"],
                "arn": secret["ARN"],
                "secret_name": secret["Name"],
                "version_id": value["VersionId"],
                "secret_json": json.loads(value["SecretString"]),
            }
            for secret in client.list_secrets()["SecretList"]
            for value in [client.get_secret_value(SecretId=secret["ARN"])]
        ]

    def containers(self) -> dict[str, Versions]:
        """Return the versions of every secret by its name."""
        client = self.secrets_manager
        return {
            secret["Name"]: Versions(
                secret["ARN"],
                {label: version["VersionId"] for version in versions for label in version.get("VersionStages") or []},
                {
                    id_: client.get_secret_value(SecretId=secret["ARN"], VersionId=id_)["SecretString"]
                    for version in versions
                    for id_ in [version["VersionId"]]
                },
            )
            for secret in client.list_secrets()["SecretList"]
            for versions in [client.list_secret_version_ids(SecretId=secret["ARN"], IncludeDeprecated=True)["Versions"]]
        }

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        action = _action_of(environ)
        if not action or USER_AGENT in environ["HTTP_USER_AGENT"]:
            return super().serve(environ, start_response)
        self.calls.append(action)
        refusal = self._due(action, _secret_of(environ) if self.refuse else "")
        if refusal is None:
            return super().serve(environ, start_response)
        if isinstance(refusal, Loss):
            super().serve(environ, start_response)
            # Otherwise the connection stays open, and the client waits for an answer.
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError
        body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
        start_response(f"{refusal.status} Refused", headers)
        return [body]

    def _due(self, action: str, secret: str) -> Refusal | Loss | None:
        """Return how a request is refused, if it is, and count the request."""
        for asked in list(self.refuse):
            named, of = (asked, "") if isinstance(asked, str) else asked
            if named != action or of not in secret:
                continue
            refusal = self.refuse[asked]
            if not isinstance(refusal, Loss):
                refusal = Refusal(*refusal)
            if refusal.after:
                self.refuse[asked] = refusal._replace(after=refusal.after - 1)
                continue
            if refusal.times == 1:
                del self.refuse[asked]
            elif refusal.times is not None:
                self.refuse[asked] = refusal._replace(times=refusal.times - 1)
            return refusal
        return None


def _action_of(environ: dict[str, Any]) -> str:
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix("secretsmanager.")


def _request_of(environ: dict[str, Any]) -> tuple[str, str]:
    action = _action_of(environ)
    return action, _secret_of(environ) if action else ""


def _secret_of(environ: dict[str, Any]) -> str:
    """Return the name or the ARN of the secret that a request is about; the request can be read again."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    request = json.loads(body)
    return str(request.get("SecretId") or request.get("Name"))
