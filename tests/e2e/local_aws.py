"""Secrets Manager on 127.0.0.1: counted, refused and held as a test wants it."""

import json
from typing import Any, NamedTuple

from sandbox.aws import USER_AGENT, LocalAws

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


class CountedAws(LocalAws):
    """
    A local AWS that counts what it is asked; what tests ask with `secrets_manager` is not counted.

    Attributes:
        calls: Names of the Secrets Manager actions, in order.
        refuse: Error code and message, or a whole `Refusal`, by action; AWS answers with them instead.
        gate: Holds requests, by action.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuse: dict[str, tuple[str, str] | Refusal] = {}
        self.gate = Gate(self._answer, _action_of)
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

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        action = _action_of(environ)
        if action and USER_AGENT not in environ["HTTP_USER_AGENT"]:
            self.calls.append(action)
            if action in self.refuse:
                refusal = Refusal(*self.refuse[action])
                if refusal.after:
                    self.refuse[action] = refusal._replace(after=refusal.after - 1)
                    return super().serve(environ, start_response)
                if refusal.times == 1:
                    del self.refuse[action]
                elif refusal.times is not None:
                    self.refuse[action] = refusal._replace(times=refusal.times - 1)
                body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
                headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
                start_response(f"{refusal.status} Refused", headers)
                return [body]
        return super().serve(environ, start_response)


def _action_of(environ: dict[str, Any]) -> str:
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix("secretsmanager.")
