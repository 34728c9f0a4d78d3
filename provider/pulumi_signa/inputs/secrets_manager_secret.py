"""
What a stack may declare of a secret in AWS Secrets Manager.

| property                  | rule                                                                      | default  |
| ------------------------- | ------------------------------------------------------------------------- | -------- |
| `secret_name`             | 1 to 512 characters of `A-Z a-z 0-9 / _ + = . @ -`                        | required |
| `secret_string`           | a string of 1 to 65,536 bytes in UTF-8; this or `secret_json`             | none     |
| `secret_json`             | an object, stored as JSON text of at most 65,536 bytes                    | none     |
| `description`             | at most 2048 characters                                                   | none     |
| `kms_key_id`              | id, ARN or alias of a KMS key                                             | AWS's    |
| `tags`                    | at most 50 strings by key; keys to 128 characters, values to 256, no `aws:` | `{}`   |
| `recovery_window_in_days` | 7 to 30, or 0 to delete at once                                           | 30       |
| `region`                  | an AWS region                                                             | settings |
| `adopt_existing`          | whether a secret of this name that exists may be taken over               | false    |

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_signa.inputs import LARGEST_EXACT, Properties, is_unknown, kind_of, leaves
from pulumi_signa.inputs.rules import Rule, broken, json_value, optional_text

VALUE_PROPERTIES = ("secret_string", "secret_json")

MAX_NAME = 512
MAX_VALUE_BYTES = 65_536
MAX_DESCRIPTION = 2048
MAX_TAGS = 50
MAX_TAG_KEY = 128
MAX_TAG_VALUE = 256
RECOVERY_DAYS = range(7, 31)
DEFAULT_RECOVERY_DAYS = 30

_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]+", re.ASCII)
_REGION = re.compile(r"[a-z]{2,8}(-[a-z]+)+-\d{1,2}", re.ASCII)
_ARN_LIKE_ENDING = re.compile(r"-[A-Za-z0-9]{6}\Z", re.ASCII)


def normalized(properties: Properties) -> dict[str, Any]:
    """Fill in the defaults and give every property the one form in which it is compared, sent and stored."""
    filled = dict(properties)
    if filled.get("tags") is None:
        filled["tags"] = {}
    if filled.get("recovery_window_in_days") is None:
        filled["recovery_window_in_days"] = DEFAULT_RECOVERY_DAYS
    if filled.get("adopt_existing") is None:
        filled["adopt_existing"] = False
    for name in ("description", "kms_key_id", "region"):
        if filled.get(name) in (None, ""):
            filled[name] = None
    return filled


def value_text(properties: Properties) -> str:
    """Give what is stored: the string as it is, byte for byte, or the object as JSON with sorted keys."""
    if properties.get("secret_json") is not None:
        return json.dumps(properties["secret_json"], sort_keys=True, ensure_ascii=False)
    return str(properties["secret_string"])


def problems(properties: Properties) -> list[str]:
    """Give everything that is wrong with normalized properties, one line each and without a value."""
    return [*_value_problems(properties), *broken(_RULES, properties)]


def warnings(properties: Properties) -> list[str]:
    """Give what AWS advises against, of properties without problems."""
    name = properties["secret_name"]
    if not is_unknown(name) and _ARN_LIKE_ENDING.search(name):
        advice = "AWS advises against it, since it may then take the name for the end of another secret's ARN"
        return [f"secret_name: ends in a hyphen and six characters; {advice}"]
    return []


def _value_problems(properties: Properties) -> Iterator[str]:
    # An unknown value may turn out to be None, so it counts neither way.
    unknown = [name for name in VALUE_PROPERTIES if is_unknown(properties.get(name))]
    given = [name for name in VALUE_PROPERTIES if properties.get(name) is not None and name not in unknown]
    if len(given) > 1 or not (given or unknown):
        hint = "both" if given else "none (secret_status unknown? rotate it)"
        yield f"secret_string, secret_json: give exactly one of them, not {hint}"
        return
    for name in given:
        yield from (f"{name}: {problem}" for problem in _value_rule(name, properties[name]))


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
    # Those that are exact have become integers.
    if any(isinstance(leaf, float) and leaf.is_integer() for leaf in leaves(value)):
        yield f"must not hold a whole number beyond {LARGEST_EXACT}, which loses digits; give it as a string"


def _name_problems(value: object) -> Iterator[str]:
    if value is None:
        yield "is required"
    elif not isinstance(value, str):
        yield f"must be a string, not {kind_of(value)}"
    elif not 1 <= len(value) <= MAX_NAME:
        yield f"must be 1 to {MAX_NAME} characters, not {len(value)}"
    elif not _NAME.fullmatch(value):
        yield "may hold only A-Z a-z 0-9 / _ + = . @ -"


def _kms_key_problems(value: object) -> Iterator[str]:
    if value is not None and not isinstance(value, str):
        yield f"must be the id, ARN or alias of a KMS key, not {kind_of(value)}"


def _tag_problems(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be an object of strings, not {kind_of(value)}"
        return
    if len(value) > MAX_TAGS:
        yield f"must be at most {MAX_TAGS}, not {len(value)}"
    for key, text in value.items():
        shown = repr(key[:MAX_TAG_KEY])
        if not 1 <= len(key) <= MAX_TAG_KEY:
            yield f"a key must be 1 to {MAX_TAG_KEY} characters, not {len(key)}"
        elif key.lower().startswith("aws:"):
            yield f"{shown}: keys that begin with aws: are AWS's own"
        if not isinstance(text, str):
            yield f"{shown}: must be a string, not {kind_of(text)}"
        elif len(text) > MAX_TAG_VALUE:
            yield f"{shown}: must be at most {MAX_TAG_VALUE} characters, not {len(text)}"


def _recovery_problems(value: object) -> Iterator[str]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or (value != 0 and value not in RECOVERY_DAYS):
        yield f"must be {RECOVERY_DAYS[0]} to {RECOVERY_DAYS[-1]} days, or 0 to delete at once"


def _region_problems(value: object) -> Iterator[str]:
    if value is not None and not (isinstance(value, str) and _REGION.fullmatch(value)):
        yield "must be an AWS region, such as eu-west-1"


def _adopt_problems(value: object) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"must be true or false, not {kind_of(value)}"


_RULES: dict[str, Rule] = {
    "secret_name": _name_problems,
    "description": optional_text(MAX_DESCRIPTION),
    "kms_key_id": _kms_key_problems,
    "tags": _tag_problems,
    "recovery_window_in_days": _recovery_problems,
    "region": _region_problems,
    "adopt_existing": _adopt_problems,
}
