"""What a stack may declare beyond the repository's own program, on a real engine."""

import json

import pytest

from e2e.harness import REPOSITORY, MakeProject
from e2e.host import TYPES, TYPES_IN_KEYS

pytestmark = pytest.mark.e2e


def test_program_of_the_readme_does_what_it_says(make_project: MakeProject) -> None:
    """The first thing that a user copies works as it stands."""
    readme = (REPOSITORY / "README.md").read_text()
    project = make_project(readme.split("```python\n")[1].split("```")[0])

    run = project.up()

    assert run.succeeded, run.output
    endpoint = project.endpoint()
    assert project.outputs() == {"endpoint_id": endpoint["id"]}
    assert project.aws.values() == {"signa/alerts": endpoint["secret"]}


def test_every_field_reaches_signa_and_comes_back_out(make_project: MakeProject) -> None:
    """
    All inputs arrive as declared, whole numbers as integers, and a later edit of all is one PATCH.

    Signa cannot create a disabled endpoint, so a PATCH follows; nothing is left to do afterwards.
    """
    program = """
import pulumi
from pulumi_signa import WebhookEndpoint
endpoint = WebhookEndpoint(
    "hook", url="https://example.com/hook", enabled_events=["alert.created"], description="first",
    metadata={"team": {"name": "brand", "size": 3}, "ratio": 0.5, "tags": ["a", 1]}, status="active",
)
WebhookEndpoint("disabled", url="https://example.com/disabled", status="disabled")
pulumi.export("metadata", endpoint.metadata)
"""
    project = make_project(program)

    with project.counted() as calls_of_create:
        created = project.up()
    before = {endpoint["url"].rsplit("/", 1)[-1]: endpoint for endpoint in project.endpoints()}
    exported = project.outputs()["metadata"]
    project.write(program.replace("first", "second").replace('"size": 3', '"size": 4').replace('"tags"', '"labels"'))
    with project.counted() as calls:
        updated = project.up()

    assert created.succeeded, created.output
    assert calls_of_create.signa == {"create": 2, "update": 1}
    assert before["disabled"]["status"] == "disabled"
    assert json.dumps(before["hook"]["metadata"], sort_keys=True) == (
        '{"ratio": 0.5, "tags": ["a", 1], "team": {"name": "brand", "size": 3}}'
    )
    assert exported == before["hook"]["metadata"]
    assert updated.succeeded, updated.output
    after = {endpoint["url"].rsplit("/", 1)[-1]: endpoint for endpoint in project.endpoints()}
    assert (after["hook"]["description"], after["hook"]["secret"]) == ("second", before["hook"]["secret"])
    assert after["hook"]["metadata"] == {"ratio": 0.5, "labels": ["a", 1], "team": {"name": "brand", "size": 4}}
    assert after["disabled"] == before["disabled"]
    assert calls.signa == {"update": 2}, "the removed key, which Signa kept, is cleared by name"
    assert project.up(expect_no_changes=True).succeeded


def test_event_that_signa_may_learn_later_is_a_warning(make_project: MakeProject) -> None:
    """Unknown events pass with a warning, so that a new one needs no new release; Signa decides."""
    project = make_project("""
from pulumi_signa import WebhookEndpoint
WebhookEndpoint("hook", url="https://example.com/hook", enabled_events=["alert.updated", "alert.created"])
""")

    preview = project.preview()
    error = project.up().error()

    assert preview.succeeded, preview.output
    assert any("'alert.updated'" in warning for warning in preview.diagnostics("warning"))
    assert "400 validation_error" in error


def test_get_reads_an_endpoint_without_owning_it(make_project: MakeProject) -> None:
    """`get` shows what is there, has no secret and says so, can be refreshed, and destroy leaves the endpoint alone."""
    project = make_project("")
    foreign = project.make_outside()
    project.write(f"""
import pulumi
from pulumi_signa import WebhookEndpoint
endpoint = WebhookEndpoint.get("foreign", "{foreign["id"]}")
for output in ("url", "secret", "secret_status", "secret_version"):
    pulumi.export(output, getattr(endpoint, output))
""")

    with project.counted() as calls:
        run = project.up()
    first = project.outputs()
    project.rotate_outside(foreign["id"])
    with project.counted() as calls_of_refresh:
        refreshed = project.refresh()
    again = project.up()
    second = project.outputs()
    destroyed = project.destroy()

    assert run.succeeded, run.output
    assert set(calls.signa) == {"list"}
    known = {"url": foreign["url"], "secret_status": "unknown", "secret_version": 1}
    assert {name: value for name, value in first.items() if value is not None} == known
    assert refreshed.succeeded, refreshed.output
    assert set(calls_of_refresh.signa) <= {"list", "retrieve"}
    assert again.succeeded, again.output
    assert second == {**first, "secret_version": 2}
    assert destroyed.succeeded, destroyed.output
    assert project.endpoint()["id"] == foreign["id"]


def test_get_of_an_unknown_id_is_an_error(make_project: MakeProject) -> None:
    """`get` of an id that Signa does not know fails."""
    project = make_project("""
from pulumi_signa import WebhookEndpoint
WebhookEndpoint.get("foreign", "whk_nowhere")
""")

    assert "whk_nowhere" in project.up().error()


def test_two_equal_endpoints_are_two_endpoints(make_project: MakeProject) -> None:
    """Equal resources have different idempotency keys, under a component too."""
    project = make_project("""
import pulumi
from pulumi_signa import WebhookEndpoint
parent = pulumi.ComponentResource("test:index:Team", "team")
WebhookEndpoint("one", url="https://example.com/hook")
WebhookEndpoint("two", url="https://example.com/hook")
WebhookEndpoint("three", url="https://example.com/hook", opts=pulumi.ResourceOptions(parent=parent))
""")

    run = project.up()

    assert run.succeeded, run.output
    assert len({endpoint["id"] for endpoint in project.endpoints()}) == 3
    three = project.resources()["three"]
    assert three["outputs"]["__urn"] == three["urn"].replace(TYPES, TYPES_IN_KEYS)
    assert three["urn"].endswith(f"test:index:Team${TYPES}WebhookEndpoint::three")


def test_unknown_value_beside_a_known_one_passes_the_preview(make_project: MakeProject) -> None:
    """A value that is unknown in a preview may be None in the run, so the preview must not refuse it."""
    project = make_project("""
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
endpoint = WebhookEndpoint("hook", url="https://example.com/hook")
SecretsManagerSecret(
    "stored", secret_name="team/one", secret_string=endpoint.secret,
    secret_json=endpoint.secret_version.apply(lambda _: None),
)
""")

    preview, run = project.preview(), project.up()

    assert preview.succeeded, preview.output
    assert run.succeeded, run.output


def test_secret_json_is_stored_as_one_object(make_project: MakeProject) -> None:
    """The endpoint's secret may be part of an object; an edit of tags leaves its version alone."""
    program = """
import pulumi
from pulumi_signa import SecretsManagerSecret, WebhookEndpoint
endpoint = WebhookEndpoint("hook", url="https://example.com/hook")
stored = SecretsManagerSecret(
    "stored", secret_name="team/signa", secret_json={"secret": endpoint.secret, "endpoint_id": endpoint.id},
    description="in one object", tags={"team": "brand"}, recovery_window_in_days=0,
)
pulumi.export("version", stored.version_id)
"""
    project = make_project(program)

    run = project.up()
    version = project.outputs()["version"]
    endpoint = project.endpoint()
    values = project.aws.values()
    project.write(program.replace("brand", "legal"))
    with project.counted() as calls:
        retagged = project.up()
    destroyed = project.destroy()

    assert run.succeeded, run.output
    assert json.loads(values["team/signa"]) == {"secret": endpoint["secret"], "endpoint_id": endpoint["id"]}
    assert retagged.succeeded, retagged.output
    assert calls.aws == ["TagResource"]
    assert project.aws.secrets_manager.list_secrets(IncludePlannedDeletion=True)["SecretList"] == []
    assert destroyed.succeeded, destroyed.output
    assert version


_NAMED = """
from pulumi_signa import SecretsManagerSecret
for name, inputs in {secrets!r}.items():
    SecretsManagerSecret(name, **{{"secret_name": f"team/{{name}}", "secret_string": "ours", **inputs}})
"""


def test_name_belongs_to_one_secret(make_project: MakeProject) -> None:
    """
    Another name replaces a secret: the old one is scheduled for deletion, the new one holds the value.

    A rename that is refused keeps the secret that consumers read. Somebody else's secret is an error that names
    `adopt_existing`, and gets a new version with this input.
    """
    project = make_project(_NAMED.format(secrets={"renamed": {}, "refused": {}, "taken": {"adopt_existing": False}}))
    for name in ("team/taken", "team/others"):
        project.aws.secrets_manager.create_secret(Name=name, SecretString="theirs")

    first = project.up(continue_on_error=True)
    untouched = project.aws.values()
    new, others = {"secret_name": "team/new"}, {"secret_name": "team/others"}
    project.write(_NAMED.format(secrets={"renamed": new, "refused": others, "taken": {"adopt_existing": True}}))
    second = project.up(continue_on_error=True)

    assert "set adopt_existing" in first.errors()["taken"]
    assert first.errors().keys() == {"taken"}
    assert untouched == {
        "team/renamed": "ours",
        "team/refused": "ours",
        "team/taken": "theirs",
        "team/others": "theirs",
    }
    assert second.steps()["renamed"] in {"replace", "create-replacement", "delete-replaced"}
    assert second.errors().keys() == {"refused"}
    assert "team/others" in second.errors()["refused"]
    assert project.aws.values() == {
        "team/new": "ours",
        "team/refused": "ours",
        "team/taken": "ours",
        "team/others": "theirs",
    }


def test_forced_replacement_of_a_secret_keeps_it(make_project: MakeProject) -> None:
    """Two secrets cannot have one name, so `--replace` keeps the one there is."""
    project = make_project(_NAMED.format(secrets={"kept": {}}))
    project.up()

    run = project.up(replace=["**::kept"])

    assert run.succeeded, run.output
    assert project.aws.values() == {"team/kept": "ours"}
    assert project.refresh(expect_no_changes=True).succeeded
    assert project.up(expect_no_changes=True).succeeded
