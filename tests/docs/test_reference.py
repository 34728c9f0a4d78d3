"""The pages of the reference are those that the code makes, and what lands later is in them by itself."""

import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pulumi
import pytest
import typer
from tools.reference import command, configuration, docstrings, emulator, messages, receiver, resources
from tools.reference.page import Page
from tools.reference.pages import FOLDER, all_pages

import pulumi_signa
from pulumi_signa import setting_rows
from signa_emulator.settings import Settings

PAGES = list(all_pages())
RESOURCES = [
    each for each in (getattr(pulumi_signa, name) for name in pulumi_signa.__all__) if issubclass(each, pulumi.Resource)
]


def made(source: Iterable[Page]) -> str:
    """Return all that a source makes."""
    return "".join(page.made for page in source)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_as_the_code_makes_it(page: Page) -> None:
    text = (FOLDER / f"{page.name}.md").read_text()

    assert page.updated(text) == text, "run `.venv/bin/python -m tools.reference`"


def test_every_page_is_made_but_the_first() -> None:
    assert {file.stem for file in FOLDER.glob("*.md")} == {"index", *(page.name for page in PAGES)}


def test_page_without_a_place_for_what_is_made_is_refused() -> None:
    with pytest.raises(ValueError, match=r"configuration\.md needs"):
        Page("configuration", "Configuration", "table").updated("# Configuration\n")


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.__name__)
def test_docstrings_describe_every_output_and_argument(resource: type[Any]) -> None:
    arguments = {name for name in inspect.signature(resource).parameters if name != "name"}
    outputs = resources.outputs_of(resource).keys() - arguments

    described = inspect.getdoc(resource) or ""
    explained = inspect.getdoc(resource.__init__) or ""

    assert [name for name in outputs if f"{name}:" not in described] == []
    assert [name for name in arguments if f"{name}:" not in explained] == []


def test_a_resource_that_lands_later_has_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class LaterResource(pulumi.ComponentResource):
        """
        What comes later.

        Attributes:
            delivered: Whether it was.
        """

        delivered: pulumi.Output[bool]

        def __init__(self, name: str, *, timeout_seconds: pulumi.Input[int] = 60) -> None:
            """
            Declare it.

            Args:
                timeout_seconds: How long to wait.
            """

    # The outputs are those that the package's own classes annotate.
    LaterResource.__module__ = "pulumi_signa.later_resource"
    monkeypatch.setattr(pulumi_signa, "LaterResource", LaterResource, raising=False)
    monkeypatch.setattr(pulumi_signa, "__all__", [*pulumi_signa.__all__, "LaterResource"])

    pages = {page.name: page.made for page in resources.pages()}

    assert "| `timeout_seconds` | `int` | How long to wait. | `60` |" in pages["later-resource"]
    assert "| `delivered` | `bool` | Whether it was. |" in pages["later-resource"]
    assert "[`LaterResource`](later-resource.md) | What comes later." in pages["resources"]


def test_every_setting_is_in_the_configuration() -> None:
    page = made(configuration.pages())

    assert [name for name in (*setting_rows.STACK_KEYS, *setting_rows.VARIABLES) if f"`{name}`" not in page] == []
    assert f"`{setting_rows.PRODUCTION_URL}`" in page
    assert f"`{setting_rows.DEFAULT_MAX_WAIT_S:g}`" in page


def test_every_approved_sentence_is_among_the_messages() -> None:
    page = made(messages.pages()).replace("\\", "")
    approved = (Path(__file__).parents[1] / "lifecycle").glob("*/messages.txt")

    sentences = [line.strip() for file in approved for line in file.read_text().splitlines() if line.startswith(" ")]
    assert sentences
    assert [sentence for sentence in sentences if sentence.replace("\\", "") not in page] == []


def test_every_route_fault_and_setting_is_on_the_page_of_the_emulator() -> None:
    page = made(emulator.pages())

    assert len(re.findall(r"^\| `(?:GET|POST|PATCH|DELETE) /_emulator", page, re.MULTILINE)) == len(control_routes())
    assert [name for name in Settings().to_json() if f"| `{name}` |" not in page] == []


def control_routes() -> list[str]:
    """Return the rules of the control API that is served."""
    from flask import Flask  # noqa: PLC0415 - only this test needs it

    from signa_emulator.control import control  # noqa: PLC0415

    app = Flask("emulator", root_path=".")
    app.register_blueprint(control())
    return [
        f"{method} {rule}"
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/_emulator")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


_EXIT_CODES = "\b\nExit codes:\n  0    all is well\n  130  interrupted"


def test_a_command_that_lands_later_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer(name="pulumi-signa")

    def later(stack: str, timeout_s: int = typer.Option(60, "--timeout", help="How long to wait, in seconds.")) -> None:
        """Do what comes later."""

    app.command(epilog=_EXIT_CODES)(later)
    app.callback(epilog=_EXIT_CODES)(lambda: None)
    monkeypatch.setattr(command, "app", app)

    page = made(command.pages())

    assert "## `pulumi-signa later`\n\nDo what comes later." in page
    assert "| `--timeout` | How long to wait, in seconds. | `60` |" in page
    assert "pulumi-signa later [OPTIONS] {stack}\n" in page
    assert "| `stack` |" in page
    assert "| 130 | interrupted |" in page


def test_what_the_receiver_exports_is_on_its_page() -> None:
    import signa_receiver  # noqa: PLC0415 - only this test needs it

    page = made(receiver.pages())

    assert [
        name
        for name in getattr(signa_receiver, "__all__", ())
        if not re.search(rf"^(?:## |\| )`{name}`", page, re.MULTILINE)
    ] == []


def test_what_the_receiver_exports_later_is_on_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class Store(Protocol):
        """A store of secrets."""

        def get(self, *, refresh: bool = False) -> None:
            """
            Return them.

            Args:
                refresh: Whether to read afresh.
            """

    class LaterError(Exception):
        """What is wrong later."""

        http_status = 418

    package = SimpleNamespace(__all__=["Store", "LaterError"], Store=Store, LaterError=LaterError)
    monkeypatch.setattr(receiver, "signa_receiver", package)

    page = made(receiver.pages())

    assert "## `Store`\n\nA store of secrets." in page
    assert "### `Store.get(*, refresh=False)`\n\nReturn them.\n\nArgs:\n\n* `refresh`: Whether to read afresh." in page
    assert "| `LaterError` | What is wrong later. | 418 |" in page


def test_an_example_of_a_docstring_is_a_program() -> None:
    def documented() -> None:
        """
        Say something.

        Example:
            >>> if True:
            ...     documented()

        More.
        """

    assert docstrings.read(documented).text == "Say something.\n\n```python\nif True:\n    documented()\n```\n\nMore."
