"""A receiver in Flask: `SIGNA_SECRET_ID=arn:aws:secretsmanager:… flask --app flask_receiver run`."""

import logging
import os

from flask import Flask, request

from signa_receiver import Receiver, SecretsManagerSecrets, VerificationError

app = Flask(__name__)
app.logger.setLevel(logging.INFO)  # Flask shows warnings alone by default
app.config["MAX_CONTENT_LENGTH"] = 1_000_000
receiver = Receiver(SecretsManagerSecrets(os.environ["SIGNA_SECRET_ID"]))


@app.post("/hooks/signa")
def signa() -> tuple[str, int]:
    """Answer one delivery."""
    try:
        event = receiver.verify(request.get_data(), request.headers)
    except VerificationError as error:
        return str(error), error.http_status
    app.logger.info("%s %s", event.type, event.id)  # the application's work, once for each `event.id`
    return "", 204
