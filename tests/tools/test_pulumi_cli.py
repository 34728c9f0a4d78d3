"""The order in which a CLI is looked for, and what the cache is trusted with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tools.lock import exclusive
from tools.progress import StepError
from tools.pulumi_cli import VERSION, Fetch, add_python_host, add_yaml_host, find

from tools.from_go import toolchain, yaml_host

if TYPE_CHECKING:
    from conftest import Checkout

EXECUTABLES = [
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
]

GO = """
case "$1" in
version) echo go1.99.0 ;;
build) while [ "$1" != -o ]; do shift; done; echo a host > "$2"; chmod 755 "$2" ;;
install) > "$GOBIN/pulumi-language-yaml" ;;
esac
"""


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Name a cache folder that does not exist yet."""
    return tmp_path / "cache"


@pytest.fixture
def kept(cache: Path) -> Path:
    """Name the folder in which the cache keeps the executables."""
    return cache / f"pulumi-{VERSION}" / "bin"


def failing(name: str) -> Fetch:
    """Return a way to a CLI that fails."""

    def fetch(version: str, into: Path, lock: int) -> None:
        raise StepError(f"{name} failed")

    return fetch


def test_pulumi_on_the_path_comes_before_the_cache(
    tmp_path: Path, cache: Path, kept: Path, cli: Callable[..., Path]
) -> None:
    cli(kept)
    pulumi = cli(tmp_path / "bin", "v3.300.0")

    assert find(str(tmp_path / "bin"), cache, []).path == pulumi


def test_cache_comes_before_the_network(cache: Path, kept: Path, cli: Callable[..., Path]) -> None:
    pulumi = cli(kept)

    assert find("", cache, []).path == pulumi


def test_first_way_that_succeeds_fills_the_cache(cache: Path, kept: Path, cli: Callable[..., Path]) -> None:
    fetches = [
        failing("installer"),
        lambda version, into, lock: cli(into / "bin", f"v{version}"),
        lambda version, into, lock: cli(into / "bin", "v3.300.0"),
    ]

    found = find("", cache, fetches)

    assert (found.path, str(found.version)) == (kept / "pulumi", VERSION)


def test_half_made_cache_is_made_again(cache: Path, kept: Path, cli: Callable[..., Path]) -> None:
    cli(kept, without="pulumi-resource-pulumi-python")
    (kept / "stray").touch()

    find("", cache, [lambda version, into, lock: cli(into / "bin")])

    assert sorted(path.name for path in kept.iterdir()) == EXECUTABLES


def test_cli_that_does_not_answer_never_gets_into_the_cache(cache: Path, cli: Callable[..., Path]) -> None:
    with pytest.raises(StepError, match="does not tell its version"):
        find("", cache, [lambda version, into, lock: cli(into / "bin", "broken"), failing("build")])

    assert list(cache.iterdir()) == []


def test_interrupted_build_leaves_nothing(cache: Path, cli: Callable[..., Path]) -> None:
    def interrupted(version: str, into: Path, lock: int) -> None:
        cli(into / "bin")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find("", cache, [interrupted])

    assert list(cache.iterdir()) == []


def test_what_a_killed_set_up_left_is_cleared_away(cache: Path, cli: Callable[..., Path]) -> None:
    cli(cache / "partial-of-a-killed-one" / f"pulumi-{VERSION}" / "bin")

    find("", cache, [lambda version, into, lock: cli(into / "bin")])

    assert [path.name for path in cache.iterdir()] == [f"pulumi-{VERSION}"]


def test_second_set_up_takes_what_the_first_one_brought(cache: Path, kept: Path, cli: Callable[..., Path]) -> None:
    found = []
    cache.mkdir()
    second = threading.Thread(target=lambda: found.append(find("", cache, [])))

    with exclusive(cache):
        second.start()
        pulumi = cli(kept)
    second.join()

    assert found[0].path == pulumi


def test_one_message_names_all_four_ways_and_the_remedy(tmp_path: Path, cache: Path, cli: Callable[..., Path]) -> None:
    old = cli(tmp_path / "bin", "v3.1.0")

    with pytest.raises(StepError) as caught:
        find(str(tmp_path / "bin"), cache, [failing("installer"), failing("build")])

    assert str(caught.value).splitlines() == [
        "there is no Pulumi CLI, and none could be had:",
        f"  `pulumi` on PATH: {old} is 3.1.0, and 3.216.0 or newer is needed",
        f"  our cache: {cache}/pulumi-{VERSION}/bin does not exist",
        "  Pulumi's installer: installer failed",
        "  Go modules: build failed",
        "Put Pulumi's CLI (3.216.0 or newer), or a newer Go, on PATH and run `make setup` again.",
    ]


def build_python_host(into: Path, lock: int) -> None:
    """Build a language host for Python programs, as Go does."""
    (into / "pulumi-language-python").write_text("a host")


def test_built_cli_of_an_older_checkout_is_completed_and_not_built_again(
    cache: Path, kept: Path, cli: Callable[..., Path]
) -> None:
    cli(kept)
    (kept / "pulumi-language-python").write_text('exec "$PULUMI_SIGNA_LANGUAGE_HOST"')
    found = find("", cache, [])

    add_python_host(found.path.parent, cache, build_python_host)

    assert (kept / "pulumi-language-python").read_text() == "a host"
    assert sorted(path.name for path in kept.iterdir()) == EXECUTABLES
    assert find("", cache, []).built


def test_language_host_that_cannot_be_built_is_told_in_one_line(
    cache: Path, cli: Callable[..., Path], tmp_path: Path
) -> None:
    def refused(into: Path, lock: int) -> None:
        raise StepError("there is no `go` on PATH")

    with pytest.raises(StepError, match=r"^Python programs cannot run: there is no `go` on PATH$"):
        add_python_host(tmp_path, cache, refused)


def build_host(into: Path, lock: int) -> None:
    """Build a language host for YAML programs, as Go does."""
    (into / yaml_host.NAME).write_text("a host")


def test_yaml_host_is_built_once_for_all_versions_of_the_cli(
    tmp_path: Path, cache: Path, cli: Callable[..., Path]
) -> None:
    old, new = (cli(tmp_path / name).parent for name in ("old", "new"))

    def unwanted(into: Path, lock: int) -> None:
        raise AssertionError

    add_yaml_host(old, cache, build_host)
    add_yaml_host(new, cache, unwanted)

    for folder in (old, new):
        assert (folder / "pulumi-language-yaml").read_text() == "a host"


def test_newer_yaml_host_takes_the_place_of_the_one_beside_the_cli(
    tmp_path: Path, cache: Path, cli: Callable[..., Path]
) -> None:
    folder = cli(tmp_path / "bin").parent
    (folder / "pulumi-language-yaml").symlink_to(cache / "pulumi-language-yaml-1.0.0" / "pulumi-language-yaml")

    add_yaml_host(folder, cache, build_host)

    assert (folder / "pulumi-language-yaml").read_text() == "a host"


def test_yaml_host_that_cannot_be_built_is_told_and_takes_no_cli_away(
    cache: Path, kept: Path, cli: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi = cli(kept)

    def refused(into: Path, lock: int) -> None:
        raise StepError("building the YAML host: 403 Forbidden")

    add_yaml_host(kept, cache, refused)

    assert capsys.readouterr().out == "setup: YAML programs cannot run: building the YAML host: 403 Forbidden\n"
    assert find("", cache, []).path == pulumi
    assert sorted(path.name for path in kept.iterdir()) == EXECUTABLES


@pytest.mark.parametrize("target", ["setup", "test"])
def test_demo_does_not_wait_for_the_yaml_host_that_others_need(
    checkout: Checkout, cli: Callable[..., Path], executable: Callable[..., Path], target: str
) -> None:
    (checkout.bin / "pulumi").unlink()
    folder = checkout.folder.parent / "home" / ".cache" / "pulumi-signa" / f"pulumi-{VERSION}" / "bin"
    cli(folder, without="pulumi-language-python")
    executable(checkout.bin / "go", GO)

    checkout.make("demo")
    after_demo = {path.name for path in folder.iterdir()}
    checkout.make(target)
    after_both = {path.name for path in folder.iterdir()}

    assert after_demo == set(EXECUTABLES)
    assert after_both == {*EXECUTABLES, "pulumi-language-yaml"}


def test_pinned_modules_are_of_the_version_that_is_announced() -> None:
    pinned = (toolchain.MODULE / "go.mod").read_text().split()

    for module in ("github.com/pulumi/pulumi/pkg/v3", "github.com/pulumi/pulumi/sdk/v3"):
        assert pinned[pinned.index(module) + 1] == f"v{VERSION}"
