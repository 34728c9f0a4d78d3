"""The settings of a command: those of the plugin, from the environment and from a stack's configuration."""

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pulumi_signa import settings
from pulumi_signa.cli import pulumi_cli
from pulumi_signa.cli.errors import LOGGER, CommandError
from pulumi_signa.organizations import ACCOUNT_NAME, ACCOUNTS_KEY, accounts_in
from pulumi_signa.settings import Settings


def load(
    account: str | None, stack: str | None, folder: Path, warn: Callable[[str], None], *, may_fall_back: bool = False
) -> Settings:
    """
    Return the settings of one organization. What is wrong with them is raised where a client is made.

    Args:
        account: The name of the organization; None for the default one.
        stack: The stack whose configuration counts; None for the one that is selected in the folder, if there is one.
        folder: Where the Pulumi CLI runs.
        warn: Shows a line to the user.
        may_fall_back: Whether the environment alone may count where the named stack's configuration cannot be read;
            that of the selected stack may always be so.

    Raises:
        CommandError: The stack's configuration cannot be read, and the environment has no API key, or may not count.
    """
    require_name(account)
    try:
        loaded = settings.load(_stack_configuration(stack, folder), account=account)
    except CommandError as error:
        loaded = settings.load({}, account=account)
        if stack is not None and not may_fall_back:
            raise
        if loaded.api_key is None:
            raise CommandError(f"{'; '.join(loaded.signa_problems)} ({error})") from None
        warn(f"only the environment counts, as the stack's configuration cannot be read: {error}")
    _log_at(loaded.log_level)
    return loaded


def load_beside_states(
    account: str | None, named: Sequence[str], folder: Path, warn: Callable[[str], None]
) -> Settings:
    """Return the settings for a look at the states of stacks: those of the first one, else of the selected one."""
    # A state can be exported without the passphrase that the configuration needs.
    return load(account, named[0] if named else None, folder, warn, may_fall_back=True)


def require_name(account: str | None) -> None:
    """Raise `CommandError` where an organization cannot be called so."""
    if account is not None and not ACCOUNT_NAME.fullmatch(account):
        raise CommandError("--account takes the name of an organization in signa:accounts, and never an API key")


def account_names(incomplete: str) -> list[str]:
    """Return the organizations that the selected stack names and that begin so, for the completion of a shell."""
    try:
        accounts = accounts_in(_stack_configuration(None, Path()).get(ACCOUNTS_KEY)) or {}
    except CommandError:
        return []
    return [name for name in accounts if name.startswith(incomplete)]


def _stack_configuration(stack: str | None, folder: Path) -> dict[str, object]:
    if stack is None and not pulumi_cli.is_in_project(folder):
        return {}
    try:
        return pulumi_cli.configuration(folder, stack)
    except pulumi_cli.NoStackError:
        return {}


def _log_at(level: int | None) -> None:
    if level is not None and not LOGGER.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        LOGGER.addHandler(handler)
        LOGGER.setLevel(level)
