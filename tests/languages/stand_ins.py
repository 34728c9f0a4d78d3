"""Executables that the engine takes for Pulumi's language hosts."""

import shlex
import sys
from pathlib import Path

_HOSTS = Path(__file__).with_name("hosts.py")


def put_into(folder: Path) -> Path:
    """Write the executables into a folder, which is to be the first on the engine's PATH, and return the folder."""
    folder.mkdir(exist_ok=True)
    for language in ("nodejs", "go"):
        host = folder / f"pulumi-language-{language}"
        host.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(_HOSTS)])} {language} "$@"\n')
        host.chmod(0o755)
    return folder
