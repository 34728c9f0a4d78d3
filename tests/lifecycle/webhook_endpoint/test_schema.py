"""The rules of a webhook endpoint, row by row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.lifecycle.values import UNKNOWN, is_unknown
from pulumi_signa.lifecycle.webhook_endpoint.schema import (
    KEPT,
    SENT,
    Adoption,
    Declared,
    adoption_warnings,
    problems,
    warnings,
)

normalized = Declared.normalized

URL = "https://example.com/hooks/signa"
GOOD: dict[str, Any] = {
    "url": URL,
    "enabled_events": ["alert.created"],
    "description": "prod",
    "metadata": {"team": "ip"},
    "status": "active",
}


def problems_of(**changes: object) -> list[str]:
    """Return the problems of a good endpoint with some properties changed."""
    return problems(normalized({**GOOD, **changes}), http_allowed=False)


def url_of(length: int) -> str:
    """Return a good URL of that many characters."""
    return "https://example.com/".ljust(length, "a")


def test_good_endpoint_has_no_problem() -> None:
    assert problems_of() == []


def test_url_alone_is_enough() -> None:
    declared = normalized({"url": URL})

    assert problems(declared, http_allowed=False) == []
    assert {name: value for name, value in declared.items() if value is not None} == {
        "url": URL,
        "enabled_events": ["alert.created"],
        "metadata": {},
        "status": "active",
        "on_stale_secret": "warn",
    }


@pytest.mark.parametrize(
    "url",
    [
        url_of(2048),
        "HTTPS://EXAMPLE.COM",
        "https://example.com:8443/a?b=c",
        "https://example.com:/hook",
        "https://example.com./hook",
        "https://my_host.example.com/",
        "https://a--b.example.com/$batch?x=*&y=a|b",
        "https://example.com/a\\b",
        "https://127.0.0.1/hook",
        "https://1.example.com/",
        "https://localhost/",
        "https://xn--bcher-kva.example/",
        "https://bücher。example/",
        f"https://{'a' * 63}.example.com/",
        f"https://{'.'.join(['a' * 49] * 5)}.com./",
        "https://[2001:db8::1]/x",
        "https://bücher.example/hook",
        "https://example.com/%7Euser",
    ],
)
def test_url_is_accepted(url: str) -> None:
    assert problems_of(url=url) == []


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "url: must be an absolute https URL"),
        (url_of(2049), "url: must be at most 2048 characters, not 2049"),
        (url_of(10_000), "url: must be at most 2048 characters, not 10000"),
        (5, "url: must be a string, not a number"),
        (1.5, "url: must be a string, not a number"),
        (True, "url: must be a string, not a boolean"),
        ([URL], "url: must be a string, not a list"),
        ({"url": URL}, "url: must be a string, not an object"),
        ("http://example.com/", "url: must be https: Signa refuses http in production"),
        ("ftp://example.com/", "url: must be an absolute https URL"),
        ("example.com/hook", "url: must be an absolute https URL"),
        ("//example.com/hook", "url: must be an absolute https URL"),
        ("/hook", "url: must be an absolute https URL"),
        ("https:example.com", "url: must name a host"),
        ("https://", "url: must name a host"),
        ("https:///hook", "url: must name a host"),
        ("https://:443/hook", "url: must name a host"),
        ("https://user@example.com/", "url: must not contain a user or password"),
        ("https://user:pass@example.com/", "url: must not contain a user or password"),
        ("https://@example.com/", "url: must not contain a user or password"),
        ("https://example.com/a b", "url: must not contain spaces or control characters"),
        (" https://example.com/", "url: must not contain spaces or control characters"),
        ("https://example.com/\n", "url: must not contain spaces or control characters"),
        ("https://exam\x00ple.com/", "url: must not contain spaces or control characters"),
        ("https://example.com:port/", "url: is not a URL: check the host and the port"),
        ("https://example.com:99999/", "url: is not a URL: check the host and the port"),
        ("https://[::1/", "url: is not a URL: check the host and the port"),
        ("https://example.com:-1/", "url: is not a URL: check the host and the port"),
        ("https://example.com:0/", "url: must not have port 0"),
        ("https://example.com/#", "url: must not have a fragment"),
        ("https://example.com/a?b=c#d", "url: must not have a fragment"),
        ("https://example.com/%zz", "url: has a % without two hexadecimal digits"),
        ("https://example.com/?x=100%", "url: has a % without two hexadecimal digits"),
        ("https://example.com/%(name)s", "url: has a % without two hexadecimal digits"),
        ("https://${HOST}/x", "url: must not contain < > { or }: fill in the placeholder"),
        ("https://{{host}}/x", "url: must not contain < > { or }: fill in the placeholder"),
        ("https://<host>/x", "url: must not contain < > { or }: fill in the placeholder"),
        ("https://example.com/${PATH}", "url: must not contain < > { or }: fill in the placeholder"),
        ("https://example.com/?id={id}", "url: must not contain < > { or }: fill in the placeholder"),
        ("${URL}", "url: must not contain < > { or }: fill in the placeholder"),
        ("https://$HOST/x", "url: must name one host"),
        ("https://$(hostname)/x", "url: must name one host"),
        ("https://*.example.com/", "url: must name one host"),
        ("https://a,b.example.com/", "url: must name one host"),
        ("https://a%41.example.com/", "url: must name one host"),
        ("https://example.com\\hook", "url: must name one host"),
        ("https://./", "url: must name a host without a dot"),
        ("https://../", "url: must name a host without a dot"),
        ("https://…/hook", "url: must name a host without a dot"),
        ("https://.example.com/", "url: must name a host without a dot"),
        ("https://example..com/", "url: must name a host without a dot"),
        ("https://example.com../", "url: must name a host without a dot"),
        (f"https://{'a' * 64}.example.com/", "url: must name a host of at most 253 characters, 63"),
        (f"https://{'ü' * 60}.example.com/", "url: must name a host of at most 253 characters, 63"),
        (f"https://{'.'.join(['a' * 50] * 5)}.com/", "url: must name a host of at most 253 characters"),
        ("https://1234/", "url: must name a host, or be the address"),
        ("https://1.2.3/", "url: must name a host, or be the address"),
        ("https://256.1.1.1/", "url: must name a host, or be the address"),
        ("https://example.0x7f/", "url: must name a host, or be the address"),
        ("https://[v1.x]/", "url: must name a host, or be the address"),
        ("https://0.0.0.0/", "url: must have the address of one host"),
        ("https://[::]/", "url: must have the address of one host"),
        ("https://224.0.0.1/", "url: must have the address of one host"),
        ("https://[fe80::1%25eth0]/", "url: must have the address of one host"),
    ],
)
def test_url_is_refused(url: object, problem: str) -> None:
    (found,) = problems_of(url=url)

    assert found.startswith(problem)


@pytest.mark.parametrize("absent", [{"url": None}, {"adopt": {}}, {"adopt": {"id": None, "rotate": True}}])
def test_required_input_without_a_value_is_left_to_create(absent: dict[str, object]) -> None:
    assert problems_of(**absent) == []


def test_http_passes_where_it_is_allowed() -> None:
    allowed = normalized({**GOOD, "url": "http://127.0.0.1:8080/hook"})
    without_host = normalized({**GOOD, "url": "http:///hook"})

    assert problems(allowed, http_allowed=True) == []
    assert problems(without_host, http_allowed=True) == [
        "url: must name a host, such as https://example.com/hooks/signa"
    ]


@pytest.mark.parametrize("count", [1, 20])
def test_one_to_twenty_events_are_accepted(count: int) -> None:
    assert problems_of(enabled_events=[f"event.{number}" for number in range(count)]) == []


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], ["enabled_events: must name 1 to 20 events, not 0"]),
        ([f"event.{number}" for number in range(21)], ["enabled_events: must name 1 to 20 events, not 21"]),
        (["alert.created"] * 21, [
            "enabled_events: must name 1 to 20 events, not 21",
            "enabled_events: names an event twice",
        ]),
        (["alert.created", "alert.created"], ["enabled_events: names an event twice"]),
        (["webhook.test"], [
            "enabled_events: webhook.test cannot be subscribed to: Signa sends it on request, whatever is subscribed"
        ]),
        ([""], ["enabled_events: every event must be a non-empty string"]),
        ([None], ["enabled_events: every event must be a non-empty string"]),
        ([1.0], ["enabled_events: every event must be a non-empty string"]),
        (["alert.created", ["x"]], ["enabled_events: every event must be a non-empty string"]),
        ("alert.created", ["enabled_events: must be a list of event slugs, not a string"]),
        (True, ["enabled_events: must be a list of event slugs, not a boolean"]),
        ({"alert.created": True}, ["enabled_events: must be a list of event slugs, not an object"]),
    ],
)  # fmt: skip
def test_events_are_refused(events: object, expected: list[str]) -> None:
    assert problems_of(enabled_events=events) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("a" * 2000, []),
        ("", []),
        (None, []),
        ("a" * 2001, ["description: must be at most 2000 characters, not 2001"]),
        ("a" * 10_000, ["description: must be at most 2000 characters, not 10000"]),
        (7, ["description: must be a string, not a number"]),
        (False, ["description: must be a string, not a boolean"]),
        ([], ["description: must be a string, not a list"]),
    ],
)
def test_description_rule(description: object, expected: list[str]) -> None:
    assert problems_of(description=description) == expected


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, []),
        (None, []),
        ({"a": {"b": [1, {"c": None}]}}, []),
        ("text", ["metadata: must be an object, not a string"]),
        ([], ["metadata: must be an object, not a list"]),
        (1.5, ["metadata: must be an object, not a number"]),
        (True, ["metadata: must be an object, not a boolean"]),
    ],
)
def test_metadata_rule(metadata: object, expected: list[str]) -> None:
    assert problems_of(metadata=metadata) == expected


@pytest.mark.parametrize("status", ["", "paused", "Active", True, 1, ["active"], {}])
def test_status_is_refused(status: object) -> None:
    assert problems_of(status=status) == ["status: must be active or disabled"]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (None, []),
        ("", []),
        ("2026-11", []),
        (7, ["rotate_trigger: must be a string, not a number"]),
        (True, ["rotate_trigger: must be a string, not a boolean"]),
        (["a"], ["rotate_trigger: must be a string, not a list"]),
        ({"a": "b"}, ["rotate_trigger: must be a string, not an object"]),
    ],
)
def test_rotate_trigger_rule(trigger: object, expected: list[str]) -> None:
    assert problems_of(rotate_trigger=trigger) == expected


@pytest.mark.parametrize("days", [None, 1, 30, 36_500])
def test_rotation_period_is_accepted(days: int | None) -> None:
    assert problems_of(rotation_period_days=days) == []


@pytest.mark.parametrize("days", [0, -1, 36_501, 1.5, float("inf"), True, False, "30", "", [30], {}])
def test_rotation_period_is_refused(days: object) -> None:
    assert problems_of(rotation_period_days=days) == [
        "rotation_period_days: must be a whole number of days, 1 to 36500"
    ]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, []),
        ("x", []),
        ("x" * 500, []),
        ("x" * 501, ["force_rotation_reason: must be at most 500 characters, not 501"]),
        (
            "",
            ["force_rotation_reason: must be 1 to 500 characters; leave it out where no rotation is to be forced"],
        ),
        (5, ["force_rotation_reason: must be a string, not a number"]),
        (True, ["force_rotation_reason: must be a string, not a boolean"]),
        ([], ["force_rotation_reason: must be a string, not a list"]),
    ],
)
def test_force_rotation_reason_rule(reason: object, expected: list[str]) -> None:
    assert problems_of(force_rotation_reason=reason) == expected


@pytest.mark.parametrize("choice", [None, "warn", "rotate"])
def test_on_stale_secret_is_accepted(choice: str | None) -> None:
    assert problems_of(on_stale_secret=choice) == []
    assert normalized({"on_stale_secret": choice})["on_stale_secret"] == (choice or "warn")


@pytest.mark.parametrize("choice", ["", "Rotate", "ignore", True, 0, ["warn"], {}])
def test_on_stale_secret_is_refused(choice: object) -> None:
    assert problems_of(on_stale_secret=choice) == ["on_stale_secret: must be warn or rotate"]


@pytest.mark.parametrize(
    "adopt",
    [
        None,
        {"id": "whk_1"},
        {"id": "whk_1", "secret": None, "rotate": False},
        {"id": "whk_1", "secret": "whsec_x", "rotate": True},
        {"id": UNKNOWN, "secret": UNKNOWN, "rotate": UNKNOWN},
    ],
)
def test_adoption_is_accepted(adopt: object) -> None:
    assert problems_of(adopt=adopt) == []


_NO_ID = "adopt: id must be that of a webhook endpoint, such as whk_0190c2f4"
_NO_SECRET = "adopt: secret must be the signing secret that receivers verify with; leave it out where nobody has it"
_LINE_END = (
    "adopt: secret must not begin or end with white space: is there a line end from the file that it was read from?"
)
_NO_ADOPT = "adopt: must be an object with id, and perhaps secret and rotate"


@pytest.mark.parametrize(
    ("adopt", "expected"),
    [
        ({"id": ""}, [_NO_ID]),
        ({"id": "org_s3cret"}, [_NO_ID]),
        ({"id": ["whk_s3cret"]}, [_NO_ID]),
        ({"id": "whk_1/../s3cret"}, [_NO_ID]),
        ({"id": "whk_" + "1" * 101}, [_NO_ID]),
        ({"id": "whk_1", "secret": "s3cret\n"}, [_LINE_END]),
        ({"id": "whk_1", "secret": ""}, [_NO_SECRET]),
        ({"id": "whk_1", "secret": 5}, [_NO_SECRET]),
        ({"id": "whk_1", "secret": ["s3cret"]}, [_NO_SECRET]),
        ({"id": "whk_1", "rotate": "yes"}, ["adopt: rotate must be true or false, not a string"]),
        ({"id": "whk_1", "rotate": 1}, ["adopt: rotate must be true or false, not a number"]),
        ({"id": UNKNOWN, "secret": "", "rotate": 0}, [_NO_SECRET, "adopt: rotate must be true or false, not a number"]),
        ({"id": "s3cret", "secret": UNKNOWN}, [_NO_ID]),
        ({"id": "whk_1", "value": "s3cret"}, [_NO_ADOPT]),
        ("whk_s3cret", [_NO_ADOPT]),
        (["whk_s3cret"], [_NO_ADOPT]),
        (True, [_NO_ADOPT]),
        (UNKNOWN, [_NO_ADOPT]),
    ],
)
def test_adoption_is_refused(adopt: object, expected: list[str]) -> None:
    assert problems_of(adopt=adopt) == expected
    assert "s3cret" not in " ".join(expected)


@pytest.mark.parametrize(
    ("secret", "is_good"),
    [
        ("whsec_57DwDkifDh8d2PVW2XiAzDY0IROoDoYfAiq9KAKE/ME=", True),
        ("57DwDkifDh8d2PVW2XiAzDY0IROoDoYfAiq9KAKE/ME=", True),
        (None, True),
        (UNKNOWN, True),
        ("57DwDkifDh8d2PVW2XiAzDY0IROoDoYfAiq9KAKE/ME", False),
        ("whsec_57DwDkifDh8d2PVW2XiAzDY0IROoDoYfAiq9KAKE_ME=", False),
        ("whsec_whsec_57DwDkif", False),
        ("whsec_", False),
        ("whsec_****", False),
        ("s3cret phrase", False),
        ("s3crét", False),
    ],
)
def test_secret_that_no_receiver_can_verify_with_gets_a_warning(secret: Any, is_good: bool) -> None:  # noqa: FBT001 - a column
    found = adoption_warnings(Adoption.of({"id": "whk_1", "secret": secret}))

    assert (found == []) is is_good
    assert all(line.startswith("adopt: secret is no base64") and "s3cr" not in line for line in found)


@pytest.mark.parametrize("name", [*KEPT, "adopt"])
def test_value_that_is_wrong_is_never_shown(name: str) -> None:
    values = ["s3cret" * 100, ["s3cret"], {"s3cret": "s3cret"}, 5.3]

    found = [problem for value in values for problem in problems_of(**{name: value})]

    assert len(found) >= 3
    assert not any(hidden in problem for problem in found for hidden in ("s3cret", "5.3"))


def test_all_problems_come_at_once() -> None:
    found = problems_of(url=1, enabled_events=[], description=2, metadata=3, status=4)

    assert [problem.partition(":")[0] for problem in found] == list(SENT)


@pytest.mark.parametrize("field", SENT)
def test_unknown_field_is_skipped_and_the_others_are_not(field: str) -> None:
    wrong = {"url": 1, "enabled_events": [], "description": 2, "metadata": 3, "status": 4, field: UNKNOWN}

    found = problems_of(**wrong)

    assert [problem.partition(":")[0] for problem in found] == [name for name in SENT if name != field]


@pytest.mark.parametrize("field", [name for name in KEPT if name != "account"])
def test_unknown_setting_is_skipped(field: str) -> None:
    assert problems_of(**{field: UNKNOWN}) == []


@pytest.mark.parametrize("account", ["eu", "EU-west_2", "a"])
def test_organization_has_a_name_of_letters_and_digits(account: str) -> None:
    assert problems_of(account=account) == []


@pytest.mark.parametrize("account", ["", "1eu", "-eu", "e u", "eu\n", "é", "sig_0123", 5, UNKNOWN])
def test_other_name_of_an_organization_is_refused_and_never_shown(account: object) -> None:
    """A name decides whose key is used, so it is known before anything is, and is no key itself."""
    (problem,) = problems_of(account=account)

    assert problem == (
        "account: must be the name of an organization in signa:accounts, known when the program runs: "
        "letters, digits, - and _, beginning with a letter"
    )


def test_nested_unknowns_are_skipped() -> None:
    assert problems_of(enabled_events=["", UNKNOWN], metadata={"a": [{"b": UNKNOWN}]}) == []


def test_events_are_sorted_and_an_empty_description_is_none() -> None:
    declared = normalized({"url": URL, "enabled_events": ("b", "a"), "description": ""})

    assert declared["enabled_events"] == ["a", "b"]
    assert declared["description"] is None


def test_normal_form_leaves_the_given_mapping_as_it_was() -> None:
    given_ = {"url": URL, "enabled_events": ["b", "a"], "secret": "whsec_x"}

    declared = normalized(given_)

    assert declared.keys() == Declared.rows().keys()
    assert given_ == {"url": URL, "enabled_events": ["b", "a"], "secret": "whsec_x"}


def test_undocumented_event_gets_a_warning_of_one_line() -> None:
    found = warnings(Declared.of({"url": URL, "enabled_events": ["alert.created", "new.event", "x\n" * 500]}))

    assert len(found) == 2
    assert "'new.event'" in found[0]
    assert all("\n" not in line and len(line) < 400 for line in found)


def test_known_or_unknown_events_get_no_warning() -> None:
    assert warnings(Declared.of({"url": URL})) == []
    assert warnings(Declared.of({"url": URL, "enabled_events": UNKNOWN})) == []
    assert warnings(Declared.of({"url": URL, "enabled_events": ["x", UNKNOWN]})) == []


@given(st.data())
def test_any_value_is_judged_without_raising(anything: st.SearchStrategy[object], data: st.DataObject) -> None:
    names = (*SENT, *KEPT, "adopt")
    properties = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, anything)))

    found = problems(normalized(properties), http_allowed=data.draw(st.booleans()))

    assert all(isinstance(line, str) and len(line.splitlines()) == 1 for line in found)


@given(st.data())
def test_normal_form_is_reached_in_one_step(anything: st.SearchStrategy[object], data: st.DataObject) -> None:
    once = normalized(data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(SENT, anything))))

    assert normalized(once) == once


@given(st.text(max_size=80))
def test_any_text_can_stand_as_url(text: str) -> None:
    for prefix in ("", "https://", "http://", "https://["):
        found = problems(normalized({**GOOD, "url": prefix + text}), http_allowed=True)

        assert all(len(line.splitlines()) == 1 for line in found)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=20, unique=True), st.randoms(use_true_random=False))
def test_order_of_events_never_matters(events: list[str], random: Any) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)

    assert normalized({"enabled_events": shuffled}) == normalized({"enabled_events": events})


def test_unknown_survives_normalizing() -> None:
    declared = normalized(dict.fromkeys(SENT, UNKNOWN))

    assert all(is_unknown(declared[field]) for field in SENT)
