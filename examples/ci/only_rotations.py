"""
Say which secrets a preview would rotate, and fail where it would do anything else.

    pulumi preview --refresh --json > preview.json && python only_rotations.py preview.json

The standard library is enough. Exit code 0: nothing but rotations, or nothing at all; 1: anything else.
"""

import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

NOTHING = ("same", "refresh", "read")


def changed(step: dict[str, Any]) -> set[str]:
    """Return the names of the inputs that a step changes; those that begin with __ are the provider's own."""
    old, new = ((step.get(state) or {}).get("inputs", {}) for state in ("oldState", "newState"))
    return {name for name in {*old, *new} if old.get(name) != new.get(name) and not name.startswith("__")}


def is_rotation(step: dict[str, Any], rotating: Collection[str]) -> bool:
    """Return whether a step rotates a secret, or does no more than store one that another step rotates."""
    if step["op"] != "update":
        return False
    if step["urn"] in rotating:
        return changed(step) <= {"rotate_trigger"}
    # A secret reads [secret], whatever it is. What counts is where it comes from.
    sources = step["newState"].get("propertyDependencies", {})
    stored = {name for name, urns in sources.items() if not set(rotating).isdisjoint(urns)}
    return bool(stored) and changed(step) <= stored


def main(preview: dict[str, Any]) -> int:
    """Print a line for each step that does something and for each error, and return the exit code."""
    messages = preview.get("diagnostics", [])
    rotating = {one["urn"]: one["message"] for one in messages if one["message"].startswith("rotates the secret")}
    others = [one["message"] for one in messages if one["severity"] == "error"]
    others += [
        f"no rotation: {step['op']} {step['urn']} ({', '.join(sorted(changed(step)))})"
        for step in preview.get("steps", [])
        if step["op"] not in NOTHING and not is_rotation(step, rotating)
    ]
    for urn, message in rotating.items():
        print(urn.rsplit("::", 1)[-1], message.strip())
    for other in others:
        print(other.strip())
    if not rotating and not others:
        print("nothing is due")
    return 1 if others else 0


if __name__ == "__main__":
    # A command that was refused at once has written nothing, and said why.
    text = Path(sys.argv[1]).read_text()
    try:
        sys.exit(main(json.loads(text)) if text else "there is no preview")
    except json.JSONDecodeError:
        sys.exit("the preview broke off: its command was ended, or has failed")
