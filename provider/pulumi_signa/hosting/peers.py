"""
What the plugin processes of one engine tell each other: which resource has which object.

An engine starts a process for each provider: one for each explicit provider, one for each version, one for each host.
Each process appends what it knows to files of its own, in a folder that is named by the engine's address, and reads the
others' files. A file holds ids and URNs, and no secret. Ports are used again, and processes get killed: what a process
has told counts while the process lives, which the lock on its file shows. Whoever meets the file of a dead one removes
the file.
"""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from pulumi_signa.hosting import locks
from pulumi_signa.lifecycle.holdings import Holdings, Verb
from pulumi_signa.lifecycle.roster import Channel

_CHUNK = 16 * 1024


@dataclass(frozen=True, slots=True)
class Peers:
    """
    All plugin processes of one engine.

    Attributes:
        address: Host and port of the engine; None in a process that no engine has started.
    """

    address: tuple[str, int] | None

    def channel(self, kind: str) -> Channel | None:
        """
        Join the rosters of one kind of object; None where a roster has to be alone.

        Without an engine there are no others. A folder that others may write to would be worse than none.
        """
        if self.address is None:
            return None
        host, port = self.address
        try:
            rosters = _folder_of_this_user()
            _sweep(rosters)
            return _Files(rosters / f"{host}-{port}-{kind}")
        except OSError:
            return None


class _Files:
    """A channel of files, one for each roster, whose lines are events."""

    def __init__(self, folder: Path) -> None:
        """Join; raise `OSError` where no file can be made and locked."""
        self._folder = folder
        self._name, self._own = _made_in(folder)
        self._others: dict[str, _Other] = {}

    def tell(self, verb: Verb, object_id: str, urn: str | None) -> None:
        """Append an event; on a full disk the others do without."""
        with suppress(OSError):
            self._own.write(json.dumps([verb, object_id, urn]).encode() + b"\n")

    def hear(self) -> Iterator[Holdings]:
        """Yield what each roster of another living process has told, and each other one of this process."""
        with suppress(OSError):
            self._meet()
        for name, other in list(self._others.items()):
            if other.is_dead():
                other.remove()
                del self._others[name]
            else:
                yield other.listen()

    def _meet(self) -> None:
        for path in self._folder.iterdir():
            if path.name != self._name and path.name not in self._others:
                with suppress(FileNotFoundError):
                    self._others[path.name] = _Other(path)


class _Other:
    """The file of another roster."""

    def __init__(self, path: Path) -> None:
        """Open the file; raise `FileNotFoundError` where somebody has removed it."""
        self._path = path
        self._file = FileIO(path)
        self._torn = b""
        self._holdings = Holdings()

    def is_dead(self) -> bool:
        """Return whether the process is gone."""
        return locks.is_left(self._file.fileno())

    def listen(self) -> Holdings:
        """Return what was told; of a line that is being written, nothing."""
        while chunk := self._file.read(_CHUNK):
            *lines, self._torn = (self._torn + chunk).split(b"\n")
            for line in lines:
                # A disk that was full for a while leaves half a line, and another version of ours may say other things.
                with suppress(ValueError, TypeError):
                    self._holdings.record(*json.loads(line))
        return self._holdings

    def remove(self) -> None:
        """Remove the file of a dead process."""
        # A process that is just making the file must not get the lock before the name is gone. Windows removes no file
        # that anybody has open.
        if sys.platform == "win32":
            self._file.close()
        with suppress(OSError):
            self._path.unlink()
        self._file.close()

    def close(self) -> None:
        """Leave the file where it is."""
        self._file.close()


def _folder_of_this_user() -> Path:
    """Return the folder for all engines of this user; raise `OSError` where somebody else may write to it."""
    temporary = Path(tempfile.gettempdir())
    if sys.platform == "win32":
        # Each user has a temporary folder.
        folder = temporary / "pulumi-signa"
        folder.mkdir(exist_ok=True)
    else:
        folder = temporary / f"pulumi-signa-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(folder)
    return folder


def _made_in(folder: Path) -> tuple[str, FileIO]:
    """Return the name of a new file, and the file, which is locked."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            descriptor, path = tempfile.mkstemp(dir=folder)
        except FileNotFoundError:  # another process has swept the folder away
            continue
        file = FileIO(descriptor, "w")
        locks.hold(descriptor)
        # Until the lock was taken, the file looked like that of a dead process.
        if Path(path).exists():
            return Path(path).name, file
        file.close()


def _sweep(rosters: Path) -> None:
    """Remove what dead processes of any engine have left."""
    for folder in list(rosters.iterdir()):
        # Another process may sweep too, or make its file here.
        with suppress(OSError):
            for path in list(folder.iterdir()):
                with suppress(FileNotFoundError):
                    other = _Other(path)
                    other.remove() if other.is_dead() else other.close()
            folder.rmdir()
