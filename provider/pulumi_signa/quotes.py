"""
Errors that quote what a server or a library wrote.

Such a text may hold what was sent, whole or in part. So an error carries the text as it came, apart from our own words:
whoever shows the error takes out first what must not show, and only then is the text folded and cut. A text that is cut
first may end inside a secret, which is then not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST_KEPT = 4000
"""Characters of a server's text that an error keeps: a tenth of them is shown, and a huge text costs no more."""

_LONGEST_SHOWN = 400


def one_line(text: str) -> str:
    """Return a text as one line of at most 400 characters, without control characters."""
    folded = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()
    return folded if len(folded) <= _LONGEST_SHOWN else folded[: _LONGEST_SHOWN - 1] + "…"


class Quote(str):
    """`Quote` is the text of a server or a library as it came, cut to 4,000 characters."""

    __slots__ = ()

    def __new__(cls, text: str) -> Quote:  # noqa: PYI034 - `Self` came with Python 3.11
        """Keep the beginning of the text."""
        return super().__new__(cls, text[:LONGEST_KEPT])


class QuotingError(Exception):
    """`QuotingError` is an error whose `args` are the parts of its message: our own words and `Quote`s, in order."""

    def __str__(self) -> str:
        """Return the message, each quote in one line."""
        return self.edited(str)

    def edited(self, edit: Callable[[str], str]) -> str:
        """Return the message, each quote edited as a whole and then in one line; our own words stay as they are."""
        return "".join(one_line(edit(part)) if isinstance(part, Quote) else part for part in self.args)


def quoting(template: str, quote: str, **words: object) -> tuple[str, ...]:
    """Return the parts of a message: a template, in which `{quote}` stands for a text of others, if it is there."""
    before, placeholder, after = template.partition("{quote}")
    quoted = (Quote(quote), after.format(**words)) if placeholder else ()
    return before.format(**words), *quoted
