"""The examples of other stores, under Pulumi's mocks: the signing secret arrives there, and stays a secret."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STORES = REPOSITORY / "examples" / "stores"
SECRET = "whsec_bm90LWEtcmVhbC1zZWNyZXQtYXQtYWxsISE="

# Pulumi keeps its mocks in the process, so each program has one of its own.
DRIVER = f"""
import json, runpy, sys
import pulumi
class Mocks(pulumi.runtime.Mocks):
    registered = {{}}
    def new_resource(self, args):
        self.registered[args.typ] = args.inputs
        return args.name + "-id", {{**args.inputs, "secret": {SECRET!r}, "secret_version": 1}}
    def call(self, args):
        return {{}}
pulumi.runtime.set_mocks(Mocks(), project="brand-alerts", stack="test")
pulumi.runtime.set_all_config({{"brand-alerts:keyVaultId": "/subscriptions/1/vaults/brand"}})
pulumi.runtime.test(lambda: runpy.run_path(sys.argv[1]) and None)()
json.dump(Mocks.registered, sys.stdout)
"""

# Where the secret goes: the type of the resource, its input, and how the secret reads there.
EXPECTED = {
    "aws_secret": ("aws:secretsmanager/secretVersion:SecretVersion", "secretString", SECRET),
    "azure_key_vault": ("azure:keyvault/secret:Secret", "value", SECRET),
    "gcp_secret": ("gcp:secretmanager/secretVersion:SecretVersion", "secretData", SECRET),
    "kubernetes_secret": ("kubernetes:core/v1:Secret", "stringData", {"signing-secret": SECRET}),
    "ssm_parameter": ("aws:ssm/parameter:Parameter", "value", SECRET),
    "vault_kv": ("vault:kv/secretV2:SecretV2", "dataJson", json.dumps({"signing_secret": SECRET, "version": 1})),
}


def test_every_example_of_a_store_is_tested() -> None:
    assert {file.stem for file in STORES.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_signing_secret_arrives_and_is_a_secret(name: str) -> None:
    type_, input_, expected = EXPECTED[name]

    registered = run(name)

    value = registered[type_][input_]
    assert secrets_of(value) == [SECRET] or secrets_of(value) == [expected], value
    assert plain(value) == expected


def run(name: str) -> dict[str, Any]:
    """Run an example, and return the inputs of its resources by type."""
    command = [sys.executable, "-c", DRIVER, STORES / f"{name}.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def is_envelope(value: Any) -> bool:
    """Return whether a value is marked as a secret."""
    return (
        isinstance(value, dict) and value.get("4dabf18193072939515e22adb298388d") == "1b47061264138c4ac30d75fd1eb44270"
    )


def secrets_of(value: Any) -> list[Any]:
    """Return what is marked as a secret in a value."""
    if is_envelope(value):
        return [plain(value["value"])]
    return [secret for one in value.values() for secret in secrets_of(one)] if isinstance(value, dict) else []


def plain(value: Any) -> Any:
    """Return a value without marks."""
    if is_envelope(value):
        return plain(value["value"])
    return {name: plain(one) for name, one in value.items()} if isinstance(value, dict) else value
