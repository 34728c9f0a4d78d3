"""
A stand-in for the transit engine of HashiCorp Vault, which encrypts the data key of a stack.

A passphrase, Pulumi's default, costs each command a quarter of a second of CPU; the demo and the start page have one.

Source: https://developer.hashicorp.com/vault/api-docs/secret/transit, and
https://www.pulumi.com/docs/iac/concepts/secrets/#configuring-secrets-encryption
"""

import atexit
import functools
import json
import threading
from collections.abc import Mapping

from sandbox.aws import QuietHandler
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

SECRETS_PROVIDER = "hashivault://sandbox"
"""What a stack names; its process needs `environment`."""

_SEALED = "vault:v1:"


@functools.cache
def environment() -> Mapping[str, str]:
    """Serve until this process ends, and return the variables that lead a command there."""
    server = make_server("127.0.0.1", 0, _answer, threaded=True, request_handler=QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    atexit.register(server.server_close)
    return {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_port}", "VAULT_SERVER_TOKEN": "any"}


@Request.application
def _answer(request: Request) -> Response:
    """Return a data key as it came, or as it was before: all of the keys are made up."""
    key = request.get_json(force=True)  # Vault's client names no type
    if "/encrypt/" in request.path:
        return _data(ciphertext=_SEALED + key["plaintext"])
    return _data(plaintext=key["ciphertext"].removeprefix(_SEALED))


def _data(**fields: str) -> Response:
    return Response(json.dumps({"data": fields}), content_type="application/json")
