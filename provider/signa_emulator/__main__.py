"""
`python -m signa_emulator`: serve Signa's webhook API on this machine until SIGTERM or SIGINT.

The first line of standard output is the base URL. Exit codes: 0 after a signal, 1 when the port or the log
file cannot be opened, 2 for a wrong argument or a missing package.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from signa_emulator.settings import SettingError, Settings

_PROGRAM = "signa_emulator"
_EXTRA_PACKAGES = {"flask", "requests", "standardwebhooks", "urllib3", "werkzeug"}


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Serve until a signal arrives; return the exit code.

    Args:
        arguments: The command line after the program's name; None takes it from the process.
    """
    parser = command_line()
    options = parser.parse_args(arguments)
    try:
        settings = _settings(options)
    except SettingError as error:
        parser.error(str(error))
    try:
        from signa_emulator.server import EmulatorServer  # noqa: PLC0415 - may be missing, see below
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA_PACKAGES:
            raise
        return _fail(f"{error.name} is missing: pip install 'pulumi-signa[emulator]'", 2)

    with contextlib.ExitStack() as opened:
        try:
            log = None
            if options.requests_log is not None:
                log = opened.enter_context(open(options.requests_log, "a", encoding="utf-8"))  # noqa: PTH123
            emulator = EmulatorServer(
                options.api_key,
                api_keys_without_scope=options.api_key_without_scope,
                settings=settings,
                port=options.port,
                requests_log=log,
            )
        except OSError as error:
            return _fail(f"cannot open {error.filename or f'port {options.port}'}: {error.strerror}", 1)
        # A handler that sets an event may need the lock that the wait for the event holds; sigwait needs no handler.
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        with emulator:
            print(emulator.base_url, flush=True)  # noqa: T201 - the command's output
            signal.sigwait(ends)
    return 0


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def command_line() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = _Parser(
        prog=_PROGRAM,
        allow_abbrev=False,
        description="Signa's webhook API on 127.0.0.1. Prints its base URL; steer it under /_emulator.",
    )
    parser.add_argument("--port", type=_port, default=0, help="TCP port; 0, the default, takes a free one")
    parser.add_argument(
        "--api-key",
        type=_api_key,
        action="append",
        default=[],
        metavar="sig_...",
        help="a valid key; repeatable",
    )
    parser.add_argument(
        "--api-key-without-scope",
        type=_api_key,
        action="append",
        default=[],
        metavar="sig_...",
        help="a valid key that lacks portfolios:manage; repeatable",
    )
    parser.add_argument("--requests-log", metavar="FILE", help="append one line of JSON per call; never a secret")
    parser.add_argument("--latency-ms", type=_number, metavar="N", help="delay every answer")
    parser.add_argument(
        "--rate-limit",
        type=_rate_limit,
        metavar="LIMIT/WINDOW_S",
        help="monitoring pool; default 100/60, or none",
    )
    parser.add_argument(
        "--setting",
        type=_setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"repeatable; the names are {', '.join(Settings().to_json())}",
    )
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    changes: dict[str, Any] = {}
    if options.rate_limit is not None:
        changes.update(options.rate_limit)
    if options.latency_ms is not None:
        changes["latency_ms"] = options.latency_ms
    changes.update(options.setting)
    return Settings().changed(changes)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004 - the highest TCP port
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def _api_key(text: str) -> str:
    # Standard error often ends up in logs, so the message does not repeat the key.
    if re.fullmatch(r"sig_[!-~]+", text) is None:
        raise argparse.ArgumentTypeError(
            "an API key begins with sig_ and has neither spaces nor characters beyond ASCII"
        )
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _rate_limit(text: str) -> dict[str, int | None]:
    if text == "none":
        return {"rate_limit": None}
    match = re.fullmatch(r"([0-9]+)/([0-9]+)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is neither LIMIT/WINDOW_S, such as 100/60, nor none")
    return {"rate_limit": int(match[1]), "rate_window_s": int(match[2])}


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        # A word such as masked needs no quotes.
        return name, value


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"{_PROGRAM}: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
