"""New identifiers and secrets."""

import base64
import uuid
from datetime import datetime, timezone

from signa_emulator.rules.ids import is_uuid, new_id, new_secret, new_uuid

_NOW = datetime(2026, 5, 8, 14, 32, 11, 428000, tzinfo=timezone.utc)


def test_uuid_is_version_7_and_carries_its_moment() -> None:
    made = uuid.UUID(new_uuid(_NOW))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(_NOW.timestamp() * 1000)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_uuid(_NOW) for _ in range(1000)}) == 1000


def test_id_is_prefix_underscore_and_hyphenated_uuid() -> None:
    prefix, _, rest = new_id("whk", _NOW).partition("_")

    assert (prefix, is_uuid(rest)) == ("whk", True)


def test_secret_is_32_bytes_in_base64_after_the_standard_prefix() -> None:
    """Standard Webhooks asks for 24 to 64 bytes behind `whsec_`."""
    prefix, _, encoded = new_secret().partition("_")

    assert (prefix, len(base64.b64decode(encoded, validate=True))) == ("whsec", 32)


def test_only_hyphenated_uuids_count_as_uuids() -> None:
    made = new_uuid(_NOW)

    assert [is_uuid(text) for text in (made, made.upper(), made.replace("-", ""), f"whk_{made}", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
