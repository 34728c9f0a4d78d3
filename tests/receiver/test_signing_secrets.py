"""`FixedSecrets`, and `CachedSecrets` over a store of somebody's own."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from receiver.deliveries import FORGED, NEW, OLD, Clock, signed
from signa_emulator.rules.ids import new_secret
from signa_receiver import CachedSecrets, FixedSecrets, Receiver, SecretsUnavailableError
from signa_receiver.signing_secrets import usable


@pytest.mark.parametrize(
    "secrets", [(), ([],), ("",), ("changeme",), ("whsec_",), (OLD, "not base64!" * 4), (None,), (OLD.encode(),)]
)
def test_what_is_no_signing_secret_is_refused_and_not_shown(secrets: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="whsec_") as caught:
        FixedSecrets(*secrets)

    assert "changeme" not in str(caught.value)
    assert OLD[6:] not in str(caught.value)


@pytest.mark.parametrize("secret", [OLD, OLD[6:], OLD.rstrip("="), f"{OLD}\n", f" {OLD}"])
def test_secret_may_come_from_a_file(secret: str) -> None:
    """With a line end, without padding, without prefix."""
    delivery = signed(OLD)

    assert Receiver(FixedSecrets(secret)).verify(delivery.body, delivery.headers).id == "alt_1"


@given(st.text(st.sampled_from("Aa0+/=-_ \nwhsec"), max_size=60) | st.builds(new_secret))
def test_what_counts_as_a_secret_is_a_key_of_the_library(text: str) -> None:
    """And of 16 bytes at least."""
    for secret in usable([text, f"whsec_{text}"]):
        assert len(Webhook(secret)._whsecret) >= 16


@pytest.mark.parametrize("size", range(16, 65))
def test_key_of_any_length_is_taken_with_and_without_padding(size: int) -> None:
    secret = base64.b64encode(b"x" * size).decode()

    assert list(usable([secret])) == [secret]
    assert list(usable([secret.rstrip("=")])) == [secret.rstrip("=")]


@pytest.mark.parametrize("secrets", [(OLD, OLD), (NEW, OLD), ([NEW, OLD],), ((OLD,), NEW)])
def test_fixed_secrets_may_be_a_list_and_the_same_one_twice(secrets: tuple[Any, ...]) -> None:
    """As before the first rotation, where two settings hold the same secret."""
    delivery = signed(OLD)

    assert Receiver(FixedSecrets(*secrets)).verify(delivery.body, delivery.headers).id == "alt_1"


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
    assert caught.value.__cause__.__traceback__ is None, "its frames hold what was read"
    assert FORGED not in str(caught.value)
