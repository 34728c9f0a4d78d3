"""The stand-in for Pulumi's language host, over the wire as the engine uses it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeStub as Stub

from tools.from_go import language_host

Start: TypeAlias = Callable[..., subprocess.Popen[str]]
Connect: TypeAlias = Callable[..., Stub]

pytestmark = pytest.mark.timeout(60)

COMMAND = [sys.executable, language_host.__file__, "-v=3", "127.0.0.1:1234"]
EXECUTOR = """\
import os, runpy, sys
os.environ["EXECUTOR_ARGUMENTS"] = "\\n".join(sys.argv[1:])
runpy.run_path(sys.argv[-1])
"""
# An engine that starts the host and never ends it.
ENGINE = "import signal, subprocess, sys; subprocess.Popen(sys.argv[1:]); signal.pause()"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project folder with a virtual environment and, on its own, Pulumi's executor."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    executor = tmp_path / "cli" / "pulumi-language-python-exec"
    executor.parent.mkdir()
    executor.write_text(EXECUTOR)
    executor.chmod(0o755)
    return tmp_path


@pytest.fixture
def start(project: Path) -> Iterator[Start]:
    """Give what starts a host, or an engine with a host, and end it after the test."""
    started = []

    def start(*command: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command or COMMAND,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PATH": f"{project / 'cli'}{os.pathsep}{os.environ['PATH']}"},
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Give what connects to a host by the port that it printed."""
    channels = []

    def connect(process: subprocess.Popen[str]) -> Stub:
        address = f"127.0.0.1:{int(process.stdout.readline())}"
        channel = grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)])
        channels.append(channel)
        return Stub(channel)

    yield connect
    for channel in channels:
        channel.close()


@pytest.fixture
def host(start: Start, connect: Connect) -> Stub:
    """Give a host that is connected to."""
    return connect(start())


def run_request(project: Path, program: str, **more: Any) -> language_pb2.RunRequest:
    """Give what the engine sends to run a program."""
    (project / "program.py").write_text(program)
    options = more.pop("options", {"virtualenv": "venv"})
    info = language_pb2.ProgramInfo(
        root_directory=str(project), program_directory=str(project), entry_point="program.py"
    )
    info.options.update(options)
    return language_pb2.RunRequest(
        project="tiny",
        stack="dev",
        organization="organization",
        pwd=str(project),
        monitor_address="127.0.0.1:5678",
        dryRun=True,
        parallel=16,
        info=info,
        **more,
    )


def test_host_greets_the_engine_and_asks_for_no_plugin(host: Stub) -> None:
    assert host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:1234")) is not None
    assert host.GetPluginInfo(Empty()).version == ""
    assert list(host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest()).packages) == []
    assert host.About(language_pb2.AboutRequest()).executable == sys.executable


def test_program_that_ends_well_is_no_error(host: Stub, project: Path) -> None:
    response = host.Run(run_request(project, "pass"))

    assert (response.error, response.bail) == ("", False)


def test_failure_that_was_shown_is_not_reported_again(host: Stub, project: Path) -> None:
    response = host.Run(run_request(project, "raise SystemExit(32)"))

    assert (response.error, response.bail) == ("", True)


def test_other_failure_is_an_error(host: Stub, project: Path) -> None:
    response = host.Run(run_request(project, "raise SystemExit(7)"))

    assert (response.error, response.bail) == ("the program ended with exit status 7", False)


def test_program_gets_its_stack_and_configuration(host: Stub, project: Path) -> None:
    program = "import json, os, pathlib; pathlib.Path('seen').write_text(json.dumps(dict(os.environ)))"

    host.Run(run_request(project, program, config={"tiny:a": "1"}, configSecretKeys=["tiny:b"], args=[]))

    seen = json.loads((project / "seen").read_text())
    assert json.loads(seen["PULUMI_CONFIG"]) == {"tiny:a": "1"}
    assert json.loads(seen["PULUMI_CONFIG_SECRET_KEYS"]) == ["tiny:b"]
    assert set(seen["EXECUTOR_ARGUMENTS"].splitlines()) == {
        "--monitor=127.0.0.1:5678",
        "--engine=127.0.0.1:1234",
        "--project=tiny",
        "--stack=dev",
        "--organization=organization",
        f"--root_directory={project}",
        f"--pwd={project}",
        "--dry_run=true",
        "--parallel=16",
        "program.py",
    }


def test_program_runs_in_the_virtual_environment_of_the_project(host: Stub, project: Path) -> None:
    program = "import os, pathlib, sys; pathlib.Path('seen').write_text(sys.executable + os.environ['PATH'])"

    host.Run(run_request(project, program))

    assert (project / "seen").read_text().startswith(f"{project}/venv/bin/python{project}/venv/bin:")


def test_project_without_a_virtual_environment_runs_on_the_systems_python(host: Stub, project: Path) -> None:
    assert host.Run(run_request(project, "pass", options={})).error == ""


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"virtualenv": "missing"}, "the virtualenv of Pulumi.yaml, {project}/missing, has no bin/python"),
        ({"toolchain": "uv"}, "toolchain uv in Pulumi.yaml needs the official Pulumi CLI"),
    ],
)
def test_program_that_cannot_be_started_is_explained(
    host: Stub, project: Path, options: dict[str, str], error: str
) -> None:
    response = host.Run(run_request(project, "pass", options=options))

    assert response.error == error.format(project=project)


def install(host: Stub, project: Path, **options: str) -> str:
    """Ask for what `pulumi new` and `pulumi install` ask for, and return what was printed."""
    info = language_pb2.ProgramInfo(root_directory=str(project), program_directory=str(project), entry_point=".")
    info.options.update(options)
    return b"".join(
        part.stdout for part in host.InstallDependencies(language_pb2.InstallDependenciesRequest(info=info))
    ).decode()


def test_virtual_environment_is_made_where_there_is_none(host: Stub, project: Path) -> None:
    assert install(host, project, virtualenv="new") == ""

    assert (project / "new" / "bin" / "python").exists()


def test_requirements_are_installed_into_the_virtual_environment(host: Stub, project: Path) -> None:
    """The environment's `python` is a stand-in that prints how it was called."""
    (project / "requirements.txt").touch()
    python = project / "venv" / "bin" / "python"
    python.unlink()
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)

    printed = install(host, project, virtualenv="venv")

    assert printed == f"-m pip install --requirement {project}/requirements.txt\n"


@pytest.mark.parametrize(
    ("requirement", "options", "error"),
    [
        ("./missing", {"virtualenv": "venv"}, "pip install --requirement {project}/requirements.txt ended with exit"),
        ("", {"toolchain": "uv"}, "toolchain uv in Pulumi.yaml needs the official Pulumi CLI"),
    ],
)
def test_installation_that_fails_is_explained(
    host: Stub, project: Path, requirement: str, options: dict[str, str], error: str
) -> None:
    (project / "requirements.txt").write_text(requirement)

    with pytest.raises(grpc.RpcError) as raised:
        install(host, project, **options)

    assert error.format(project=project) in raised.value.details()


def test_missing_executor_is_explained(host: Stub, project: Path) -> None:
    (project / "cli" / "pulumi-language-python-exec").unlink()

    assert "pulumi-language-python-exec is not on PATH" in host.Run(run_request(project, "pass")).error


def test_output_of_the_program_follows_the_port(start: Start, connect: Connect, project: Path) -> None:
    process = start()

    connect(process).Run(run_request(project, "import sys; print('out'); print('err', file=sys.stderr)"))

    assert [process.stdout.readline(), process.stdout.readline()] == ["out\n", "err\n"]


def test_interrupt_ends_host_and_program_without_a_word(start: Start, connect: Connect, project: Path) -> None:
    process = start()
    running = connect(process).Run.future(run_request(project, "import signal; print('up'); signal.pause()"))
    assert process.stdout.readline() == "up\n"

    process.send_signal(signal.SIGINT)

    assert process.stdout.read() == ""
    assert process.wait() == 0
    running.cancel()


def test_host_that_was_started_with_interrupts_ignored_still_ends(start: Start) -> None:
    process = start("sh", "-c", 'trap "" INT; exec "$@"', "sh", *COMMAND)
    process.stdout.readline()

    process.send_signal(signal.SIGINT)

    assert process.wait() == 0


def test_host_and_program_end_when_the_engine_is_gone(start: Start, connect: Connect, project: Path) -> None:
    engine = start(sys.executable, "-c", ENGINE, *COMMAND)
    running = connect(engine).Run.future(run_request(project, "import signal; print('up'); signal.pause()"))
    assert engine.stdout.readline() == "up\n"

    engine.kill()

    assert engine.stdout.read() == ""
    running.cancel()


def test_host_listens_on_loopback_only(start: Start) -> None:
    process = start()
    port = int(process.stdout.readline())

    # On an address of this machine other than 127.0.0.1 only a host that listens everywhere would answer.
    with pytest.raises(OSError, match=r"refused|assign|unreachable"):
        socket.create_connection(("127.0.0.2", port), timeout=5).close()
