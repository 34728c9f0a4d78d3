"""
A Secrets Manager in memory, for tests of the lifecycles: the real `SecretsManager` over a client of its own.

`tests/aws/test_fake_secrets_manager.py` sends the same calls to it and to moto.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from mortal_transport import Life
from pulumi_signa.aws.descriptions import CURRENT, PREVIOUS, Descriptions
from pulumi_signa.aws.secrets_manager import SecretsManager

ACCOUNT = "123456789012"
WRITES = ("PutSecretValue", "UpdateSecretVersionStage")

NO_ANSWER = "no answer"
"""The refusal of a call that was carried out, and of whose answer nobody hears."""


@dataclass
class FakeSecret:
    """
    One secret.

    Attributes:
        values: Every version's value by its id, oldest first.
        labels: Version ids by staging label.
        is_deleted: Whether it is scheduled for deletion.
    """

    arn: str
    name: str
    values: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    is_deleted: bool = False

    def read(self, label: str = CURRENT) -> str | None:
        """Return what a receiver reads, or None."""
        return None if self.is_deleted or label not in self.labels else self.values[self.labels[label]]

    def move(self, label: str, version_id: str) -> None:
        """Attach a label to a version; what was current becomes the previous one."""
        before = self.labels.get(label)
        self.labels[label] = version_id
        if label == CURRENT and before not in (None, version_id):
            self.labels[PREVIOUS] = before


class FakeClient:
    """
    What boto3's client does, one method an operation, for the one account in one region.

    Attributes:
        secrets: What is there, by name.
        sent: Every operation that was sent, oldest first.
        life: Of the process that sends; it may end before a write and before its answer is heard.
        refused: By operation the codes of its next refusals; None lets one pass.
    """

    def __init__(self, region: str = "eu-west-1") -> None:
        self.meta = SimpleNamespace(partition="aws", region_name=region)
        self.secrets: dict[str, FakeSecret] = {}
        self.sent: list[str] = []
        self.life = Life(None)
        self.refused: dict[str, list[str | None]] = {}
        self._numbers = itertools.count(1)

    # The operations of the product

    def describe_secret(self, **request: Any) -> dict[str, Any]:
        """Describe, without versions that have no label."""
        self._begin("DescribeSecret")
        secret = self._find("DescribeSecret", request["SecretId"], is_scheduled_fine=True)
        labelled: dict[str, list[str]] = {}
        for label, version_id in secret.labels.items():
            labelled.setdefault(version_id, []).append(label)
        answer = {"ARN": secret.arn, "Name": secret.name, "VersionIdsToStages": labelled}
        return {**answer, **({"DeletedDate": "2026-12-24T00:00:00Z"} if secret.is_deleted else {})}

    def put_secret_value(self, **request: Any) -> dict[str, Any]:
        """Add a version, unless there is one with this id."""
        self._begin("PutSecretValue")
        secret = self._find("PutSecretValue", request["SecretId"])
        version_id, value = request["ClientRequestToken"], request["SecretString"]
        known = secret.values.get(version_id)
        if known is not None and known != value:
            raise refusal("PutSecretValue", "ResourceExistsException")
        if known is None:
            labels = request.get("VersionStages") or [CURRENT]
            if not secret.values and CURRENT not in labels:
                labels = [*labels, CURRENT]
            secret.values[version_id] = value
            for label in labels:
                secret.move(label, version_id)
        stages = [label for label, labelled in secret.labels.items() if labelled == version_id]
        return self._end(
            "PutSecretValue",
            {"ARN": secret.arn, "Name": secret.name, "VersionId": version_id, "VersionStages": stages},
        )

    def update_secret_version_stage(self, **request: Any) -> dict[str, Any]:
        """Move a label, if the version that has it is named."""
        name = "UpdateSecretVersionStage"
        self._begin(name)
        secret = self._find(name, request["SecretId"])
        label, version_id = request["VersionStage"], request["MoveToVersionId"]
        if secret.labels.get(label) != request["RemoveFromVersionId"] or version_id not in secret.values:
            raise refusal(name, "InvalidParameterException")
        secret.move(label, version_id)
        if secret.labels.get(PREVIOUS) == secret.labels.get(CURRENT):
            del secret.labels[PREVIOUS]
        return self._end(name, {"ARN": secret.arn, "Name": secret.name})

    def list_secret_version_ids(self, **request: Any) -> dict[str, Any]:
        """List every version, those without a label too."""
        self._begin("ListSecretVersionIds")
        secret = self._find("ListSecretVersionIds", request["SecretId"], is_scheduled_fine=True)
        versions = [{"VersionId": version_id} for version_id in secret.values]
        return {"ARN": secret.arn, "Name": secret.name, "Versions": versions}

    # What others do

    def make(self, name: str, value: str | None = None) -> FakeSecret:
        """Make a secret; every one has an ARN of its own."""
        ending = f"{next(self._numbers):06}"
        arn = f"arn:aws:secretsmanager:{self.meta.region_name}:{ACCOUNT}:secret:{name}-{ending}"
        secret = self.secrets[name] = FakeSecret(arn, name)
        if value is not None:
            self.overwrite(name, value)
        return secret

    def overwrite(self, name: str, value: str) -> None:
        """Put a value as somebody does who knows of nobody else."""
        version_id = f"theirs-{next(self._numbers):030}"
        self.secrets[name].values[version_id] = value
        self.secrets[name].move(CURRENT, version_id)

    def purge(self, name: str) -> None:
        """Forget the versions without a label, as AWS does in time."""
        secret = self.secrets[name]
        labelled = secret.labels.values()
        secret.values = {version_id: value for version_id, value in secret.values.items() if version_id in labelled}

    def at(self, arn: str) -> FakeSecret | None:
        """Return the secret with this ARN, or None."""
        return next((secret for secret in self.secrets.values() if secret.arn == arn), None)

    def _find(self, operation: str, secret_id: str, *, is_scheduled_fine: bool = False) -> FakeSecret:
        secret = self.secrets.get(secret_id) or self.at(secret_id)
        if secret is None:
            raise refusal(operation, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if secret.is_deleted and not is_scheduled_fine:
            text = "You can't perform this operation on the secret because it was marked for deletion."
            raise refusal(operation, "InvalidRequestException", text)
        return secret

    def _begin(self, operation: str) -> None:
        if operation in WRITES:
            self.life.pass_moment()
        self.sent.append(operation)
        codes = self.refused.get(operation)
        if codes and codes[0] != NO_ANSWER:
            code = codes.pop(0)
            if code is not None:
                raise refusal(operation, code)

    def _end(self, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        self.life.pass_moment()
        codes = self.refused.get(operation)
        if codes and codes[0] == NO_ANSWER:
            codes.pop(0)
            raise ReadTimeoutError(endpoint_url="https://secretsmanager.eu-west-1.amazonaws.com/")
        return answer


def refusal(operation: str, code: str, text: str = "No.") -> ClientError:
    """Return what boto3 raises."""
    return ClientError({"Error": {"Code": code, "Message": text}}, operation)  # type: ignore[arg-type]


def manager_of(client: Any) -> SecretsManager:
    """Return the real thing over a client that is not boto3's."""
    manager = object.__new__(SecretsManager)
    manager._client = client
    manager._descriptions = Descriptions(manager.describe)
    return manager
