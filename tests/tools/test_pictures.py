"""The pictures of the docs are what the command shows."""

import re
from pathlib import Path

import pytest

from tools import pictures


def test_pictures_are_as_the_command_draws_them() -> None:
    for name, drawn in pictures.pictures():
        committed = (pictures.FOLDER / f"{name}.svg").read_text(encoding="utf-8")

        assert drawn == committed, f"{name}.svg: run `.venv/bin/python -m tools.pictures`, and look at it"


@pytest.mark.parametrize("picture", sorted(pictures.FOLDER.glob("*.svg")), ids=lambda picture: picture.stem)
def test_picture_fetches_nothing(picture: Path) -> None:
    addresses = re.findall(r"(?:href|src|url)[=(]\W*(\w+:[^'\")]*)", picture.read_text(encoding="utf-8"))

    assert addresses == []
