"""Inputs whose outputs have no value: what a run cannot do for one resource, it does for the others."""

import pytest

from e2e.harness import MakeProject, Project

pytestmark = pytest.mark.e2e

# Signa refuses the events of "bad", and three more resources have a required input from it.
FOUR = """
from pulumi_signa import Adopt, SecretsManagerSecret, WebhookEndpoint
for name in ("bad", "g1", "g2", "g3"):
    events = ["alert.refused"] if name == "bad" else ["alert.created"]
    endpoint = WebhookEndpoint(name, url=f"https://{name}.example.com/h", enabled_events=events)
    SecretsManagerSecret(f"{name}-s", secret_name=f"c/{name}", secret_string=endpoint.secret)
    if name == "bad":
        WebhookEndpoint("by-url", url=endpoint.id.apply(lambda id: f"https://example.com/{id}"))
        WebhookEndpoint("by-id", url="https://example.com/by-id", adopt=Adopt(endpoint.id))
        SecretsManagerSecret("by-name", secret_name=endpoint.id, secret_string="x")
"""
PAIR = """
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
endpoint = WebhookEndpoint("ep", url="https://example.com/h")
SecretsManagerSecret("st", secret_name="c/st", secret_string=endpoint.secret)
"""
REFERENCE = """
import pulumi
from pulumi_signa import SecretsManagerSecret
itself = pulumi.StackReference("organization/" + pulumi.get_project() + "/" + pulumi.get_stack())
SecretsManagerSecret("st", secret_name="c/st", secret_string=itself.get_output("nothere"))
"""


@pytest.fixture
def pair(make_project: MakeProject) -> Project:
    """Return a stack of an endpoint and its stored secret, not yet up."""
    return make_project(PAIR)


@pytest.mark.parametrize(("late", "skip", "times"), [("none", 0, 0), ("good ones", 1, 3), ("bad one", 0, 1)])
def test_run_goes_on_without_an_endpoint_that_signa_refuses(
    make_project: MakeProject, late: str, skip: int, times: int
) -> None:
    """Whichever answer is late, the other endpoints are made, and their secrets stored."""
    project = make_project(FOUR)
    if times:
        project.fault(operation="create", kind="delay", seconds=1.5, skip=skip, times=times)

    run = project.up(continue_on_error=True)

    assert "400" in run.error(), late
    endpoints = {endpoint["url"].split(".")[0]: endpoint["secret"] for endpoint in project.endpoints()}
    assert endpoints.keys() == {"https://g1", "https://g2", "https://g3"}
    assert project.aws.values() == {f"c/{url[8:]}": secret for url, secret in endpoints.items()}


def test_targeted_secret_without_its_endpoint_is_left_to_pulumi(pair: Project) -> None:
    """Pulumi names the resource that is missing, and we add nothing."""
    error = pair.up(target=["**::st"]).error()

    assert "::ep" in error
    assert "--target" in error


def test_secret_of_an_excluded_endpoint_is_refused(pair: Project) -> None:
    """Nothing is stored where the endpoint was left out of the run."""
    error = pair.up(exclude=["**::ep"]).error()

    assert "secret_string has no value" in error
    assert "leaves out" in error
    assert pair.aws.values() == {}


def test_output_that_the_referenced_stack_lacks_is_named_as_a_cause(make_project: MakeProject) -> None:
    """The error of the run speaks of the referenced stack, and nothing is stored."""
    project = make_project("")
    project.up()
    project.write(REFERENCE)

    error = project.up().error()

    assert "secret_string has no value" in error
    assert "referenced stack" in error
    assert project.aws.values() == {}
