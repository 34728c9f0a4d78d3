"""What users read about a secret in Secrets Manager."""

from pathlib import Path

from approved import assert_approved, assert_complete
from pulumi_signa.lifecycle.secrets_manager_secret import messages

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/prod-AbCdEf"

SAID = {
    "NO_NAME": messages.NO_NAME,
    "NO_VALUE": messages.NO_VALUE,
    "NAME_IS_TAKEN": messages.NAME_IS_TAKEN.format(name="signa/prod"),
    "TOOK_OVER": messages.TOOK_OVER.format(arn=ARN),
    "RESTORED": messages.RESTORED.format(arn=ARN),
    "GONE_AT_UPDATE": messages.GONE_AT_UPDATE.format(arn=ARN),
    "KEPT": messages.KEPT.format(arn=ARN),
    "EVERY_VERSION_USED": messages.EVERY_VERSION_USED.format(arn=ARN, number=1000),
}


def test_messages_are_those_that_were_approved() -> None:
    assert_approved(SAID, Path(__file__).with_name("messages.txt"))


def test_every_message_was_approved() -> None:
    assert_complete(SAID, messages)
