"""What the headers of an answer and our own calls say of the window. All times are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.signa_api.pacing.window import RateWindow, WindowState

POLICY = "RateLimit-Policy"
LEFT = "RateLimit"


def record(window: RateWindow, *, at: float, used: int, limit: int = 10, reset_s: int = 60, window_s: int = 60) -> None:
    """Record a call of ours that took no time, and its answer: so many calls, whoever made them, are in the window."""
    call = window.start(at)
    window.update(call, WindowState(limit, window_s, limit - used, reset_s), at)
    window.finish(call, at)


@pytest.fixture
def window() -> RateWindow:
    """Return a window of which nothing is known yet."""
    return RateWindow()


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
    """Spaces and further entries do not matter."""
    assert WindowState.in_headers({POLICY: policy, LEFT: left}) == WindowState(*expected)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {POLICY: "100;w=60"},
        {LEFT: "remaining=94, reset=30"},
        {POLICY: "0;w=60", LEFT: "remaining=0, reset=30"},
        {POLICY: "100;w=0", LEFT: "remaining=94, reset=30"},
        {POLICY: "100;w=1.5x", LEFT: "remaining=, reset=30"},
        {POLICY: "100", LEFT: "94"},
        {POLICY: "100;w=60", LEFT: "remaining=-1, reset=30"},
        {POLICY: f"1{'0' * 400};w=60", LEFT: "remaining=94, reset=30"},
        {POLICY: "\u0661\u0660\u0660;w=60", LEFT: "remaining=94, reset=30"},
    ],
)
def test_absent_and_malformed_headers_are_no_state(headers: dict[str, str]) -> None:
    """Half of the headers is none."""
    assert WindowState.in_headers(headers) is None


@given(
    st.text() | st.from_regex(r"[0-9]{1,12} ?; ?w=-?[0-9]{1,12}", fullmatch=True),
    st.text() | st.from_regex(r"remaining=-?[0-9]{1,12}, ?reset=[0-9]{1,12}", fullmatch=True),
)
def test_any_headers_can_be_read(policy: str, left: str) -> None:
    """Reading raises nothing, and a limit is never zero."""
    state = WindowState.in_headers({POLICY: policy, LEFT: left})

    assert state is None or (state.limit > 0 and state.window_s > 0)


def test_calls_up_to_the_limit_may_go(window: RateWindow) -> None:
    """Calls that are ahead in the queue count too."""
    record(window, at=0, used=1)

    assert [window.wait_s(ahead, now=0) for ahead in range(9)] == [0] * 9
    assert window.wait_s(ahead=9, now=0) == 60


def test_slot_opens_when_our_call_leaves_the_window(window: RateWindow) -> None:
    """The second in the queue waits for the second call."""
    for number in range(10):
        record(window, at=number, used=number + 1)

    assert [window.wait_s(ahead, now=10) for ahead in (0, 1, 9)] == [50, 51, 59]
    assert window.wait_s(ahead=0, now=60) == 0


def test_wait_deep_in_the_queue_is_that_at_the_present_pace(window: RateWindow) -> None:
    """Ten calls pass a minute; with four of ten slots in others' hands, six."""
    for number in range(10):
        record(window, at=number, used=number + 1)

    assert [window.wait_s(ahead, now=10) for ahead in (9, 10, 11, 35)] == [59, 110, 111, 50 + 5 + 180]

    record(window, at=70, used=5)
    for number in range(5):
        record(window, at=71 + number, used=6 + number, reset_s=59 - number)

    assert [window.wait_s(ahead, now=100) for ahead in (0, 5, 6, 65)] == [30, 35, 90, 635]


def test_slow_call_may_have_been_counted_as_late_as_its_answer(window: RateWindow) -> None:
    """The `reset` of the header is not ours to rely on: it may be another call's."""
    call = window.start(0)
    window.update(call, WindowState(1, 60, 0, 56), 5)
    window.finish(call, 5)

    assert window.wait_s(ahead=0, now=5) == 60


def test_call_in_flight_takes_a_slot(window: RateWindow) -> None:
    """The server will count the call, or has done so."""
    record(window, at=0, used=1, limit=2)
    window.start(0)

    assert window.wait_s(ahead=0, now=1) > 0


def test_calls_of_others_leave_when_the_header_says_so(window: RateWindow) -> None:
    """One call then finds out how many have left; the next ones wait for its answer."""
    record(window, at=0, used=10, reset_s=7)

    assert window.wait_s(ahead=0, now=0) == 7
    assert window.wait_s(ahead=0, now=7) == 0
    assert window.wait_s(ahead=1, now=7) > 0


def test_answers_that_cross_make_up_no_others(window: RateWindow) -> None:
    """Four calls are counted, and the first answer to arrive counts all of them."""
    calls = [window.start(0) for _ in range(4)]
    window.update(calls[3], WindowState(10, 60, 6, 60), 1)
    window.finish(calls[3], 1)

    assert window.wait_s(ahead=5, now=1) == 0


def test_others_stay_while_our_calls_might_explain_them(window: RateWindow) -> None:
    """Two calls are in flight, so an answer that counts nine leaves open whether others made seven of them or six."""
    record(window, at=0, used=8)
    first, _second = window.start(1), window.start(1)
    window.update(first, WindowState(10, 60, 1, 60), 2)
    window.finish(first, 2)

    assert window.wait_s(ahead=0, now=2) > 0


def test_shorter_window_applies_to_the_calls_before_it(window: RateWindow) -> None:
    """The newest header is the one that counts."""
    for number in range(10):
        record(window, at=0, used=number + 1)
    record(window, at=1, used=10, window_s=5, reset_s=4)

    assert window.wait_s(ahead=0, now=1) == 4


def test_old_calls_are_dropped(window: RateWindow) -> None:
    """A process that lives long does not grow."""
    for number in range(1000):
        record(window, at=number, used=1, limit=1000)

    assert len(window._ended) <= 121
