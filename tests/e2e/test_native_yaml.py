"""Stacks in YAML on the native host: providers of their own, deaths, and a plugin that is not found."""

import os
import sys
from typing import Any

import yaml

from e2e.harness import API_KEY, MakeProject, Project
from e2e.native_host import STORIES, native_plugins, write_yaml

pytestmark = STORIES

ALERTS = {"type": "signa:WebhookEndpoint", "properties": {"url": "https://example.com/alerts"}}
COMPONENT = {
    "type": "signa:StoredWebhookEndpoint",
    "properties": {"url": "https://example.com/one", "secretName": "signa/one"},
}


def provider(key: str, base_url: str, **properties: Any) -> dict[str, Any]:
    """Return an explicit provider with a key."""
    return {
        "type": "pulumi:providers:signa",
        "properties": {"apiKey": key, "baseUrl": base_url, **properties},
    }


def served_by(resource: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a resource with a provider."""
    return {**resource, "options": {"provider": f"${{{name}}}"}}


def exported(project: Project) -> str:
    """Return the state as it is stored."""
    return project.cli("stack", "export")


def test_component_lives_beside_an_endpoint_and_unknown_secrets_are_taken(make_project: MakeProject) -> None:
    project = make_project("")
    resources = {
        "alerts": ALERTS,
        "one": COMPONENT,
        # What is unknown in the first preview is marked as a secret too.
        "kept": {
            "type": "signa:SecretsManagerSecret",
            "properties": {"secretName": "signa/kept", "secretString": {"fn::secret": "${one.endpointId}"}},
        },
        "told": {
            "type": "signa:WebhookEndpoint",
            "properties": {
                "url": {"fn::secret": "https://example.com/${alerts.id}"},
                "description": {"fn::secret": "${one.secretArn}"},
            },
        },
    }
    write_yaml(project, resources, outputs={"id": "${one.endpointId}", "version": "${one.secretVersion}"})

    previewed = project.preview()
    made = project.up()
    again = project.preview(expect_no_changes=True)
    write_yaml(
        project, {**resources, "one": {**COMPONENT, "properties": {**COMPONENT["properties"], "description": "b"}}}
    )
    edited = project.preview()

    assert previewed.succeeded, previewed.output
    assert made.succeeded, made.output
    assert again.succeeded, again.output
    by_url = {endpoint["url"]: endpoint for endpoint in project.endpoints()}
    assert project.aws.values()["signa/one"] == by_url["https://example.com/one"]["secret"]
    assert project.aws.values()["signa/kept"] == by_url["https://example.com/one"]["id"]
    assert edited.steps() == {
        **dict.fromkeys(("alerts", "kept", "told", "one-signing-secret"), "same"),
        "one": "update",
    }
    assert project.destroy().succeeded
    assert project.endpoints() == []


def test_key_of_a_provider_is_encrypted_and_a_changed_one_counts(make_project: MakeProject) -> None:
    project = make_project("")
    del project.environment["SIGNA_API_KEY"]
    wrong = API_KEY[:-1] + "f"
    resources = {"eu": provider(API_KEY, project.signa.base_url), "alerts": served_by(ALERTS, "eu")}
    write_yaml(project, resources)

    made = project.up()
    state = exported(project)
    write_yaml(
        project,
        {
            **resources,
            "eu": provider(wrong, project.signa.base_url),
            "alerts": served_by({**ALERTS, "properties": {**ALERTS["properties"], "description": "b"}}, "eu"),
        },
    )
    refused = project.up()
    write_yaml(project, {**resources, "eu": provider(API_KEY, project.signa.base_url, maxWaitSeconds=30)})
    mended = project.up()

    assert made.succeeded, made.output
    assert API_KEY not in state
    assert "401" in refused.error()
    assert "apiKey of the provider" in refused.error()
    assert mended.succeeded, mended.output
    assert project.destroy().succeeded
    assert project.endpoints() == []


def test_create_that_died_with_its_engine_is_found_by_the_next_run(make_project: MakeProject) -> None:
    """Without a program in Python the identity of the stack is that of the provider, which the state has already."""
    project = make_project("")
    write_yaml(project, {"alerts": ALERTS})
    hold = project.hold("POST", after_commit=True)
    with project.begin_up() as engine:
        assert hold.reached.wait(60)
        engine.kill()
        hold.let_go()
    project.unlock()
    made = project.endpoint()

    run = project.up()

    assert run.succeeded, run.output
    assert project.endpoint()["id"] == made["id"]
    assert project.held()["secret"] == made["secret"]
    assert native_plugins(project) == []


def test_plugin_that_is_not_found_is_named(make_project: MakeProject) -> None:
    """Pulumi's own CLI looks for one to download before."""
    project = make_project("")
    file = project.folder / "Pulumi.yaml"
    runtime = yaml.safe_load(file.read_text())["runtime"]
    write_yaml(project, {"alerts": ALERTS})
    about = yaml.safe_load(file.read_text())
    del about["plugins"]
    file.write_text(yaml.safe_dump(about))
    folders = project.environment["PATH"].split(os.pathsep)
    project.environment["PATH"] = os.pathsep.join(each for each in folders if each != f"{sys.prefix}/bin")

    in_yaml = project.preview()
    file.write_text(yaml.safe_dump({"name": about["name"], "runtime": runtime}))
    project.write(
        "from pulumi_signa.native import WebhookEndpoint\nWebhookEndpoint('alerts', url='https://example.com/')\n"
    )
    in_python = project.preview()

    missing = "no resource plugin 'pulumi-resource-signa' found in the workspace or on your $PATH"
    assert missing in in_yaml.output
    assert in_python.diagnostics("error") == [missing]
