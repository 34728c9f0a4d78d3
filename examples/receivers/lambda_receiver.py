"""A receiver in AWS Lambda, behind a function URL, API Gateway (REST, HTTP 1.0 and 2.0) or a load balancer."""

import base64
import logging
import os
from typing import Any

from signa_receiver import Receiver, SecretsManagerSecrets, VerificationError

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)  # Lambda shows warnings alone by default

# Made once for each instance of the function, which then holds the secret for all its deliveries.
receiver = Receiver(SecretsManagerSecrets(os.environ["SIGNA_SECRET_ID"]))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one delivery."""
    text = event.get("body") or ""
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    try:
        alert = receiver.verify(body, event.get("multiValueHeaders") or event["headers"])
    except VerificationError as error:
        return {"statusCode": error.http_status, "body": str(error)}
    logger.info("%s %s", alert.type, alert.id)  # the application's work, once for each `alert.id`
    return {"statusCode": 204, "body": ""}
