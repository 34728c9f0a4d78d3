"""The books of a window: what headers tell, and what follows from it. All times are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.signa_api.pacing.window import RateWindow, WindowState

POLICY = "RateLimit-Policy"
LEFT = "RateLimit"


def counted(window: RateWindow, *, at: float, used: int, limit: int = 10, reset_s: int = 60) -> None:
    """Enter a call of ours that took no time, and its answer: so many calls of whoever are in the window of 60 s."""
    call = window.open(at)
    window.learn(call, WindowState(limit, 60, limit - used, reset_s), at)
    window.close(call, at)


@pytest.mark.parametrize(
    ("policy", "left", "expected"),
    [
        ("100;w=60", "remaining=94, reset=30", (100, 60, 94, 30)),
        ("100; w=60", "remaining=94,reset=30", (100, 60, 94, 30)),
        ("1;w=1", "remaining=0, reset=0", (1, 1, 0, 0)),
        ("100;w=60, 1000;w=3600", "remaining=94, reset=30, burst=1", (100, 60, 94, 30)),
        ("999999999;w=999999999", "remaining=999999999, reset=999999999", (999999999,) * 4),
    ],
)
def test_headers_are_read(policy: str, left: str, expected: tuple[int, int, int, int]) -> None:
    """As Signa documents them, and with what may come to stand around."""
    assert WindowState.in_headers({POLICY: policy, LEFT: left}) == WindowState(*expected)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {POLICY: "100;w=60"},
        {LEFT: "remaining=94, reset=30"},
        {POLICY: "0;w=60", LEFT: "remaining=0, reset=30"},
        {POLICY: "100;w=0", LEFT: "remaining=94, reset=30"},
        {POLICY: "-100;w=60", LEFT: "remaining=94, reset=30"},
        {POLICY: "100;w=1.5x", LEFT: "remaining=, reset=30"},
        {POLICY: "100", LEFT: "94"},
        {POLICY: "100;w=60", LEFT: "remaining=-1, reset=30"},
        {POLICY: "100;w=60", LEFT: "remaining=many, reset=soon"},
        {POLICY: f"1{'0' * 400};w=60", LEFT: "remaining=94, reset=30"},
        {POLICY: "\u0661\u0660\u0660;w=60", LEFT: "remaining=94, reset=30"},
    ],
)
def test_absent_and_malformed_headers_tell_nothing(headers: dict[str, str]) -> None:
    """Half of a report is none."""
    assert WindowState.in_headers(headers) is None


@given(
    st.text() | st.from_regex(r"[0-9]{1,12} ?; ?w=-?[0-9]{1,12}", fullmatch=True),
    st.text() | st.from_regex(r"remaining=-?[0-9]{1,12}, ?reset=[0-9]{1,12}", fullmatch=True),
)
def test_no_header_is_too_strange(policy: str, left: str) -> None:
    """Whatever a server writes, reading it raises nothing, and what is read can be reckoned with."""
    standing = WindowState.in_headers({POLICY: policy, LEFT: left})

    assert standing is None or (standing.limit > 0 and standing.window_s > 0)


def test_nothing_known_holds_nothing_back() -> None:
    """Every call may go at once."""
    window = RateWindow()
    for _ in range(1000):
        window.close(window.open(0), 0)

    assert window.wait_s(ahead=3, now=0) == 0


def test_calls_up_to_the_limit_may_go() -> None:
    """Those before it in the queue count too."""
    window = RateWindow()
    counted(window, at=0, used=1)

    assert [window.wait_s(ahead, now=0) for ahead in range(9)] == [0] * 9
    assert window.wait_s(ahead=9, now=0) > 0


def test_place_is_taken_again_after_the_window_and_a_gap() -> None:
    """The gap is for whoever has no place yet; the second in the queue gets the second place."""
    window = RateWindow()
    for number in range(10):
        counted(window, at=number, used=number + 1)

    waits = [window.wait_s(ahead, now=10) for ahead in (0, 1, 9)]

    assert waits == pytest.approx([50.9, 51.9, 59.9])
    assert window.wait_s(ahead=0, now=60.9) == 0


def test_slow_answer_holds_its_place_until_it_is_certain_to_have_left() -> None:
    """The server may have counted the call as late as when it answered, whatever it says of its oldest."""
    window = RateWindow()
    call = window.open(0)
    window.learn(call, WindowState(1, 60, 0, 56), 5)
    window.close(call, 5)

    assert window.wait_s(ahead=0, now=5) == 60


def test_call_under_way_has_a_place() -> None:
    """Answered or not, the server will count it."""
    window = RateWindow()
    counted(window, at=0, used=1, limit=2)
    window.open(0)

    assert window.wait_s(ahead=0, now=1) > 0


def test_what_own_calls_do_not_explain_is_of_others() -> None:
    """They leave when the server says so; one call of ours then finds out how many have."""
    window = RateWindow()
    counted(window, at=0, used=10, reset_s=7)

    assert window.wait_s(ahead=0, now=0) == 7
    assert window.wait_s(ahead=0, now=7) == 0
    assert window.wait_s(ahead=1, now=7) > 0


def test_gap_is_kept_though_there_are_others() -> None:
    """The call that leaves when the server says so is ours."""
    window = RateWindow()
    counted(window, at=0, used=2, limit=2, reset_s=60)

    assert window.wait_s(ahead=0, now=60) == pytest.approx(0.9)


def test_others_are_not_made_up_while_own_answers_cross() -> None:
    """Four calls are counted, and the answer that says so overtakes the other three."""
    window = RateWindow()
    calls = [window.open(0) for _ in range(4)]
    window.learn(calls[3], WindowState(10, 60, 6, 60), 1)
    window.close(calls[3], 1)

    assert window.wait_s(ahead=5, now=1) == 0


def test_others_are_remembered_while_own_calls_may_explain_them() -> None:
    """The newest answer raises and lowers the estimate only as far as it is certain."""
    window = RateWindow()
    counted(window, at=0, used=8)
    first, _second = window.open(1), window.open(1)
    window.learn(first, WindowState(10, 60, 1, 60), 2)
    window.close(first, 2)

    assert window.wait_s(ahead=0, now=2) > 0


def test_refused_call_has_no_place() -> None:
    """The server does not count it either."""
    window = RateWindow()
    counted(window, at=0, used=1, limit=2)
    refused = window.open(0)
    window.strike_out(refused)
    window.close(refused, 1)

    assert window.wait_s(ahead=0, now=1) == 0


def test_limit_that_is_gone_is_forgotten() -> None:
    """With whatever was counted against it."""
    window = RateWindow()
    counted(window, at=0, used=10)
    window.forget()

    assert window.wait_s(ahead=3, now=0) == 0


def test_new_limit_holds_for_the_calls_before_it() -> None:
    """A window that got shorter lets them go sooner."""
    window = RateWindow()
    for number in range(10):
        counted(window, at=0, used=number + 1)
    call = window.open(1)
    window.learn(call, WindowState(10, 5, 0, 4), 1)
    window.close(call, 1)

    assert window.wait_s(ahead=0, now=1) == pytest.approx(4.075)


def test_second_half_of_the_window_is_spread_while_others_need_it() -> None:
    """One by one, at the pace that fills the window evenly, so that others get at it."""
    window = RateWindow()
    for number in range(4):
        counted(window, at=0, used=number + 3)
    quick = window.wait_s(ahead=0, now=0)
    counted(window, at=0, used=7)

    assert quick == 0
    assert [window.wait_s(ahead, now=0) for ahead in (0, 1)] == [6, 12]
    assert window.wait_s(ahead=0, now=6) == 0


def test_second_half_is_quick_too_as_far_as_others_need_little() -> None:
    """Five times what they have is left to them."""
    window = RateWindow()
    for number in range(79):
        counted(window, at=0, used=number + 5, limit=100)
    quick = window.wait_s(ahead=0, now=0)
    counted(window, at=0, used=84, limit=100)

    assert quick == 0
    assert window.wait_s(ahead=0, now=0) == pytest.approx(0.6)


def test_need_of_others_is_remembered_for_a_window() -> None:
    """Their calls may all have left just now, and their next ones are about to come."""
    window = RateWindow()
    counted(window, at=0, used=10)
    for number in range(5):
        counted(window, at=59, used=number + 2)

    assert window.wait_s(ahead=0, now=59) == 6
    assert window.wait_s(ahead=0, now=61) == 0


def test_old_calls_are_dropped() -> None:
    """However long the process lives."""
    window = RateWindow()
    for number in range(1000):
        counted(window, at=number, used=1, limit=1000)

    assert len(window._calls) <= 121
