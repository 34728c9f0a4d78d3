"""What a verb of a lifecycle may use of the run around it, and what `check` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.roster import Roster
    from pulumi_signa.settings import Settings
    from pulumi_signa.signa_api.client import SignaClient


@dataclass(frozen=True, slots=True)
class Context:
    """
    One call on one resource: which resource it is, and what the call may use of the Pulumi run it belongs to.

    Attributes:
        urn: The resource's URN; None where no stack manages the resource, as after `get`.
        stack: The random identity of the stack; None where it is not known.
        renamed_from: The URN that the state has, where it is another one; else None.
        moved_from: The identity of the stack that the resource was moved from, until an update has recorded the new
            one; else None.
        settings: The configuration.
        now: The time at which the call began.
        roster: Which resource of the run has which object.
        destinations: Which resource of the run, in whichever organization, writes to which secret of AWS.
        signa: Returns the client of the account; connects when it is first called.
        secrets_manager: Returns the client of a region, or of boto3's own region for None.
        warn: Shows a warning on the resource, and keeps it among the diagnostics.
        quoted: Returns a text of others in one line, without what the call's properties hold, and without the further
            secrets that are passed; `warn` and `inform` take out only secrets.
        inform: Shows a message on the resource, and keeps it among the diagnostics.
        require_engine: Raises `InterruptedRunError` where nobody would record what is done next.
        must_be_second: Whether a create must make a second object while the first one still lives. The host does not
            say whether a create is the first one or a replacement, so both are created as if they were replacements.
    """

    urn: str | None
    stack: str | None
    settings: Settings
    now: datetime
    roster: Roster
    destinations: Roster
    signa: Callable[[], SignaClient]
    secrets_manager: Callable[[str | None], SecretsManager]
    warn: Callable[[str], None]
    quoted: Callable[..., str]
    inform: Callable[[str], None]
    require_engine: Callable[[], None]
    must_be_second: bool = False
    moved_from: str | None = None
    renamed_from: str | None = None

    @property
    def identity(self) -> tuple[str, ...] | None:
        """
        What every run of this resource derives alike, and no other resource of any stack; None where nothing is.

        The names of the stack and of the project are left out: a stack that is renamed stays what it is.
        """
        if self.urn is None or not self.stack:
            return None
        return (self.stack, self.settings.namespace, self.urn.split("::", 2)[-1])


@dataclass(frozen=True, slots=True)
class Checked:
    """Every input in normal form, and everything that is wrong, one line each."""

    inputs: dict[str, Any]
    problems: list[str]
