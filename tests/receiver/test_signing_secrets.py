"""`FixedSecrets`, and `CachedSecrets` over a store of somebody's own."""

import pytest

from receiver.deliveries import FORGED, NEW, OLD, Clock, signed
from signa_receiver import CachedSecrets, FixedSecrets, Receiver, SecretsUnavailableError


@pytest.mark.parametrize("secrets", [(), ("",), ("changeme",), ("whsec_",), (OLD, "not base64!" * 4)])
def test_what_is_no_signing_secret_is_refused_and_not_shown(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="whsec_") as caught:
        FixedSecrets(*secrets)

    assert "changeme" not in str(caught.value)
    assert OLD[6:] not in str(caught.value)


@pytest.mark.parametrize("secret", [OLD, OLD[6:], OLD.rstrip("="), f"{OLD}\n", f" {OLD}"])
def test_secret_may_come_from_a_file(secret: str) -> None:
    """With a line end, without padding, without prefix."""
    delivery = signed(OLD)

    assert Receiver(FixedSecrets(secret)).verify(delivery.body, delivery.headers).id == "alt_1"


def test_fixed_secrets_are_not_in_their_repr() -> None:
    assert OLD[6:] not in repr(FixedSecrets(OLD))


@pytest.mark.parametrize("stored", [OLD, [OLD], (NEW, OLD), iter([OLD])])
def test_store_of_somebody_s_own_returns_one_secret_or_several(stored: object) -> None:
    delivery = signed(OLD)

    assert Receiver(CachedSecrets(lambda: stored)).verify(delivery.body, delivery.headers).id == "alt_1"  # type: ignore[arg-type, return-value]


def test_store_is_read_once_until_a_signature_fits_nothing(clock: Clock) -> None:
    stored, reads = [OLD], []

    def read() -> list[str]:
        reads.append(list(stored))
        return stored

    receiver = Receiver(CachedSecrets(read))
    delivery = signed(OLD)
    for _ in range(3):
        receiver.verify(delivery.body, delivery.headers)
    before = len(reads)
    stored[:] = [NEW]
    forced = signed(NEW)

    assert receiver.verify(forced.body, forced.headers).id == "alt_1"
    assert (before, len(reads)) == (1, 2)


def test_failure_of_a_store_is_its_cause_and_not_its_message() -> None:
    def read() -> str:
        raise LookupError(f"near {FORGED}")

    with pytest.raises(SecretsUnavailableError) as caught:
        CachedSecrets(read).get()

    assert isinstance(caught.value.__cause__, LookupError)
    assert FORGED not in str(caught.value)
