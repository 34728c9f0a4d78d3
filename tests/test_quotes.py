"""Errors that quote what others wrote."""

from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.quotes import LONGEST_KEPT, Quote, QuotingError, one_line, quoting


@given(st.text(max_size=2000))
def test_folding_gives_one_line_of_bounded_length(text: str) -> None:
    """No line break and no control character is left, and at most 400 characters."""
    folded = one_line(text)

    assert len(folded) <= 400
    assert len(folded.splitlines()) <= 1
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in folded)


def test_quote_is_edited_whole_and_cut_afterwards() -> None:
    error = QuotingError("Signa said: ", Quote(f"{'x' * 399}s3\ncret"), "; try again")

    shown = error.edited(lambda quote: quote.removeprefix("x" * 390).replace("s3\ncret", "[secret]"))

    assert shown == f"Signa said: {'x' * 9}[secret]; try again"
    assert str(error) == f"Signa said: {'x' * 399}…; try again"


def test_our_own_words_are_neither_edited_nor_cut() -> None:
    own = "do this " * 100

    assert QuotingError(own, Quote("x")).edited(lambda _quote: "[x]") == f"{own}[x]"


def test_huge_text_is_kept_in_part() -> None:
    assert len(Quote("x" * 10**7)) == LONGEST_KEPT


def test_template_is_filled_around_the_quote() -> None:
    parts = quoting("{who} said {quote}; ask {who}", "{who} {quote}", who="AWS")

    assert parts == ("AWS said ", "{who} {quote}", "; ask AWS")
    assert [isinstance(part, Quote) for part in parts] == [False, True, False]
    assert quoting("{who} said nothing", "x", who="AWS") == ("AWS said nothing",)
