"""`SecretsManagerSecrets`: what is read, how often, and what happens while AWS fails, hangs or rotates."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from unittest import mock

import boto3
import pytest
import time_machine

from receiver.deliveries import A_READ, FORGED, NAME, NEW, OLD, Clock, CountedSecretsManager, Delivery, refused, signed
from signa_receiver import Receiver, SecretsManagerSecrets, SecretsUnavailableError, VerificationError, cache

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@pytest.fixture
def secrets(secrets_manager: CountedSecretsManager, clock: Clock) -> SecretsManagerSecrets:
    """Return the secrets of an AWS that has the old one; nothing is read yet."""
    return SecretsManagerSecrets(NAME, client=secrets_manager)


@pytest.fixture
def receiver(secrets: SecretsManagerSecrets) -> Receiver:
    """Return a receiver that has read nothing."""
    return Receiver(secrets)


def answer(receiver: Receiver, delivery: Delivery) -> int:
    """Return the status that a delivery is answered with."""
    try:
        receiver.verify(delivery.body, delivery.headers)
    except VerificationError as error:
        return error.http_status
    return 204


def test_flood_makes_one_read_a_minute_and_each_delivery_is_answered_right(
    receiver: Receiver, secrets_manager: CountedSecretsManager, clock: Clock
) -> None:
    """Three seconds of 200 deliveries a second, half of them forged, on eight threads."""
    assert answer(receiver, signed(OLD)) == 204
    secrets_manager.reads.clear()
    flood = [signed(secret, id_=f"alt_{number}") for number in range(300) for secret in (FORGED, OLD)]

    with ThreadPoolExecutor(8) as posters:
        first = list(posters.map(lambda delivery: answer(receiver, delivery), flood))
        reads_of_the_first_minute = list(secrets_manager.reads)
        clock.ahead_s += MINUTE_S
        second = list(posters.map(lambda delivery: answer(receiver, delivery), flood))

    assert first == second == [401, 204] * 300
    assert reads_of_the_first_minute == A_READ
    assert secrets_manager.reads == A_READ * 2


def test_flood_at_the_start_makes_the_first_read_and_one_more(
    receiver: Receiver, secrets_manager: CountedSecretsManager
) -> None:
    with ThreadPoolExecutor(8) as posters:
        statuses = list(posters.map(lambda delivery: answer(receiver, delivery), [signed(FORGED), signed(OLD)] * 100))

    assert statuses == [401, 204] * 100
    assert secrets_manager.reads == A_READ * 2


@pytest.mark.parametrize("age_s", [302, -302, DAY_S])
def test_stale_delivery_causes_no_read(
    receiver: Receiver, secrets_manager: CountedSecretsManager, age_s: float
) -> None:
    assert [answer(receiver, signed(secret, age_s=age_s)) for secret in (OLD, FORGED)] == [401, 401]
    assert secrets_manager.reads == []


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_malformed_delivery_causes_no_read(
    receiver: Receiver, secrets_manager: CountedSecretsManager, name: str
) -> None:
    delivery = signed(FORGED)
    delivery.headers[name] = "ä"

    assert answer(receiver, delivery) == 400
    assert answer(receiver, Delivery(b"\xff", signed(FORGED).headers)) == 400
    assert secrets_manager.reads == []


def test_rotation_with_an_overlap_needs_no_read(receiver: Receiver, secrets_manager: CountedSecretsManager) -> None:
    answer(receiver, signed(OLD))
    secrets_manager.store(NEW)

    assert answer(receiver, signed(NEW, OLD)) == 204
    assert secrets_manager.reads == A_READ


def test_secret_that_was_rotated_by_force_is_read_at_once(
    receiver: Receiver, secrets_manager: CountedSecretsManager
) -> None:
    answer(receiver, signed(OLD))
    secrets_manager.store(NEW)

    assert answer(receiver, signed(NEW)) == 204


def test_rotation_by_force_within_the_minute_of_a_flood_is_taken_up_after_it(
    receiver: Receiver, secrets_manager: CountedSecretsManager, clock: Clock
) -> None:
    """Signa sends again what was refused; a flood delays it for a minute at most, and loses nothing."""
    answer(receiver, signed(FORGED))
    secrets_manager.store(NEW)

    at_once = answer(receiver, signed(NEW))
    clock.ahead_s += MINUTE_S
    again = answer(receiver, signed(NEW))

    assert (at_once, again) == (401, 204)


def test_secret_is_read_again_after_an_hour(
    receiver: Receiver, secrets_manager: CountedSecretsManager, clock: Clock
) -> None:
    answer(receiver, signed(OLD))
    clock.ahead_s += HOUR_S - 60
    answer(receiver, signed(OLD))
    before = list(secrets_manager.reads)
    clock.ahead_s += 60
    answer(receiver, signed(OLD))

    assert (before, secrets_manager.reads) == (A_READ, A_READ * 2)


def test_old_secret_counts_for_a_day_even_while_aws_fails(
    receiver: Receiver, secrets_manager: CountedSecretsManager, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It serves what was under way when the secret was rotated, and later only a thief."""
    secrets_manager.store(NEW)
    same_day = answer(receiver, signed(OLD))
    secrets_manager.failures["AWSCURRENT"] = refused("InternalServiceError")

    with time_machine.travel(datetime.now(timezone.utc) + timedelta(hours=25)):
        clock.ahead_s += HOUR_S
        next_day = [answer(receiver, signed(secret)) for secret in (OLD, NEW)]

    assert (same_day, next_day) == (204, [401, 204])
    assert "last known value goes on" in caplog.text


def test_old_secret_is_not_even_read_after_a_day(receiver: Receiver, secrets_manager: CountedSecretsManager) -> None:
    secrets_manager.store(NEW)

    with time_machine.travel(datetime.now(timezone.utc) + timedelta(hours=25)):
        statuses = [answer(receiver, signed(NEW)), answer(receiver, signed(OLD))]

    assert (statuses, secrets_manager.reads) == ([204, 401], ["AWSCURRENT"] * 2)


@pytest.mark.parametrize("previous", ["placeholder", "changeme", "", " ", "{}", "whsec_", "not base64!" * 4])
def test_placeholder_of_before_is_no_secret(
    receiver: Receiver, secrets_manager: CountedSecretsManager, previous: str
) -> None:
    """The version that a container began with must not open it: others can guess it."""
    secrets_manager.values.clear()
    secrets_manager.store(previous)
    secrets_manager.store(NEW)

    assert [answer(receiver, signed(secret)) for secret in (NEW, FORGED)] == [204, 401]


def test_role_that_may_not_read_the_version_before_verifies_with_the_current_one(
    receiver: Receiver, secrets_manager: CountedSecretsManager, caplog: pytest.LogCaptureFixture
) -> None:
    secrets_manager.store(NEW)
    secrets_manager.failures["AWSPREVIOUS"] = refused("AccessDeniedException")

    assert [answer(receiver, signed(*both)) for both in ((NEW, OLD), (OLD,))] == [204, 401]
    assert "AccessDeniedException" in caplog.text


def test_first_read_is_awaited(secrets: SecretsManagerSecrets, secrets_manager: CountedSecretsManager) -> None:
    secrets_manager.goes_on.clear()

    with ThreadPoolExecutor(2) as posters:
        both = [posters.submit(answer, Receiver(secrets), signed(OLD)) for _ in range(2)]
        while not secrets_manager.reads:
            pass
        secrets_manager.goes_on.set()

    assert [one.result() for one in both] == [204, 204]
    assert secrets_manager.reads == A_READ


def test_first_read_that_hangs_is_unavailable_and_not_repeated(
    receiver: Receiver,
    secrets: SecretsManagerSecrets,
    secrets_manager: CountedSecretsManager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One read is under way, and nobody waits longer than five seconds from its start."""
    monkeypatch.setattr(cache, "_FIRST_PATIENCE_S", 0.01)
    secrets_manager.goes_on.clear()

    during = [answer(receiver, signed(OLD)) for _ in range(5)]
    secrets_manager.goes_on.set()
    secrets._cache._reader.join()
    afterwards = answer(receiver, signed(OLD))

    assert (during, afterwards) == ([503] * 5, 204)
    assert secrets_manager.reads == A_READ


def test_secrets_manager_that_hangs_holds_nobody(
    receiver: Receiver,
    secrets: SecretsManagerSecrets,
    secrets_manager: CountedSecretsManager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While a read hangs, the secret in memory goes on; afterwards the new one is there."""
    monkeypatch.setattr(cache, "_PATIENCE_S", 0.01)
    answer(receiver, signed(OLD))
    secrets_manager.store(NEW)
    secrets_manager.goes_on.clear()

    statuses = [answer(receiver, signed(secret)) for secret in (FORGED, OLD, NEW, FORGED)]
    secrets_manager.goes_on.set()
    secrets._cache._reader.join()
    statuses.append(answer(receiver, signed(NEW)))

    assert statuses == [401, 204, 401, 401, 204]
    assert secrets_manager.reads == A_READ * 2


def test_delivery_that_fits_does_not_wait_for_the_read_of_a_forged_one(
    receiver: Receiver, secrets_manager: CountedSecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_PATIENCE_S", 30)
    answer(receiver, signed(OLD))
    secrets_manager.goes_on.clear()

    with ThreadPoolExecutor(1) as poster:
        forged = poster.submit(answer, receiver, signed(FORGED))
        while len(secrets_manager.reads) == len(A_READ):
            pass
        right = answer(receiver, signed(OLD))
        was_waiting = not forged.done()
        secrets_manager.goes_on.set()

    assert (right, was_waiting, forged.result()) == (204, True, 401)


def test_delivery_with_the_new_secret_waits_for_the_read_of_a_forged_one(
    receiver: Receiver, secrets_manager: CountedSecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_PATIENCE_S", 30)
    answer(receiver, signed(OLD))
    secrets_manager.store(NEW)
    secrets_manager.goes_on.clear()

    with ThreadPoolExecutor(2) as posters:
        forged = posters.submit(answer, receiver, signed(FORGED))
        while len(secrets_manager.reads) == len(A_READ):
            pass
        right = posters.submit(answer, receiver, signed(NEW))
        secrets_manager.goes_on.set()

    assert (forged.result(), right.result()) == (401, 204)
    assert secrets_manager.reads == A_READ * 2


def test_secret_that_cannot_be_read_yet_is_read_soon_again(
    receiver: Receiver, secrets_manager: CountedSecretsManager, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten seconds bound what a flood costs; the log has what AWS says, and the answer has not."""
    secrets_manager.failures["AWSCURRENT"] = refused("AccessDeniedException")

    with pytest.raises(SecretsUnavailableError) as caught:
        receiver.verify(signed(OLD).body, signed(OLD).headers)
    at_once = [answer(receiver, signed(OLD)) for _ in range(5)]
    secrets_manager.failures.clear()
    clock.ahead_s += 10
    later = answer(receiver, signed(OLD))

    assert (at_once, later) == ([503] * 5, 204)
    assert secrets_manager.reads == ["AWSCURRENT", *A_READ]
    assert "AccessDeniedException" in caplog.text
    assert "AccessDenied" not in str(caught.value)


def test_refresh_that_fails_is_tried_again_after_a_minute(
    receiver: Receiver, secrets_manager: CountedSecretsManager, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    answer(receiver, signed(OLD))
    secrets_manager.failures["AWSCURRENT"] = refused("ThrottlingException")
    clock.ahead_s += HOUR_S

    during = [answer(receiver, signed(OLD)) for _ in range(5)]
    secrets_manager.failures.clear()
    secrets_manager.store(NEW)
    clock.ahead_s += MINUTE_S
    afterwards = answer(receiver, signed(NEW))

    assert (during, afterwards) == ([204] * 5, 204)
    assert secrets_manager.reads == [*A_READ, "AWSCURRENT", *A_READ]


def test_process_without_a_thread_to_spare_reads_with_the_next_delivery(
    receiver: Receiver, secrets_manager: CountedSecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RuntimeError):
            answer(receiver, signed(OLD))

    assert [answer(receiver, signed(secret)) for secret in (OLD, FORGED)] == [204, 401]


def test_age_of_zero_reads_before_each_delivery(secrets_manager: CountedSecretsManager) -> None:
    receiver = Receiver(SecretsManagerSecrets(NAME, client=secrets_manager, max_age_s=0))

    answer(receiver, signed(OLD))
    secrets_manager.store(NEW)

    assert [answer(receiver, signed(NEW)), *secrets_manager.reads] == [204, *A_READ, *A_READ]


def test_secret_under_a_member_of_a_json_object(secrets_manager: CountedSecretsManager) -> None:
    secrets_manager.store(f'{{"signing_secret": "{NEW}", "url": "https://example.com"}}')
    receiver = Receiver(SecretsManagerSecrets(NAME, client=secrets_manager, json_key="signing_secret"))

    assert [answer(receiver, signed(secret)) for secret in (NEW, OLD)] == [204, 401]


@pytest.mark.parametrize("value", ["{}", "[]", "no JSON: s3cret", '{"key": 1}', '{"key": "s3cret"}', '"s3cret"'])
def test_value_without_the_member_is_said_in_the_log_and_not_shown(
    secrets_manager: CountedSecretsManager, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    secrets_manager.store(value)
    receiver = Receiver(SecretsManagerSecrets(NAME, client=secrets_manager, json_key="key"))

    assert answer(receiver, signed(OLD)) == 503
    assert f"the signing secret {NAME} cannot be read" in caplog.text
    assert "s3cret" not in caplog.text


def test_value_of_bytes_is_said_in_the_log(
    secrets_manager: CountedSecretsManager, caplog: pytest.LogCaptureFixture
) -> None:
    secrets_manager.get_secret_value = lambda **_: {  # type: ignore[method-assign]
        "SecretBinary": b"s3cret",
        "CreatedDate": datetime.now(timezone.utc),
    }

    assert answer(Receiver(SecretsManagerSecrets(NAME, client=secrets_manager)), signed(OLD)) == 503
    assert "holds bytes" in caplog.text


def test_no_secret_shows_in_a_repr(secrets: SecretsManagerSecrets) -> None:
    held = secrets._cache.get()

    assert OLD in secrets.get()
    assert OLD[6:] not in repr((secrets, secrets._cache, held))


@pytest.mark.parametrize(
    ("secret_id", "variables", "region"),
    [
        (
            "arn:aws:secretsmanager:eu-west-3:123456789012:secret:signa/alerts-AbCdEf",
            {"AWS_REGION": "us-east-1"},
            "eu-west-3",
        ),
        ("arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a-AbCdEf", {}, "us-gov-west-1"),
        (NAME, {"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        (NAME, {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "us-east-2"}, "eu-central-1"),
        (NAME, {"AWS_DEFAULT_REGION": "us-east-2"}, "us-east-2"),
    ],
)
def test_region_is_that_of_the_arn_or_of_the_environment(
    secret_id: str, variables: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert SecretsManagerSecrets(secret_id)._client.meta.region_name == region  # type: ignore[attr-defined]


def test_missing_region_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="AWS_REGION"):
        SecretsManagerSecrets(NAME)


def test_boto3_s_own_client_reads_both_versions(aws: str) -> None:
    """Against a Secrets Manager on a socket; the client is our own."""
    client = boto3.client("secretsmanager", region_name="eu-west-1")
    arn = client.create_secret(Name=NAME, SecretString=OLD)["ARN"]
    client.put_secret_value(SecretId=arn, SecretString=NEW)

    assert list(SecretsManagerSecrets(arn).get()) == [NEW, OLD]


@pytest.mark.parametrize("dated", [{}, {"CreatedDate": datetime.now()}], ids=["no date", "without a zone"])  # noqa: DTZ005 - what stand-ins do
def test_stand_in_for_a_client_may_date_versions_as_it_likes(dated: dict[str, datetime]) -> None:
    client = mock.Mock()
    client.get_secret_value.side_effect = lambda SecretId, VersionStage: {  # noqa: N803 - boto3's names
        "SecretString": {"AWSCURRENT": NEW, "AWSPREVIOUS": OLD}[VersionStage],
        **dated,
    }
    receiver = Receiver(SecretsManagerSecrets(NAME, client=client))

    assert [answer(receiver, signed(secret)) for secret in (NEW, OLD, FORGED)] == [204, 204, 401]


@pytest.mark.parametrize("response", [object(), {}, {"Error": None}, {"Error": {}}])
def test_error_of_another_kind_of_client_leaves_the_current_secret(response: object) -> None:
    failure = LookupError("no such version")
    failure.response = response  # type: ignore[attr-defined]
    client = mock.Mock()
    client.get_secret_value.side_effect = [{"SecretString": OLD}, failure]

    assert answer(Receiver(SecretsManagerSecrets(NAME, client=client)), signed(OLD)) == 204
