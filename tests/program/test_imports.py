"""Which room may import which, and what the program's process may load."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pulumi_signa
import signa_emulator

_PACKAGE = Path(pulumi_signa.__file__).parent
_EMULATOR = Path(signa_emulator.__file__).parent

RESOURCES = {"webhook_endpoint", "secrets_manager_secret", "delivery_check"}
FRONT_DOOR = "__init__"
COMMAND_LINE = {"typer", "rich", "standardwebhooks"}

# A room is a name at the top of the package, a file or a folder. Here is what each may import of the others, and of the
# rest of the world; the rooms stand from the top of the ladder to its foot.
ALLOWED: dict[str, set[str]] = {
    FRONT_DOOR: set(),
    # The two hosts do not know each other; what a program of the second one declares is that of the first.
    "native": {
        *("stored_webhook_endpoint", *RESOURCES, "program", "hosting", "accounts", "explanations", "lifecycle"),
        *(
            "organizations",
            "property_names",
            "setting_rows",
            "settings",
            "given_settings",
            "signa_api.errors",
            "pulumi",
            "grpc",
            "google",
        ),
    },
    "stored_webhook_endpoint": {*RESOURCES, "program", "lifecycle", "pulumi"},
    **{resource: {"program", "hosting.hidden", "lifecycle", "pulumi"} for resource in RESOURCES},
    "program": {"hosting.hidden", "lifecycle.schema", "organizations", "setting_rows", "given_settings", "pulumi"},
    "__main__": set(),
    "cli": {
        *("accounts", "explanations", "lifecycle", "organizations", "quotes"),
        *("setting_rows", "settings", "given_settings", "yaml"),
        *COMMAND_LINE,
    },
    "providers": {"hosting", "lifecycle", "setting_rows", "settings", "pulumi"},
    "hosting": {
        *("accounts", "explanations", "lifecycle", "organizations", "property_names", "quotes", "settings"),
        *("pulumi", "grpc"),
    },
    "accounts": {"lifecycle.roster"},
    "explanations": {"redaction", "setting_rows", "settings", "lifecycle", "signa_api.errors", "aws.errors"},
    "redaction": set(),
    "property_names": set(),
    "lifecycle": {"organizations", "signa_api.errors", "aws.errors"},
    "given_settings": {"organizations", "setting_rows"},
    "settings": {"organizations", "setting_rows"},
    "setting_rows": {"organizations"},
    "organizations": set(),
    "signa_api": {"deadline", "quotes", "requests", "msgspec"},
    "aws": {"deadline", "quotes", "boto3", "botocore", "msgspec"},
    "deadline": set(),
    "quotes": set(),
}
# What type checkers alone see, and what functions import: nothing of it is loaded when the module is.
ALLOWED_LATER = {
    FRONT_DOOR: {*RESOURCES, "stored_webhook_endpoint"},
    "property_names": {"lifecycle.schema"},
    "__main__": {"cli"},
    "cli": {"signa_api", "aws", "boto3", "botocore", "requests"},
    "accounts": {"settings", "signa_api", "aws"},
    "lifecycle": {"settings", "signa_api", "aws"},
    "aws": {"mypy_boto3_secretsmanager"},
}

_MODULES = sorted(_PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """Return the room of a module of the package."""
    return path.relative_to(_PACKAGE).with_suffix("").parts[0]


def imports_of(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield each imported module, and whether it is loaded at once."""
    later = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        or (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node not in later) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            # `from package import module` names the module, `from module import thing` does not.
            yield from (
                (f"{module}.{alias.name}" if _is_module(f"{module}.{alias.name}") else module, node not in later)
                for alias in node.names
            )


def _is_module(name: str) -> bool:
    path = _PACKAGE.parent.joinpath(*name.split("."))
    return name.startswith("pulumi_signa") and (path.is_dir() or path.with_suffix(".py").is_file())


def is_allowed(target: str, allowed: set[str]) -> bool:
    """Return whether a target is one of these or inside one of them."""
    return any(target == name or target.startswith(f"{name}.") for name in allowed)


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: str(path.relative_to(_PACKAGE)))
def test_room_imports_only_what_it_may(path: Path) -> None:
    room = room_of(path)

    for module, at_once in imports_of(ast.parse(path.read_text())):
        target = module.removeprefix("pulumi_signa.")
        if target.split(".")[0] in sys.stdlib_module_names:
            continue
        allowed = ALLOWED[room] | {room} | (set() if at_once else ALLOWED_LATER.get(room, set()))
        assert is_allowed(target, allowed), f"{room} imports {module}"


def test_every_room_is_on_the_ladder() -> None:
    assert {room_of(path) for path in _MODULES} == set(ALLOWED)


def test_no_room_imports_a_room_above_it() -> None:
    rooms = list(ALLOWED)

    for room, allowed in ALLOWED.items():
        below = rooms[rooms.index(room) + 1 :]
        assert {target.split(".")[0] for target in allowed} & set(rooms) <= set(below)


def test_hidden_properties_are_known_to_the_host_alone() -> None:
    naming = {
        room_of(path)
        for path in _MODULES
        if any(name in path.read_text() for name in ("__urn", "__stack", "__random_key"))
    }

    assert naming == {"hosting"}


@pytest.mark.parametrize("path", sorted(_EMULATOR.rglob("*.py")), ids=lambda path: path.name)
def test_emulator_shares_nothing_with_the_package(path: Path) -> None:
    # An emulator that shared code with the client would confirm the client's mistakes.
    assert all(
        module.split(".")[0] not in {"pulumi_signa", "pulumi", "boto3", "msgspec"}
        for module, _ in imports_of(ast.parse(path.read_text()))
    )


@pytest.mark.parametrize(
    ("statement", "banned"),
    [
        (
            "from pulumi_signa import DeliveryCheck, SecretsManagerSecret, StoredWebhookEndpoint, WebhookEndpoint",
            {"requests", "urllib3", "boto3", "botocore", "msgspec", "signa_emulator"},
        ),
        (
            "from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider",
            {"requests", "urllib3", "boto3", "botocore", "msgspec"},
        ),
        (
            "from pulumi_signa.providers.secrets_manager_secret import SecretsManagerSecretProvider",
            {"requests", "urllib3", "boto3", "botocore", "msgspec"},
        ),
        (
            "from pulumi_signa.providers.delivery_check import DeliveryCheckProvider",
            {"requests", "urllib3", "boto3", "botocore", "msgspec"},
        ),
        ("import pulumi_signa.signa_api.client", {"pulumi", "grpc", "boto3", "botocore"}),
        ("import pulumi_signa.aws.secrets_manager", {"pulumi", "grpc", "requests"}),
        ("import pulumi_signa", {"pulumi", "grpc", "requests", "boto3"}),
    ],
)
def test_program_and_quiet_runs_load_no_http_library(statement: str, banned: set[str]) -> None:
    script = f"import sys\n{statement}\nprint(*sorted(set({sorted(banned)!r}) & sys.modules.keys()))"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert loaded == []


def test_front_door_names_what_it_has() -> None:
    assert {"DeliveryCheck", "WebhookEndpoint", "SecretsManagerSecret", "StoredWebhookEndpoint"} <= set(
        dir(pulumi_signa)
    )
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        pulumi_signa.Nothing  # noqa: B018 - the look is what fails
