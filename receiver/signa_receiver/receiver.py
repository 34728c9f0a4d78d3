"""`Receiver`: from the bytes and headers of a request to a verified event."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from datetime import datetime, timezone

from standardwebhooks import Webhook

from signa_receiver.errors import (
    MalformedDeliveryError,
    ReplayedError,
    SecretsUnavailableError,
    SignatureError,
    TimestampError,
)
from signa_receiver.event import Event, parse_event
from signa_receiver.headers import DeliveryHeaders, Headers, parse_headers
from signa_receiver.replays import Replays
from signa_receiver.signing_secrets import Secrets, usable

_TOLERANCE_S = 300
"""What Signa's own verifier allows, in both directions."""


class Receiver:
    """Verifies deliveries. Thread-safe: one serves a whole application."""

    def __init__(self, secrets: Secrets, *, replays: Replays | None = None) -> None:
        """
        Make a receiver; nothing is read before the first delivery.

        Args:
            secrets: Where the signing secrets come from.
            replays: Remembers verified deliveries, so that nobody can post one again within the five minutes of its
                timestamp. None accepts such a copy, which does no harm where the application goes by `Event.id`.

        Raises:
            TypeError: `secrets` is no source of secrets, but a secret or a list of them.
        """
        if not hasattr(secrets, "get"):
            raise TypeError(f"secrets is {type(secrets).__name__}: give Receiver(FixedSecrets(secret))")
        self._secrets = secrets
        self._replays = replays

    def verify(self, body: bytes, headers: Headers) -> Event:
        """
        Return the event of a delivery, or raise what is wrong with the delivery.

        A malformed or stale delivery never causes a read of the secrets. A signature that fits none of the secrets
        causes one, within the bounds of `secrets`, because the secret may have been rotated.

        Args:
            body: The bytes of the request as they came. JSON that was parsed and written again has another signature.
            headers: Those of the request: a mapping, or pairs; names in any case, values `str`, `bytes` or lists.

        Raises:
            VerificationError: The delivery must be answered with the error's `http_status`.
            TypeError: `body` is not bytes; this is a mistake of the program.
        """
        if not isinstance(body, bytes | bytearray | memoryview):
            raise TypeError(
                f"body is {type(body).__name__}: pass the raw bytes of the request, because a signature fits "
                "these bytes alone and no parsed or decoded body"
            )
        delivery = parse_headers(headers)
        _check_age(delivery)
        try:
            text = str(body, "utf-8")
        except UnicodeDecodeError:
            raise MalformedDeliveryError("the body is no UTF-8") from None
        self._check_signature(text, delivery)
        event = parse_event(text, delivery)
        self._check_replay(text, delivery)
        return event

    def _check_signature(self, body: str, delivery: DeliveryHeaders) -> None:
        held = self._secrets.get()
        if _fits(held, body, delivery):
            return
        fresh = self._secrets.get(refresh=True)
        if fresh == held or not _fits(fresh, body, delivery):
            raise SignatureError("no signature fits a secret of this receiver: wrong secret, or an altered body")

    def _check_replay(self, body: str, delivery: DeliveryHeaders) -> None:
        if self._replays is None:
            return
        # A copy has the same signed content. Signa's retries and redeliveries have the same id and a fresh timestamp;
        # webhook-attempt is not signed, so whoever sends a copy is free to change it.
        content = f"{delivery.id}.{delivery.timestamp}.{body}"
        key = hashlib.sha256(content.encode()).hexdigest()
        # A timestamp from the edge of the future is good for twice the tolerance.
        if not self._replays.add(key, seconds=2 * _TOLERANCE_S):
            raise ReplayedError("this delivery was verified before")


def _check_age(delivery: DeliveryHeaders) -> None:
    age_s = time.time() - delivery.timestamp
    if age_s > _TOLERANCE_S:
        raise TimestampError(
            f"signed {age_s:.0f} s ago, and {_TOLERANCE_S} s is the limit: sent again, or the receiver's clock is fast",
            age_s,
        )
    if age_s < -_TOLERANCE_S:
        raise TimestampError(
            f"signed {-age_s:.0f} s in the future, and {_TOLERANCE_S} s is the limit: is the receiver's clock slow?",
            age_s,
        )


def _fits(secrets: Sequence[str], body: str, delivery: DeliveryHeaders) -> bool:
    """Return whether one of the signatures is that of one of the secrets."""
    keys = usable(secrets)
    if not keys:
        raise SecretsUnavailableError("the receiver has no signing secret; or none that is base64 of 16 bytes or more")
    # The library's `verify` looks at the clock again, and raises ValueError at a signature of another scheme.
    signed_at = datetime.fromtimestamp(delivery.timestamp, tz=timezone.utc)
    expected = [Webhook(key).sign(delivery.id, signed_at, body) for key in keys]
    return any(hmac.compare_digest(one, given) for one in expected for given in delivery.signatures)
