"""The start page of the documentation, as somebody follows it: its commands are copied from the built page."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from e2e.host import only

# Packages are fetched and installed as at a user's; the page's program imports from `pulumi_signa`.
pytestmark = [pytest.mark.e2e, only("dynamic"), pytest.mark.timeout(600)]

REPOSITORY = Path(__file__).resolve().parents[2]

_INHERITED = ("PIP_", "HTTP_", "HTTPS_", "http_", "https_", "SSL_", "REQUESTS_", "LANG", "TMPDIR")
"""What a machine needs to reach packages; all else of this user's environment stays away."""


class _Commands(HTMLParser):
    """
    The commands of a page.

    Attributes:
        steps: The text of each block of shell commands, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []
        self._is_shell = self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div" and "highlight-" in (dict(attrs).get("class") or ""):
            self._is_shell = "highlight-sh" in (dict(attrs)["class"] or "").split()
        if tag == "pre" and self._is_shell:
            self._is_inside = True
            self.steps.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.steps[-1] += data


@dataclass(frozen=True)
class Walk:
    """
    The page, followed to its end.

    Attributes:
        printed: What each step printed.
        endpoints: What Signa had after each step; nothing where the emulator did not run.
    """

    printed: list[str]
    endpoints: list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the pages, and return the commands of the first one."""
    built = tmp_path_factory.mktemp("pages")
    build = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "-d", built / "doctrees", "docs", built / "html"]
    done = subprocess.run(build, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = _Commands()
    page.feed((built / "html/index.html").read_text())
    return page.steps


@pytest.fixture(scope="module")
def walk(steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Follow the page in an empty folder, as a user who has Python, git and a Pulumi CLI, and nothing else."""
    folder = tmp_path_factory.mktemp("start")
    probes = tmp_path_factory.mktemp("probes")
    with subprocess.Popen(
        ["bash", "-e", "-c", "\n".join(_probed(steps, probes))],
        cwd=folder,
        env=_environment(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("bin")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=570)
        finally:
            # The page starts a server, which a step that fails would leave behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, printed
    return Walk(
        printed.split(_MARK),
        [json.loads((probes / str(number)).read_text() or "{}").get("endpoints", []) for number in range(len(steps))],
    )


_MARK = "-- end of a step --\n"


def _probed(steps: list[str], probes: Path) -> Iterator[str]:
    for number, step in enumerate(steps):
        yield step
        yield f"curl --silent --noproxy '*' \"${{SIGNA_BASE_URL%/v1}}/_emulator/state\" > {probes}/{number} || true"
        yield f"printf '%s' '{_MARK}'"


def _environment(home: Path, folder: Path) -> dict[str, str]:
    for name, program in {"python3": sys._base_executable, "pulumi": f"{sys.prefix}/bin/pulumi"}.items():
        (folder / name).symlink_to(program)
    own = Path(sys.prefix) / "bin"
    others = [each for each in os.environ["PATH"].split(os.pathsep) if Path(each) != own]
    return {
        **{name: value for name, value in os.environ.items() if name.startswith(_INHERITED)},
        "HOME": str(home),
        # Where this machine gets packages from may stand in the home that the page does without.
        "PIP_CONFIG_FILE": os.environ.get("PIP_CONFIG_FILE", str(Path.home() / ".config/pip/pip.conf")),
        "PATH": os.pathsep.join([str(folder), *others]),
        "PIP_CONSTRAINT": str(REPOSITORY / "constraints.txt"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "REPOSITORY": str(REPOSITORY),
    }


def test_start_page_makes_an_endpoint_changes_it_and_cleans_up(steps: list[str], walk: Walk) -> None:
    made = next(number for number, step in enumerate(steps) if "pulumi up" in step)
    changed = next(number for number, step in enumerate(steps) if "rotate_trigger" in step)
    gone = next(number for number, step in enumerate(steps) if "pulumi destroy" in step)

    (before,), (after,) = walk.endpoints[made], walk.endpoints[changed]
    assert before["url"] == "https://example.com/hooks/signa"
    assert before["id"] == after["id"]
    assert after["url"] == "https://example.com/hooks/signa/v2"
    assert (after["secret_version"], after["previous_secret"]) == (2, before["secret"])
    assert walk.endpoints[gone] == []
    assert gone == len(steps) - 1

    shown = walk.printed[made + 1]
    assert before["id"] in shown
    assert "[secret]" in shown
    assert shown.rstrip().endswith(before["secret"])
