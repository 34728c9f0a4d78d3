"""A lock on an open file, which the operating system ends with the process that holds it, however the process ends."""

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _FAR = 2**30
    """Where the locked byte is: others cannot read a byte that is locked, and no file of ours is as long."""

    def hold(file: int) -> None:
        """Take the lock, which this process keeps until its end."""
        _lock_far_byte(file, msvcrt.LK_LOCK)

    def is_left(file: int) -> bool:
        """Return whether nobody holds the lock; nobody gets the lock then before this file is closed."""
        try:
            _lock_far_byte(file, msvcrt.LK_NBLCK)
        except OSError:
            return False
        return True

    def _lock_far_byte(file: int, how: int) -> None:
        position = os.lseek(file, 0, os.SEEK_CUR)
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, how, 1)
        finally:
            os.lseek(file, position, os.SEEK_SET)

else:
    import fcntl

    def hold(file: int) -> None:
        """Take the lock, which this process keeps until its end."""
        fcntl.flock(file, fcntl.LOCK_EX)

    def is_left(file: int) -> bool:
        """Return whether nobody holds the lock; nobody gets the lock then before this file is closed."""
        try:
            # Several processes may find out at once.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
