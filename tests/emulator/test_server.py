"""The emulator as a server in this process, and its HTTP/1.1 connections byte by byte."""

import http.client
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from emulator.harness import API_KEY, Api, StartEmulator, new_endpoint
from signa_emulator.server import EmulatorServer


@pytest.fixture
def connection(api: Api) -> Iterator[http.client.HTTPConnection]:
    """Yield one connection to the emulator."""
    connection = http.client.HTTPConnection("127.0.0.1", _port_of(api.base_url), timeout=30)
    connection.connect()
    yield connection
    connection.close()


def test_urls_name_a_loopback_port_that_is_free_after_the_end() -> None:
    with EmulatorServer([API_KEY]) as first:
        base_url, control_url = first.base_url, first.control_url

    with EmulatorServer([API_KEY], port=_port_of(base_url)) as second:
        assert second.base_url == base_url
    assert base_url.startswith("http://127.0.0.1:")
    assert base_url.removesuffix("/v1") == control_url.removesuffix("/_emulator")


def test_taken_port_is_an_error(api: Api) -> None:
    with pytest.raises(OSError, match="in use"):
        EmulatorServer(port=_port_of(api.base_url))


def test_stop_ends_kept_connections_and_hanging_calls() -> None:
    emulator = EmulatorServer([API_KEY])
    emulator.start()
    kept, hanging = Api(emulator.base_url, emulator), Api(emulator.base_url, emulator)
    kept.get("/health")
    emulator.organization.faults.add(kind="hang", operation="list")
    failures: list[BaseException] = []

    def hang() -> None:
        with pytest.raises(requests.RequestException) as failed:
            hanging.get("/webhooks")
        failures.append(failed.value)

    thread = threading.Thread(target=hang)
    thread.start()
    while emulator.organization.requests.calls()["by_operation"]["list"] == 0:
        kept.control("GET", "/clock")

    emulator.stop()

    thread.join()
    assert isinstance(failures[0], requests.ConnectionError)
    with pytest.raises(requests.ConnectionError):
        kept.get("/health")
    kept.close()
    hanging.close()


def test_concurrent_creates_are_all_different(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=None)

    with ThreadPoolExecutor(8) as clients:
        made = list(clients.map(lambda _: api.create(), range(200)))

    assert len({endpoint["id"] for endpoint in made}) == len({endpoint["secret"] for endpoint in made}) == 200
    assert api.control("GET", "/calls").json()["by_operation"]["create"] == 200


def test_concurrent_calls_with_one_key_create_once(start_emulator: StartEmulator) -> None:
    api = start_emulator(rate_limit=None)

    with ThreadPoolExecutor(8) as clients:
        answers = clients.map(lambda _: api.post("/webhooks", json=new_endpoint(), key="one"), range(40))
        statuses = {answer.status_code for answer in answers}

    assert 201 in statuses
    assert statuses <= {201, 409}
    assert len(api.control("GET", "/state").json()["endpoints"]) == 1


def test_connection_is_kept_over_calls(connection: http.client.HTTPConnection) -> None:
    connected = connection.sock

    statuses = []
    for method, path, body in (
        ("GET", "/v1/health", None),
        ("POST", "/v1/nowhere", b"x" * 100_000),
        ("HEAD", "/v1/health", None),
        ("GET", "/v1/webhooks", None),
    ):
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        statuses.append((answer.status, answer.version, bool(answer.read())))

    assert statuses == [(200, 11, True), (404, 11, True), (200, 11, False), (401, 11, True)]
    assert connection.sock is connected


def test_connection_ends_when_the_caller_wants_it(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/v1/health", headers={"Connection": "close"})
    answer = connection.getresponse()
    answer.read()

    assert answer.status == 200
    assert connection.sock is None or connection.sock.recv(1) == b""


def test_chunked_body_is_read(api: Api) -> None:
    body = iter([b'{"url": "https://a.example/", ', b'"enabled_events": ["alert.created"]}'])

    assert api.post("/webhooks", data=body).status_code == 201


@pytest.mark.parametrize("length", ["many", "1000"])
def test_broken_body_ends_the_connection(api: Api, connection: http.client.HTTPConnection, length: str) -> None:
    head = f"POST /v1/webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
    connection.sock.sendall(head.encode() + b"half")
    connection.sock.shutdown(socket.SHUT_WR)

    assert connection.sock.recv(1) == b""
    assert api.control("GET", "/calls").json()["total"] == 0


def test_nothing_is_written_to_standard_error(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    api.get("/webhooks")
    api.control("POST", "/faults", {"kind": "drop_after"})
    with pytest.raises(OSError, match="Connection"):
        api.get("/webhooks")

    assert capfd.readouterr() == ("", "")


def _port_of(base_url: str) -> int:
    return int(base_url.rpartition(":")[2].removesuffix("/v1"))
