"""Fixtures of the tests that drive a real Pulumi engine."""

import contextlib
import functools
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from e2e.audit import Audit
from e2e.both_hosts import mark_stories_of_both_hosts
from e2e.harness import API_KEY, KEY_WITHOUT_SCOPE, STACK_PROGRAM, Figure, MakeProject, Project, Tally
from e2e.host import HOST
from e2e.local_aws import CountedAws
from signa_emulator.server import EmulatorServer

_TALLY = "tally"
_FIGURE = "figure"


@pytest.fixture(scope="session")
def aws_server() -> Iterator[CountedAws]:
    """Yield one AWS for all tests of this process."""
    with CountedAws() as server:
        yield server


@pytest.fixture
def local_aws(aws_server: CountedAws) -> CountedAws:
    """Return the AWS, empty."""
    aws_server.reset()
    return aws_server


@pytest.fixture
def signa() -> Iterator[EmulatorServer]:
    """Yield a Signa that is empty."""
    with EmulatorServer(api_keys=[API_KEY], api_keys_without_scope=[KEY_WITHOUT_SCOPE]) as server:
        yield server


@pytest.fixture
def make_project(tmp_path: Path, signa: EmulatorServer, local_aws: CountedAws) -> Iterator[MakeProject]:
    """Yield a function that makes a stack of a program; the plugin of a killed engine ends with the test."""
    made: list[Project] = []

    def make(program: str = STACK_PROGRAM, **config: str) -> Project:
        project = Project(tmp_path, signa, local_aws, program)
        made.append(project)
        project.config(**config)
        return project

    yield make
    for project in made:
        for process in project.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Return the repository's own stack, configured and not yet up."""
    return make_project(url="https://example.com/hooks/signa")


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """Return a function that counts the cells of a matrix, and their audits, for the summary of all tests."""

    def count(matrix: str, audit: Audit, *, cells: int = 1) -> None:
        record_property(_TALLY, [matrix, cells, len(audit.orphans), len(audit.lost_secrets), len(audit.unverifiable)])

    return count


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Return a function that takes a line for the summary of all tests."""
    return functools.partial(record_property, _FIGURE)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Mark the stories of both hosts, leave out those of the other host, and begin with those that may take longest.

    So no worker is left alone with a long story at the end. No story is skipped, because skips look like faults.
    """
    mark_stories_of_both_hosts(config, items)
    others = [item for item in items for only in item.iter_markers("only") if HOST not in only.args]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    items.sort(key=_time_out_s, reverse=True)


def _time_out_s(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout") if item.get_closest_marker("e2e") else None
    return float(marker.args[0]) if marker else 0.0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print figures and sums, which reports carry from the workers' processes to this one."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if getattr(report, "when", None) == "call":
            for name, value in report.user_properties:
                if name == _FIGURE:
                    terminalreporter.write_line(value)
                elif name == _TALLY:
                    matrix, cells, orphans, lost, unverifiable = value
                    sums[matrix].update(cells=cells, orphans=orphans, lost=lost, unverifiable=unverifiable)
    for matrix, sum_ in sums.items():
        terminalreporter.write_line(
            f"{matrix}: {sum_['cells']} cells, {sum_['orphans']} orphans, {sum_['lost']} lost secrets, "
            f"{sum_['unverifiable']} unverifiable deliveries"
        )
