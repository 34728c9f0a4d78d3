"""What the doctor says of Signa beyond the set-ups that are broken in one way."""

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme
from typer.testing import CliRunner

from cli.doctor.healthy import SetUp
from cli.harness import Signa, export_of, resource
from pulumi_signa.cli.app import app
from pulumi_signa.cli.doctor import signa

MADE = "https://example.com/alerts"


def verdicts(set_up: SetUp, *subjects: str) -> list[str]:
    """Return what is thought of some subjects."""
    found = set_up.examined()
    return [found[subject].verdict for subject in subjects]


def calls(set_up: SetUp) -> list[str]:
    return Signa(set_up.signa.organization).calls()


def stack_with(set_up: SetUp, *ids: str) -> None:
    set_up.stack(resources=tuple(resource(id_) for id_ in ids))


def test_one_call_that_changes_nothing_shows_it_all(set_up: SetUp) -> None:
    stack_with(set_up, Signa(set_up.signa.organization).make(MADE).id)

    found = set_up.examined()

    assert calls(set_up) == ["GET /v1/webhooks"]
    assert found["organization"].verdict == "ok"
    assert found["organization"].found == "that of the stack's endpoints"


def test_what_needs_something_broken_is_not_looked_at_and_no_second_complaint(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_API_KEY", "sig_" + "dead" * 12)

    found = set_up.examined()

    assert [found[rung].verdict for rung in signa.RUNGS] == ["ok"] * 3 + ["problem"] + ["skipped"] * 3
    assert {found[rung].found for rung in signa.RUNGS[4:]} == {"needs: key accepted"}
    # The rest goes on.
    assert found["AWS permissions"].verdict == "ok"


def test_without_a_key_the_way_to_signa_is_looked_at_all_the_same(set_up: SetUp) -> None:
    set_up.environment.delenv("SIGNA_API_KEY")

    found = set_up.examined()

    assert (found["connection"].verdict, found["base URL"].verdict, found["clock"].verdict) == ("ok", "ok", "ok")
    assert found["key accepted"].found == "needs: API key"


def test_wrong_setting_sends_nothing(set_up: SetUp) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", "nonsense")

    assert verdicts(set_up, "configuration", "connection", "scope") == ["problem", "skipped", "skipped"]
    assert calls(set_up) == []


def test_misspelt_setting_is_a_warning_that_names_what_was_meant(set_up: SetUp) -> None:
    set_up.stack({"signa:maxWait": "5", "app:x": "y"})

    found = set_up.examined()["configuration"]

    assert (found.verdict, found.found) == ("warning", "pulumi-signa does not read signa:maxWait")
    assert found.remedy == "did you mean signa:maxWaitSeconds?"


def test_project_called_signa_has_settings_of_its_own(set_up: SetUp) -> None:
    file = set_up.project / "Pulumi.yaml"
    file.write_text(file.read_text().replace("name: p\n", "name: signa\n"))
    set_up.stack({"signa:maxWait": "5"})

    assert "configuration" not in set_up.examined()


def test_account_whose_settings_are_malformed_is_the_one_problem(set_up: SetUp) -> None:
    set_up.stack({"signa:accounts": '{"eu": 5}'})

    found = set_up.examined("--account", "eu")

    assert [finding.subject for finding in found.values() if finding.verdict == "problem"] == ["configuration"]
    assert "signa:accounts.eu must be an object" in found["configuration"].found
    assert found["API key"].verdict == "skipped"


def test_endpoint_beyond_the_first_page_costs_one_more_call(set_up: SetUp) -> None:
    organization = Signa(set_up.signa.organization)
    first = organization.make(MADE).id
    for number in range(100):
        organization.make(f"{MADE}/{number}")
    stack_with(set_up, first)

    assert verdicts(set_up, "organization") == ["ok"]
    assert calls(set_up) == ["GET /v1/webhooks", f"GET /v1/webhooks/{first}"]


def test_another_organization_of_many_endpoints_costs_one_more_call(set_up: SetUp) -> None:
    organization = Signa(set_up.signa.organization)
    for number in range(101):
        organization.make(f"{MADE}/{number}")
    stack_with(set_up, "whk_01a21120-6ad2-7be5-aa94-bcfe4fc66f25", "whk_01a21120-6ad2-7be5-aa94-bcfe4fc66f26")

    assert verdicts(set_up, "organization") == ["problem"]
    assert len(calls(set_up)) == 2


def test_export_stands_in_for_a_stack_that_cannot_be_reached(set_up: SetUp, tmp_path: Path) -> None:
    (set_up.bin / "pulumi").unlink()
    file = tmp_path / "prod.json"
    file.write_text(json.dumps(export_of("whk_01a21120-6ad2-7be5-aa94-bcfe4fc66f25")))

    found = set_up.examined("--export", str(file))

    assert found["stack"].found == "an export; only the environment counts beside it, with 1 endpoint at Signa"
    assert found["organization"].verdict == "problem"


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [("{}", (), "is no output of `pulumi stack export`"), ('{"deployment": {}}', ("--stack", "dev"), "and not both")],
)
def test_export_that_cannot_count_is_refused(content: str, options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    file = tmp_path / "prod.json"
    file.write_text(content)

    ran = CliRunner().invoke(app, ["doctor", "--export", str(file), *options])

    assert ran.exit_code == 2
    assert said in ran.stderr


def test_endpoints_that_are_gone_are_a_warning(set_up: SetUp) -> None:
    stack_with(set_up, Signa(set_up.signa.organization).make(MADE).id, "whk_01a21120-6ad2-7be5-aa94-bcfe4fc66f25")

    found = set_up.examined()["organization"]

    assert (found.verdict, found.found) == ("warning", "1 of the stack's 2 endpoints is gone at Signa")
    assert "pulumi refresh" in found.remedy


def test_key_of_an_account_is_compared_with_its_own_endpoints(set_up: SetUp) -> None:
    eu = Signa(set_up.signa.organization).make(MADE).id
    of_others = resource("whk_01a21120-6ad2-7be5-aa94-bcfe4fc66f25")
    set_up.stack(resources=(of_others, resource(eu, outputs={"account": "eu"})))
    set_up.environment.setenv("SIGNA_API_KEY_EU", set_up.key)

    found = set_up.examined("--account", "eu")

    assert found["organization"].verdict == "ok"
    assert found["API key"].found == "from SIGNA_API_KEY_EU, well formed"


@pytest.mark.parametrize(
    ("fault", "subject", "verdict", "said"),
    [
        ({"kind": "status", "status": 429}, "scope", "warning", "the rate limit is used up"),
        ({"kind": "status", "status": 503}, "connection", "problem", "127.0.0.1 answered 503"),
        ({"kind": "body", "body": '{"data": 5}'}, "base URL", "problem", "answered 200, not in Signa's form"),
        ({"kind": "drop_before"}, "connection", "problem", "cannot reach 127.0.0.1"),
    ],
)
def test_answer_that_is_no_list_is_told_apart(
    fault: dict[str, object], subject: str, verdict: str, said: str, set_up: SetUp
) -> None:
    set_up.fault(**fault)

    found = set_up.examined()[subject]

    assert found.verdict == verdict
    assert said in found.found


class Redirecting(BaseHTTPRequestHandler):
    """Sends everybody elsewhere."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(301)
        self.send_header("Location", "https://example.com/")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def elsewhere() -> Iterator[HTTPServer]:
    """Return a server that redirects."""
    with HTTPServer(("127.0.0.1", 0), Redirecting) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_redirect_is_told(set_up: SetUp, elsewhere: HTTPServer) -> None:
    set_up.environment.setenv("SIGNA_BASE_URL", f"http://127.0.0.1:{elsewhere.server_port}/v1")

    assert "redirects elsewhere with status 301" in set_up.examined()["base URL"].found


def test_certificate_that_nobody_trusts_is_told(set_up: SetUp, elsewhere: HTTPServer) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    elsewhere.socket = context.wrap_socket(elsewhere.socket, server_side=True)
    set_up.environment.setenv("SIGNA_BASE_URL", f"https://localhost:{elsewhere.server_port}/v1")

    found = set_up.examined()["connection"]

    assert found.found.startswith("TLS with localhost")
    assert "point REQUESTS_CA_BUNDLE at its CA file" in found.remedy


def test_key_on_the_command_line_is_not_repeated(set_up: SetUp) -> None:
    ran = CliRunner().invoke(app, ["doctor", "--account", set_up.key])

    assert ran.exit_code == 2
    assert set_up.key not in ran.output
