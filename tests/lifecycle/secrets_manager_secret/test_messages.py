"""What users read about a secret in Secrets Manager."""

from pathlib import Path

from approved import assert_approved, assert_complete
from pulumi_signa.lifecycle.secrets_manager_secret import messages

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/prod-AbCdEf"

SAID = {
    "NO_NAME": messages.NO_NAME,
    "NO_VALUE": messages.NO_VALUE,
    "NO_VALUE_AFTER_NONE": messages.NO_VALUE_AFTER_NONE,
    "NAME_IS_TAKEN": messages.NAME_IS_TAKEN.format(name="signa/prod"),
    "NAME_IS_TAKEN_WITHOUT_VALUE": messages.NAME_IS_TAKEN_WITHOUT_VALUE.format(name="signa/prod"),
    "TOOK_OVER": messages.TOOK_OVER.format(arn=ARN),
    "RESTORED": messages.RESTORED.format(arn=ARN),
    "RESTORED_WITHOUT_VALUE": messages.RESTORED_WITHOUT_VALUE.format(arn=ARN),
    "GONE_AT_UPDATE": messages.GONE_AT_UPDATE.format(arn=ARN),
    "KEPT": messages.KEPT.format(arn=ARN),
    "EVERY_VERSION_USED": messages.EVERY_VERSION_USED.format(arn=ARN, number=100),
    "NO_ARN": messages.NO_ARN.format(id="signa/prod"),
    "ABSENT": messages.ABSENT.format(arn=ARN),
    "ON_ITS_WAY_OUT": messages.ON_ITS_WAY_OUT.format(arn=ARN),
    "OVERWRITTEN": messages.OVERWRITTEN.format(arn=ARN, version_id="0a1b", value="secret_string"),
    "VALUE_IS_IGNORED": messages.VALUE_IS_IGNORED.format(name="signa/prod", value="secret_string"),
    "REPLICA_FAILED": messages.REPLICA_FAILED.format(arn=ARN, region="us-east-1", reason="The name is taken."),
    "PUTS_VALUE": messages.PUTS_VALUE.format(version_id="0a1b"),
    "PUTS_VALUE_OVER_OTHERS": messages.PUTS_VALUE_OVER_OTHERS,
}


def test_messages_are_those_that_were_approved() -> None:
    assert_approved(SAID, Path(__file__).with_name("messages.txt"))


def test_every_message_was_approved() -> None:
    assert_complete(SAID, messages)
