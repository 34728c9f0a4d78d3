"""Which Pulumi CLIs that are on the machine are used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.installed_cli import UnusableError, in_folder, on_path

from tools import wrapper


def search_path(*folders: Path) -> str:
    """Give the folders as PATH has them."""
    return os.pathsep.join(map(str, folders))


def test_pulumi_with_its_language_host_is_found_on_the_path(tmp_path: Path, cli: Callable[..., Path]) -> None:
    pulumi = cli(tmp_path / "bin")

    found = on_path(search_path(tmp_path / "empty", tmp_path / "bin"))

    assert found.path == pulumi
    assert str(found.version) == "3.274.1"
    assert not found.built


def test_language_host_may_lie_elsewhere_on_the_path(
    tmp_path: Path, cli: Callable[..., Path], executable: Callable[..., Path]
) -> None:
    pulumi = cli(tmp_path / "one", without="pulumi-language-python")
    executable(tmp_path / "two" / "pulumi-language-python")

    assert on_path(search_path(tmp_path / "one", tmp_path / "two")).path == pulumi


def test_language_host_may_lie_where_a_link_leads(tmp_path: Path, cli: Callable[..., Path]) -> None:
    link = tmp_path / "bin" / "pulumi"
    link.parent.mkdir()
    link.symlink_to(cli(tmp_path / "opt"))

    assert on_path(search_path(link.parent)).path == link


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("v3.215.9", "is 3.215.9, and 3.216.0 or newer is needed"),
        ("v3.216.0-alpha.1", "is 3.216.0-alpha.1, and 3.216.0 or newer is needed"),
        ("", "does not tell its version"),
        ("no; exit 1", "does not run"),
    ],
)
def test_pulumi_that_is_not_good_enough_is_refused(
    tmp_path: Path, cli: Callable[..., Path], answer: str, reason: str
) -> None:
    pulumi = cli(tmp_path, answer)

    with pytest.raises(UnusableError) as caught:
        on_path(search_path(tmp_path))

    assert str(caught.value) == f"{pulumi} {reason}"


def test_unusable_pulumi_does_not_hide_a_usable_one(tmp_path: Path, cli: Callable[..., Path]) -> None:
    cli(tmp_path / "old", "v3.1.0")
    pulumi = cli(tmp_path / "new")

    assert on_path(search_path(tmp_path / "old", tmp_path / "new")).path == pulumi


def test_our_own_wrapper_is_not_a_pulumi_on_the_path(
    tmp_path: Path, cli: Callable[..., Path], executable: Callable[..., Path]
) -> None:
    real = cli(tmp_path / "cache")
    executable(tmp_path / "venv" / "pulumi-language-python")
    wrapper.install(tmp_path / "venv" / "pulumi", wrapper.text(tmp_path, real, built=True))
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "pulumi").symlink_to(tmp_path / "venv" / "pulumi")

    with pytest.raises(UnusableError, match="there is none"):
        on_path(search_path(tmp_path / "venv", tmp_path / "links"))


def test_complete_folder_gives_its_pulumi(tmp_path: Path, cli: Callable[..., Path]) -> None:
    pulumi = cli(tmp_path)

    found = in_folder(tmp_path)

    assert found.path == pulumi
    assert not found.built


@pytest.mark.parametrize("name", ["pulumi-language-python-exec", "pulumi-resource-pulumi-python"])
def test_folder_without_one_of_the_executables_is_refused(tmp_path: Path, cli: Callable[..., Path], name: str) -> None:
    cli(tmp_path, without=name)

    with pytest.raises(UnusableError, match=f"{name} is missing"):
        in_folder(tmp_path)


def without_host(tmp_path: Path, cli: Callable[..., Path]) -> None:
    """Leave out the language host, as a build does."""
    cli(tmp_path, without="pulumi-language-python")


def with_our_host(tmp_path: Path, cli: Callable[..., Path]) -> None:
    """Put the language host that we build beside a CLI, as a link."""
    cli(tmp_path, without="pulumi-language-python")
    host = cli(tmp_path / "pulumi-language-python-0123456789abcdef").with_name("pulumi-language-python")
    (tmp_path / "pulumi-language-python").symlink_to(host)


def with_stand_in(tmp_path: Path, cli: Callable[..., Path]) -> None:
    """Put a script in the place of the language host, as older checkouts do."""
    cli(tmp_path)
    (tmp_path / "pulumi-language-python").write_text('#!/bin/sh\nexec "$PULUMI_SIGNA_LANGUAGE_HOST"\n')


@pytest.mark.parametrize("host", [without_host, with_our_host, with_stand_in])
def test_built_cli_is_recognised_by_its_language_host(
    tmp_path: Path, cli: Callable[..., Path], host: Callable[..., None]
) -> None:
    host(tmp_path, cli)

    assert in_folder(tmp_path).built


@pytest.mark.parametrize("host", [without_host, with_our_host, with_stand_in])
def test_built_cli_is_no_official_one_on_the_path(
    tmp_path: Path, cli: Callable[..., Path], host: Callable[..., None]
) -> None:
    host(tmp_path, cli)

    with pytest.raises(UnusableError, match="has no pulumi-language-python"):
        on_path(str(tmp_path))
