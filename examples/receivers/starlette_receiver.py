"""A receiver in Starlette or FastAPI: `SIGNA_SECRET_ID=arn:aws:secretsmanager:… uvicorn starlette_receiver:app`."""

import asyncio
import logging
import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from signa_receiver import Receiver, SecretsManagerSecrets, VerificationError

logging.basicConfig(level=logging.INFO)  # Python shows warnings alone by default
logger = logging.getLogger(__name__)
receiver = Receiver(SecretsManagerSecrets(os.environ["SIGNA_SECRET_ID"]))


async def signa(request: Request) -> Response:
    """Answer one delivery."""
    body = await request.body()
    try:
        # A thread, because the first delivery waits for the secret, and no other request must wait with it.
        event = await asyncio.to_thread(receiver.verify, body, request.headers)
    except VerificationError as error:
        return PlainTextResponse(str(error), error.http_status)
    logger.info("%s %s", event.type, event.id)  # the application's work, once for each `event.id`
    return Response(status_code=204)


app = Starlette(routes=[Route("/hooks/signa", signa, methods=["POST"])])
