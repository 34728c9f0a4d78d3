"""The README says what the code does: its tables, policy and commands are compared with the code itself."""

import ast
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore import xform_name
from botocore.session import Session

from pulumi_signa import SecretsManagerSecret, StoredWebhookEndpoint, WebhookEndpoint, settings
from pulumi_signa.aws import permissions
from tools import reference

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text()


def table(after: str, *, number: int = 1) -> dict[str, list[str]]:
    """Return the rows of the nth table after a heading, by the word in the first column."""
    tables = re.findall(r"(?:^\|.*\n)+", README[README.index(after) :], re.MULTILINE)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in tables[number - 1].splitlines()]
    return {row[0].strip("`"): row[1:] for row in rows[2:]}


def defaults(resource: type) -> dict[str, str]:
    """Return what a resource's arguments are when they are left out, as one would write it."""
    parameters = list(inspect.signature(resource).parameters.values())
    return {
        parameter.name: "required" if parameter.default is parameter.empty else f"`{parameter.default!r}`"
        for parameter in parameters
        if parameter.name != "name"
    }


def test_reference_tables_are_those_of_the_schemas() -> None:
    assert reference.updated(README) == README, "run `.venv/bin/python -m tools.reference`"
    assert [name for name in reference.TABLES if f"<!-- reference: {name} -->" not in README] == []


@pytest.mark.parametrize("resource", [WebhookEndpoint, SecretsManagerSecret, StoredWebhookEndpoint])
def test_docstrings_describe_every_output_and_argument(resource: type[Any]) -> None:
    arguments = set(defaults(resource))
    outputs = set(resource.__annotations__) - arguments

    described = inspect.getdoc(resource) or ""
    explained = inspect.getdoc(resource.__init__) or ""

    assert [name for name in outputs if f"{name}:" not in described] == []
    assert [name for name in arguments if f"{name}:" not in explained] == []


def test_configuration_table_has_every_setting() -> None:
    cells = [cell.strip("`") for row in table("### Configuration").values() for cell in row]

    assert {cell for cell in cells if ":" in cell and "//" not in cell} == set(settings.STACK_KEYS)
    assert {cell for cell in cells if re.fullmatch(r"[A-Z_]+", cell)} == set(settings.VARIABLES)
    assert settings.PRODUCTION_URL in cells
    assert f"{settings.DEFAULT_MAX_WAIT_S:g}" in cells


def test_policy_allows_the_calls_that_are_made_and_no_others() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    operations = {xform_name(name): name for name in Session().get_service_model("secretsmanager").operation_names}
    source = (REPOSITORY / "provider/pulumi_signa/aws/secrets_manager.py").read_text()

    (statement,) = json.loads(text)["Statement"]

    used = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._client"
    } - {"meta"}
    assert set(statement["Action"]) == {f"secretsmanager:{operations[name]}" for name in used}
    assert set(statement["Action"]) == {*permissions.ACTIONS, *permissions.REPLICATION_ACTIONS}
    assert "secretsmanager:GetSecretValue" not in statement["Action"]


def test_no_other_module_of_a_deployment_calls_aws_but_for_the_account() -> None:
    """STS answers everybody who has credentials, so its call needs no statement; the command is no deployment."""
    package = REPOSITORY / "provider/pulumi_signa"
    calls = {
        (path.name, service)
        for path in package.rglob("*.py")
        if package / "cli" not in path.parents
        for service in re.findall(r'\.client\(\s*"(\w+)"', path.read_text())
    }

    assert calls == {("secrets_manager.py", "secretsmanager"), ("session.py", "sts")}


def test_configuration_of_the_stack_is_named() -> None:
    program = (REPOSITORY / "__main__.py").read_text()
    strings = [node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)]

    read = re.findall(r'config\.(?:get|require)\("(\w+)"\)', program)
    exported = re.findall(r'pulumi\.export\("(\w+)"', program)
    assert read
    assert set(read) | set(exported) <= set(strings)
    assert [name for name in read if f"`{name}`" not in README and f"config set {name} " not in README] == []
    assert [name for name in exported if f"`{name}`" not in README] == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:^|`)make ([a-z]+)\b", README, re.MULTILINE)) <= targets


def test_messages_that_are_explained_are_messages_of_ours() -> None:
    ours = "\n".join(path.read_text() for path in (REPOSITORY / "provider/pulumi_signa").rglob("*.py"))
    others = {
        *("401 unauthorized", "403 forbidden", "error reading from server: EOF"),
        *("the stack is currently locked", "interrupted while creating"),
        *("interrupted while updating", "interrupted while deleting"),
    }

    section = README[README.index("## When something fails") : README.index("## Limits")]
    firsts = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    messages = {message for first in firsts for message in re.findall("`([^`]+)`", first)}

    assert others < messages
    beginnings = [re.split(r"…|whk_|arn:|AccessDenied", message)[0].strip() for message in messages - others]
    assert [beginning for beginning in beginnings if beginning not in ours] == []


def test_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", README, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    links = re.findall(r"\]\((?!https:)([^)]+)\)", README)

    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    assert [link for link in links if not link.startswith("#") and not (REPOSITORY / link).exists()] == []


def test_example_workflow_is_one() -> None:
    workflow = yaml.safe_load((REPOSITORY / "examples/rotate.yml").read_text())

    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    # To YAML 1.1 an unquoted `on` is true.
    assert workflow[True]["schedule"]
    assert [step["run"] for step in steps if step.get("run", "").startswith("pulumi")] == [
        "pulumi up --stack prod --refresh --yes"
    ]
