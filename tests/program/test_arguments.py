"""What a program may pass, and the one line for what it may not."""

import datetime as dt
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import pulumi
import pytest

from pulumi_signa import Adopt, SecretsManagerSecret, WebhookEndpoint
from pulumi_signa.program.arguments import ArgumentError

URL = "https://example.com/hook"
ONE_LINE = r"^{}\('{}'\): [^\n]+$"

Run = Callable[..., Any]


class Event(str, Enum):
    """As users name events."""

    CREATED = "alert.created"
    OTHER = "alert.other"


class Number(Enum):
    """No strings."""

    ONE = 1


def endpoint(**arguments: Any) -> WebhookEndpoint:
    """Declare an endpoint."""
    return WebhookEndpoint("alerts", **{"url": URL, **arguments})


def secret(**arguments: Any) -> SecretsManagerSecret:
    """Declare a secret."""
    return SecretsManagerSecret("stored", **{"secret_name": "a", "secret_string": "x", **arguments})


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"enabled_events": {"b", "a"}}, ["a", "b"]),
        ({"enabled_events": frozenset({"alert.created"})}, ["alert.created"]),
        ({"enabled_events": ("b", "a")}, ["b", "a"]),
        ({"enabled_events": [Event.CREATED, Event.OTHER]}, ["alert.created", "alert.other"]),
        ({"enabled_events": {Event.OTHER}}, ["alert.other"]),
        ({"description": Event.CREATED}, "alert.created"),
        ({"metadata": {Event.CREATED: {"x", "y"}}}, {"alert.created": ["x", "y"]}),
        ({"metadata": {"a": [1, 2.5, True, "ü"]}}, {"a": [1, 2.5, True, "ü"]}),
    ],
)
def test_sets_and_enumerations_of_strings_are_taken(run: Run, given: dict[str, Any], sent: Any) -> None:
    (name,) = given

    engine = run(lambda: endpoint(**given).urn)

    assert engine.registered["alerts"][name] == sent


UNSENDABLE: list[Any] = [
    b"bytes",
    bytearray(b"bytes"),
    (each for each in "ab"),
    Number.ONE,
    10**400,
    "\ud800",
    {1: "a"},
    {b"a": 1},
    {"\udfff": 1},
    Path("a"),
    dt.date(2026, 1, 1),
    object(),
    pulumi.StringAsset("x"),
    range(3),
    len,
]


@pytest.mark.parametrize("place", [lambda value: value, lambda value: [value], lambda value: {"a": {"b": value}}])
@pytest.mark.parametrize("value", UNSENDABLE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(
    ("declare", "property_"),
    [
        (endpoint, "url"),
        (endpoint, "description"),
        (endpoint, "enabled_events"),
        (endpoint, "metadata"),
        (endpoint, "rotate_trigger"),
        (endpoint, "rotation_period_days"),
        (secret, "secret_name"),
        (secret, "secret_string"),
        (secret, "tags"),
        (secret, "recovery_window_in_days"),
    ],
)
def test_value_that_cannot_be_sent_is_refused_in_one_line(
    run: Run, declare: Callable[..., Any], property_: str, value: Any, place: Callable[[Any], Any]
) -> None:
    kind, name = ("WebhookEndpoint", "alerts") if declare is endpoint else ("SecretsManagerSecret", "stored")

    with pytest.raises(ArgumentError, match=ONE_LINE.format(kind, name)) as refused:
        run(lambda: declare(**{property_: place(value)}))

    assert f"): {property_}: " in str(refused.value)


@pytest.mark.parametrize("value", [b"bytes", 10**400, {1: 2}])
def test_secret_to_adopt_that_cannot_be_sent_is_refused(run: Run, value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^WebhookEndpoint\('alerts'\): adopt: "):
        run(lambda: endpoint(adopt=Adopt("whk_1", secret=value)))


def test_message_shows_no_value(run: Run) -> None:
    with pytest.raises(ArgumentError) as refused:
        run(lambda: secret(secret_string=b"hunter2 in bytes"))

    assert "hunter2" not in str(refused.value)
    assert "decode it to a string" in str(refused.value)


@pytest.mark.parametrize(
    ("declare", "missing"),
    [
        (lambda: endpoint(url=None), "url"),
        (lambda: endpoint(adopt=Adopt(None)), "adopt.id"),  # type: ignore[arg-type]
        (lambda: secret(secret_name=None), "secret_name"),
        (lambda: secret(secret_string=None), "secret_string"),
    ],
)
def test_what_the_program_leaves_out_is_refused_there(run: Run, declare: Callable[[], Any], missing: str) -> None:
    with pytest.raises(ArgumentError, match=missing):
        run(declare)


@pytest.mark.parametrize(
    ("declare", "option", "way_out"),
    [
        (endpoint, {"import_": "whk_1"}, r"adopt=Adopt\('whk_…'\)"),
        (secret, {"import_": "arn:aws:x"}, "adopt_existing=True"),
        (endpoint, {"replace_on_changes": ["url"]}, "replacement_trigger"),
        (secret, {"replace_on_changes": ["*"]}, "replacement_trigger"),
        (secret, {"ignore_changes": ["tags", "secret_json.a"]}, "keep secret_json.a alone; name secret_json"),
        (secret, {"ignore_changes": ['secret_json["a"].b']}, "name secret_json"),
        (secret, {"id": "arn:aws:x"}, r"SecretsManagerSecret\.get\('stored', …\)"),
    ],
)
def test_option_that_cannot_be_carried_out_is_refused_with_the_way_out(
    run: Run, declare: Callable[..., Any], option: dict[str, Any], way_out: str
) -> None:
    with pytest.raises(ArgumentError, match=way_out):
        run(lambda: declare(opts=pulumi.ResourceOptions(**option)))


def test_options_of_another_type_are_refused(run: Run) -> None:
    with pytest.raises(ArgumentError, match=r"opts must be pulumi\.ResourceOptions, not a dict"):
        run(lambda: endpoint(opts={"protect": True}))


@pytest.mark.parametrize("declare", [endpoint, secret])
def test_timeouts_are_warned_of(run: Run, declare: Callable[..., Any]) -> None:
    opts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(update="3s"))

    engine = run(lambda: declare(opts=opts).urn)

    (warning,) = engine.warnings
    assert "custom_timeouts have no effect" in warning
    assert "signa:maxWaitSeconds" in warning


def test_error_is_one_that_pulumi_shows_without_a_traceback() -> None:
    assert issubclass(ArgumentError, pulumi.RunError)
    assert issubclass(ArgumentError, TypeError)
    assert issubclass(ArgumentError, ValueError)


@pytest.mark.parametrize("id_", [5, b"whk_1", ["whk_1"], "", None])
@pytest.mark.parametrize("kind", [WebhookEndpoint, SecretsManagerSecret])
def test_id_of_a_get_must_be_a_string(kind: Any, id_: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"^{kind.__name__}\.get\('theirs'\): the id [^\n]+$"):
        kind.get("theirs", id_)


@pytest.mark.parametrize(
    "opts", [{}, pulumi.ResourceOptions(import_="whk_1"), pulumi.ResourceOptions(replace_on_changes=["url"])]
)
@pytest.mark.parametrize("kind", [WebhookEndpoint, SecretsManagerSecret])
def test_options_of_a_get_are_looked_at(kind: Any, opts: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"^{kind.__name__}\.get\('theirs'\): [^\n]+$"):
        kind.get("theirs", "whk_1", opts)


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        (pulumi.Output.from_input("eu"), "account must be a string that is known when the program runs, not an Output"),
        (5, "account must be a string that is known when the program runs, not an int"),
        ("1eu", "account must be the name of an organization in signa:accounts"),
        ("e/u", "account must be the name of an organization in signa:accounts"),
        ("", "account must be the name of an organization in signa:accounts"),
        ("sig_0123", "account must be the name of an organization in signa:accounts"),
    ],
)
def test_account_is_a_name_that_is_known_at_once(account: Any, problem: str) -> None:
    with pytest.raises(ArgumentError, match=problem) as of_endpoint:
        WebhookEndpoint("alerts", url="https://example.com/", account=account)
    with pytest.raises(ArgumentError, match=problem) as of_get:
        WebhookEndpoint.get("theirs", "whk_1", account=account)

    assert str(of_endpoint.value).startswith("WebhookEndpoint('alerts'): ")
    assert str(of_get.value).startswith("WebhookEndpoint.get('theirs'): ")
    assert "sig_" not in str(of_endpoint.value)
    assert len(str(of_endpoint.value).splitlines()) == 1


def test_value_that_holds_itself_is_refused_in_one_line(run: Run) -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ArgumentError, match=ONE_LINE.format("WebhookEndpoint", "alerts")) as refused:
        run(lambda: endpoint(metadata={"a": endless}).urn)

    assert "metadata: is nested too deep for Pulumi, or holds itself" in str(refused.value)
