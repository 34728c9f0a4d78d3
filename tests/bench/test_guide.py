"""The tables of sizes: what is made of what was measured, and what the page has."""

from dataclasses import replace
from pathlib import Path

import pytest
from bench.guide import Scale
from bench.results import Limit
from bench.rush import Rush
from bench.sizes import Size

from bench import guide, rush, sizes
from pages import REPOSITORY

CREATE = [
    Size("dynamic", 1_000, "create", 1_000, {"engine": 90.0, "program": 80.0, "plugin": 70.0}),
    Size("native", 1_000, "create", 1_000, {"engine": 100.4, "program": 60.0, "plugin": 50.0}),
]

THOUSAND = Rush(1_000, 64, 110.0, 1_000, 0, 1, 0.985, 2_000_000, {"engine": 300.0, "program": 90.0, "plugin": 100.0})
TWO_THOUSAND = replace(THOUSAND, endpoints=2_000, made=2_000, state_bytes=4_048_000)


def test_page_has_what_was_measured() -> None:
    text = guide.PAGE.read_text()

    assert guide.read(REPOSITORY / "bench/results/scale.json").updated(text) == text, "run `make bench`"


def test_what_was_measured_can_be_read_again(tmp_path: Path) -> None:
    scale = Scale("a machine", CREATE, [THOUSAND])

    scale.write(tmp_path / "scale.json")

    assert guide.read(tmp_path / "scale.json") == scale


def test_row_of_a_size_has_both_plugins() -> None:
    """Engine and program are those of the native host."""
    row = sizes.table(CREATE).splitlines()[-1]

    assert row == "| 1,000 | create | 1,000 | 10 min | 100 MiB | 60 MiB | 70 MiB | 50 MiB |"


def test_row_of_a_size_tells_where_the_hosts_differ() -> None:
    """Calls of the hosts are the same but for a defect, which shows."""
    row = sizes.table([replace(CREATE[0], calls=12), replace(CREATE[1], calls=13)]).splitlines()[-1]

    assert "| 12, native 13 | less than 1 min |" in row


def test_operation_without_a_call_or_a_program_has_empty_cells() -> None:
    quiet = [replace(one, calls=0, mebibytes={"engine": 1.0, "plugin": 2.0}) for one in CREATE]

    assert sizes.table(quiet).splitlines()[-1] == "| 1,000 | create | 0 |  | 1 MiB |  | 2 MiB | 2 MiB |"


def test_row_of_a_rush() -> None:
    row = rush.table([THOUSAND]).splitlines()[-1]

    assert row == "| 1,000 | 64 | 0 | 1 | 98.5% | 300 MiB | 90 MiB | 100 MiB | 1.9 MiB |"


@pytest.mark.parametrize("fault", [{"made": 999}, {"errors": 1}, {"refused": 3}, {"share": 0.96}])
def test_rush_has_to_make_all_in_time(fault: dict[str, float]) -> None:
    (good,) = rush.verdicts([THOUSAND])
    (bad,) = rush.verdicts([replace(THOUSAND, **fault)])

    assert good.startswith("met")
    assert bad.startswith("MISSED")


@pytest.mark.parametrize(("plugin", "met"), [(101.95, "met"), (102.0, "MISSED")])
def test_plugin_may_grow_as_the_state_does(plugin: float, met: str) -> None:
    """Two thousand bytes of state each are 1.95 MiB for a thousand."""
    more = replace(TWO_THOUSAND, mebibytes={"plugin": plugin})

    *_, line = rush.verdicts([THOUSAND, more])

    assert line.startswith(met)
    assert "2,000 creates, --parallel 64, memory of the plugin for each of the last 1,000: at most 2.0 KiB" in line


def test_plugin_with_more_calls_in_work_may_have_more_threads() -> None:
    both = [replace(each, parallel=1_000) for each in (THOUSAND, TWO_THOUSAND)]

    assert len([*rush.verdicts([*both, replace(TWO_THOUSAND, parallel=64)])]) == 3  # one line each, and none of memory


def test_share_is_of_the_calls_before_the_last_windowful() -> None:
    """Two windows of ten seconds pass before the last ten calls may begin; here the last ones begin a second late."""
    at = [0.0] * 10 + [10.0] * 10 + [21.0] * 10

    assert rush._share(at, Limit(calls=10, window_s=10)) == pytest.approx(20 / 21)
