"""How the clients of AWS are set up."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from meeting_server import meeting_server
from pulumi_signa.aws.secrets_manager import SecretsManager

WORKERS = 64
"""Operations of one kind of resource that a host works on at once."""


def test_operations_of_many_workers_keep_their_connections(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that is not kept is made anew for the next operation, and urllib3 warns of it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with meeting_server(WORKERS) as url, ThreadPoolExecutor(WORKERS) as workers:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        manager = SecretsManager("eu-central-1")
        arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf"
        for done in [workers.submit(manager.tag, arn, {"a": "b"}) for _ in range(2 * WORKERS)]:
            done.result()

    assert caplog.messages == []
