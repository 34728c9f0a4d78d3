"""Which endpoint is whose, where names and programs change within the day that Signa knows a key."""

import pytest

from e2e.harness import MakeProject

pytestmark = pytest.mark.e2e

ONE = """
from pulumi_signa import WebhookEndpoint
WebhookEndpoint("first", url="https://example.com/1"{more})
"""

_NAMED = """
import pulumi
from pulumi_signa import WebhookEndpoint
for name, (url, *before) in {endpoints!r}.items():
    aliases = [pulumi.Alias(name=one) for one in before]
    WebhookEndpoint(name, url=f"https://example.com/{{url}}", opts=pulumi.ResourceOptions(aliases=aliases))
"""


def named(**endpoints: tuple[str, ...]) -> str:
    """Return the program of endpoints, each with the end of its URL, and a name that it had before."""
    return _NAMED.format(endpoints=endpoints)


BESIDE = "import pulumi" + ONE.format(more=", opts=pulumi.ResourceOptions(delete_before_replace=False)")


def test_renamed_resources_keep_their_endpoints(make_project: MakeProject) -> None:
    """
    A new resource under an old name gets its own endpoint, and one that is renamed back keeps its endpoint.

    Signa still answers the old name's key with the endpoint that the renamed resource has. Without an alias Pulumi
    deletes the resource of the other name, whose endpoint the old name has taken over.
    """
    project = make_project(named(same=("same",), other=("other",), back=("back",)))
    project.up()
    old = {endpoint["url"]: endpoint["id"] for endpoint in project.endpoints()}
    same, other, back = (old[f"https://example.com/{name}"] for name in ("same", "other", "back"))
    project.write(named(first=("same", "same"), second=("other", "other"), third=("back", "back")))
    renamed = project.up()
    # Pulumi refuses a new resource under the old name while the alias is there.
    project.write(named(same=("same",), first=("same",), other=("another",), second=("other",), back=("back",)))

    run = project.up()

    assert renamed.succeeded, renamed.output
    assert run.succeeded, run.output
    assert run.warns(back)
    assert [warning for warning in run.diagnostics("warning") if back not in warning] == []
    ids = {name: resource["id"] for name, resource in project.resources().items()}
    assert (ids["first"], ids["second"], ids["back"]) == (same, other, back)
    assert {endpoint["id"]: endpoint["url"] for endpoint in project.endpoints()} == {
        ids["same"]: "https://example.com/same",
        ids["first"]: "https://example.com/same",
        ids["other"]: "https://example.com/another",
        ids["second"]: "https://example.com/other",
        ids["back"]: "https://example.com/back",
    }


def test_replacement_beside_the_first_is_a_second_endpoint(make_project: MakeProject) -> None:
    """With `delete_before_replace=False` the new endpoint exists before the old one is deleted."""
    project = make_project(BESIDE)
    project.up()
    old = project.endpoint()

    with project.counted() as calls:
        run = project.up(replace=["**::first"])

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
