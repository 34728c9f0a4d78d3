"""The emulator as a server in this process."""

import ast
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

import signa_emulator
from emulator.harness import API_KEY, Api, StartEmulator, new_endpoint
from signa_emulator.server import EmulatorServer


def test_urls_name_a_loopback_port() -> None:
    with EmulatorServer([API_KEY]) as emulator:
        base_url, control_url = emulator.base_url, emulator.control_url

    assert base_url.startswith("http://127.0.0.1:")
    assert base_url.removesuffix("/v1") == control_url.removesuffix("/_emulator")


def test_port_can_be_chosen() -> None:
    with EmulatorServer([API_KEY]) as first:
        port = int(first.base_url.split(":")[2].removesuffix("/v1"))

    with EmulatorServer([API_KEY], port=port) as second:
        assert second.base_url == first.base_url


def test_taken_port_is_an_error(api: Api) -> None:
    port = int(api.base_url.split(":")[2].removesuffix("/v1"))

    with pytest.raises(OSError, match="in use"):
        EmulatorServer(port=port)


def test_stop_ends_kept_connections_and_hanging_calls() -> None:
    session = requests.Session()
    session.trust_env = False
    emulator = EmulatorServer([API_KEY])
    emulator.start()
    session.get(f"{emulator.base_url}/health", timeout=30)
    emulator.organization.faults.add(kind="hang", operation="list")
    failures: list[Exception] = []
    hanging = threading.Thread(target=lambda: failures.append(_failure(f"{emulator.base_url}/webhooks")))
    hanging.start()
    while emulator.organization.requests.calls()["by_operation"]["list"] == 0:
        session.get(f"{emulator.control_url}/clock", timeout=30)

    emulator.stop()

    hanging.join()
    assert isinstance(failures[0], requests.ConnectionError)
    with pytest.raises(requests.ConnectionError):
        session.get(f"{emulator.base_url}/health", timeout=30)
    session.close()


def _failure(url: str) -> Exception:
    """Return the exception of a call that gets no answer."""
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException) as failed:
            session.get(url, timeout=30)
    return failed.value


def test_concurrent_creates_are_all_different(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=None)

    def create(client: int) -> list[dict[str, Any]]:
        with requests.Session() as session:
            session.trust_env = False
            return [
                session.post(
                    f"{api.base_url}/webhooks",
                    json=new_endpoint(),
                    headers={"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": f"{client}-{number}"},
                    timeout=30,
                ).json()
                for number in range(25)
            ]

    with ThreadPoolExecutor(8) as clients:
        made = [endpoint for part in clients.map(create, range(8)) for endpoint in part]

    assert len({endpoint["id"] for endpoint in made}) == len({endpoint["secret"] for endpoint in made}) == 200
    assert api.control("GET", "/calls").json()["by_operation"]["create"] == 200


def test_concurrent_calls_with_one_key_create_once(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=None)

    def create(_: int) -> int:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": "one"}
            url = f"{api.base_url}/webhooks"
            return session.post(url, json=new_endpoint(), headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as clients:
        statuses = set(clients.map(create, range(40)))

    assert 201 in statuses
    assert statuses <= {201, 409}
    assert len(api.control("GET", "/state").json()["endpoints"]) == 1


def test_emulator_is_an_island() -> None:
    modules = Path(signa_emulator.__path__[0]).glob("*.py")

    imported = {name for module in modules for name in _imports(module)}

    assert "signa_emulator" in imported
    assert imported & {"pulumi", "pulumi_signa", "boto3"} == set()


def _imports(module: Path) -> set[str]:
    """Return the top-level names that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names
