"""
`.venv/bin/pulumi`: a small script that becomes the real CLI.

A script, and not a link, because it can say what to do when the CLI is gone, and set what a CLI built from Go
modules needs. It *becomes* the CLI (`exec`), so that signals, `kill -9` included, reach the engine itself.
"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MARK = "# Made by `make setup` of pulumi-signa"

_BUILT = """\
# This CLI was built because no download was within reach, and its version is pinned. So say at once that a
# plugin is missing, don't look for it; and don't look for a newer CLI.
: "${PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION:=true}"
: "${PULUMI_SKIP_UPDATE_CHECK:=true}"
export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION PULUMI_SKIP_UPDATE_CHECK
"""


def text(root: Path, cli: Path, *, built: bool) -> str:
    """
    Give the script.

    Args:
        root: The checkout that it belongs to.
        cli: The Pulumi CLI that it runs, an absolute path.
        built: The CLI was built from Go modules.
    """
    return f"""\
#!/bin/sh
{_MARK}, which rewrites it.
root={quote(str(root))}
cli={quote(str(cli))}
if [ ! -x "$cli" ]; then
    echo "pulumi: $cli is gone; run 'make setup' in $root" >&2
    exit 127
fi
{_BUILT if built else ""}exec "$cli" "$@"
"""


def install(path: Path, script: str) -> None:
    """Put the script in place, in one step, unless it is there."""
    if path.exists() and path.read_text(encoding="utf-8") == script:
        return
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(script, encoding="utf-8")
    partial.chmod(0o755)
    partial.replace(path)


def is_wrapper(path: Path) -> bool:
    """Tell whether an executable is such a script, of this checkout or another one."""
    return _has_near_top(path, _MARK)


def is_stand_in(path: Path) -> bool:
    """Tell whether an executable is the script that older checkouts put in the place of a built CLI's language host."""
    return _has_near_top(path, "PULUMI_SIGNA_LANGUAGE_HOST")


def _has_near_top(path: Path, words: str) -> bool:
    try:
        with path.open("rb") as file:
            return words.encode() in file.read(400)
    except OSError:  # one that may be run but not read is not ours
        return False
