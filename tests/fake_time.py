"""A clock that only waiting moves, for clients whose waits nobody wants to sit out."""

from dataclasses import dataclass, field


@dataclass
class FakeTime:
    """
    What a client takes for time.

    Attributes:
        now: What the clock shows, in seconds.
        shown: What each pause was said to be for, oldest first.
    """

    now: float = 0.0
    shown: list[str] = field(default_factory=list)

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def pause(self, seconds: float, text: str) -> None:
        """Let the time pass at once."""
        self.now += seconds
        self.shown.append(text)
