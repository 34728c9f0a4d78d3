"""What exported states say of endpoints."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.harness import TYPE, FakePulumi, Run, export_of, native_export, resource
from pulumi_signa.cli import stacks
from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.screen import Screen


def known(*resources: dict[str, Any], pending: Any = None) -> stacks.StackState:
    """Return what an export with these resources says."""
    deployment = {"resources": [*resources], "pending_operations": pending}
    return stacks.state_in(json.dumps({"version": 3, "deployment": deployment}).encode(), "dev")


@pytest.mark.parametrize("type_", [TYPE, "signa:index:WebhookEndpoint"])
def test_endpoints_of_both_hosts_count(type_: str) -> None:
    assert known(resource("whk_1", type_)).ids == {"whk_1"}


def test_export_of_a_native_stack_is_known_with_what_its_components_have() -> None:
    state = stacks.state_in(json.dumps(native_export(alerts="whk_1", stored="whk_2")).encode(), "dev")

    assert state.ids == {"whk_1", "whk_2"}
    assert state.names >= {"alerts", "stored", "stored-signing-secret"}


@pytest.mark.parametrize(("type_", "is_native"), [(TYPE, False), ("signa:index:SecretsManagerSecret", True)])
def test_host_is_told_by_the_types(type_: str, is_native: bool) -> None:  # noqa: FBT001 - a case
    # Components have the same types on both hosts.
    component = {**resource(None, "signa:index:StoredWebhookEndpoint"), "custom": False}

    assert known(component, resource("x", type_)).is_native == is_native


@pytest.mark.parametrize(
    "more",
    [
        {"delete": True},
        {"pendingReplacement": True},
        {"external": True},
        {"protect": True},
        {"retainOnDelete": True},
        {"outputs": {"secret": {"4dabf18193072939515e22adb298388d": "1b47", "ciphertext": "v1:x"}}},
    ],
)
def test_whatever_a_stack_has_to_do_with_an_endpoint_counts(more: dict[str, Any]) -> None:
    assert known(resource("whk_1", **more)).ids == {"whk_1"}


def test_other_resources_do_not_count() -> None:
    state = known(
        resource("arn", "pulumi-python:dynamic/signa:SecretsManagerSecret"), resource("whk_1", "aws:s3:Bucket")
    )

    assert state.ids == set()


def test_operations_that_were_begun_count() -> None:
    adopting = resource(None, inputs={"adopt": {"id": "whk_3", "secret": {"ciphertext": "v1:x"}}})
    state = known(
        resource("whk_1"),
        pending=[
            {"type": "deleting", "resource": resource("whk_2")},
            {"type": "creating", "resource": resource(None)},
            {"type": "creating", "resource": adopting},
            {"type": "creating", "resource": resource(None, "aws:s3:Bucket")},
        ],
    )

    assert state.ids == {"whk_1", "whk_2", "whk_3"}
    assert state.pending_creates == 2


def test_names_are_the_last_part_of_a_urn() -> None:
    assert known(resource("whk_1", name="a"), resource("x", "aws:s3:Bucket", name="b::c")).names >= {"a"}


@pytest.mark.parametrize("deployment", ["{}", "null", '{"resources": null, "pending_operations": null}'])
def test_empty_stack_knows_nothing(deployment: str) -> None:
    assert stacks.state_in(f'{{"version": 3, "deployment": {deployment}}}'.encode(), "dev").ids == set()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_export_is_read_as_any_shell_writes_it(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps(export_of("whk_1")), encoding=encoding)

    (state,) = stacks.read(Screen(), tmp_path, files=[tmp_path / "dev.json"], stacks=[], all_stacks=False)

    assert state.ids == {"whk_1"}


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b'{"deployment": {"resources": [1]}}', b"[" * 100_000, b"\xff\xfe\xfd", b"\x89PNG"],
)
def test_other_content_is_refused_by_the_name_of_its_file(content: bytes) -> None:
    with pytest.raises(CommandError, match=r"^x\.json is no output of `pulumi stack export`$"):
        stacks.state_in(content, "x.json")


def test_all_stacks_of_a_project_are_exported_once(run: Run, pulumi: FakePulumi, tmp_path: Path) -> None:
    pulumi.answer("stack ls --json", [{"name": "dev"}, {"name": "prod"}])
    pulumi.answer("stack export --stack dev", export_of("whk_1"))
    pulumi.answer("stack export --stack prod", export_of("whk_2"))

    states = stacks.read(Screen(), tmp_path, files=[], stacks=["prod"], all_stacks=True)

    assert [(state.source, state.ids) for state in states] == [("prod", {"whk_2"}), ("dev", {"whk_1"})]
