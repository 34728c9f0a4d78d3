"""Which endpoint is whose, where names and programs change within the day that Signa knows a key."""

import pytest

from e2e.harness import MakeProject

pytestmark = pytest.mark.e2e

ONE = """
from pulumi_signa import WebhookEndpoint
WebhookEndpoint("first", url="https://example.com/1"{more})
"""

ALIAS = """, opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="first")])"""
RENAMED = """
import pulumi
from pulumi_signa import WebhookEndpoint
WebhookEndpoint("renamed", url="https://example.com/1"{alias})
"""

BESIDE = "import pulumi" + ONE.format(more=", opts=pulumi.ResourceOptions(delete_before_replace=False)")


@pytest.mark.parametrize("url", ["1", "2"])
def test_new_resource_under_an_old_name_gets_its_own_endpoint(make_project: MakeProject, url: str) -> None:
    """Signa still answers the old name's key with the endpoint that the renamed resource has."""
    project = make_project(ONE.format(more=""))
    project.up()
    old = project.endpoint()
    project.write(RENAMED.format(alias=ALIAS))
    renamed = project.up()
    # Pulumi refuses a new resource under the old name while the alias is there.
    project.write(ONE.format(more="").replace("/1", f"/{url}") + RENAMED.format(alias=""))

    run = project.up()

    assert renamed.succeeded, renamed.output
    assert run.succeeded, run.output
    assert run.diagnostics("warning") == []
    ids = {name: resource["id"] for name, resource in project.resources().items()}
    assert ids["renamed"] == old["id"] != ids["first"]
    assert {endpoint["id"]: endpoint["url"] for endpoint in project.endpoints()} == {
        ids["renamed"]: "https://example.com/1",
        ids["first"]: f"https://example.com/{url}",
    }


def test_replacement_beside_the_first_is_a_second_endpoint(make_project: MakeProject) -> None:
    """With `delete_before_replace=False` the new endpoint exists before the old one is deleted."""
    project = make_project(BESIDE)
    project.up()
    old = project.endpoint()

    with project.counted() as calls:
        run = project.up(replace=[project.urn("first")])

    assert run.succeeded, run.output
    assert calls.signa == {"create": 1, "delete": 1}
    assert run.diagnostics("warning") == []
    new = project.endpoint()
    assert new["id"] != old["id"]
    assert project.resources()["first"]["id"] == new["id"]


def test_destroyed_stack_comes_back_as_often_as_it_is_wanted(make_project: MakeProject) -> None:
    """Each up after a destroy makes a new endpoint without a warning, edited or not, within the day of the key."""
    project = make_project(ONE.format(more=""))
    seen = []
    for description in (None, None, "edited", "edited again"):
        project.write(ONE.format(more=f", description={description!r}"))
        run = project.up()
        assert run.succeeded, run.output
        assert run.diagnostics("warning") == []
        endpoint = project.endpoint()
        seen.append(endpoint["id"])
        project.destroy()

    assert len(set(seen)) == len(seen)
    assert project.endpoints() == []


def test_resource_that_was_renamed_and_renamed_back_keeps_its_endpoint(make_project: MakeProject) -> None:
    """Without an alias Pulumi deletes the resource of the other name, whose endpoint the old name has taken over."""
    project = make_project(ONE.format(more=""))
    project.up()
    old = project.endpoint()
    project.write(RENAMED.format(alias=ALIAS))
    project.up()
    project.write(ONE.format(more=""))

    run = project.up()

    assert run.succeeded, run.output
    endpoint = project.endpoint()
    assert endpoint["id"] == old["id"] == project.resources()["first"]["id"]
    assert run.warns(old["id"])
