"""Sentences that users read, compared whole with a file that people have read and approved."""

import ast
import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType


def assert_approved(said: Mapping[str, str | Iterable[str]], approved: Path) -> None:
    """
    Compare sentences with a file; where they differ on purpose, change the file by hand.

    Args:
        said: Each sentence, or list of them, by a name.
    """
    lines = []
    for name, sentences in said.items():
        lines.append(name)
        lines += [f"    {sentence}" for sentence in ([sentences] if isinstance(sentences, str) else sentences)]

    assert lines == approved.read_text(encoding="utf-8").splitlines()


def assert_complete(said: Iterable[str], messages: ModuleType) -> None:
    """See that each public function and sentence of a module is among those said, whose names begin with its own."""
    tree = ast.parse(inspect.getsource(messages))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    sentences = {node.targets[0].id for node in tree.body if isinstance(node, ast.Assign)}  # type: ignore[attr-defined]
    public = {name for name in functions | sentences if not name.startswith("_")}

    assert public <= {name.split(":")[0] for name in said}
