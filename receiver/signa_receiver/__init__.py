"""
Verification of Signa's webhook deliveries, during a rotation of the signing secret too.

    from signa_receiver import Receiver, SecretsManagerSecrets, VerificationError

    receiver = Receiver(SecretsManagerSecrets("arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/alerts"))
    event = receiver.verify(body, headers)

`body` is the bytes of the request as they came. A `VerificationError` says why a delivery was refused, and its
`http_status` is what to answer. A `Receiver` is thread-safe; in an asyncio application, call
`await asyncio.to_thread(receiver.verify, body, headers)`, because the first delivery waits for the secret.

Source: https://www.standardwebhooks.com and https://docs.signa.so/guides/monitoring/webhook-signature-verification
"""

from signa_receiver.errors import (
    MalformedDeliveryError,
    MissingHeaderError,
    ReplayedError,
    SecretsUnavailableError,
    SignatureError,
    TimestampError,
    VerificationError,
)
from signa_receiver.event import Event
from signa_receiver.receiver import Receiver
from signa_receiver.replays import MemoryReplays, Replays
from signa_receiver.secrets_manager import SecretsManagerSecrets
from signa_receiver.signing_secrets import CachedSecrets, FixedSecrets, Secrets

__all__ = [
    "CachedSecrets",
    "Event",
    "FixedSecrets",
    "MalformedDeliveryError",
    "MemoryReplays",
    "MissingHeaderError",
    "Receiver",
    "ReplayedError",
    "Replays",
    "Secrets",
    "SecretsManagerSecrets",
    "SecretsUnavailableError",
    "SignatureError",
    "TimestampError",
    "VerificationError",
]
