"""Several organizations in one stack: each has its own key, base URL, endpoints and rate limit."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.harness import API_KEY, Figure, MakeProject, Project
from e2e.run import Run
from signa_emulator.server import EmulatorServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

EU_KEY = API_KEY.replace("c0ffee", "e0e0e0")

ONE = """
from pulumi_signa import Adopt, SecretsManagerDestination, WebhookEndpoint
WebhookEndpoint("alerts", url="https://example.com/alerts"{arguments})
"""
BOTH = """
from pulumi_signa import WebhookEndpoint
for account in (None, "eu"):
    for number in range({number}):
        WebhookEndpoint(f"{{account}}-{{number}}", url=f"https://example.com/{{number}}", account=account)
"""
GET = """
import pulumi
from pulumi_signa import WebhookEndpoint
theirs = WebhookEndpoint.get("theirs", {id!r}, account="eu")
pulumi.export("url", theirs.url)
pulumi.export("account", theirs.account)
"""


def one(account: str | None, arguments: str = "") -> str:
    """Return the program of one endpoint in an organization."""
    return ONE.format(arguments=("" if account is None else f", account={account!r}") + arguments)


@pytest.fixture
def eu() -> Iterator[EmulatorServer]:
    """Yield a second Signa, which knows another key."""
    with EmulatorServer(api_keys=[EU_KEY]) as server:
        yield server


@pytest.fixture
def make(make_project: MakeProject, eu: EmulatorServer) -> MakeProject:
    """Return what makes a stack that reaches both organizations."""

    def make_with_both(program: str) -> Project:
        project = make_project(program)
        project.environment |= {"SIGNA_API_KEY_EU": EU_KEY, "SIGNA_BASE_URL_EU": eu.base_url}
        return project

    return make_with_both


def ids(server: EmulatorServer) -> list[str]:
    """Return the ids of the endpoints that an organization has."""
    return [endpoint.id for endpoint in server.organization.endpoints.newest_first()]


def requests_to(server: EmulatorServer) -> list[dict[str, Any]]:
    """Return the requests that an organization has got, oldest first."""
    return list(server.organization.requests.entries())


def succeeded(run: Run) -> Run:
    """Return a run that must have succeeded, and shown no key."""
    assert run.succeeded, run.output
    assert EU_KEY not in run.output
    return run


def test_refresh_of_150_endpoints_in_each_of_two_organizations_takes_four_calls(
    make: MakeProject, signa: EmulatorServer, eu: EmulatorServer, figure: Figure
) -> None:
    project = make(BOTH.format(number=150))
    for server in (signa, eu):
        server.organization.change_settings(rate_limit=None)
    project.environment |= {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
    succeeded(project.up())
    made = [len(ids(server)) for server in (signa, eu)]
    before = len(requests_to(signa)) + len(requests_to(eu))

    succeeded(project.refresh(expect_no_changes=True))

    calls = len(requests_to(signa)) + len(requests_to(eu)) - before
    assert made == [150, 150]
    assert calls <= 4
    figure(f"refresh of 150 endpoints in each of two organizations: {calls} calls")


def test_account_without_a_key_is_refused_at_preview_in_one_line(make: MakeProject) -> None:
    project = make(one("my-org"))

    error = project.preview().error()

    assert "no Signa API key for account my-org" in error
    assert "pulumi config set --secret --path 'signa:accounts.my-org.apiKey'" in error
    assert "SIGNA_API_KEY_MY_ORG" in error


def test_another_account_replaces_the_endpoint_and_back(
    make: MakeProject, signa: EmulatorServer, eu: EmulatorServer
) -> None:
    """Within the 24 hours in which Signa repeats its answers: none of them is taken for an endpoint that is there."""
    project = make(one(None))
    succeeded(project.up())
    (first,) = ids(signa)
    first_secret = project.held()["secret"]

    project.write(one("eu"))
    preview = succeeded(project.preview())
    calls_of_preview = len(requests_to(eu))
    moved = succeeded(project.up())
    (second,) = ids(eu)
    second_secret = project.held()["secret"]
    left = ids(signa)

    project.write(one(None))
    returned = succeeded(project.up())
    (third,) = ids(signa)
    left_in_eu = ids(eu)
    project.write(one("eu"))
    succeeded(project.up())
    (fourth,) = ids(eu)

    line = (
        "another account is another organization: account eu gets another endpoint with another secret, which "
        f"receivers have to read anew, and {first} is deleted with the key of the default organization"
    )
    assert preview.steps() == {"alerts": "create-replacement"}
    assert preview.diagnostics("info") == [line]
    assert moved.diagnostics("info") == [line]
    assert calls_of_preview == 0
    assert (left, left_in_eu, ids(signa)) == ([], [], [])
    assert f"{second} is deleted with the key of account eu" in returned.output
    assert len({first, second, third, fourth}) == 4
    assert first_secret != second_secret
    # Each organization knows its own key alone, so the other one would have been refused.
    assert {entry["status"] for server in (signa, eu) for entry in requests_to(server)} <= {200, 201, 204, 404}
    assert succeeded(project.preview(expect_no_changes=True)).steps() == {"alerts": "same"}
    succeeded(project.destroy())
    assert ids(eu) == []


def test_destination_gets_the_secret_of_the_other_organization(make: MakeProject, eu: EmulatorServer) -> None:
    written = ", secret_destination=SecretsManagerDestination('signa/alerts')"
    project = make(one(None, written))
    project.aws.secrets_manager.create_secret(Name="signa/alerts")
    succeeded(project.up())
    before = project.endpoint()["secret"]
    project.write(one("eu", written))

    succeeded(project.up())

    (endpoint,) = eu.organization.endpoints.newest_first()
    assert project.aws.values() == {"signa/alerts": endpoint.secret}
    assert project.aws.values("AWSPREVIOUS") == {"signa/alerts": before}
    assert succeeded(project.preview(expect_no_changes=True)).steps() == {"alerts": "same"}


def test_deletion_needs_the_key_of_the_organization_that_is_left(make: MakeProject, eu: EmulatorServer) -> None:
    project = make(one("eu"))
    succeeded(project.up())
    (id_,) = ids(eu)
    key = project.environment.pop("SIGNA_API_KEY_EU")
    project.write(one(None))

    preview, failed = succeeded(project.preview()), project.up()

    assert preview.warns(f"{id_} cannot be deleted: no Signa API key for account eu: run")
    assert "no Signa API key for account eu" in failed.error()
    project.environment["SIGNA_API_KEY_EU"] = key
    succeeded(project.up())
    assert ids(eu) == []
    assert len(project.endpoints()) == 1


def test_adopted_endpoint_is_not_looked_for_in_another_organization(make: MakeProject, signa: EmulatorServer) -> None:
    project = make(one(None))
    theirs = project.make_outside(url="https://example.com/alerts")
    adopt = f", adopt=Adopt({theirs['id']!r})"
    project.write(one(None, adopt))
    succeeded(project.up())
    project.write(one("eu", adopt))

    error = project.preview().error()

    assert f"{theirs['id']} stays in the default organization" in error
    assert project.up().error() == error
    assert ids(signa) == [theirs["id"]]
    project.write(one("eu"))
    assert succeeded(project.up()).steps() == {"alerts": "create-replacement"}
    assert ids(signa) == []


def test_get_reads_from_the_named_organization(make: MakeProject, signa: EmulatorServer, eu: EmulatorServer) -> None:
    project = make(one("eu"))
    succeeded(project.up())
    (id_,) = ids(eu)
    project.write(one("eu") + GET.format(id=id_))

    succeeded(project.up())

    assert project.outputs() == {"url": "https://example.com/alerts", "account": "eu"}
    succeeded(project.refresh(expect_no_changes=True))
    assert requests_to(signa) == []


def test_organization_is_configured_as_a_user_types_it(
    make_project: MakeProject, signa: EmulatorServer, eu: EmulatorServer
) -> None:
    project = make_project(one("eu"))
    project.cli("config", "set", "--secret", "--path", "signa:accounts.eu.apiKey", EU_KEY)
    project.cli("config", "set", "--path", "signa:accounts.eu.baseUrl", eu.base_url)

    succeeded(project.up())

    assert (len(ids(signa)), len(ids(eu))) == (0, 1)
    assert EU_KEY not in project.cli("stack", "export")
    succeeded(project.refresh(expect_no_changes=True))
    succeeded(project.destroy())
    assert ids(eu) == []


def test_readable_key_of_an_organization_is_refused(make_project: MakeProject) -> None:
    project = make_project(one("eu"))
    project.cli("config", "set", "--path", "signa:accounts.eu.apiKey", EU_KEY)

    run = project.preview()

    # Where the program has refused the key, the engine adds that the program has failed.
    error, *_ = run.diagnostics("error")
    assert not run.succeeded
    assert "signa:accounts.eu.apiKey is not a secret" in error
    assert "pulumi config set --secret --path 'signa:accounts.eu.apiKey'" in error
    assert EU_KEY not in run.output


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("signa:accounts", "eu", "signa:accounts must be an object of organizations by name"),
        ("signa:accounts.eu.apikey", "x", "signa:accounts.eu may hold only apiKey, baseUrl and namespace"),
    ],
)
def test_malformed_accounts_are_one_line_at_preview(
    make_project: MakeProject, path: str, value: str, problem: str
) -> None:
    project = make_project(one("eu"))
    project.cli("config", "set", "--secret", "--path", path, value)

    assert problem in project.preview().error()


def test_used_up_limit_of_one_organization_does_not_slow_the_other(
    make: MakeProject, signa: EmulatorServer, eu: EmulatorServer
) -> None:
    """
    Every call to one organization is answered before the first one to the other, however long that takes.

    The engine has to have all calls in flight: by default it makes four for each core.
    """
    number = 10
    project = make(BOTH.format(number=number))
    refused_from, asked_from = len(requests_to(signa)), len(requests_to(eu))
    project.fault(kind="status", status=429, retry_after=1, times=None)

    with project.begin("up", "--yes", "--skip-preview", "--parallel=64") as run:
        while run.poll() is None and (
            len(requests_to(eu)) < asked_from + number or len(requests_to(signa)) == refused_from
        ):
            time.sleep(0.05)
        statuses = {entry["status"] for entry in requests_to(signa)[refused_from:]}
        signa.organization.faults.clear()
        output, _ = run.communicate()

    assert run.returncode == 0, output
    assert len(requests_to(eu)) == asked_from + number
    assert statuses == {429}
    assert len(ids(signa)) == len(ids(eu)) == number
