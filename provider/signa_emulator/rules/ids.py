"""New identifiers and secrets in the shapes that Signa's examples show."""

from __future__ import annotations

import base64
import secrets
import uuid
from datetime import datetime

_SECRET_BYTES = 32


def new_uuid(now: datetime) -> str:
    """
    Return a new hyphenated UUIDv7: 48 bits of Unix milliseconds, then random bits.

    Source: https://docs.signa.so/guides/monitoring/webhooks (its sample IDs are UUIDv7)
    """
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    bits = (milliseconds << 80) | secrets.randbits(80)
    bits = (bits & ~(0xF << 76)) | (0x7 << 76)
    bits = (bits & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=bits))


def new_id(prefix: str, now: datetime) -> str:
    """
    Return a new ID such as `whk_018f9b2e-9b6c-7c9c-b4f1-1234567890ab`.

    Args:
        prefix: The type prefix without its underscore: `whk`, `evt`, `alt`, `req` and so on.
        now: The moment that the ID carries.
    """
    return f"{prefix}_{new_uuid(now)}"


def new_secret() -> str:
    """
    Return a new signing secret: `whsec_` and 32 random bytes in base64.

    Signa's recipes hand the secret to the `standardwebhooks` library, which decodes base64 after an optional `whsec_`.
    Open point: whether Signa's secret has that prefix, and how many bytes it is.

    Source: https://docs.signa.so/guides/monitoring/webhook-signature-verification and
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def is_uuid(text: str) -> bool:
    """Return whether the text is a hyphenated UUID of any version."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
