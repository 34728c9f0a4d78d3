"""
A process with one roster: calls come as lines of JSON, and their results go back so; `join` is the first call.

Before a roster waits for the first time, the process says so.
"""

import json
import sys
import threading
from typing import Any

from pulumi_signa.hosting.peers import Peers
from pulumi_signa.lifecycle.roster import Roster

WAITS = "waits"


class ToldCondition(threading.Condition):
    """A condition that tells when somebody first waits for it."""

    is_told = False

    def wait(self, timeout: float | None = None) -> bool:
        """Wait; others who speak after the line was written speak while this waits."""
        if not self.is_told:
            self.is_told = True
            say(WAITS)
        return super().wait(timeout)


def say(answer: Any) -> None:
    """Write a line."""
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until the end of the input."""
    roster: Any = None
    for line in sys.stdin:
        method, arguments, options = json.loads(line)
        if method == "join":
            port, kind = arguments
            channel = Peers(("127.0.0.1", port)).channel(kind)
            roster = Roster(channel, **options)
            roster._changed = ToldCondition()
            say(channel is not None)
        elif method == "each":
            say([getattr(roster, options["of"])(*each) for each in arguments])
        else:
            say(getattr(roster, method)(*arguments, **options))


if __name__ == "__main__":
    main()
