"""What an update has to do: a comparison of the state with the declaration, and of the clock with the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.schema import are_known_and_same, differing
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import place_of
from pulumi_signa.lifecycle.webhook_endpoint.keeping import InSecretsManager, Move, move
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation, due
from pulumi_signa.lifecycle.webhook_endpoint.schema import CURRENT, KEPT, SENT, Declared, Destination, Recorded

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.values import Properties
    from pulumi_signa.lifecycle.webhook_endpoint.state import State

REPLACING = Declared.names(lambda columns: columns.replaces)
"""The inputs whose change needs another endpoint."""


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What an update has to do: which fields that Signa stores differ, which settings differ, and which rotation is due.

    Only another account replaces an endpoint.
    """

    state: State
    declared: Declared
    fields: tuple[str, ...]
    settings: tuple[str, ...]
    rotation: Rotation | None
    moves: Move | None = None
    replaces: tuple[str, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.fields or self.settings or self.rotation or self.moves)

    @property
    def changed(self) -> tuple[str, ...]:
        """The declared properties that differ."""
        return (*self.fields, *self.settings)

    @property
    def keeps_a_secret(self) -> bool:
        """Whether a secret may have to be put into its place."""
        return self.rotation is not None or self.moves in (Move.IN, Move.FOUND)


def plan_of(context: Context, state: State, declared: Declared) -> Plan:
    """Return what an update has to do; raise `LifecycleError` where it asks for a rotation that Signa refuses."""
    rotation = due(state, declared, context.now)
    if rotation is not None and rotation.is_refused:
        raise LifecycleError(messages.refused_at_preview(rotation, state.id, state.held))
    settings = differing(KEPT, state.declared, declared)
    moves = move(state.held.kept, declared)
    if moves is Move.FOUND and (rotation is not None or "secret_destination" not in settings):
        moves = None  # another secret is issued, or an earlier run has looked for the secret there
    return Plan(
        state,
        declared,
        fields=differing(SENT, state.declared, declared),
        settings=settings,
        rotation=rotation,
        moves=moves,
    )


def is_settled(context: Context, endpoint_id: str, outputs: Properties, properties: Properties) -> bool:
    """
    Return whether a look at outputs and inputs shows that `plan` has nothing to do; False where only `plan` can tell.

    Most resources of most runs are settled. The roster is told as `plan` tells it.
    """
    return (
        _is_in_place(outputs, properties.get("secret_destination"))
        and outputs.get("secret_status") == CURRENT
        and outputs.get("previous_secret_expires_at") is None
        and properties.get("rotation_period_days") is None
        and properties.get("adopt") is None
        and are_known_and_same((*SENT, *KEPT), outputs, properties)
        and context.roster.compare(endpoint_id, context.urn) is None
    )


def _is_in_place(outputs: Properties, destination: object) -> bool:
    """Return whether outputs name the secret's value, or its place in a destination."""
    if destination is None:
        secret = outputs.get("secret")
        return isinstance(secret, str) and secret != ""
    kept = place_of(Recorded.stored(outputs))
    if not isinstance(destination, Mapping) or not isinstance(kept, InSecretsManager):
        return False
    return kept.is_at(Destination.of(destination))
