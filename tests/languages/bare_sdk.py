"""
Pulumi's SDK without what stands around its messages.

The engine starts two language hosts a command, and `import pulumi` takes longer than all else that they import. The
messages need nothing of the packages that they lie in.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from types import ModuleType


def load() -> None:
    """Let the SDK's packages be as empty as folders, for this whole process and before it imports one of them."""
    path = None
    for package in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        found = PathFinder.find_spec(package, path)
        path = None if found is None else found.submodule_search_locations
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = path or []
