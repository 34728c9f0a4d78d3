"""Fetch and build what the tests of other languages need, where it is missing, so that no test waits for it."""

from collections.abc import Callable
from pathlib import Path

from tools.progress import StepError, say

from languages import sdks


def _make(part: Callable[[], Path], needed: str) -> None:
    if sdks.missing(needed):
        return
    try:
        part()
    except StepError as exc:
        # The tests that need it will fail, and the others need not.
        say(str(exc))


if __name__ == "__main__":
    _make(sdks.generator, "go")
    _make(sdks.npm_packages, "npm")
