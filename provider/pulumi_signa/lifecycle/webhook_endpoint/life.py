"""
The life of a webhook endpoint.

Every field can be changed in place, and so can the secret, so nothing ever replaces an endpoint but another account,
which is another organization: a replacement issues a secret that no receiver has yet. Each verb raises
`LifecycleError` where we refuse, and each verb that asks Signa raises `SignaError` where Signa refuses or cannot be
reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.context import Checked
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.places import claim, region_of
from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.values import Properties, is_same, is_unknown
from pulumi_signa.lifecycle.webhook_endpoint import adoption, creation, destination, messages, previewing, schema
from pulumi_signa.lifecycle.webhook_endpoint.held_secret import HeldSecret
from pulumi_signa.lifecycle.webhook_endpoint.keeping import InSecretsManager, Move, Nowhere, StateKeeper
from pulumi_signa.lifecycle.webhook_endpoint.moving import leave_mark
from pulumi_signa.lifecycle.webhook_endpoint.planning import REPLACING, Plan, plan_of
from pulumi_signa.lifecycle.webhook_endpoint.schema import KEPT, SENT, Declared
from pulumi_signa.lifecycle.webhook_endpoint.settling import Found, settle
from pulumi_signa.lifecycle.webhook_endpoint.state import State, as_declared, observed_at
from pulumi_signa.signa_api.errors import NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context


def check(context: Context, properties: Properties, *, is_new: bool) -> Checked:
    """Report everything that is wrong at once, without a call to Signa; `adopt` counts where the resource is new."""
    context.roster.declare(context.urn)
    normal = Declared.normalized(properties)
    problems = [
        *context.settings.signa_problems,
        *destination.settings_problems(context, normal["secret_destination"]),
        *schema.problems(normal, http_allowed=not context.settings.is_production),
    ]
    if normal["adopt"] is not None and context.must_be_second:
        problems.append(messages.ADOPT_NEEDS_ONE_ENDPOINT)
    if not problems:
        declared = Declared(**normal)
        _warn(context, schema.warnings(declared))
        if is_new:
            _claim(context, declared)
        _claim_destination(context, declared)
    if not is_new and normal["secret_destination"] is not None:
        normal["adopt"] = _without_secret(normal["adopt"])
    return Checked(normal, problems)


def plan(context: Context, state: State, declared: Declared) -> Plan:
    """Compare the state with the declaration, and the clock with the schedule; announce a rotation or a replacement."""
    if differing(REPLACING, state.declared, declared):
        return _plan_replacement(context, state, declared)
    rival = context.roster.compare(state.id, context.urn)
    if rival is not None:
        raise LifecycleError(messages.declared_twice(state.id, context.urn, rival))
    if context.roster.is_refresh(state.id, context.urn):
        # A refresh looks for what was changed elsewhere. What is to be done comes with the next `up`.
        return Plan(state, declared, differing(SENT, state.declared, declared), (), None)
    wanted = declared.adoption
    if wanted is not None and _is_known(wanted.id) and wanted.id != state.id:
        context.warn(messages.NOT_TAKEN_OVER.format(id=wanted.id, own=state.id))
    planned = plan_of(context, state, declared)
    if planned.rotation is not None:
        context.inform(messages.rotates(planned.rotation))
    for announcement in messages.moves(planned.moves, state.held, declared, planned.rotation, context.now):
        context.inform(announcement)
    return planned


def preview(context: Context, state: State | None, declared: Declared) -> dict[str, Any]:
    """
    Return the outputs after a create, without a state, or after an update, `UNKNOWN` where Signa or AWS decides.

    Nothing is asked and nothing is said: `plan` has announced what is to be done.
    """
    if state is None or differing(REPLACING, state.declared, declared):
        return previewing.after_create(declared)
    return previewing.after_update(context, plan_of(context, state, declared))


def create(context: Context, declared: Declared) -> State:
    """Create the endpoint, or take over one: the declared one, or one that an earlier run did not live to record."""
    wanted = declared.adoption
    _require(url=declared.url, **({} if wanted is None else {"adopt.id": wanted.id}))
    keeper = destination.keeper_for(context, declared, Nowhere())
    signa = context.signa()
    if wanted is None:
        found = creation.make_or_find(context, signa, declared, keeper)
    else:
        found = adoption.find(signa, wanted, declared, keeper)
    return settle(context, signa, found, declared, keeper=keeper, before=None)


def read(context: Context, endpoint_id: str, state: State | None) -> State | None:
    """
    Fetch the endpoint; return None where one that the state knows is gone.

    The secret is not in the answer, so the state's secret is carried over with the version it had. Only Signa's own 404
    means that an endpoint is gone. For an endpoint that the stack does not manage there is no state.
    """
    if state is not None:
        context.roster.read(endpoint_id)
    signa = context.signa()
    try:
        endpoint = signa.find_webhook_endpoint(endpoint_id)
    except NotFoundError:
        if state is None:
            raise LifecycleError(messages.ABSENT.format(id=endpoint_id)) from None
        context.warn(messages.GONE_AT_REFRESH.format(id=endpoint_id))
        return None
    fields, observed = as_declared(endpoint), observed_at(endpoint)
    if state is None:
        fields = replace(fields, account=context.settings.account)
        return State(endpoint_id, fields, HeldSecret.first(endpoint, Nowhere()), None, observed)
    held = state.held.seen_beside(endpoint)
    if isinstance(held.kept, InSecretsManager):
        held = replace(held, kept=destination.observed(context, held.kept))
    _warn(context, messages.on_secret(held, endpoint, state.declared, is_managed=context.urn is not None))
    was_active = state.declared.status == "active"
    _warn(context, messages.on_status(endpoint_id, endpoint.status, observed, was_active=was_active))
    for other in signa.listed_with_url(endpoint.url):
        is_twin = other.created_at < endpoint.created_at and as_declared(other) == fields
        if is_twin and not context.roster.is_known(other.id):
            context.warn(messages.TWIN.format(other=other.id, created_at=other.created_at, id=endpoint_id))
    forms = {name: form for name, form in state.forms.items() if is_same(getattr(fields, name), form)}
    declared = replace(fields, **{name: getattr(state.declared, name) for name in (*KEPT, *forms)})
    held = held.without_expired(context.now)
    return State(endpoint_id, declared, held, state.schedule, observed, forms, state.trigger_before)


def update(context: Context, state: State, declared: Declared) -> State:
    """Change the fields that differ, then rotate the secret if that is due."""
    named = declared.destination
    _require(url=declared.url, **({} if named is None else {"secret_destination.secret_id": named.secret_id}))
    planned = plan_of(context, state, declared)
    keeper = destination.keeper_for(context, declared, state.held.kept) if planned.keeps_a_secret else StateKeeper()
    signa = context.signa()
    try:
        # A destination is searched for the version that Signa has now, which others may have raised.
        seen = signa.get_webhook_endpoint(state.id) if planned.moves is Move.FOUND else None
        held = state.held if seen is None else state.held.seen_beside(seen)
        held = replace(held, kept=destination.moved(context, planned, held, keeper))
        found = Found(state.id, seen, state.observed, held, planned.fields, planned.rotation)
        leave_mark(context, signa, state)
        return settle(context, signa, found, declared, keeper=keeper, before=state)
    except NotFoundError:
        raise LifecycleError(messages.GONE_AT_UPDATE.format(id=state.id)) from None


def delete(context: Context, state: State) -> None:
    """Delete the endpoint, unless another declared resource has it; an endpoint that is gone already is as good."""
    if context.roster.is_claimed_by(state.id, context.urn):
        raise LifecycleError(messages.ADOPTED_IS_NOT_REPLACED.format(id=state.id))
    if context.roster.must_stay(state.id):
        context.warn(messages.KEPT.format(id=state.id))
        return
    signa = context.signa()
    try:
        signa.delete_webhook_endpoint(state.id)
    except NotFoundError:
        signa.confirm_base_url()


def _plan_replacement(context: Context, state: State, declared: Declared) -> Plan:
    before, after = state.declared.account, declared.account
    wanted = declared.adoption
    if wanted is not None and wanted.id == state.id:
        raise LifecycleError(messages.adopted_elsewhere(state.id, before, after))
    context.roster.compare(state.id, context.urn, is_replaced=True)
    context.inform(messages.changes_account(state.id, before, after))
    # The context is that of the organization which the endpoint leaves.
    _warn(
        context, [messages.CANNOT_BE_DELETED.format(id=state.id, problem=it) for it in context.settings.signa_problems]
    )
    fields, settings = differing(SENT, state.declared, declared), differing(KEPT, state.declared, declared)
    return Plan(state, declared, fields, settings, None, replaces=REPLACING)


def _without_secret(adopt: object) -> object:
    """Return an adoption without the secret that it has handed over: the state would hold that as an input."""
    if not isinstance(adopt, Mapping):
        return adopt
    return {name: value for name, value in adopt.items() if name != "secret"}


def _claim(context: Context, declared: Declared) -> None:
    """Record, and announce, that a new resource is to take over an endpoint."""
    wanted = declared.adoption
    if wanted is None:
        return
    _warn(context, schema.adoption_warnings(wanted))
    if not _is_known(wanted.id):
        return
    rival = context.roster.claim(wanted.id, context.urn)
    if rival is not None:
        raise LifecycleError(messages.declared_twice(wanted.id, context.urn, rival))
    context.inform(messages.takes_over(wanted))


def _claim_destination(context: Context, declared: Declared) -> None:
    """Refuse a destination that another endpoint of the program has; its ARN is compared when it is looked at."""
    named = declared.destination
    if named is not None and named.secret_id is not None:
        region = named.region or context.settings.aws_region
        claim(context, named.secret_id if region_of(named.secret_id) else f"{named.secret_id} in {region}")


def _is_known(endpoint_id: str | None) -> bool:
    return endpoint_id is not None and not is_unknown(endpoint_id)


def _require(**inputs: object) -> None:
    # The engine drops unknown inputs before `Check`, and an output can be null. So an absent input was not necessarily
    # left out of the program, and an error of `check` would end the whole run.
    for name, value in inputs.items():
        if value is None:
            raise LifecycleError(messages.NO_VALUE.format(name=name))


def _warn(context: Context, warnings: Iterable[str]) -> None:
    for warning in warnings:
        context.warn(warning)
