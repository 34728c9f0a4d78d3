"""
An endpoint as a state holds it, typed and frozen.

Normal form is made at three doors: `Declared.of` takes what a program declares, `as_declared` what Signa answers, and
`Declared.stored` what a state holds. Between the doors values are compared as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.times import text_of
from pulumi_signa.lifecycle.webhook_endpoint import forms
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
from pulumi_signa.lifecycle.webhook_endpoint.keeping import Nowhere
from pulumi_signa.lifecycle.webhook_endpoint.schedule import Schedule
from pulumi_signa.lifecycle.webhook_endpoint.schema import (
    DECIDED,
    FORMS,
    MADE_WITH,
    SENT,
    TRIGGER_BEFORE,
    Declared,
    Observed,
    Recorded,
)

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.values import Properties
    from pulumi_signa.signa_api.models import WebhookEndpoint


@dataclass(frozen=True, slots=True)
class State:
    """
    What a stack knows of its endpoint.

    Attributes:
        id: `whk_…`
        declared: The inputs as they were carried out, without `adopt`; after `read` the fields as Signa has them.
        held: The signing secret.
        schedule: When the secret is to be rotated, or None.
        observed: What Signa alone decides.
        forms: The fields that Signa keeps in another form than `declared` has.
        trigger_before: The last `rotate_trigger` that was declared before this state. The trigger counts where none is
            declared now, and is recorded while no secret is held.
    """

    id: str
    declared: Declared
    held: HeldSecret
    schedule: Schedule | None
    observed: Observed
    forms: forms.Forms = field(default_factory=dict)
    trigger_before: str | None = None

    @property
    def recorded_trigger(self) -> str | None:
        """The last `rotate_trigger` that was declared: one that is taken out asks for nothing, so it stays recorded."""
        declared = self.declared.rotate_trigger
        return self.trigger_before if declared is None else declared

    @staticmethod
    def is_in(outputs: Properties) -> bool:
        """Return whether the outputs describe an endpoint; those that a `get` begins with do not."""
        return any(outputs.get(name) is not None for name in DECIDED)

    @classmethod
    def of(cls, endpoint_id: str, outputs: Properties) -> State:
        """Return the state that stored outputs describe; what is damaged in them counts as absent."""
        declared, recorded, observed = Declared.stored(outputs), Recorded.stored(outputs), Observed.stored(outputs)
        schedule = Schedule.stored(declared.rotation_period_days, recorded.next_rotation_at)
        held = HeldSecret.of_state(recorded, observed)
        before = outputs.get(TRIGGER_BEFORE)
        trigger_before = before if isinstance(before, str) else None
        return cls(endpoint_id, declared, held, schedule, observed, forms.stored(outputs.get(FORMS)), trigger_before)

    def outputs(self) -> dict[str, Any]:
        """Return the whole state by property: whatever is not in it is forgotten."""
        # The key of a rotation derives from the trigger where no secret is held, and from the held version elsewhere.
        needs_trigger = isinstance(self.held.kept, Nowhere) and self.declared.rotate_trigger is None
        taken_out = self.trigger_before if needs_trigger else None
        return {
            **self.declared.outputs(),
            **self.held.outputs(),
            "next_rotation_at": None if self.schedule is None else text_of(self.schedule.next_at),
            **self.observed.outputs(),
            **({FORMS: forms.text_of(self.forms)} if self.forms else {}),
            **({} if taken_out is None else {TRIGGER_BEFORE: taken_out}),
        }

    def inputs(self) -> dict[str, Any]:
        """Return the inputs that declare exactly this endpoint, without defaults."""
        return self.declared.given()

    def drifted_from(self, before: State | None) -> dict[str, Any] | None:
        """Return the inputs that would declare exactly this endpoint; None where the state before says the same."""
        if before is not None and not differing(SENT, before.declared, self.declared):
            return None
        return self.declared.outputs()


def as_declared(endpoint: WebhookEndpoint) -> Declared:
    """Return what a stack that declares exactly this endpoint would say."""
    return Declared.of({name: getattr(endpoint, name) for name in SENT})


def observed_at(endpoint: WebhookEndpoint) -> Observed:
    """Return what Signa alone decides of the endpoint."""
    return Observed.of({name: getattr(endpoint, name) for name in Observed.rows()})


def body_of(declared: Declared) -> dict[str, Any]:
    """Return the body of the create of a declaration; equal declarations have equal bodies."""
    return {name: value for name in MADE_WITH if (value := getattr(declared, name)) not in (None, {})}
