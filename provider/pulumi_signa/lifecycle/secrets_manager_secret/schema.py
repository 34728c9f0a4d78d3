"""
The properties of a secret in AWS Secrets Manager, a row each.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_signa.lifecycle import places
from pulumi_signa.lifecycle.places import MAX_NAME, NAME, ends_like_an_arn, is_region
from pulumi_signa.lifecycle.rules import boolean, in_order, json_value, none_if_empty, optional, text
from pulumi_signa.lifecycle.schema import Record, row
from pulumi_signa.lifecycle.values import LARGEST_EXACT, Properties, is_unknown, kind_of, leaves

VALUE_PROPERTIES = ("secret_string", "secret_json")

FINGERPRINT = "__fingerprint"
"""Hidden output: names that begin with two underscores do not show in previews."""

VALUE_INPUT = "__value_input"
"""Hidden output: which of the value's two inputs was declared; states of older code have none."""

MARK = "pulumi-signa:resource"
"""Key of the tag by which a resource recognizes a secret that was made without a value."""

MAX_VALUE_BYTES, MAX_DESCRIPTION = 65_536, 2048
MAX_TAGS, MAX_TAG_KEY, MAX_TAG_VALUE = 50, 128, 256
RECOVERY_DAYS = range(7, 31)
DEFAULT_RECOVERY_DAYS = 30

_AWS_KEY = "alias/aws/secretsmanager"


def value_text(properties: Properties) -> str:
    """Return what is stored: the string as it is, byte for byte, or the object as JSON with sorted keys."""
    if properties.get("secret_json") is not None:
        return json.dumps(properties["secret_json"], sort_keys=True, ensure_ascii=False)
    return str(properties["secret_string"])


def _name(value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be a string, not {kind_of(value)}"
    elif not 1 <= len(value) <= MAX_NAME:
        yield f"must be 1 to {MAX_NAME} characters, not {len(value)}"
    elif not NAME.fullmatch(value):
        yield "may hold only A-Z a-z 0-9 / _ + = . @ -"


def is_tag_of_aws(key: str) -> bool:
    """Return whether a tag is AWS's own, which nobody else can set or take away."""
    return key.lower().startswith("aws:")


def _tags(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be an object of strings, not {kind_of(value)}"
        return
    if len(value) > MAX_TAGS:
        yield f"must be at most {MAX_TAGS}, not {len(value)}"
    for key, tag in value.items():
        shown = repr(key[:MAX_TAG_KEY])
        if not 1 <= len(key) <= MAX_TAG_KEY:
            yield f"a key must be 1 to {MAX_TAG_KEY} characters, not {len(key)}"
        elif is_tag_of_aws(key):
            yield f"{shown}: keys that begin with aws: are AWS's own"
        elif key == MARK:
            yield f"{shown}: is set by without_value itself"
        if not isinstance(tag, str):
            yield f"{shown}: must be a string, not {kind_of(tag)}"
        elif len(tag) > MAX_TAG_VALUE:
            yield f"{shown}: must be at most {MAX_TAG_VALUE} characters, not {len(tag)}"


def _regions(value: object) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, list | tuple):
        yield f"must be a list of AWS regions, not {kind_of(value)}"
    elif not all(map(is_region, value)):
        yield "every one must be an AWS region, such as eu-west-1"
    elif len(set(value)) < len(value):
        yield "names a region twice"


def _recovery_days(value: object) -> Iterator[str]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or (value != 0 and value not in RECOVERY_DAYS):
        yield f"must be {RECOVERY_DAYS[0]} to {RECOVERY_DAYS[-1]} days, or 0 to delete at once"


_NAMED = "1 to 512 characters of `A-Z a-z 0-9 / _ + = . @ -`; another name is another secret"
_STRING = "the value: 1 to 65,536 bytes, stored as they are; this or `secret_json`, always a secret"
_KMS_KEY = optional(text(noun="the id, ARN or alias of a KMS key"))
_TAGGED = "at most 50 strings by key; keys to 128, values to 256 characters, no `aws:` prefix"


@dataclass(frozen=True, slots=True)
class Declared(Record):
    """What a stack may declare of a secret."""

    secret_name: str = row(_NAMED, optional(_name), is_sent=True, replaces=True)
    secret_string: str | None = row(_STRING, is_sent=True, is_output=False, is_secret=True)
    secret_json: dict[str, Any] | None = row(
        "the value: an object, stored as JSON text with sorted keys", is_sent=True, is_output=False, is_secret=True
    )
    description: str | None = row(
        "at most 2048 characters",
        optional(text(MAX_DESCRIPTION)),
        normal=none_if_empty,
        is_sent=True,
    )
    kms_key_id: str | None = row(
        "id, ARN or alias of a KMS key; AWS's own where it is left out", _KMS_KEY, normal=none_if_empty, is_sent=True
    )
    tags: dict[str, str] = row(_TAGGED, _tags, default={}, is_sent=True)
    recovery_window_in_days: int = row(
        "days from deletion until it is gone: 7 to 30, or 0 for at once",
        _recovery_days,
        default=DEFAULT_RECOVERY_DAYS,
        is_public=True,
    )
    region: str | None = row(
        "an AWS region; another region is another secret",
        places.region,
        normal=none_if_empty,
        is_public=True,
        replaces=True,
    )
    adopt_existing: bool = row(
        "whether to take over a secret of this name that exists", boolean, default=False, is_public=True
    )
    without_value: bool = row(
        "whether somebody else writes the value, such as a `WebhookEndpoint`: neither value input is given then, and "
        "versions are no drift",
        boolean,
        default=False,
        is_public=True,
    )
    replica_regions: list[str] | None = row(
        "AWS regions, in any order, in which AWS keeps a copy, encrypted with its own key; without them copies stay",
        _regions,
        normal=in_order,
        is_sent=True,
        is_public=True,
    )

    @property
    def value(self) -> str:
        """The text that is stored."""
        return value_text({name: getattr(self, name) for name in VALUE_PROPERTIES})

    @property
    def is_value_unknown(self) -> bool:
        """Whether the text that is stored, or whether it is ours to store, is not known yet."""
        return is_unknown([self.without_value, *(getattr(self, name) for name in VALUE_PROPERTIES)])

    @property
    def value_input(self) -> str | None:
        """The input that holds the value; None without a value."""
        if not self.has_value:
            return None
        return "secret_string" if self.secret_json is None else "secret_json"

    @property
    def has_value(self) -> bool:
        """Whether there is a value; the output that it comes from may be null."""
        return any(getattr(self, name) is not None for name in VALUE_PROPERTIES)

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the text that is stored, in hexadecimal digits; None without a value."""
        if not self.has_value:
            return None
        return hashlib.sha256(self.value.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded(Record):
    """What AWS decides, and what a state records of the value."""

    arn: str = row("ARN of the secret, the resource's id too")
    version_id: str | None = row("id of the current version; absent with `without_value`")


SECRETS = (FINGERPRINT,)
"""The outputs that are Pulumi secrets: a short value could be guessed from its hash."""


def problems(properties: Properties) -> list[str]:
    """Return everything that is wrong with properties in normal form, one line each and without a value."""
    return [*_value_problems(properties), *Declared.problems(properties), *_mark_problems(properties)]


def own_region_problems(properties: Properties, region: object) -> list[str]:
    """Return what is wrong with the replicas of a secret that is in this region."""
    replicas = properties["replica_regions"]
    if isinstance(region, str) and isinstance(replicas, list) and region in replicas:
        return [f"replica_regions: {region[:80]!r} is where the secret itself is"]
    return []


def warnings(declared: Declared) -> list[str]:
    """Return what AWS advises against."""
    if not is_unknown(declared.secret_name) and ends_like_an_arn(declared.secret_name or ""):
        advice = "AWS advises against it, since it may then take the name for the end of another secret's ARN"
        return [f"secret_name: ends in a hyphen and six characters; {advice}"]
    return []


def _value_problems(properties: Properties) -> Iterator[str]:
    # An unknown value may turn out to be None, so it counts neither way.
    given = [name for name in VALUE_PROPERTIES if properties[name] is not None and not is_unknown(properties[name])]
    if given and properties["without_value"] is True:
        yield f"without_value: somebody else writes the value then, so leave out {given[0]}, in ignore_changes too"
        return
    if len(given) > 1:
        yield "secret_string, secret_json: give exactly one of them, not both"
        return
    for name in given:
        yield from (f"{name}: {problem}" for problem in _value_rule(name, properties[name]))


def _mark_problems(properties: Properties) -> Iterator[str]:
    tags = properties["tags"]
    if properties["without_value"] is True and isinstance(tags, Mapping) and len(tags) == MAX_TAGS:
        yield f"tags: must be at most {MAX_TAGS - 1} with without_value, which sets one itself, not {len(tags)}"


def _value_rule(name: str, value: object) -> Iterator[str]:
    wanted, kind = (str, "a string") if name == "secret_string" else (Mapping, "an object")
    if not isinstance(value, wanted):
        yield f"must be {kind}, not {kind_of(value)}"
        return
    unwritable = [*json_value(value), *_inexact(value)]
    if unwritable:
        yield from unwritable
        return
    size = len(value_text({name: value}).encode(errors="surrogatepass"))
    if not 1 <= size <= MAX_VALUE_BYTES:
        yield f"must be 1 to {MAX_VALUE_BYTES} bytes in UTF-8, not {size}"


def _inexact(value: object) -> Iterator[str]:
    """Refuse whole numbers that lose digits on their way through Pulumi: what is stored must be what was meant."""
    # Whole numbers that are exact have become integers by now.
    if any(isinstance(leaf, float) and leaf.is_integer() for leaf in leaves(value)):
        yield f"must not hold a whole number beyond {LARGEST_EXACT}, which loses digits; give it as a string"


def key_name(kms_key_id: str | None) -> str | None:
    """Return a key's id or alias, which AWS may answer as an ARN; its own key it does not name at all."""
    name = None if kms_key_id is None else kms_key_id.rsplit(":", 1)[-1].removeprefix("key/")
    return None if name == _AWS_KEY else name
