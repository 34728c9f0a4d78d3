"""Stacks that move between the hosts, and runs that have both."""

import os
from typing import Any

import pytest

from e2e.audit import Audit
from e2e.harness import MakeProject, Project, declaring
from e2e.native_host import STORIES, native, native_plugins, write_yaml

pytestmark = STORIES

PAIR = """
import pulumi
from pulumi_signa import DeliveryCheck, SecretsManagerSecret, StoredWebhookEndpoint, WebhookEndpoint
metadata = {"a_b": 1, "absent": None, "list": [None, {"absent": None}]}
endpoint = WebhookEndpoint("alerts", url="https://example.com/alerts", metadata=metadata, rotation_period_days=30)
stored = SecretsManagerSecret(
    "alerts-secret", secret_name="signa/alerts", secret_json={"secret": endpoint.secret, "of": metadata}
)
"""
EVERYTHING = (
    PAIR
    + """
DeliveryCheck("check", endpoint_id=endpoint.id, triggers=[endpoint.secret_version], required=False)
one = StoredWebhookEndpoint("one", url="https://example.com/one", secret_name="signa/one")
pulumi.export("version", endpoint.secret_version)
pulumi.export("status", one.endpoint.secret_status)
"""
)
NAMES = {"alerts", "alerts-secret", "check", "one", "one-signing-secret"}

ONE = declaring(alerts={})
WITHOUT_ALIASES = native(ONE).replace(
    "before = []",
    "import pulumi_signa.native\n"
    "for each in (WebhookEndpoint, SecretsManagerSecret):\n"
    "    each._defaults.aliases = None\n"
    "before = []",
)


def kept(project: Project) -> dict[str, Any]:
    """Return what must survive a move, by name: the id, and the outputs that say what the secret is."""
    names = ("secret", "secret_version", "secret_status", "secret_arn", "version_id", "arn", "delivered_at")
    ids = {name: resource["id"] for name, resource in project.resources().items()}
    return {
        name: {"id": ids[name], **{each: outputs.get(each) for each in names}}
        for name, outputs in project.every_held().items()
    }


def move(project: Project, step: str) -> None:
    """Let the program that is written preview and run without a call, and find nothing to do afterwards."""
    before, outputs = kept(project), project.outputs()
    with project.counted() as calls:
        previewed = project.preview()
        moved = project.up()
        again = project.preview(expect_no_changes=True)

    assert previewed.succeeded, previewed.output
    assert moved.succeeded, moved.output
    assert again.succeeded, again.output
    assert (calls.signa, calls.aws) == ({}, [])
    assert previewed.steps() == moved.steps() == dict.fromkeys(NAMES, step)
    assert (kept(project), project.outputs()) == (before, outputs)
    assert moved.diagnostics("warning") == []


def test_stack_moves_there_and_back_without_a_call(make_project: MakeProject) -> None:
    project = make_project(EVERYTHING)
    assert project.up().succeeded

    project.write(native(EVERYTHING))
    move(project, "update")
    types = {resource["type"].rpartition(":")[0] for resource in project.resources().values()}
    project.write(EVERYTHING)
    move(project, "update")

    assert types == {"signa:index"}
    assert project.destroy().succeeded
    assert project.endpoints() == []


HELD_UP = (
    PAIR
    + """
import signal
pulumi.Output.all(endpoint.urn, stored.urn).apply(lambda _: open("reached", "w").close() or signal.pause())
"""
)
"""The first half of it, which then waits: Pulumi's file back end loses a state that is being written."""


@pytest.mark.parametrize("then", [native(EVERYTHING), EVERYTHING], ids=["goes on", "turns back"])
def test_move_that_died_halfway_is_ended_by_either_host(make_project: MakeProject, then: str) -> None:
    project = make_project(EVERYTHING)
    assert project.up().succeeded
    before, outputs = kept(project), project.outputs()
    reached = project.folder / "reached"
    os.mkfifo(reached)

    project.write(native(HELD_UP))
    with project.counted() as calls:
        with project.begin_up() as engine:
            reached.read_bytes()
            engine.kill()
        project.unlock()
        types = {resource["type"].rpartition(":")[0] for resource in project.resources().values()}
        project.write(then)
        ended = project.up()
        again = project.preview(expect_no_changes=True)

    assert len(types) == 2
    assert ended.succeeded, ended.output
    assert again.succeeded, again.output
    assert (calls.signa, calls.aws) == ({}, [])
    assert (kept(project), project.outputs()) == (before, outputs)
    assert project.destroy().succeeded
    assert project.endpoints() == []


def test_stack_in_python_moves_to_yaml_by_the_aliases_of_the_schema(make_project: MakeProject) -> None:
    project = make_project(ONE)
    assert project.up().succeeded
    before = kept(project)

    write_yaml(
        project,
        {
            "alerts": {"type": "signa:WebhookEndpoint", "properties": {"url": "https://example.com/alerts"}},
            "alerts-secret": {
                "type": "signa:SecretsManagerSecret",
                "properties": {
                    "secretName": "signa/alerts",
                    "secretJson": {"secret": "${alerts.secret}", "declared": {}},
                },
            },
        },
    )
    with project.counted() as calls:
        previewed = project.preview()
        moved = project.up()

    assert previewed.succeeded, previewed.output
    assert moved.succeeded, moved.output
    assert (calls.signa, calls.aws) == ({}, [])
    assert kept(project) == before
    assert previewed.steps() == moved.steps() == {"alerts": "update", "alerts-secret": "update"}
    assert project.audit() == Audit()


@pytest.mark.parametrize(("first", "then"), [(ONE, native(ONE)), (native(ONE), ONE)], ids=["there", "back"])
def test_create_that_died_under_one_host_is_found_by_the_other(
    make_project: MakeProject, first: str, then: str
) -> None:
    project = make_project(first)
    hold = project.hold("POST", after_commit=True)
    with project.begin_up() as engine:
        assert hold.reached.wait(60)
        engine.kill()
        hold.let_go()
    project.unlock()
    made = project.endpoint()

    project.write(then)
    run = project.up()

    assert run.succeeded, run.output
    assert project.endpoint()["id"] == made["id"]
    assert project.held()["secret"] == made["secret"]
    assert project.audit() == Audit()


def test_run_with_both_hosts_and_no_alias_loses_nothing(make_project: MakeProject) -> None:
    """The new host takes over what the other one is told to delete, in a process that knows nothing of that."""
    project = make_project(ONE)
    assert project.up().succeeded
    before = project.endpoint()

    project.write(WITHOUT_ALIASES)
    run = project.up()

    assert run.succeeded, run.output
    assert (project.endpoint()["id"], project.endpoint()["secret"]) == (before["id"], before["secret"])
    assert project.held()["secret"] == before["secret"]
    assert project.audit() == Audit()
    assert project.preview(expect_no_changes=True, refresh=True).succeeded


TWO_PROVIDERS = """
import pulumi
from pulumi_signa.native import Adopt, Provider, SecretsManagerSecret, WebhookEndpoint
of = {{name: pulumi.ResourceOptions(provider=Provider(name, max_wait_seconds=60)) for name in "ab"}}
for provider, name, adopted in {endpoints!r}:
    adopt = None if adopted is None else Adopt(*adopted)
    endpoint = WebhookEndpoint(name, url="https://example.com/alerts", adopt=adopt, opts=of[provider])
    if {is_stored!r}:
        SecretsManagerSecret(
            f"{{name}}-secret",
            secret_name="signa/alerts",
            secret_json={{"secret": endpoint.secret, "declared": {{}}}},
            adopt_existing=True,
            opts=of[provider],
        )
"""


def two_providers(*endpoints: tuple[str, str, tuple[str, ...] | None], is_stored: bool = True) -> str:
    """Return the program of endpoints: the provider of each, its name, and what it takes over."""
    return TWO_PROVIDERS.format(endpoints=endpoints, is_stored=is_stored)


def test_two_providers_share_what_is_held(make_project: MakeProject) -> None:
    """Each is a process of its own: what one of them takes over, the other must not delete."""
    first = ("a", "alerts", None)
    project = make_project(two_providers(first))
    assert project.up().succeeded
    made = project.endpoint()
    taking_over = (made["id"], made["secret"])

    project.write(two_providers(first, ("b", "twin", taking_over), is_stored=False))
    twice = project.preview()
    project.write(two_providers(("b", "again", taking_over)))
    handed_on = project.up()

    # Whichever the engine compares second is refused.
    ((refused, error),) = twice.errors().items()
    assert ({"alerts", "twin"} - {refused}).pop() in error
    assert handed_on.succeeded, handed_on.output
    assert handed_on.steps() == {
        "again": "create",
        "again-secret": "create",
        "alerts": "delete",
        "alerts-secret": "delete",
    }
    assert project.endpoint()["id"] == made["id"]
    assert project.held("again")["secret"] == made["secret"]
    assert project.handed_over() == made["secret"]
    assert project.preview(expect_no_changes=True, refresh=True).succeeded
    assert native_plugins(project) == []
