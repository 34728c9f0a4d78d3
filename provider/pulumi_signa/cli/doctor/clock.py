"""This machine's clock beside that of a server."""

from datetime import timedelta

from pulumi_signa.cli.findings import Finding, ok, problem, warning

SUBJECT = "clock"

TOLERANCE = timedelta(minutes=5)
"""What AWS allows a signature, and a receiver a delivery."""

_NOTICEABLE = timedelta(seconds=30)

SET_CLOCK = "set the clock by the network's time (`timedatectl set-ntp true`)"


def finding(skew: timedelta, server: str) -> Finding:
    """
    Return what a clock that is ahead of a server's by so much means.

    Args:
        skew: How far this machine's clock is ahead; negative where it is behind.
        server: The server that the clock was compared with.
    """
    off = abs(skew)
    if off < _NOTICEABLE:
        return ok(SUBJECT, f"agrees with {server} to within {_NOTICEABLE.seconds} s")
    said = f"{timedelta(seconds=round(off.total_seconds()))} {'ahead of' if skew > timedelta() else 'behind'} {server}"
    if off < TOLERANCE:
        return warning(SUBJECT, said, SET_CLOCK)
    return problem(SUBJECT, f"{said}: AWS refuses requests, and receivers deliveries, beyond 5 minutes", SET_CLOCK)
