"""What users read about an endpoint: what is wrong or about to happen, and what to do; `{}` stand for what differs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.journal import REPLAYED_FOR
from pulumi_signa.lifecycle.roster import names_apart
from pulumi_signa.lifecycle.rules import date
from pulumi_signa.lifecycle.times import moment, text_of
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret, overlap_ends_by
from pulumi_signa.lifecycle.webhook_endpoint.keeping import InSecretsManager, Move, NotKeptError
from pulumi_signa.lifecycle.webhook_endpoint.rotation import Rotation, Why
from pulumi_signa.lifecycle.webhook_endpoint.schema import CURRENT, OVERWRITTEN, ROTATE, STALE

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.webhook_endpoint.schema import Adoption, Declared, Observed
    from pulumi_signa.signa_api.models import WebhookEndpoint

# Inputs

NO_VALUE = (
    "{name} has no value: the output it comes from is null (an output that the referenced stack lacks, or a resource "
    "that this run leaves out)"
)

# Rotation

_FORCE = "give force_rotation_reason to end the secret before at once"
_REFUSED_AT_PREVIEW = (
    "the secret of {id} was rotated at {rotated_at}, and Signa rotates it again from {until} on: set {input} back "
    f"until then, or {_FORCE}"
)
_NOT_YET = (
    "the secret of {id} was rotated elsewhere less than 24 hours ago, and Signa rotates it again at {until} at the "
    f"latest: set rotate_trigger back until then, or {_FORCE}"
)
_CHANGED_ALREADY = "; {fields} changed already"
_NOT_YET_ELSEWHERE = (
    "{id} was rotated less than 24 hours ago, and Signa rotates it again at {until} at the latest, as another "
    f"secret_destination needs: leave the destination as it was until then, or {_FORCE}"
)
_NOT_YET_ADOPTED = (
    "{id} was rotated less than 24 hours ago, and Signa rotates it again at {until} at the latest: run `pulumi up` "
    "again then, or give adopt the secret, or force_rotation_reason to end the secret before at once"
)
_NOT_YET_REISSUED = (
    "{id} exists, its secret was told to a run that ended, and Signa does not issue another one yet: delete the "
    "endpoint at Signa and run `pulumi up` again, or declare it with `adopt`"
)
ROTATION_WAITS = "Signa does not rotate the secret of {id} yet; the next `pulumi up` does, from {until} at the latest"
NEVER_CURRENT = "the secret of {id} is rotated elsewhere again and again: find out by whom"

# Destination

NO_DESTINATION = (
    "secret_destination: there is no secret {id} in {where}; make one (a SecretsManagerSecret with without_value), "
    "or check the name, the region and the AWS credentials; nothing was made or rotated"
)
DESTINATION_ON_ITS_WAY_OUT = (
    "secret_destination: {id} is scheduled for deletion; restore it (`aws secretsmanager restore-secret`), or name "
    "another secret; nothing was made or rotated"
)
UNDONE = "{reason}; so {id}, which this run has made, was deleted again: mend that, and run `pulumi up` again"
_MADE_BUT_NOT_KEPT = (
    "{id} was made, but its secret could not be written to {arn}: {reason}; run `pulumi up` again by {until}: until "
    "then Signa repeats the secret; later, delete {id} at Signa first"
)
_ROTATED_BUT_NOT_KEPT = (
    "the secret of {id} was rotated, but version {version} could not be written to {arn}: {reason}; run `pulumi up` "
    "again {deadline}"
)
_AT_ONCE = "at once: the secrets before have ended (force_rotation_reason)"
_IN_THE_OVERLAP = "by {until}: until then the secret before stays valid, and Signa repeats the new one"
OTHER_VALUES = "there are other values under the ids of the endpoint's versions: name another secret_destination"
CANNOT_BE_BROUGHT_BACK = (
    "version {version} of {arn} is gone, so it cannot be the current one again; to have another secret issued, set "
    "on_stale_secret to rotate, or change rotate_trigger, and run `pulumi up`"
)
_MOVES_IN = (
    "writes the secret to {id} and takes it out of the state, without a rotation; older states still hold it, until "
    "rotate_trigger has another one issued"
)
_MOVES_OUT = (
    "gives up the secret in {arn}: secret_status will be unknown, and secret absent: no value is read from there; "
    "to have one in the state, change rotate_trigger too"
)
_MOVES_OUT_WITH_A_ROTATION = "gives up the secret in {arn}: the new one will be in the state"
_MOVES_BACK = "somebody has put another value into {arn}: makes version {version} the current one again"
_NO_ROTATION = "; nothing is rotated"
_OVERWRITTEN = (
    "{arn} has another value than the secret of {id}, so receivers that read it verify nothing: the next `pulumi up` "
    "makes the right version the current one again"
)
_REFUSED_UNTIL = "; before {until} Signa refuses that without a force_rotation_reason"
_MAY_MOVE_ELSEWHERE = (
    "secret_destination is not known before the run: if it is another secret than {arn}, the secret is rotated, and "
    "the one before stays valid for 24 hours"
)

# Creation

TOOK_OVER = (
    "took over {id}, which an earlier run of this resource created at {created_at} and did not record; nothing is left "
    "to do, unless the resource was moved to another stack (then `pulumi state delete` it here, and take it out of "
    "this program)"
)
REISSUED = "Signa did not repeat the secret of {id}, so it was rotated: version {version}"
EVERY_KEY_USED = (
    "Signa says of {number} endpoints that it has made them before, and none is free; set another namespace (`pulumi "
    "config set signa:namespace …`)"
)

TAKEN_BACK = (
    "the stack that {id} was moved from has taken the endpoint over again: there, `pulumi state delete` the resource, "
    "and take it out of the program"
)

# Adoption

ADOPT_NEEDS_ONE_ENDPOINT = (
    "adopt: not where delete_before_replace is false: the replacement would take over what it replaces"
)
NOTHING_TO_ADOPT = (
    "{id} does not exist in the API key's organization: check the id in `adopt` and the key, or take `adopt` out to "
    "make a new endpoint"
)
NOT_TAKEN_OVER = (
    "{id} is not taken over, since this resource has {own} already: declare another resource for it; `adopt` counts "
    "when a resource is created"
)
_DECLARED_TWICE = "{id} is declared twice, by the resources {one!r} and {another!r}: keep one of them"
ADOPTED_IS_NOT_REPLACED = (
    "a resource that adopts {id} is not replaced: change rotate_trigger to have another secret, or take `adopt` out to "
    "have another endpoint"
)

# Another organization

_OTHER_ACCOUNT = (
    "another account is another organization: {after} gets another endpoint with another secret, which receivers have "
    "to read anew, and {id} is deleted with the key of {before}"
)
CANNOT_BE_DELETED = "{id} cannot be deleted: {problem}"
_ADOPTED_ELSEWHERE = (
    "{id} stays in {before} when this resource moves to {after}: take `adopt` out to have a new endpoint there, or "
    "name one that is there"
)

# What is at Signa

ABSENT = "{id} does not exist in the API key's organization: check the id and the key"
GONE_AT_REFRESH = (
    "{id} no longer exists in the API key's organization and leaves the state, secret and all; if the key is the wrong "
    "one, restore the state before `pulumi up`"
)
GONE_AT_UPDATE = "{id} no longer exists at Signa: run `pulumi refresh`, and the next `pulumi up` creates it anew"
TWIN = (
    "{other}, created at {created_at}, is the same as {id}, and Signa delivers to both; if no stack has it, a run that "
    "died left it: delete it at Signa"
)
KEPT_IN_ANOTHER_FORM = (
    "Signa keeps {fields} of {id} in another form than declared; a refresh does not take the form for an edit"
)
KEPT = "kept {id}: a resource of this program has it"

_WHY = {
    Why.DESTINATION: "secret_destination is another secret, and no value is read from the one before",
    Why.TRIGGER: "rotate_trigger has changed",
    Why.STALE: "the secret held is stale (on_stale_secret)",
    Why.UNHELD: "no secret is held (on_stale_secret)",
    Why.SCHEDULE: "rotation_period_days",
}


def rotates(rotation: Rotation) -> str:
    """Announce a rotation, which Pulumi shows as an update."""
    before = "stays valid for 24 hours"
    if rotation.is_inside_overlap:
        before = "ends at once (force_rotation_reason)"
    elif rotation.reason is not None:
        before += ", unless others rotated in the last 24: then it ends (force_rotation_reason)"
    why = _WHY[rotation.why]
    if rotation.since is not None:
        why = f"due since {text_of(rotation.since)} ({why})"
    return f"rotates the secret: {why}; the one before {before}"


def not_yet(rotation: Rotation, endpoint_id: str, until: datetime, changed: tuple[str, ...]) -> str:
    """Refuse a rotation that cannot wait, where Signa itself has refused it."""
    templates = {
        Why.REISSUE: _NOT_YET_REISSUED,
        Why.ADOPTION: _NOT_YET_ADOPTED,
        Why.DESTINATION: _NOT_YET_ELSEWHERE,
    }
    template = templates.get(rotation.why, _NOT_YET)
    done = (
        _CHANGED_ALREADY.format(fields=", ".join(changed))
        if changed and template in (_NOT_YET, _NOT_YET_ELSEWHERE)
        else ""
    )
    return template.format(id=endpoint_id, until=text_of(until)) + done


def changes_account(endpoint_id: str, before: str | None, after: str | None) -> str:
    """Announce that a resource gets an endpoint in another organization, which Pulumi shows as a replacement."""
    return _OTHER_ACCOUNT.format(id=endpoint_id, before=_organization(before), after=_organization(after))


def adopted_elsewhere(endpoint_id: str, before: str | None, after: str | None) -> str:
    """Refuse to look for an adopted endpoint in another organization than its own."""
    return _ADOPTED_ELSEWHERE.format(id=endpoint_id, before=_organization(before), after=_organization(after))


def _organization(account: str | None) -> str:
    """Return what a message calls an organization."""
    return "the default organization" if account is None else f"account {account}"


def refused_at_preview(rotation: Rotation, endpoint_id: str, held: HeldSecret) -> str:
    """Refuse a rotation that cannot wait, where the state knows of an overlap."""
    changed = "secret_destination" if rotation.why is Why.DESTINATION else "rotate_trigger"
    return _REFUSED_AT_PREVIEW.format(
        id=endpoint_id, rotated_at=held.rotated_at, until=held.previous_expires_at, input=changed
    )


def made_but_not_kept(failed: NotKeptError, endpoint: WebhookEndpoint) -> str:
    """Say what is left of a create whose secret could not be written, and until when a run mends it."""
    until = text_of(moment(endpoint.created_at) + REPLAYED_FOR)
    return _MADE_BUT_NOT_KEPT.format(id=endpoint.id, arn=failed.arn, reason=failed.reason, until=until)


def rotated_but_not_kept(failed: NotKeptError, endpoint: WebhookEndpoint, *, forced: bool) -> str:
    """Say what is left of a rotation whose secret could not be written, and until when a run mends it."""
    deadline = _AT_ONCE if forced else _IN_THE_OVERLAP.format(until=text_of(overlap_ends_by(endpoint)))
    return _ROTATED_BUT_NOT_KEPT.format(
        id=endpoint.id, version=endpoint.secret_version, arn=failed.arn, reason=failed.reason, deadline=deadline
    )


def moves(
    change: Move | None, held: HeldSecret, declared: Declared, rotation: Rotation | None, now: datetime
) -> list[str]:
    """Announce that the secret gets another place, which Pulumi shows as an update."""
    kept, destination = held.kept, declared.destination
    if isinstance(kept, InSecretsManager):
        known = {"arn": kept.arn, "version": kept.version_id}
        if change is Move.OUT:
            return [(_MOVES_OUT if rotation is None else _MOVES_OUT_WITH_A_ROTATION).format(**known)]
        if change is Move.BACK:
            return [_MOVES_BACK.format(**known) + ("" if rotation else _NO_ROTATION)]
        if change is None and destination is not None and destination.secret_id is None:
            until = held.overlap_end(now)
            refused = "" if until is None else _REFUSED_UNTIL.format(until=text_of(until))
            return [_MAY_MOVE_ELSEWHERE.format(**known) + refused]
    elif change is Move.IN and destination is not None:
        return [_MOVES_IN.format(id=destination.secret_id)]
    return []


def takes_over(adoption: Adoption) -> str:
    """Announce an adoption, which Pulumi shows as a create."""
    then = "its secret stays, unknown to this stack"
    if adoption.rotate:
        then = "its secret is rotated, and the one before stays valid for 24 hours"
    elif adoption.secret is not None:
        then = "its secret stays"
    return f"takes over {adoption.id}, with changes only where it differs; {then}"


def declared_twice(endpoint_id: str, urn: str | None, other: str) -> str:
    """Refuse two resources with one endpoint, by their names where these differ."""
    one, another = names_apart(urn, other)
    return _DECLARED_TWICE.format(id=endpoint_id, one=one, another=another)


def on_secret(held: HeldSecret, endpoint: WebhookEndpoint, declared: Declared, *, is_managed: bool) -> list[str]:
    """Warn of a secret that receivers cannot verify with, or not for long."""
    kept = held.kept
    if held.status == CURRENT:
        return []
    if held.status == OVERWRITTEN and isinstance(kept, InSecretsManager):
        return [_OVERWRITTEN.format(arn=kept.arn, id=endpoint.id)]
    problem = f"this stack does not hold the secret of {endpoint.id}, which Signa shows to nobody twice"
    remedy = "to have a new one issued, set on_stale_secret to rotate, or change rotate_trigger, and run `pulumi up`"
    if held.status == STALE:
        problem = (
            f"the secret of {endpoint.id} was rotated elsewhere: Signa signs with version {endpoint.secret_version}, "
            f"this stack holds version {held.version}, which ends at {text_of(overlap_ends_by(endpoint))} at the latest"
        )
        if kept.status == OVERWRITTEN and isinstance(kept, InSecretsManager):
            problem += f", and {kept.arn} has another value than that version"
        remedy = "where on_stale_secret is rotate, `pulumi up` has a new one issued as soon as Signa allows that"
    elif isinstance(kept, InSecretsManager):
        problem = f"version {kept.version_id} of {kept.arn}, which held the secret of {endpoint.id}, is gone"
    if not is_managed:
        remedy = "to have one, manage the endpoint in a stack, with `adopt`"
    elif declared.on_stale_secret == ROTATE:
        remedy = "the next `pulumi up` rotates it, as soon as Signa allows that (on_stale_secret)"
    return [f"{problem}; {remedy}"]


def on_status(endpoint_id: str, status: str, observed: Observed, *, was_active: bool) -> list[str]:
    """Warn of an endpoint without deliveries, where that is news or Signa's own doing."""
    remedy = "where `active` is declared, the next `pulumi up` switches it on again"
    if status == "disabled" and observed.consecutive_failures:
        failed_at = observed.last_failure_at  # as Signa wrote it, so it may be any text
        since = "" if failed_at is None or any(date(failed_at)) else f" since {text_of(moment(failed_at))},"
        failed = f"after {observed.consecutive_failures} failed deliveries in a row"
        return [f"{endpoint_id} is disabled{since} {failed}: mend the receiver; {remedy}"]
    if status == "disabled" and was_active:
        return [f"{endpoint_id} was disabled elsewhere, at {observed.updated_at} or before; {remedy}"]
    return []
