"""What a stack may declare of a check."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_host import checks
from pulumi_signa.lifecycle.delivery_check.schema import Declared, Outcome
from pulumi_signa.lifecycle.delivery_check.state import State
from pulumi_signa.lifecycle.values import UNKNOWN


def test_defaults() -> None:
    checked = checks.check({"endpoint_id": "whk_1"})

    assert checked.problems == []
    assert checked.inputs == {
        "endpoint_id": "whk_1",
        "triggers": [],
        "timeout_seconds": 60,
        "required": True,
        "account": None,
    }


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"endpoint_id": "alt_1"}, "endpoint_id: must be that of a webhook endpoint, such as whk_0190c2f4"),
        ({"endpoint_id": 1}, "endpoint_id: must be that of a webhook endpoint, such as whk_0190c2f4"),
        ({"triggers": "url"}, "triggers: must be a list, not a string"),
        ({"triggers": {"a": 1}}, "triggers: must be a list, not an object"),
        (
            {"triggers": [float("nan")]},
            "triggers: must not hold NaN or an infinite number: JSON has no form for them",
        ),
        *(
            ({"timeout_seconds": seconds}, "timeout_seconds: must be a whole number of seconds, 1 to 600")
            for seconds in (0, 601, 1.5, "60", True, -1)
        ),
        ({"required": "no"}, "required: must be true or false, not a string"),
    ],
)
def test_wrong_input_is_named_without_its_value(inputs: dict[str, Any], problem: str) -> None:
    assert checks.check({"endpoint_id": "whk_1", **inputs}).problems == [problem]


@pytest.mark.parametrize(
    "inputs",
    [
        {"timeout_seconds": 1},
        {"timeout_seconds": 600},
        {"triggers": ["a", 1, 2.5, True, None, {"b": ["c"]}]},
        {"triggers": ()},
        {"endpoint_id": UNKNOWN, "triggers": [UNKNOWN], "timeout_seconds": UNKNOWN, "required": UNKNOWN},
        {"endpoint_id": None},
    ],
)
def test_what_is_right_or_not_known_yet_passes(inputs: dict[str, Any]) -> None:
    assert checks.check({"endpoint_id": "whk_1", **inputs}).problems == []


def test_everything_that_is_wrong_is_reported_at_once() -> None:
    wrong = {"endpoint_id": "", "triggers": 1, "timeout_seconds": 0, "required": 1, "account": "sig_1"}

    assert [problem.split(":")[0] for problem in checks.check(wrong).problems] == [*wrong]


def test_missing_key_is_reported_at_preview() -> None:
    (problem,) = checks.check({"endpoint_id": "whk_1"}, base_url="nowhere").problems

    assert problem.startswith("the base URL from SIGNA_BASE_URL must be an absolute URL")


@given(data=st.data())
def test_anything_may_be_declared_or_stored(anything: st.SearchStrategy[Any], data: st.DataObject) -> None:
    """Whatever stands there is reported or counts as absent, and is no defect."""
    bags = st.dictionaries(st.sampled_from([*Declared.rows(), *Outcome.rows()]), anything)
    stored, wanted = data.draw(bags), data.draw(bags)

    problems = checks.check(wanted).problems

    assert all(len(problem.splitlines()) == 1 for problem in problems)
    state = State.of("a", stored)
    assert State.of("a", state.outputs()) == state
    if not problems:
        assert isinstance(checks.preview("a", stored, wanted), dict)


def test_state_is_what_was_put_out() -> None:
    declared = Declared.of({"endpoint_id": "whk_1", "triggers": [{"a": 1}], "required": False})
    outcome = Outcome.of({"delivered": True, "http_status": 204, "attempt_id": "a"})
    state = State("a", declared, outcome)

    assert State.of("a", state.outputs()) == state
