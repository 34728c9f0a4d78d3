"""The native host is an adapter: what it does for itself stays small."""

import ast
import io
import tokenize
from pathlib import Path

from pulumi_signa import native
from tools import schema

AT_MOST = 900
"""Lines of code of the plugin, its face in Python and the generator of its schema; docstrings and comments are none."""

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_code(source: str) -> int:
    """Count the lines that hold code."""
    documentation = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    code = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(code - documentation)


def test_lines_without_docstrings_and_comments_are_code() -> None:
    assert lines_of_code('"""What."""\n\n# why\none = [\n    1,\n]\n"""Which."""\n') == 3


def test_host_and_generator_of_the_schema_stay_small() -> None:
    folders = [*native.__path__, *schema.__path__]
    modules = [module for folder in folders for module in Path(folder).glob("*.py")]

    assert len(modules) > 10
    assert sum(lines_of_code(module.read_text()) for module in modules) < AT_MOST
