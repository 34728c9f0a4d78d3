"""The switches."""

import inspect
from typing import Any

import pytest

from signa_emulator.settings import SettingError, Settings


def test_defaults_are_valid_and_survive_json() -> None:
    settings = Settings()

    assert settings.changed({**settings.to_json(), "retry_delays_s": list(settings.retry_delays_s)}) == settings


def test_change_leaves_the_original_as_it_was() -> None:
    settings = Settings()

    changed = settings.changed({"redaction": "masked", "retry_delays_s": [1, 2.5]})

    assert (settings.redaction, changed.redaction, changed.retry_delays_s) == ("omit", "masked", (1, 2.5))


def test_unknown_name_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(SettingError, match=r"unknown setting 'redactoin'; there are non_production, .*redaction"):
        Settings().changed({"redactoin": "omit"})


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("non_production", "yes", "true or false"),
        ("block_private_urls", 1, "true or false"),
        ("max_endpoints", 0, "an integer of at least 1, or null"),
        ("redaction", "hidden", '"omit" or "null" or "masked"'),
        ("replay_includes_secret", None, "true or false"),
        ("metadata_merge", True, '"merge" or "replace"'),
        ("normalize", "url", "true or false"),
        ("unknown_query", "accept", '"refuse" or "ignore"'),
        ("general_list_parameters", 0, "true or false"),
        ("old_since", None, '"empty" or "rest"'),
        ("empty_patch", "", '"refuse" or "accept"'),
        ("reenable_resets_failures", 0, "true or false"),
        ("delete_status", 202, "200 or 204"),
        ("delete_status", 200.0, "200 or 204"),
        ("validation_errors_list", [], "true or false"),
        ("auto_disable_after", True, "an integer of at least 1, or null"),
        ("retry_delays_s", [1, -1], "a list of numbers"),
        ("retry_delays_s", 5, "a list of numbers"),
        ("retry_scale", "1", "a number that is not negative"),
        ("disabled_tests", "refuse", '"deliver" or "drop"'),
        ("delivery_timeout_s", 0, "a number above 0"),
        ("rich_alerts", None, "true or false"),
        ("readiness", "down", '"ok" or "degraded" or "unavailable"'),
        ("rate_limit", 1.5, "an integer of at least 1, or null"),
        ("rate_window_s", None, "an integer of at least 1"),
        ("latency_ms", float("inf"), "a number that is not negative"),
    ],
)
def test_impossible_value_is_refused_with_what_is_wanted(name: str, value: Any, wanted: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings().changed({name: value})

    assert str(refused.value).startswith(f"setting {name} must be {wanted}")


def test_every_setting_is_documented() -> None:
    documented = inspect.getdoc(Settings) or ""

    assert [name for name in Settings().to_json() if f"\n    {name}: " not in documented] == []
