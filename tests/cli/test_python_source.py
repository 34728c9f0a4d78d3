"""Python source in the form that formatters leave alone."""

import ast
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_signa.cli.python_source import Call, source, string

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def formatted(program: str, line_length: int = 88) -> str:
    """Return a program as `ruff format` writes it."""
    command = [f"{sys.prefix}/bin/ruff", "format", "--isolated", "--line-length", str(line_length), "-"]
    return subprocess.run(command, input=program.encode(), capture_output=True, check=True).stdout.decode()


@given(JSON)
def test_value_is_what_its_source_says(value: Any) -> None:
    assert ast.literal_eval(source(value)) == value


@given(st.lists(JSON, min_size=1), st.sampled_from([88, 120]))
def test_formatter_leaves_source_alone(values: list[Any], line_length: int) -> None:
    arguments = {"": "name", **{f"argument_{number}": value for number, value in enumerate(values)}}
    program = source(Call("Declared", arguments, is_long=True)) + "\n"

    assert formatted(program, line_length) == program


@pytest.mark.parametrize("length", range(70, 90))
def test_formatter_leaves_lines_of_every_length_alone(length: int) -> None:
    value = {"list": ["x" * 20, "y" * (length - 50)], "call": Call("Adopt", {"": "z" * (length - 30), "rotate": True})}
    program = source(Call("Declared", {"": value, "wide": ["字" * (length // 2 - 10), "ü"]}, is_long=True)) + "\n"

    assert formatted(program) == program


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('"quoted"', "'\"quoted\"'"),
        ('"both" isn\'t', "'\"both\" isn\\'t'"),
        ("'\"", '"\'\\""'),
        ("a\nb\tc\\d", '"a\\nb\\tc\\\\d"'),
        ("Ü 商標 😀", '"Ü 商標 😀"'),
        ("\u202e\x1b\x7f\u200b", '"\\u202e\\x1b\\x7f\\u200b"'),
    ],
)
def test_string_has_the_quotes_that_need_fewer_escapes(text: str, written: str) -> None:
    assert string(text) == written
