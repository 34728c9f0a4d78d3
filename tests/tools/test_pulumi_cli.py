"""The order in which a CLI is looked for, and what the cache is trusted with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.lock import exclusive
from tools.progress import StepError

from tools import lock, official_cli, pulumi_cli, wrapper
from tools.from_go import go_cli


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Give a cache folder that does not exist yet."""
    return tmp_path / "cache"


@pytest.fixture
def kept(cache: Path) -> Path:
    """Give the folder in which the cache keeps the executables."""
    return cache / f"pulumi-{pulumi_cli.VERSION}" / "bin"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the two ways that need a network fail, and list which of them were tried."""
    asked: list[str] = []

    def failing(name: str) -> Callable[[str, Path, int], None]:
        def get(version: str, into: Path, lock: int) -> None:
            asked.append(name)
            raise StepError(f"{name} failed")

        return get

    monkeypatch.setattr(official_cli, "fetch", failing("installer"))
    monkeypatch.setattr(go_cli, "build", failing("build"))
    return asked


def test_pulumi_on_the_path_comes_before_the_cache(
    tmp_path: Path, cache: Path, kept: Path, cli: Callable[..., Path]
) -> None:
    """What the user installed is what the user wants."""
    cli(kept)
    pulumi = cli(tmp_path / "bin", "v3.300.0")

    assert pulumi_cli.find(str(tmp_path / "bin"), cache).path == pulumi


def test_cache_comes_before_the_network(cache: Path, kept: Path, cli: Callable[..., Path], asked: list[str]) -> None:
    """Nothing is fetched twice."""
    pulumi = cli(kept)

    assert pulumi_cli.find("", cache).path == pulumi
    assert asked == []


def test_installer_comes_before_the_build(
    monkeypatch: pytest.MonkeyPatch, cache: Path, kept: Path, cli: Callable[..., Path], asked: list[str]
) -> None:
    """The official CLI is complete, and it is there in seconds."""
    monkeypatch.setattr(official_cli, "fetch", lambda version, into, lock: cli(into / "bin"))

    assert pulumi_cli.find("", cache).path == kept / "pulumi"
    assert asked == []


def test_build_is_the_last_way(
    monkeypatch: pytest.MonkeyPatch, cache: Path, kept: Path, cli: Callable[..., Path], asked: list[str]
) -> None:
    """It needs nothing but Go and its module proxy."""
    monkeypatch.setattr(go_cli, "build", lambda version, into, lock: cli(into / "bin"))

    assert pulumi_cli.find("", cache).path == kept / "pulumi"
    assert asked == ["installer"]


def test_half_made_cache_is_made_again(
    monkeypatch: pytest.MonkeyPatch, cache: Path, kept: Path, cli: Callable[..., Path]
) -> None:
    """A folder that lacks an executable is replaced, not completed."""
    cli(kept, without="pulumi-resource-pulumi-python")
    (kept / "stray").touch()
    monkeypatch.setattr(go_cli, "build", lambda version, into, lock: cli(into / "bin"))

    pulumi_cli.find("", cache)

    assert sorted(path.name for path in kept.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    ]


def test_cli_that_does_not_answer_never_gets_into_the_cache(
    monkeypatch: pytest.MonkeyPatch, cache: Path, cli: Callable[..., Path]
) -> None:
    """Neither a broken download nor an interrupted build can be found by a later set-up."""
    monkeypatch.setattr(official_cli, "fetch", lambda version, into, lock: cli(into / "bin", "broken"))

    with pytest.raises(StepError, match="does not tell its version"):
        pulumi_cli.find("", cache)

    assert list(cache.iterdir()) == []


def test_interrupted_build_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, cache: Path, cli: Callable[..., Path]
) -> None:
    """Ctrl-C takes the partial folder away."""

    def interrupted(version: str, into: Path, lock: int) -> None:
        cli(into / "bin")
        raise KeyboardInterrupt

    monkeypatch.setattr(go_cli, "build", interrupted)

    with pytest.raises(KeyboardInterrupt):
        pulumi_cli.find("", cache)

    assert list(cache.iterdir()) == []


def test_what_a_killed_set_up_left_is_cleared_away(
    monkeypatch: pytest.MonkeyPatch, cache: Path, cli: Callable[..., Path]
) -> None:
    """`kill -9` cannot clean up; the next set-up does."""
    left_over = cache / "partial-of-a-killed-one" / "pulumi-3.274.1"
    cli(left_over / "bin")
    monkeypatch.setattr(go_cli, "build", lambda version, into, lock: cli(into / "bin"))

    pulumi_cli.find("", cache)

    assert [path.name for path in cache.iterdir()] == [f"pulumi-{pulumi_cli.VERSION}"]


def test_second_set_up_takes_what_the_first_one_brought(
    monkeypatch: pytest.MonkeyPatch, cache: Path, kept: Path, cli: Callable[..., Path], asked: list[str]
) -> None:
    """Two at once build once: the second waits, says so, and finds the cache filled."""
    waiting = threading.Event()
    monkeypatch.setattr(lock, "say", lambda line: waiting.set())
    monkeypatch.setattr(lock, "POLL_S", 0.01)
    found = []
    cache.mkdir()
    second = threading.Thread(target=lambda: found.append(pulumi_cli.find("", cache)))

    with exclusive(cache):
        second.start()
        assert waiting.wait(timeout=30)
        pulumi = cli(kept)
    second.join()

    assert found[0].path == pulumi
    assert asked == []


def test_one_message_names_all_four_ways_and_the_remedy(tmp_path: Path, cache: Path, cli: Callable[..., Path]) -> None:
    """It says why each failed and what to do."""
    old = cli(tmp_path / "bin", "v3.1.0")

    with pytest.raises(StepError) as caught:
        pulumi_cli.find(str(tmp_path / "bin"), cache)

    assert str(caught.value).splitlines() == [
        "there is no Pulumi CLI, and none could be had:",
        f"  `pulumi` on PATH: {old} is 3.1.0, and 3.216.0 or newer is needed",
        f"  our cache: {cache}/pulumi-3.274.1/bin does not exist",
        "  Pulumi's installer: installer failed",
        "  Go modules: build failed",
        "Put Pulumi's CLI (3.216.0 or newer), or a newer Go, on PATH and run `make setup` again.",
    ]


def test_set_up_points_the_wrapper_of_this_checkout_at_the_cli(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: Path, cache: Path, cli: Callable[..., Path]
) -> None:
    """`.venv/bin/pulumi` runs what was found."""
    pulumi = cli(kept)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr(pulumi_cli, "ROOT", tmp_path)
    monkeypatch.setattr(pulumi_cli.platformdirs, "user_cache_path", lambda name: cache)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))

    pulumi_cli.set_up()

    written = (tmp_path / ".venv" / "bin" / "pulumi").read_text()
    assert written == wrapper.text(tmp_path, pulumi, built=False)


def test_pinned_modules_are_of_the_version_that_is_announced() -> None:
    """`pulumi version` would otherwise lie about what was built."""
    pinned = (go_cli.MODULE / "go.mod").read_text().split()

    for module in ("github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3"):
        assert pinned[pinned.index(module) + 1] == f"v{pulumi_cli.VERSION}"
