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

# The program's side is the room of the modules right below the package.
PROGRAM = "program"

# What each room may import of the others, and of the rest of the world.
ALLOWED = {
    PROGRAM: {"providers", "lifecycle", "inputs", "pulumi"},
    "providers": {"lifecycle", "inputs", "signa_api", "aws", "pulumi", "grpc"},
    "lifecycle": {"inputs", "signa_api.errors", "aws.errors"},
    "inputs": set(),
    "signa_api": {"requests", "msgspec"},
    "aws": {"boto3", "botocore"},
}
# For type checkers alone, and in functions: nothing is loaded when the module is.
ALLOWED_LATER = {
    "lifecycle": {"signa_api", "aws"},
    "aws": {"mypy_boto3_secretsmanager"},
}
# Loading these costs; a provider's module may import them only where it needs them.
LAZY = {"signa_api.client", "signa_api.transport", "signa_api.auth", "signa_api.pacing.retry", "aws.secrets_manager"}

_MODULES = sorted(_PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """Give the room of a module of the package."""
    inside = path.relative_to(_PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else PROGRAM


def imports_of(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Give each imported module, and whether it is loaded at once."""
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


def target_of(module: str) -> str:
    """Give the room below the package, or the name of another package."""
    first, *rest = module.split(".")
    if first != "pulumi_signa":
        return first
    inside = ".".join(rest)
    if not inside or not (_PACKAGE / rest[0]).is_dir():
        return PROGRAM
    return inside


def is_allowed(target: str, allowed: set[str]) -> bool:
    """Tell whether a target is one of these or inside one of them."""
    return any(target == name or target.startswith(f"{name}.") for name in allowed)


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: str(path.relative_to(_PACKAGE)))
def test_room_imports_only_what_it_may(path: Path) -> None:
    """Program, providers, lifecycle, inputs: downwards only; each library in its own room."""
    room = room_of(path)

    for module, at_once in imports_of(ast.parse(path.read_text())):
        target = target_of(module)
        if target in sys.stdlib_module_names:
            continue
        allowed = ALLOWED[room] | {room} | (set() if at_once else ALLOWED_LATER.get(room, set()))
        assert is_allowed(target, allowed), f"{room} imports {module}"
        assert not (at_once and room == "providers" and target in LAZY), f"{module} is loaded too early"


def test_every_room_is_on_the_map() -> None:
    """A new one has to say whom it knows."""
    assert {room_of(path) for path in _MODULES} == set(ALLOWED)


@pytest.mark.parametrize("path", sorted(_EMULATOR.rglob("*.py")), ids=lambda path: path.name)
def test_emulator_shares_nothing_with_the_package(path: Path) -> None:
    """It would confirm the mistakes of the client; and the package never needs it."""
    assert all(
        module.split(".")[0] not in {"pulumi_signa", "pulumi", "boto3", "msgspec"}
        for module, _ in imports_of(ast.parse(path.read_text()))
    )


@pytest.mark.parametrize(
    ("statement", "banned"),
    [
        (
            "from pulumi_signa import WebhookEndpoint, SecretsManagerSecret",
            {"requests", "urllib3", "boto3", "botocore", "msgspec", "signa_emulator"},
        ),
        (
            "from pulumi_signa.providers.webhook_endpoint import WebhookEndpointProvider",
            {"requests", "urllib3", "boto3", "botocore", "msgspec"},
        ),
        ("import pulumi_signa.signa_api.client", {"pulumi", "grpc", "boto3", "botocore"}),
        ("import pulumi_signa.aws.secrets_manager", {"pulumi", "grpc", "requests", "msgspec"}),
        ("import pulumi_signa", {"pulumi", "grpc", "requests", "boto3"}),
    ],
)
def test_import_loads_nothing_that_it_does_not_need(statement: str, banned: set[str]) -> None:
    """A program that declares, and a run that changes nothing, pay for no HTTP library."""
    script = f"import sys\n{statement}\nprint(*sorted(set({sorted(banned)!r}) & sys.modules.keys()))"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert loaded == []


def test_front_door_names_what_it_has() -> None:
    """And nothing else."""
    assert {"WebhookEndpoint", "SecretsManagerSecret"} <= set(dir(pulumi_signa))
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        pulumi_signa.Nothing  # noqa: B018 - the look is what fails
