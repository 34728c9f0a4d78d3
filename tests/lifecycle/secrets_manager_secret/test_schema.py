"""The rules of a secret in AWS Secrets Manager, row by row."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.lifecycle.secrets_manager_secret.schema import Declared, problems, value_text, warnings
from pulumi_signa.lifecycle.values import UNKNOWN

normalized = Declared.normalized

SENTINEL = "never-to-be-seen-6f1e"
GOOD: dict[str, Any] = {"secret_name": "signa/prod", "secret_string": SENTINEL}
NAMES = (
    "secret_name",
    "secret_string",
    "secret_json",
    "description",
    "kms_key_id",
    "tags",
    "recovery_window_in_days",
    "region",
    "adopt_existing",
    "without_value",
)


def problems_of(**changes: object) -> list[str]:
    """Return the problems of a good secret with some properties changed."""
    return problems(normalized({**GOOD, **changes}))


def test_name_and_value_are_enough() -> None:
    declared = normalized(GOOD)

    assert problems(declared) == []
    assert {name: value for name, value in declared.items() if value is not None} == {
        **GOOD,
        "tags": {},
        "recovery_window_in_days": 30,
        "adopt_existing": False,
        "without_value": False,
    }


@pytest.mark.parametrize("name", ["a", "a" * 512, "AZaz09/_+=.@-", "signa/prod"])
def test_name_is_accepted(name: str) -> None:
    assert problems_of(secret_name=name) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "secret_name: must be 1 to 512 characters, not 0"),
        ("a" * 513, "secret_name: must be 1 to 512 characters, not 513"),
        ("a" * 10_000, "secret_name: must be 1 to 512 characters, not 10000"),
        ("a b", "secret_name: may hold only A-Z a-z 0-9 / _ + = . @ -"),
        ("a\n", "secret_name: may hold only A-Z a-z 0-9 / _ + = . @ -"),
        ("größe", "secret_name: may hold only A-Z a-z 0-9 / _ + = . @ -"),
        ("a:b", "secret_name: may hold only A-Z a-z 0-9 / _ + = . @ -"),
        (3, "secret_name: must be a string, not a number"),
        (True, "secret_name: must be a string, not a boolean"),
        (["a"], "secret_name: must be a string, not a list"),
    ],
)
def test_name_is_refused(name: object, problem: str) -> None:
    assert problems_of(secret_name=name) == [problem]


@pytest.mark.parametrize("name", ["secret_name", "secret_string"])
def test_required_input_without_a_value_is_left_to_create(name: str) -> None:
    assert problems_of(**{name: None}) == []


@pytest.mark.parametrize("value", ["x", "x" * 65_536, "é" * 32_768, "  \n", "\x00"])
def test_string_is_accepted(value: str) -> None:
    assert problems_of(secret_string=value) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"secret_json": {"a": SENTINEL}}, "secret_string, secret_json: give exactly one of them, not both"),
        ({"secret_string": ""}, "secret_string: must be 1 to 65536 bytes in UTF-8, not 0"),
        ({"secret_string": "x" * 65_537}, "secret_string: must be 1 to 65536 bytes in UTF-8, not 65537"),
        ({"secret_string": "é" * 32_769}, "secret_string: must be 1 to 65536 bytes in UTF-8, not 65538"),
        ({"secret_string": 1.5}, "secret_string: must be a string, not a number"),
        ({"secret_string": True}, "secret_string: must be a string, not a boolean"),
        ({"secret_string": {"a": SENTINEL}}, "secret_string: must be a string, not an object"),
        (
            {"secret_string": None, "secret_json": {"a": "x" * 65_536}},
            "secret_json: must be 1 to 65536 bytes in UTF-8, not 65545",
        ),
        ({"secret_string": None, "secret_json": SENTINEL}, "secret_json: must be an object, not a string"),
        ({"secret_string": None, "secret_json": [SENTINEL]}, "secret_json: must be an object, not a list"),
        ({"secret_string": None, "secret_json": 2}, "secret_json: must be an object, not a number"),
    ],
)
def test_value_is_refused_without_being_shown(changes: dict[str, object], problem: str) -> None:
    found = problems_of(**changes)

    assert found == [problem]
    assert SENTINEL not in problem


@pytest.mark.parametrize("value", [{}, {"a": "x" * 65_527}, {"a": {"b": [1, None, True]}}])
def test_json_is_accepted(value: dict[str, Any]) -> None:
    assert problems_of(secret_string=None, secret_json=value) == []


def test_string_is_stored_byte_for_byte() -> None:
    assert value_text({"secret_string": ' {"b":1, "a":2}\n'}) == ' {"b":1, "a":2}\n'


def test_json_is_stored_with_sorted_keys() -> None:
    text = value_text({"secret_json": {"b": "ü", "a": [True, 1]}})

    assert text == '{"a": [true, 1], "b": "ü"}'
    assert json.loads(text) == {"a": [True, 1], "b": "ü"}


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("a" * 2048, []),
        ("", []),
        ("a" * 2049, ["description: must be at most 2048 characters, not 2049"]),
        ("a" * 10_000, ["description: must be at most 2048 characters, not 10000"]),
        (1, ["description: must be a string, not a number"]),
        (True, ["description: must be a string, not a boolean"]),
    ],
)
def test_description_rule(description: object, expected: list[str]) -> None:
    assert problems_of(description=description) == expected


@pytest.mark.parametrize("tags", [None, {}, {"k" * 128: "v" * 256}, {str(number): "" for number in range(50)}])
def test_tags_are_accepted(tags: object) -> None:
    assert problems_of(tags=tags) == []


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        ({str(number): "" for number in range(51)}, "tags: must be at most 50, not 51"),
        ({"": "v"}, "tags: a key must be 1 to 128 characters, not 0"),
        ({"k" * 129: "v"}, "tags: a key must be 1 to 128 characters, not 129"),
        ({"k": "v" * 257}, "tags: 'k': must be at most 256 characters, not 257"),
        ({"k": "v" * 10_000}, "tags: 'k': must be at most 256 characters, not 10000"),
        ({"aws:k": "v"}, "tags: 'aws:k': keys that begin with aws: are AWS's own"),
        ({"AWS:k": "v"}, "tags: 'AWS:k': keys that begin with aws: are AWS's own"),
        ({"k": 1}, "tags: 'k': must be a string, not a number"),
        ({"k": True}, "tags: 'k': must be a string, not a boolean"),
        ({"k": None}, "tags: 'k': must be a string, not null"),
        ({"k": {}}, "tags: 'k': must be a string, not an object"),
        ({"k\nl": 1}, "tags: 'k\\nl': must be a string, not a number"),
        (["k"], "tags: must be an object of strings, not a list"),
        ("k=v", "tags: must be an object of strings, not a string"),
        (1.5, "tags: must be an object of strings, not a number"),
    ],
)
def test_tags_are_refused(tags: object, problem: str) -> None:
    assert problems_of(tags=tags) == [problem]


@pytest.mark.parametrize("days", [None, 0, 7, 30])
def test_recovery_window_is_accepted(days: object) -> None:
    assert problems_of(recovery_window_in_days=days) == []


@pytest.mark.parametrize("days", [1, 6, 31, -7, 7.5, 10_000, True, False, "7", [7]])
def test_recovery_window_is_refused(days: object) -> None:
    assert problems_of(recovery_window_in_days=days) == [
        "recovery_window_in_days: must be 7 to 30 days, or 0 to delete at once"
    ]


@pytest.mark.parametrize(
    "region",
    [None, "", "eu-west-1", "us-gov-west-1", "us-iso-east-1", "ap-southeast-5", "cn-north-1", "eusc-de-east-1"],
)
def test_region_is_accepted(region: object) -> None:
    assert problems_of(region=region) == []


@pytest.mark.parametrize(
    "region", ["EU-WEST-1", "eu-west", "eu-west-1a", "eu-west-1\n", "evil.example/", 1, True, ["a"]]
)
def test_region_is_refused(region: object) -> None:
    assert problems_of(region=region) == ["region: must be an AWS region, such as eu-west-1"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kms_key_id": 1}, "kms_key_id: must be the id, ARN or alias of a KMS key, not a number"),
        ({"kms_key_id": False}, "kms_key_id: must be the id, ARN or alias of a KMS key, not a boolean"),
        ({"adopt_existing": "yes"}, "adopt_existing: must be true or false, not a string"),
        ({"adopt_existing": 1}, "adopt_existing: must be true or false, not a number"),
    ],
)
def test_other_wrong_types_are_refused(changes: dict[str, object], problem: str) -> None:
    assert problems_of(**changes) == [problem]


def test_all_problems_come_at_once() -> None:
    found = problems_of(
        secret_name=1,
        secret_string=2,
        description=3,
        kms_key_id=4,
        tags=5,
        recovery_window_in_days=6,
        region=7,
        adopt_existing=8,
        without_value=9,
    )

    assert sorted(problem.partition(":")[0] for problem in found) == sorted(set(NAMES) - {"secret_json"})


@pytest.mark.parametrize("name", [name for name in NAMES if name != "secret_json"])
def test_unknown_property_is_skipped(name: str) -> None:
    assert problems_of(**{name: UNKNOWN}) == []


def test_nested_unknowns_are_skipped() -> None:
    assert problems_of(secret_string=None, secret_json={"a": [UNKNOWN]}, tags={"": UNKNOWN}) == []


def test_name_that_looks_like_the_end_of_an_arn_gets_a_warning() -> None:
    assert len(warnings(Declared.of({**GOOD, "secret_name": "prod-abc123"}))) == 1
    assert warnings(Declared.of({**GOOD, "secret_name": "prod-abc12"})) == []
    assert warnings(Declared.of({**GOOD, "secret_name": "prod-abc1234"})) == []
    assert warnings(Declared.of({**GOOD, "secret_name": UNKNOWN})) == []


@given(st.data())
def test_any_value_is_judged_without_raising(anything: st.SearchStrategy[object], data: st.DataObject) -> None:
    properties = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, anything)))

    found = problems(normalized(properties))

    assert all(isinstance(line, str) and len(line.splitlines()) == 1 for line in found)


@given(st.data())
def test_normal_form_is_reached_in_one_step(anything: st.SearchStrategy[object], data: st.DataObject) -> None:
    once = normalized(data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, anything))))

    assert normalized(once) == once


@given(st.data())
def test_no_problem_shows_a_value(anything: st.SearchStrategy[object], data: st.DataObject) -> None:
    wrong = st.sampled_from([SENTINEL * 4000, [SENTINEL], {"a": SENTINEL}, {"a": [SENTINEL * 4000]}, SENTINEL])
    properties = {
        **data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, anything))),
        "secret_string": data.draw(st.one_of(st.none(), wrong)),
        "secret_json": data.draw(st.one_of(st.none(), wrong)),
    }

    assert SENTINEL not in "\n".join(problems(normalized(properties)))


def test_known_value_is_judged_beside_an_unknown_one() -> None:
    found = problems(normalized({**GOOD, "secret_string": "", "secret_json": UNKNOWN}))

    assert found == ["secret_string: must be 1 to 65536 bytes in UTF-8, not 0"]


_NO_VALUE = {"secret_string": None, "without_value": True}


def test_secret_whose_value_others_write_has_none() -> None:
    assert problems_of(**_NO_VALUE) == []
    assert problems_of(without_value=False) == []
    assert problems_of(without_value=UNKNOWN) == []
    assert problems_of(without_value=True, secret_string=UNKNOWN) == []


@pytest.mark.parametrize(
    "value", [{"secret_string": SENTINEL}, {"secret_string": None, "secret_json": {"a": SENTINEL}}]
)
def test_value_beside_without_value_is_refused(value: dict[str, Any]) -> None:
    name = "secret_json" if "secret_json" in value else "secret_string"

    assert problems_of(**value, without_value=True) == [
        f"without_value: somebody else writes the value then, so leave out {name}, in ignore_changes too"
    ]


def test_without_value_of_another_type_is_refused() -> None:
    assert problems_of(**{**_NO_VALUE, "without_value": "yes"}) == [
        "without_value: must be true or false, not a string"
    ]


def test_mark_is_one_of_the_fifty_tags() -> None:
    fifty = {str(number): "" for number in range(50)}

    assert problems_of(tags=fifty) == []
    assert problems_of(**_NO_VALUE, tags=dict(list(fifty.items())[1:])) == []
    assert problems_of(**_NO_VALUE, tags=fifty) == [
        "tags: must be at most 49 with without_value, which sets one itself, not 50"
    ]


@pytest.mark.parametrize("value", [{}, _NO_VALUE])
def test_mark_is_not_declared(value: dict[str, Any]) -> None:
    assert problems_of(**value, tags={"pulumi-signa:resource": "x"}) == [
        "tags: 'pulumi-signa:resource': is set by without_value itself"
    ]
