"""What the doctor says of stacks that the native plugin serves, alone or beside Pulumi's dynamic providers."""

import json
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.doctor.healthy import VERSIONS, SetUp, script
from cli.harness import native_export, resource

LINE = "add to Pulumi.yaml: plugins: {providers: [{name: signa, path: "
NATIVE = resource("ca3a", "signa:index:StackIdentity")
DYNAMIC = resource("ca3a", "pulumi-python:dynamic/signa:StackIdentity")


@pytest.mark.parametrize("runtime", ["yaml", "nodejs", "go"])
def test_project_in_another_language_that_names_the_plugin_is_well(runtime: str, set_up: SetUp) -> None:
    set_up.program(runtime, plugin=".venv/bin")
    plugin = set_up.plugin(set_up.project / ".venv/bin")

    found = set_up.examined()

    assert {finding.verdict for finding in found.values()} == {"ok"}
    assert found["plugin"].found == f"pulumi-signa {VERSIONS[2]} at {plugin}"
    assert found["language host"].found.endswith(f"pulumi-language-{runtime}")
    assert "virtualenv" not in found


def test_language_host_is_that_of_the_project(set_up: SetUp) -> None:
    set_up.program("yaml", plugin=".venv/bin")
    set_up.plugin(set_up.project / ".venv/bin")
    (set_up.bin / "pulumi-language-yaml").unlink()

    missing = set_up.examined()["language host"]
    set_up.pulumi(about='{"runtime": {"language": "yaml"}}')
    hidden = set_up.examined()["language host"]

    assert (missing.verdict, "pulumi-language-yaml is neither" in missing.found) == ("problem", True)
    assert hidden.verdict == "ok"


def no_plugin(set_up: SetUp) -> None:
    set_up.program("yaml")


def no_plugin_of_a_stack_in_python(set_up: SetUp) -> None:
    set_up.stack(resources=(NATIVE,))


def no_plugin_of_a_stack_that_is_configured(set_up: SetUp) -> None:
    set_up.stack({"signa:awsRegion": "eu-west-1"})


def plugin_on_path(set_up: SetUp) -> None:
    set_up.program("yaml")
    set_up.plugin(set_up.bin)


def folder_without_the_plugin(set_up: SetUp) -> None:
    set_up.program("yaml", plugin=".venv/bin")
    set_up.plugin(set_up.bin)


def file_for_a_folder(set_up: SetUp) -> None:
    set_up.program("yaml", plugin=".venv/bin/pulumi-resource-signa")
    set_up.plugin(set_up.project / ".venv/bin")


def other_version(set_up: SetUp) -> None:
    set_up.program("yaml", plugin=".venv/bin")
    set_up.plugin(set_up.project / ".venv/bin", of="0.0.9")


def other_version_on_path(set_up: SetUp) -> None:
    set_up.program("yaml")
    set_up.plugin(set_up.bin, of="0.0.9")


def broken_plugin(set_up: SetUp) -> None:
    set_up.program("yaml", plugin=".venv/bin")
    plugin = set_up.plugin(set_up.project / ".venv/bin")
    script(plugin, "#!/bin/sh\necho 'ModuleNotFoundError: pulumi_signa' >&2\nexit 1\n")


def other_program(set_up: SetUp) -> None:
    set_up.program("yaml", plugin=".venv/bin")
    script(set_up.plugin(set_up.project / ".venv/bin"), "#!/bin/sh\necho hello\n")


@pytest.mark.parametrize(
    ("break_it", "verdict", "cause", "remedy"),
    [
        (no_plugin, "problem", "the engine finds no pulumi-resource-signa", LINE),
        (no_plugin_of_a_stack_in_python, "problem", "the engine finds no pulumi-resource-signa", LINE),
        (no_plugin_of_a_stack_that_is_configured, "problem", "the engine finds no pulumi-resource-signa", LINE),
        (plugin_on_path, "warning", "which is on PATH, so that the engine warns of it", LINE),
        (folder_without_the_plugin, "problem", "has no pulumi-resource-signa", "install pulumi-signa there"),
        (file_for_a_folder, "problem", "is a file, and must be the folder of one", "name the folder"),
        (other_version, "warning", "pulumi-signa 0.0.9 at", f"this command is of {VERSIONS[2]}"),
        (other_version_on_path, "warning", "pulumi-signa 0.0.9 at", LINE),
        (broken_plugin, "problem", "does not work: ModuleNotFoundError: pulumi_signa", "install pulumi-signa anew"),
        (other_program, "problem", "is another program", "name the folder"),
    ],
)
def test_plugin_that_the_engine_does_not_find_or_that_is_another_is_the_one_finding(
    break_it: Callable[[SetUp], None], set_up: SetUp, *, verdict: str, cause: str, remedy: str
) -> None:
    break_it(set_up)

    found = set_up.examined()

    assert [name for name, finding in found.items() if finding.verdict != "ok"] == ["plugin"]
    assert found["plugin"].verdict == verdict
    assert cause in found["plugin"].found
    assert remedy in found["plugin"].remedy


def test_folder_that_is_offered_is_that_of_the_command(set_up: SetUp) -> None:
    set_up.program("yaml")
    scripts = set_up.project / "venv" / "bin"
    set_up.environment.setattr(sysconfig, "get_path", lambda _: str(scripts))

    inside = set_up.examined()["plugin"].remedy
    set_up.environment.setattr(sysconfig, "get_path", lambda _: "/opt/signa/bin")
    outside = set_up.examined()["plugin"].remedy

    assert inside == f"{LINE}venv/bin}}]}}"
    assert outside == f"{LINE}/opt/signa/bin}}]}}"


def test_plugin_that_pulumi_has_installed_is_well(set_up: SetUp, tmp_path: Path) -> None:
    set_up.program("yaml")
    plugin = set_up.plugin(tmp_path / "home/.pulumi/plugins/resource-signa-v0.1.0")

    found = set_up.examined()["plugin"]

    assert (found.verdict, found.found) == ("ok", f"pulumi-signa {VERSIONS[2]} at {plugin}")


def test_plugin_is_found_although_no_cli_can_ask_for_its_version(set_up: SetUp) -> None:
    set_up.program("yaml", plugin=".venv/bin")
    plugin = set_up.plugin(set_up.project / ".venv/bin")
    (set_up.bin / "pulumi").unlink()

    found = set_up.examined()["plugin"]

    assert (found.verdict, found.found) == ("ok", str(plugin))


def test_stack_of_dynamic_resources_needs_no_plugin(set_up: SetUp) -> None:
    set_up.plugin(set_up.bin)
    set_up.stack(resources=(DYNAMIC,))

    assert "plugin" not in set_up.examined()


def test_settings_of_a_native_stack_are_those_of_its_plugin(set_up: SetUp) -> None:
    set_up.environment.delenv("AWS_REGION")
    set_up.plugin(set_up.bin)
    set_up.stack({"signa:awsRegion": "eu-central-1", "signa:awsAllowedAccountIds": '["999999999999"]'}, (NATIVE,))

    found = set_up.examined()

    assert found["AWS region"].found == "eu-central-1"
    assert "account 123456789012, which signa:awsAllowedAccountIds" in found["AWS account"].found
    assert "configuration" not in found


def test_misspelt_setting_of_a_native_stack_is_told_with_what_was_meant(set_up: SetUp) -> None:
    set_up.plugin(set_up.bin)
    set_up.stack({"signa:awsRegoin": "eu-central-1"}, (NATIVE,))

    found = set_up.examined()["configuration"]

    assert found.found == "pulumi-signa does not read signa:awsRegoin"
    assert found.remedy == "did you mean signa:awsRegion?"


def test_setting_of_other_packages_is_none_of_a_native_stack(set_up: SetUp) -> None:
    set_up.environment.delenv("AWS_REGION")
    set_up.plugin(set_up.bin)
    set_up.stack({"aws:region": "eu-central-1"}, (NATIVE,))

    found = set_up.examined()

    assert found["AWS configuration"].verdict == "warning"
    assert found["AWS configuration"].found == "the native plugin does not read aws:region"
    assert found["AWS configuration"].remedy == "set signa:awsRegion as well"
    assert found["AWS region"].found == "no AWS region is set"
    assert "signa:awsRegion" in found["AWS region"].remedy


@pytest.mark.parametrize(
    ("config", "warned"),
    [
        ({"aws:allowedAccountIds": '["123456789012"]'}, "the native plugin does not read aws:allowedAccountIds"),
        (
            {"signa:awsAllowedAccountIds": '["123456789012"]'},
            "the stack's dynamic resources do not read signa:awsAllowedAccountIds",
        ),
    ],
)
def test_setting_that_one_of_two_hosts_does_not_read_is_warned_of(
    config: dict[str, str], warned: str, set_up: SetUp
) -> None:
    set_up.plugin(set_up.bin)
    set_up.stack(config, (NATIVE, DYNAMIC))

    assert set_up.examined()["AWS configuration"].found == warned


@pytest.mark.parametrize(
    "config",
    [
        {"aws:allowedAccountIds": '["123456789012"]', "signa:awsAllowedAccountIds": '["123456789012"]'},
        # The environment of the test has a region and credentials, and wins.
        {"aws:region": "eu-central-1", "aws:profile": "deploy"},
        {"signa:awsRegion": "eu-central-1", "signa:awsProfile": "deploy"},
    ],
)
def test_setting_that_both_hosts_have_is_well(config: dict[str, str], set_up: SetUp) -> None:
    set_up.plugin(set_up.bin)
    set_up.stack(config, (NATIVE, DYNAMIC))

    found = set_up.examined()

    assert {name for name, finding in found.items() if finding.verdict != "ok"} == {"plugin"}


def test_setting_for_the_plugin_is_told_to_a_stack_of_dynamic_resources(set_up: SetUp) -> None:
    set_up.environment.delenv("AWS_REGION")
    set_up.stack({"signa:awsRegion": "eu-west-1"}, (DYNAMIC,))

    found = set_up.examined()

    assert {name for name, finding in found.items() if finding.verdict != "ok"} == {"AWS configuration"}
    assert found["AWS configuration"].found == "the stack's dynamic resources do not read signa:awsRegion"
    assert found["AWS configuration"].remedy == "set aws:region as well"


def test_export_of_a_native_stack_is_compared_with_signa_and_its_secret_with_the_policy(
    set_up: SetUp, tmp_path: Path
) -> None:
    set_up.plugin(set_up.bin)
    export = tmp_path / "export.json"
    export.write_text(json.dumps(native_export()))

    found = set_up.examined("--export", str(export))

    assert found["stack"].found.endswith("with 2 endpoints at Signa")
    assert (
        found["organization"].found == "the key is of another organization, which has none of the stack's 2 endpoints"
    )
    assert set_up.aws.simulated["ResourceArns"] == [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:signa/stored-YnWvWZ"
    ]


def with_own_provider(set_up: SetUp, **inputs: Any) -> None:
    set_up.plugin(set_up.project / ".venv/bin")
    urn = "urn:pulumi:dev::p::pulumi:providers:signa::eu"
    provider = {"urn": urn, "custom": True, "id": "075c", "type": "pulumi:providers:signa", "inputs": inputs}
    secret = resource("arn", "signa:index:SecretsManagerSecret", provider=f"{urn}::075c")
    set_up.program("yaml", plugin=".venv/bin")
    set_up.stack({"signa:apiKey": "sig_unread"}, (provider, NATIVE, secret))


def test_settings_of_a_provider_of_the_program_are_its_arguments(set_up: SetUp) -> None:
    base_url = set_up.signa.base_url
    set_up.environment.setenv("SIGNA_BASE_URL", "https://elsewhere.example/v1")
    with_own_provider(set_up, baseUrl=base_url, awsRegion="eu-central-1")

    found = set_up.examined()

    assert {finding.verdict for finding in found.values()} == {"ok"}
    assert found["AWS region"].found == "eu-central-1"


def test_key_that_the_program_alone_has_is_neither_missing_nor_replaced_by_another(set_up: SetUp) -> None:
    with_own_provider(set_up, apiKey={"4dabf18193072939515e22adb298388d": "1b47", "ciphertext": "v1:x"})

    found = set_up.examined()

    assert found["API key"].found == "from apiKey of the provider eu, which the program alone has"
    assert found["base URL"].verdict == "ok"
    assert found["key accepted"].found == "needs: API key"
    assert {finding.verdict for finding in found.values()} == {"ok", "skipped"}
