"""
Why a delivery was not verified.

Messages are made to be sent back: none has a secret, a part of the body, a header's value or the name of a resource.
Signa retries a delivery after every answer but a 2xx, and shows the answer in its list of deliveries.
"""

from typing import ClassVar


class VerificationError(Exception):
    """
    A delivery that was not verified.

    Attributes:
        http_status: The status to answer the delivery with.
    """

    http_status: ClassVar[int] = 400


class MalformedDeliveryError(VerificationError):
    """A header or the body does not have the form that Standard Webhooks and Signa give it."""


class MissingHeaderError(MalformedDeliveryError):
    """`webhook-id`, `webhook-timestamp` or `webhook-signature` is missing or empty."""


class TimestampError(VerificationError):
    """
    The delivery was signed more than five minutes ago, or its timestamp lies more than five minutes in the future.

    Attributes:
        age_s: Seconds since the delivery was signed by this machine's clock; negative for the future.
    """

    http_status = 401

    def __init__(self, message: str, age_s: float) -> None:
        super().__init__(message)
        self.age_s = age_s


class SignatureError(VerificationError):
    """No signature of the delivery fits any of the secrets."""

    http_status = 401


class ReplayedError(VerificationError):
    """The very same signed delivery was verified before; retries and redeliveries of Signa are signed anew."""

    http_status = 409


class SecretsUnavailableError(VerificationError):
    """No secret could be read yet, so nothing is known about the delivery; Signa retries it after the 503."""

    http_status = 503
