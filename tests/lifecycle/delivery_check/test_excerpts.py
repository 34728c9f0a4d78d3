"""What is shown of a receiver's answer: its words, and nothing that looks like a key."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_host import context
from pulumi_signa.lifecycle.delivery_check.excerpts import LONGEST, excerpt

UUID = "0190c2f4-9b6c-7c9c-b4f1-1234567890ab"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def shown(body: str | None) -> str | None:
    """Return what is shown of a body."""
    return excerpt(context({}), body)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (None, None),
        ("", None),
        (" \n\t", None),
        ("ok", "ok"),
        ("no\n such\x00\x1b[31m  signature\n", "no such [31m signature"),
        (f"request {UUID} of whk_{UUID} was refused", f"request {UUID} of whk_{UUID} was refused"),
        (
            "SignatureVerificationFailedException in receiving_of_webhooks_at_night",
            "SignatureVerificationFailedException in receiving_of_webhooks_at_night",
        ),
        (f"expected {SECRET}, got v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", "expected […], got v1,[…]"),
        ('{"secret": "whsec_a1"}', '{"secret": "[…]"}'),
    ],
)
def test_words_stay_in_one_line_and_keys_do_not(body: str | None, text: str | None) -> None:
    assert shown(body) == text


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 10_000])
def test_long_answer_is_cut(length: int) -> None:
    text = shown("wörd " * (length // 5) + "x" * (length % 5))

    assert text is not None
    assert len(text) <= LONGEST
    assert text.endswith("…") is (length > LONGEST)


def forms(secret: str) -> dict[str, str]:
    """Return a secret as a receiver may write it."""
    key = secret.removeprefix("whsec_")
    return {
        "whole": secret,
        "without its prefix": key,
        "as JSON": json.dumps(secret).replace("/", r"\/"),
        "in a URL": quote(key, safe=""),
        "for URLs": key.translate({ord("+"): "-", ord("/"): "_"}),
        "in hexadecimal digits": base64.b64decode(key).hex(),
        "in base64 again": base64.b64encode(secret.encode()).decode(),
        "as bytes": repr(secret.encode()),
        "in HTML": key.replace("/", "&#x2F;").replace("+", "&#43;").replace("=", "&#x3D;"),
    }


@given(key=st.binary(min_size=24, max_size=64), before=st.integers(0, 400), data=st.data())
def test_secret_of_the_receiver_is_not_shown(key: bytes, before: int, data: Any) -> None:
    """A key without a single digit is as good as never issued: one in 4,000 of the shortest."""
    secret = "whsec_" + base64.b64encode(b"\xd3" + key).decode()  # begins with `0`
    form = data.draw(st.sampled_from(sorted(forms(secret).values())))

    text = shown("x " * before + form + " is my secret") or ""

    runs = {form[first : first + 8] for first in range(len(form) - 7)} - {"whsec_"}
    assert not [run for run in runs if run in text]


@pytest.mark.parametrize(
    "text",
    [
        str([*SECRET.encode()]),
        json.dumps({"type": "Buffer", "data": [*SECRET.encode()]}, separators=(",", ":")),
        SECRET.encode().hex(":"),
        SECRET.encode().hex(" ").upper(),
        " ".join(SECRET),
        SECRET.encode("utf-16-le").decode(),
        "".join(f"&#{ord(letter)};" for letter in SECRET),
        str(int.from_bytes(SECRET.encode())),
    ],
)
def test_secret_that_is_written_as_numbers_or_letters_is_not_shown(text: str) -> None:
    found = shown(f"expected {text} here") or ""

    assert "[…]" in found
    assert len(found) < 60


@pytest.mark.parametrize(
    "text",
    [
        "we do not do it as you say it is to be, so go on and ask us for a way to do it",
        "2026-05-08T14:32:11.428Z 10.0.0.12 POST /hooks/signa 500",
        "Traceback: main.py, line 12, in <module>: KeyError",
    ],
)
def test_words_and_times_are_no_list_of_numbers(text: str) -> None:
    assert shown(text) == text
