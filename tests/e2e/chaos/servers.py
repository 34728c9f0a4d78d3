"""A stack whose outputs and files are searched, and an AWS that takes its time."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from e2e.chaos.report import Report
from e2e.harness import Project
from e2e.local_aws import CountedAws
from signa_emulator.server import EmulatorServer

_NEEDLE_CHARACTERS = 16
"""Of a canary so many characters are searched for, since it may be cut short."""


class SlowAws(CountedAws):
    """
    A local AWS that takes its time.

    Attributes:
        latency_s: Seconds before a request is carried out, and again before it is answered.
    """

    latency_s = 0.0

    def serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        time.sleep(self.latency_s)
        answer = super().serve(environ, start_response)
        time.sleep(self.latency_s)
        return answer


class SearchedProject(Project):
    """A stack that counts where a canary stands, and goes on."""

    def __init__(self, folder: Path, signa: EmulatorServer, aws: CountedAws, report: Report) -> None:
        """
        Make a stack in which nothing is up, and that writes all it can within its folder.

        Args:
            report: Gets the counts.
        """
        super().__init__(folder, signa, aws, "")
        self.report = report
        temporary = folder / "temporary"
        temporary.mkdir()
        self.environment |= {
            "TMPDIR": str(temporary),
            "PULUMI_KEEP_CHECKPOINTS": "true",
            "SIGNA_LOG_LEVEL": "DEBUG",
        }

    def check_canary(self, printed: str) -> None:
        """Search what a run printed."""
        self.search({"an output": printed})

    def search(self, texts: Mapping[str, str]) -> None:
        """Search texts, each named by its place."""
        needles = [canary[:_NEEDLE_CHARACTERS] for canary in self.canaries()]
        self.report.searches += len(texts)
        self.report.found += [place for place, text in texts.items() if any(needle in text for needle in needles)]

    def search_files(self) -> None:
        """Search whatever the engine, the plugin and the program have written: state, history, backups, logs."""
        files = [path for path in self.folder.parent.rglob("*") if path.is_file()]
        self.search({str(path.relative_to(self.folder.parent)): path.read_text(errors="replace") for path in files})
