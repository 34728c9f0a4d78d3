"""`python -m signa_emulator`."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.harness import API_KEY, Api


@contextlib.contextmanager
def _emulator(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Api]]:
    """Run the command; yield the process and calls to the base URL that is its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "signa_emulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    api = Api(process.stdout.readline().removesuffix("\n"))
    try:
        yield process, api
    finally:
        api.close()
        process.kill()
        process.communicate()


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "signa_emulator", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def test_first_line_is_the_base_url() -> None:
    with _emulator("--port", "0", "--api-key", API_KEY) as (_, api):
        answer = api.get("/webhooks")

    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/v1", api.base_url)
    assert (answer.status_code, answer.json()["data"]) == (200, [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly(number: signal.Signals) -> None:
    with _emulator("--api-key", API_KEY) as (process, api):
        api.control("POST", "/faults", {"kind": "hang"})
        with pytest.raises(requests.ReadTimeout):
            api.get("/webhooks", timeout=(30, 0.1))

        process.send_signal(number)

        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")


def test_log_file_has_a_line_per_call_and_no_secret(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    log.write_text('{"older": true}\n', encoding="utf-8")
    with _emulator("--api-key", API_KEY, "--requests-log", str(log)) as (_, api):
        made = api.create(description="confidential")
        text = log.read_text(encoding="utf-8")

    older, entry = (json.loads(line) for line in text.splitlines())
    assert older == {"older": True}
    assert (entry["method"], entry["path"], entry["status"], entry["idempotency_key"]) == (
        "POST",
        "/v1/webhooks",
        201,
        "key-1",
    )
    assert not any(word in text for word in (made["secret"], API_KEY, "confidential", "Bearer"))


def test_keys_with_and_without_scope_can_be_several() -> None:
    arguments = [f"--api-key=sig_{name}" for name in "ab"] + [f"--api-key-without-scope=sig_{name}" for name in "cd"]
    with _emulator(*arguments) as (_, api):
        statuses = [
            api.get("/webhooks", headers={"Authorization": f"Bearer sig_{name}"}).status_code for name in "abcde"
        ]

    assert statuses == [200, 200, 403, 403, 401]


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        ([], {"rate_limit": 100, "rate_window_s": 60, "latency_ms": 0}),
        (["--rate-limit", "7/30"], {"rate_limit": 7, "rate_window_s": 30}),
        (["--rate-limit", "none"], {"rate_limit": None, "rate_window_s": 60}),
        (["--latency-ms", "1.5"], {"latency_ms": 1.5}),
        (["--setting", "redaction=masked"], {"redaction": "masked"}),
        (["--setting", "max_endpoints=null", "--setting", "delete_status=204"], {"delete_status": 204}),
        (["--setting", "retry_delays_s=[1, 2]"], {"retry_delays_s": [1, 2]}),
        (["--setting", "empty_patch=accept", "--setting", "non_production=false"], {"non_production": False}),
    ],
)
def test_arguments_become_settings(arguments: list[str], settings: dict[str, Any]) -> None:
    with _emulator(*arguments) as (_, api):
        got = api.control("GET", "/settings").json()

    assert {name: got[name] for name in settings} == settings


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "http"], "argument --port: 'http' is not a port from 0 to 65535"),
        (["--port", "65536"], "argument --port: '65536' is not a port from 0 to 65535"),
        (["--api-key", "topsecret"], "argument --api-key: an API key begins with sig_"),
        (["--api-key", "sig_a b"], "argument --api-key: an API key begins with sig_"),
        (["--latency-ms", "long"], "argument --latency-ms: 'long' is not a number"),
        (["--latency-ms=-1"], "setting latency_ms must be a number that is not negative"),
        (["--rate-limit", "100"], "argument --rate-limit: '100' is neither LIMIT/WINDOW_S"),
        (["--rate-limit", "0/60"], "setting rate_limit must be an integer of at least 1"),
        (["--setting", "redaction"], "argument --setting: 'redaction' is not NAME=VALUE"),
        (["--setting", "colour=red"], "unknown setting 'colour'"),
        (["--setting", "redaction=hidden"], "setting redaction must be"),
        (["--verbose"], "unrecognized arguments: --verbose"),
    ],
)
def test_bad_argument_is_one_line_and_exit_code_2(arguments: list[str], message: str) -> None:
    ended = _run(*arguments)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"signa_emulator: {message}")
    assert ended.stderr.count("\n") == 1
    assert "topsecret" not in ended.stderr


def test_taken_port_is_one_line_and_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = _run("--port", str(port))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"signa_emulator: cannot open port {port}: Address already in use")
    assert ended.stderr.count("\n") == 1


def test_log_file_that_cannot_be_opened_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "log"

    ended = _run("--requests-log", str(file))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"signa_emulator: cannot open {file}: No such file or directory\n"


@pytest.mark.parametrize("package", ["flask", "standardwebhooks"])
def test_missing_package_is_one_line_that_says_what_to_install(tmp_path: Path, package: str) -> None:
    (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError(name={package!r})\n", encoding="utf-8")

    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    ended = _run("--port", "0", PYTHONPATH=path)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"signa_emulator: {package} is missing: pip install 'pulumi-signa[emulator]'\n"


def test_help_names_every_setting() -> None:
    ended = _run("--help")

    assert ended.returncode == 0
    assert "replay_includes_secret" in ended.stdout
