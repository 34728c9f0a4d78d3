"""The greatest memory of the processes that a command starts, as Linux counts it."""

import re
import threading
from pathlib import Path

from typing_extensions import Self

ENGINE, PROGRAM, PLUGIN = "engine", "program", "plugin"

_COMMANDS = {
    b"/pulumi-resource-signa\0": PLUGIN,
    b"\0pulumi.dynamic\0": PLUGIN,
    b"pulumi-language-python-exec\0": PROGRAM,
    b"/bin/pulumi\0": ENGINE,
}
"""What stands in the command line of a process; the first that fits."""

_EVERY_S = 0.05


class PeakMemory:
    """
    Looks at the processes in a folder until the block is left.

    Attributes:
        mebibytes: The peak of the resident memory, by `ENGINE`, `PROGRAM` and `PLUGIN`; those that never ran lack.
    """

    def __init__(self, folder: Path) -> None:
        self.mebibytes: dict[str, float] = {}
        self._folder = folder
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._left.set()
        self._thread.join()

    def _look_on(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._left.wait(_EVERY_S)
            for process in Path("/proc").glob("[0-9]*"):
                self._look_at(process)

    def _look_at(self, process: Path) -> None:
        try:
            if (process / "cwd").readlink() != self._folder:
                return
            command, status = (process / "cmdline").read_bytes(), (process / "status").read_text()
        except OSError:  # it has ended meanwhile, or is somebody else's
            return
        role = next((role for part, role in _COMMANDS.items() if part in command), None)
        peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        if role and peak:
            self.mebibytes[role] = max(self.mebibytes.get(role, 0.0), round(int(peak[1]) / 1024, 1))
