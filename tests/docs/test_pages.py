"""The pages say what the code does: their links, programs, commands, policy and settings are held against the code."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import Session

from forks import forked
from pages import DOCS, PAGES, REPOSITORY, anchors, blocks, links, name_of, prose, tables
from pulumi_signa import setting_rows
from pulumi_signa.aws import permissions

PACKAGE = REPOSITORY / "provider/pulumi_signa"

PROGRAMS = {
    f"{name_of(page)}, {number}": program
    for page in PAGES
    for number, program in enumerate(blocks(page, "python"))
    if re.search(r"WebhookEndpoint\(|SecretsManagerSecret\(|DeliveryCheck\(|pulumi_aws", program)
}

MOCKED = """
import sys
sys.stderr = sys.stdout
import pulumi
from pulumi_signa import *

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return args.name + "-id", {**args.inputs, "secret": "whsec_dGVzdA=="}

    def call(self, args):
        return {}

pulumi.runtime.set_mocks(Mocks(), project="p", stack="s")
pulumi.runtime.set_all_config({"p:oldSecret": "whsec_dGVzdA==", "p:euKey": "sig_eu"}, ["p:oldSecret", "p:euKey"])

@pulumi.runtime.test
def run():
    endpoint = WebhookEndpoint("given", url="https://example.com")
    stored = SecretsManagerSecret("given-secret", secret_name="given", secret_string=endpoint.secret)
    names = {"config": pulumi.Config(), "endpoint": endpoint, "stored": stored, **globals()}
    exec(compile(PROGRAM, "program", "exec"), names)

run()
print("declared")
"""
"""Runs a program as a page shows it, after what the page has shown before it."""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_of_a_page_is_python(page: Path) -> None:
    for program in blocks(page, "python"):
        compile(program, name_of(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_of_the_pages_declare_what_the_package_takes(program: str) -> None:
    with forked("-c", f"PROGRAM = {program!r}\n{MOCKED}") as output:
        printed = output.read().decode()

    assert printed.endswith("declared\n"), printed


def test_programs_are_found() -> None:
    """A page whose programs no longer match would be tested by nothing."""
    assert {"README.md, 0", "README.md, 1", "docs/guides/rotation.md, 0"} <= PROGRAMS.keys()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_shell_of_a_page_is_shell(page: Path) -> None:
    for commands in blocks(page, "(?:ba)?sh"):
        checked = subprocess.run(["bash", "-n"], input=commands, capture_output=True, text=True, check=False)

        assert checked.stderr == ""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:^|`)make ([a-z-]+)\b", page.read_text(), re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    text = page.read_text()
    keys = re.findall(
        r"\b(?:signa|aws):[a-z]+[A-Z][A-Za-z]+|\bsigna:(?:accounts|namespace)|\baws:(?:region|profile)", text
    )
    variables = re.findall(r"\bSIGNA_[A-Z_]*[A-Z]\b", text)
    # Those of an organization end in its name.
    known = {*setting_rows.VARIABLES, "SIGNA_API_KEY_EU", "SIGNA_BASE_URL_EU", "SIGNA_NAMESPACE_EU"}

    functions = {
        token.replace(":index:", ":") for token in json.loads((PACKAGE / "schema.json").read_text())["functions"]
    }
    assert set(keys) <= {*setting_rows.STACK_KEYS, *setting_rows.NATIVE_KEYS, *functions}
    assert [variable for variable in variables if variable not in known and not is_read(variable)] == []


def is_read(variable: str) -> bool:
    """Return whether the receiver, an example, the command or a test reads a variable by its name."""
    folders = (REPOSITORY / name for name in ("receiver", "examples", "provider", "tests/signa_api"))
    return any(f'"{variable}"' in path.read_text() for folder in folders for path in folder.rglob("*.py"))


@pytest.mark.parametrize(
    ("page", "languages"),
    [("yaml", {"yaml"}), ("typescript", {"yaml", "json", "typescript", "go"}), ("native", {"python"})],
)
def test_programs_of_the_native_plugin_are_those_of_the_examples(page: str, languages: set[str]) -> None:
    examples = [
        file.read_text()
        for folder in ("native", "native-endpoint")
        for file in (REPOSITORY / "examples" / folder).rglob("*")
        if file.is_file()
    ]

    shown = {language: blocks(DOCS / f"guides/{page}.md", language) for language in languages}

    assert all(shown.values())
    # The page leaves out the docstring of a program in Python.
    strays = [each for found in shown.values() for each in found if not any(text.endswith(each) for text in examples)]
    assert strays == []


def test_readme_is_a_front_page() -> None:
    assert len((REPOSITORY / "README.md").read_text().splitlines()) <= 130


def test_readme_shows_what_the_demo_prints() -> None:
    story = (REPOSITORY / "demo/story.py").read_text()
    (shown,) = blocks(REPOSITORY / "README.md", "text")

    claims = [line.removeprefix("PROVED  ") for line in shown.splitlines() if line.startswith("PROVED")]
    assert len(shown.splitlines()) <= 10
    assert claims
    assert [claim for claim in claims if claim not in story] == []


def test_policy_allows_the_calls_that_are_made_and_no_others() -> None:
    (text,) = blocks(DOCS / "security.md", "json")
    operations = {xform_name(name): name for name in Session().get_service_model("secretsmanager").operation_names}
    source = (PACKAGE / "aws/secrets_manager.py").read_text()

    (statement,) = json.loads(text)["Statement"]

    used = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._client"
    } - {"meta"}
    assert set(statement["Action"]) == {f"secretsmanager:{operations[name]}" for name in used}
    assert set(statement["Action"]) == {*permissions.ACTIONS, *permissions.REPLICATION_ACTIONS}
    assert "secretsmanager:GetSecretValue" not in statement["Action"]


def test_no_other_module_of_a_run_calls_aws_but_for_the_account() -> None:
    """STS answers everybody who has credentials, so its call needs no statement; the command is no run."""
    calls = {
        (path.name, service)
        for path in PACKAGE.rglob("*.py")
        if "cli" not in path.parts
        for service in re.findall(r'\.client\(\s*"(\w+)"', path.read_text())
    }

    assert calls == {("secrets_manager.py", "secretsmanager"), ("session.py", "sts")}


def test_configuration_and_outputs_of_the_stack_are_named() -> None:
    program = (REPOSITORY / "__main__.py").read_text()
    page = DOCS / "guides/stack.md"

    read = re.findall(r'config\.(?:get|require)\("(\w+)"\)', program)
    exported = re.findall(r'pulumi\.export\("(\w+)"', program)
    (described,) = tables(page, "## With the program of this repository")[:1]
    assert {f"`{name}`" for name in read} == described.keys()
    assert exported
    assert [name for name in exported if f"`{name}`" not in prose(page)] == []


def test_messages_that_are_explained_are_messages_of_ours() -> None:
    written = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    ours = "\n".join([written, *(f"cannot {verb}" for verb in re.findall(r'@in_one_line\("(\w+)"\)', written))])
    others = {
        *("401 unauthorized", "403 forbidden", "error reading from server: EOF"),
        *("the stack is currently locked", "interrupted while creating"),
        *("interrupted while updating", "interrupted while deleting"),
        *("no resource plugin 'pulumi-resource-signa' found", "no folder at path"),
        "Could not automatically download and install resource plugin",
    }

    (explained,) = tables(DOCS / "guides/errors.md")
    messages = {message for first in explained for message in re.findall("`([^`]+)`", first)}

    assert others < messages
    beginnings = [re.split(r"…|whk_|arn:|AccessDenied", message)[0].strip() for message in messages - others]
    assert [beginning for beginning in beginnings if beginning not in ours] == []
