"""`pulumi-signa doctor` and `verify` beside a real stack, with the real CLI."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from e2e.harness import API_KEY, MakeProject, Project
from e2e.host import only
from signa_emulator.server import EmulatorServer
from signa_emulator.signing import new_event, sign

pytestmark = pytest.mark.e2e

STORED = """
from pulumi_signa import StoredWebhookEndpoint
StoredWebhookEndpoint("alerts", url="https://example.com/alerts", secret_name="signa/alerts")
"""

WITH_OWN_PROVIDER = """
import pulumi
from pulumi_signa import WebhookEndpoint
from pulumi_signa.native import Provider
own = Provider("eu", api_key={api_key!r}, base_url={base_url!r}, aws_region="eu-west-1")
WebhookEndpoint("alerts", url="https://example.com/alerts", opts=pulumi.ResourceOptions(provider=own))
"""


def found_by(project: Project, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Run the command in the project's folder; return its exit code, and the findings by subject."""
    command = f"{sys.prefix}/bin/pulumi-signa"
    with project.start(command, *arguments, "--json", stderr=subprocess.PIPE) as process:
        output, errors = process.communicate()
    assert errors == ""
    project.check_canary(output)
    return process.returncode, {finding["subject"]: finding for finding in json.loads(output)["findings"]}


def test_stack_is_well_another_organizations_key_is_told_and_its_delivery_verified(
    make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project(STORED)
    project.environment["AWS_ENDPOINT_URL"] = project.aws.url
    assert project.up().succeeded
    organization = project.signa.organization
    with project.counted() as calls:
        well, healthy = found_by(project, "doctor")

    with EmulatorServer([API_KEY]) as other:
        project.environment["SIGNA_BASE_URL"] = other.base_url
        unwell, mistaken = found_by(project, "doctor", "--stack", "dev")

    now = organization.clock.now()
    endpoint = organization.endpoints.get(project.endpoint()["id"])
    signed = sign(new_event("alert.created", None, now), endpoint, attempt=1, now=now)
    saved = tmp_path / "request"
    saved.write_bytes("\n".join([*(f"{n}: {v}" for n, v in signed.headers.items()), "", ""]).encode() + signed.body)
    genuine, verified = found_by(project, "verify", str(saved), "--secret-id", "signa/alerts")

    # Moto has no simulation of policies.
    assert {name for name, finding in healthy.items() if finding["verdict"] != "ok"} == {"AWS permissions"}
    assert healthy["AWS permissions"]["found"].startswith("DescribeSecret is allowed")
    assert (
        healthy["plugin"]["found"]
        == f"pulumi-signa {version('pulumi-signa')} at {sys.prefix}/bin/pulumi-resource-signa"
    )
    assert healthy["stack"]["found"] == "the selected one, with 1 endpoint at Signa"
    assert (well, calls.signa) == (0, {"list": 1})
    assert [name for name, finding in mistaken.items() if finding["verdict"] == "problem"] == ["organization"]
    assert unwell == 1
    assert genuine == 0, verified
    assert "AWSCURRENT of signa/alerts" in verified["signature"]["found"]


@only("native")
def test_key_of_a_provider_of_the_program_is_neither_missing_nor_replaced(make_project: MakeProject) -> None:
    project = make_project("")
    project.write(WITH_OWN_PROVIDER.format(api_key=API_KEY, base_url=project.signa.base_url))
    project.environment["AWS_ENDPOINT_URL"] = project.aws.url
    # Both are others than the program's.
    project.environment["SIGNA_API_KEY"] = f"{API_KEY[:-1]}0"
    project.environment["SIGNA_BASE_URL"] = "https://elsewhere.example/v1"
    assert project.up().succeeded

    code, found = found_by(project, "doctor")

    assert code == 0
    assert found["API key"]["found"] == "from apiKey of the provider eu, which the program alone has"
    assert found["base URL"]["found"] == f"{project.signa.base_url} is Signa's API"
    assert found["key accepted"]["found"] == "needs: API key"
