"""What a schema says of each thing, in words that speak no language's syntax."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pulumi_signa.property_names import camel_case
from tools.reference.markdown import capitalized

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

_PROGRAMS = {"typescript": "index.ts", "python": "__main__.py", "go": "main.go", "yaml": "Pulumi.yaml"}
"""The file that a user writes, by language, in the order in which Pulumi's own pages have them."""


def neutral(text: str) -> str:
    """Return a text of a docstring with properties by their names in the schema, and without programs in Python."""
    text = re.sub(r"\n*^```python\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub("`([a-z]+(?:_[a-z]+)+)`", lambda name: camel_case(name[0]), text)


def sentence(text: str, default: object = None) -> str:
    """Return what is said of a property, and what it is where a program leaves it out."""
    text = capitalized(neutral(text)).rstrip(".")
    # The plugin fills defaults in: were they the schema's, SDKs would send them, as programs in Python do not.
    return f"{text}. Default: `{_literal(default)}`." if default else f"{text}."


def with_examples(text: str, folder: str) -> str:
    """Return the description of a resource with the programs of an example, one a language."""
    programs = [
        f"```{language}\n{(_EXAMPLES / folder / language / file).read_text(encoding='utf-8').strip()}\n```"
        for language, file in _PROGRAMS.items()
    ]
    example = "\n\n".join(["{{% example %}}", *programs, "{{% /example %}}"])
    return f"{neutral(text)}\n\n{{{{% examples %}}}}\n\n## Example Usage\n\n{example}\n\n{{{{% /examples %}}}}"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)
