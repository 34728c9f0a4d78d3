"""The language host of a built CLI, over the wire as the engine uses it."""

from __future__ import annotations

import json
import platform
import shutil
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
from tools.cache import entry, place
from tools.installed_cli import LANGUAGE_HOST

from tools.from_go import python_host

Start: TypeAlias = Callable[..., subprocess.Popen[str]]
Connect: TypeAlias = Callable[..., Stub]

pytestmark = [
    pytest.mark.skipif(shutil.which("go") is None, reason="this machine has no go"),
    # Where the CLI is an official one, the host is built first.
    pytest.mark.timeout(900),
]

ENGINE_ADDRESS = "127.0.0.1:1234"
EXECUTOR = """\
import os, runpy, sys
os.environ["EXECUTOR_ARGUMENTS"] = "\\n".join(sys.argv[1:])
runpy.run_path(sys.argv[-1])
"""
# An engine that starts the host and never ends it.
ENGINE = "import signal, subprocess, sys; subprocess.Popen(sys.argv[1:]); signal.pause()"

# Makes an environment that prints how its `python` was called.
PYTHON = """\
/bin/mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$*"\\n' > "$3/bin/python"
/bin/chmod 755 "$3/bin/python"
"""
UV = """\
case "$1" in
--version) echo uv 0.9.0 ;;
sync) /bin/mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"; /bin/ln -s {python} "$UV_PROJECT_ENVIRONMENT/bin/python" ;;
esac
"""


@pytest.fixture(scope="module")
def built() -> Path:
    """Give the host."""
    return entry(place() / python_host.entry_name(), python_host.build) / LANGUAGE_HOST


@pytest.fixture
def project(tmp_path: Path, built: Path, executable: Callable[..., Path]) -> Path:
    """Give a project folder with a virtual environment and, on its own, the host beside Pulumi's executor."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    executable(tmp_path / "cli" / "pulumi-language-python-exec").write_text(EXECUTOR)
    (tmp_path / "cli" / LANGUAGE_HOST).symlink_to(built)
    return tmp_path


@pytest.fixture
def command(project: Path) -> list[str]:
    """Give how the engine starts the host."""
    return [str(project / "cli" / LANGUAGE_HOST), "-v=3", ENGINE_ADDRESS]


@pytest.fixture
def start(project: Path, command: list[str]) -> Iterator[Start]:
    """Give what starts a host, or a command that starts one, and ends it after the test; PATH leads to nothing."""
    started = []

    def start(*by: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*by, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": str(project / "programs")},
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


def program_info(project: Path, **options: Any) -> language_pb2.ProgramInfo:
    """Give what the engine tells about a program, with the options of its Pulumi.yaml."""
    info = language_pb2.ProgramInfo(
        root_directory=str(project), program_directory=str(project), entry_point="program.py"
    )
    info.options.update(options)
    return info


def run_request(project: Path, program: str, **more: Any) -> language_pb2.RunRequest:
    """Give what the engine sends to run a program."""
    (project / "program.py").write_text(program)
    return language_pb2.RunRequest(
        project="tiny",
        stack="dev",
        organization="organization",
        pwd=str(project),
        monitor_address="127.0.0.1:5678",
        dryRun=True,
        parallel=16,
        info=program_info(project, **more.pop("options", {"virtualenv": "venv"})),
        **more,
    )


def test_host_greets_the_engine_and_asks_for_no_plugin(host: Stub) -> None:
    assert host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:1234")) is not None
    assert host.GetPluginInfo(Empty()).version == ""
    assert list(host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest()).packages) == []


def test_host_names_the_python_of_the_program(host: Stub, project: Path) -> None:
    about = host.About(language_pb2.AboutRequest(info=program_info(project, virtualenv="venv")))

    assert (about.executable, about.version) == (f"{project}/venv/bin/python", platform.python_version())


def test_message_may_be_larger_than_grpc_allows_by_itself(host: Stub) -> None:
    assert host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="1" * 5_000_000)) is not None


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


def test_program_without_configuration_gets_an_empty_one(host: Stub, project: Path) -> None:
    program = "import os, pathlib; pathlib.Path('seen').write_text(os.environ['PULUMI_CONFIG'])"

    host.Run(run_request(project, program))

    assert (project / "seen").read_text() == "{}"


def test_project_without_a_virtual_environment_runs_on_the_systems_python(host: Stub, project: Path) -> None:
    (project / "programs").mkdir()
    (project / "programs" / "python3").symlink_to(sys.executable)

    assert host.Run(run_request(project, "pass", options={})).error == ""


@pytest.mark.parametrize(("marker", "options"), [("pyproject.toml", {"toolchain": "uv"}), ("uv.lock", {})])
def test_environment_of_uv_is_made_before_the_program_runs(
    host: Stub, project: Path, executable: Callable[..., Path], marker: str, options: dict[str, str]
) -> None:
    executable(project / "programs" / "uv", UV.format(python=sys.executable))
    (project / "pyproject.toml").write_text("[project]\nname = 'tiny'\n")
    (project / marker).touch()
    program = "import pathlib, sys; pathlib.Path('seen').write_text(sys.executable)"

    assert host.Run(run_request(project, program, options=options)).error == ""

    assert (project / "seen").read_text() == f"{project}/.venv/bin/python"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"virtualenv": "missing"}, "{project}/missing is no virtual environment; run `pulumi install`"),
        ({"toolchain": "conda"}, "toolchain conda in Pulumi.yaml is none of pip, uv and poetry"),
        (
            {"toolchain": "uv"},
            "Could not find `uv` executable. Install uv and make sure it is in your PATH.",
        ),
        (
            {},
            'failed to locate any of ["python3" "python"] on your PATH. Have you installed Python 3.10 or greater?',
        ),
    ],
)
def test_program_that_cannot_be_started_is_explained(
    host: Stub, project: Path, options: dict[str, str], error: str
) -> None:
    response = host.Run(run_request(project, "pass", options=options))

    assert response.error == error.format(project=project)


def install(host: Stub, project: Path, **options: str) -> list[str]:
    """Ask for what `pulumi new` and `pulumi install` ask for, and return the lines that were printed."""
    printed = []
    request = language_pb2.InstallDependenciesRequest(info=program_info(project, **options))
    try:
        printed += [part.stdout for part in host.InstallDependencies(request)]
    except grpc.RpcError as exc:
        return [exc.details()]
    return b"".join(printed).decode().splitlines()


def test_virtual_environment_is_made_and_requirements_are_installed_into_it(
    host: Stub, project: Path, executable: Callable[..., Path]
) -> None:
    executable(project / "programs" / "python3", PYTHON)
    (project / "requirements.txt").touch()

    printed = install(host, project, virtualenv="new")

    assert printed[0] == "Creating virtual environment..."
    assert "-m pip install -r requirements.txt" in printed
    assert (project / "new" / "bin" / "python").exists()


def test_installation_that_fails_is_explained_in_one_line(
    host: Stub, project: Path, executable: Callable[..., Path]
) -> None:
    executable(project / "programs" / "python3", "echo 'one thing' >&2; echo 'another thing' >&2; exit 7")

    (error,) = install(host, project, toolchain="pip")

    assert error.startswith("cannot install what the program needs: updating pip, setuptools, and wheel via ")
    assert error.endswith(" -m pip install --upgrade pip setuptools wheel': exit status 7: one thing")


def test_installation_by_an_unknown_tool_is_refused(host: Stub, project: Path) -> None:
    assert install(host, project, toolchain="conda") == ["toolchain conda in Pulumi.yaml is none of pip, uv and poetry"]


def test_missing_executor_is_explained(host: Stub, project: Path) -> None:
    (project / "cli" / "pulumi-language-python-exec").unlink()

    response = host.Run(run_request(project, "pass"))

    assert response.error == f"there is no {project}/cli/pulumi-language-python-exec; run `make setup` of pulumi-signa"


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


def test_program_is_in_the_process_group_of_the_host(start: Start, connect: Connect, project: Path) -> None:
    process = start()

    connect(process).Run(run_request(project, "import os; print(os.getpgrp())"))

    assert process.stdout.readline() == f"{process.pid}\n"


def test_host_that_was_started_with_interrupts_ignored_still_ends(start: Start) -> None:
    process = start("/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh")
    process.stdout.readline()

    process.send_signal(signal.SIGINT)

    assert process.wait() == 0


def test_host_and_program_end_when_the_engine_is_gone(start: Start, connect: Connect, project: Path) -> None:
    engine = start(sys.executable, "-c", ENGINE)
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
