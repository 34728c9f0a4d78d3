"""The script that lets a nightly run rotate and do nothing else, on previews as Pulumi prints them."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import workflows

ENDPOINT = "urn:pulumi:prod::brand::pulumi-python:dynamic/signa:WebhookEndpoint::alerts"
STORED = "urn:pulumi:prod::brand::pulumi-python:dynamic/signa:SecretsManagerSecret::alerts-signing-secret"
OTHER = "urn:pulumi:prod::brand::random:index/randomPet:RandomPet::pet"
DUE = {
    "urn": ENDPOINT,
    "severity": "info",
    "message": "rotates the secret: due since 2026-12-02T15:29:50.234Z (rotation_period_days)\n",
}
URL = {"url": "https://example.com/1", "__urn": ENDPOINT}


def step(
    urn: str, op: str = "update", old: Mapping[str, Any] = URL, new: Mapping[str, Any] = URL, **sources: list[str]
) -> dict[str, Any]:
    """Return a step of a preview; the sources are the resources from which an input comes."""
    states = {"oldState": {"inputs": old}, "newState": {"inputs": new, "propertyDependencies": sources}}
    return {"op": op, "urn": urn, **states}


def check(folder: Path, preview: str) -> "subprocess.CompletedProcess[str]":
    """Run the script on what a preview has printed."""
    (folder / "preview.json").write_text(preview)
    command = [sys.executable, workflows.CI / "only_rotations.py", folder / "preview.json"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


ROTATION = step(ENDPOINT)
FOLLOWING = step(STORED, secret_string=[ENDPOINT])


@pytest.mark.parametrize(
    ("steps", "messages"),
    [
        ([], []),
        ([step(ENDPOINT, "same"), step(OTHER, "refresh"), step(OTHER, "read")], []),
        ([ROTATION], [DUE]),
        ([ROTATION, FOLLOWING], [DUE]),
        ([step(ENDPOINT, new={**URL, "rotate_trigger": "2"})], [DUE]),
        ([step(ENDPOINT, old={**URL, "__urn": "x"})], [DUE]),
        ([ROTATION, step(OTHER, old={"v": "1"}, new={"v": "?"}, v=[ENDPOINT])], [DUE]),
    ],
    ids=["empty", "nothing", "rotation", "stored too", "asked for", "hidden input", "stored elsewhere"],
)
def test_rotations_and_what_follows_from_them_pass(tmp_path: Path, steps: list[Any], messages: list[Any]) -> None:
    done = check(tmp_path, json.dumps({"steps": steps, "diagnostics": messages}))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (f"alerts {DUE['message']}" if messages else "nothing is due\n")


@pytest.mark.parametrize(
    ("steps", "messages", "said"),
    [
        ([step(ENDPOINT, "create")], [], f"create {ENDPOINT} ()"),
        ([step(ENDPOINT, "delete")], [DUE], f"delete {ENDPOINT} ()"),
        ([step(ENDPOINT, "replace")], [DUE], f"replace {ENDPOINT} ()"),
        ([ROTATION], [], f"update {ENDPOINT} ()"),
        ([step(ENDPOINT, new={**URL, "status": "active"})], [DUE], f"update {ENDPOINT} (status)"),
        ([ROTATION, step(STORED, secret_string=[OTHER])], [DUE], f"update {STORED} ()"),
        ([ROTATION, step(STORED, new={}, secret_string=[ENDPOINT])], [DUE], f"update {STORED} (url)"),
        ([FOLLOWING], [], f"update {STORED} ()"),
    ],
    ids=["create", "delete", "replace", "repair", "drift", "other secret", "stored and edited", "no rotation"],
)
def test_anything_else_fails_and_is_named(tmp_path: Path, steps: list[Any], messages: list[Any], said: str) -> None:
    done = check(tmp_path, json.dumps({"steps": steps, "diagnostics": messages}))

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"no rotation: {said}"


def test_error_of_a_preview_fails_and_is_shown(tmp_path: Path) -> None:
    error = {"urn": ENDPOINT, "severity": "error", "message": "error: url: must be https\n"}

    done = check(tmp_path, json.dumps({"steps": [], "diagnostics": [error]}))

    assert (done.returncode, done.stdout) == (1, "error: url: must be https\n")


def test_command_that_printed_no_preview_fails(tmp_path: Path) -> None:
    done = check(tmp_path, "")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "there is no preview\n")


@pytest.mark.parametrize("printed", ['{"steps": [', "warning: something", '{"steps": []}{'])
def test_preview_that_broke_off_fails_in_one_line(tmp_path: Path, printed: str) -> None:
    done = check(tmp_path, printed)

    assert done.returncode == 1
    assert done.stderr == "the preview broke off: its command was ended, or has failed\n"
