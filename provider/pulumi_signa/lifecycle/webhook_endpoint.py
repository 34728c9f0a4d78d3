"""
The life of a webhook endpoint.

Every field can be changed in place, and so can the secret, so nothing ever replaces an endpoint: a replacement would
issue a secret that no receiver has, and every delivery would be refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pulumi_signa.inputs import Properties, is_same, is_unknown
from pulumi_signa.inputs.webhook_endpoint import ADOPT, FIELDS, ROTATION_FIELDS, normalized
from pulumi_signa.lifecycle import URN, LifecycleError, adoption, advice, held_secret, rotation
from pulumi_signa.lifecycle.endpoint_creation import (
    create_body,
    create_or_find,
    fields_of,
    key_of_its_own,
    key_of_resource,
)
from pulumi_signa.lifecycle.held_secret import HeldSecret
from pulumi_signa.lifecycle.rotation import Rotation
from pulumi_signa.signa_api.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.run import Run
    from pulumi_signa.signa_api.client import SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint

RANDOM_KEY = "__random_key"
"""
Hidden property: true where a replacement must make a second endpoint while the first still lives.

The first create is told from a replacement by nothing that the host tells, so it has a random key as well.
"""

SECRET_OUTPUTS = held_secret.SECRET_OUTPUTS

_COUNTED = ("consecutive_failures", "last_success_at", "last_failure_at", "created_at", "updated_at")

OUTPUTS = (*held_secret.OUTPUTS, "next_rotation_at", *_COUNTED)
"""What is not declared. These move without anybody editing the endpoint, so they are never a difference."""

_HIDDEN = (URN, RANDOM_KEY)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What an update has to do.

    Attributes:
        fields: Those that Signa stores and that differ.
        settings: Those that say when to rotate and that differ; Signa is told nothing of them.
        rotation: The rotation that is due, or None.
    """

    fields: list[str]
    settings: list[str]
    rotation: Rotation | None

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.fields or self.settings or self.rotation)


@dataclass(frozen=True, slots=True)
class Read:
    """
    An endpoint as it is.

    Attributes:
        inputs: What a stack that declares exactly this endpoint would say; None where the state says so already.
        outputs: The whole state.
    """

    inputs: dict[str, Any] | None
    outputs: dict[str, Any]


def plan(endpoint_id: str, old: Properties, new: Properties, now: datetime) -> Plan:
    """
    Compare the stored outputs with the declared inputs, and the clock with the schedule.

    Raises:
        LifecycleError: A rotation is asked for that Signa would refuse.
    """
    before, after = normalized(old), normalized(new)
    return Plan(
        fields=_changed(FIELDS, before, after),
        settings=_changed(ROTATION_FIELDS, before, after),
        rotation=rotation.due(endpoint_id, old, after, now),
    )


def changed_fields(old: Properties, new: Properties) -> list[str]:
    """
    Name the fields that differ between the stored outputs and the declared inputs; an unknown one may.

    Both sides are brought to normal form first, so a state written by older code compares rightly.
    """
    return _changed(FIELDS, normalized(old), normalized(new))


def create(client: SignaClient, inputs: Properties, run: Run) -> tuple[str, dict[str, Any]]:
    """
    Create the endpoint, or take over one: that which is declared so, or which an earlier run did not live to record.

    Returns:
        The endpoint's id and the outputs.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: The endpoint exists, and its secret is not to be had today; or there is none to take over.
    """
    declared = normalized(inputs)
    urn = inputs.get(URN)
    if inputs.get(ADOPT) is not None:
        current, held = _adopt(client, inputs[ADOPT], declared, run)
        _tell(run, advice.on_secret(held, current, declared))
        return current.id, _outputs({}, declared, current, held)
    key_of = key_of_its_own if urn is None or inputs.get(RANDOM_KEY) else key_of_resource(run.namespace, urn)
    creation = create_or_find(client, create_body(declared), key_of, run)
    issued, current = creation.issued.endpoint, creation.current
    run.known.hold(issued.id)
    if creation.issued.is_replay:
        # Also where it looks like our own: the attempt before may have been lost on its way.
        run.kept.take(issued.id, urn or "")
    if creation.is_found:
        run.warn(
            f"took over {issued.id}, which an earlier run of this resource created at {issued.created_at} and this "
            "state does not hold; if another stack has it: `pulumi state delete`, set signa:namespace, and run again"
        )
    if issued.secret is not None:
        held = HeldSecret.first(issued, issued.secret)
    else:
        # Before anything is changed: by what made it an endpoint is found again, should Signa refuse this.
        current, held = _reissued(client, current, run)
        run.warn(f"Signa did not repeat the secret of {issued.id}, so it was rotated: version {held.version}")
    if creation.is_as_declared:
        # What create cannot set, the second call does. Should it fail, the next run finds the endpoint.
        different = ["status"] if declared["status"] != current.status else []
    else:
        different = changed_fields(fields_of(current), declared)
    if different:
        current = _patch(client, issued.id, declared, different)
    held = held.seen_beside(current)
    _tell(run, advice.on_secret(held, current, declared))
    return issued.id, _outputs({}, declared, current, held)


def read(client: SignaClient, endpoint_id: str, old: Properties, run: Run) -> Read | None:
    """
    Fetch the endpoint; None where one that the state knows is gone.

    The secret is not in the answer: it is carried over from the old outputs, with the version it had.

    Raises:
        SignaError: Signa refused or could not be reached; never taken for "gone".
        LifecycleError: There is no such endpoint, and there never was as far as the state knows.
    """
    is_known = "created_at" in old
    if is_known:
        run.known.hold(endpoint_id)
    try:
        endpoint = client.find_webhook_endpoint(endpoint_id)
    except NotFoundError:
        if not is_known:
            raise LifecycleError(
                f"{endpoint_id} does not exist in the API key's organization: check the id and the key"
            ) from None
        run.warn(
            f"{endpoint_id} no longer exists in the API key's organization and leaves the state, secret and all; "
            "if the key is the wrong one, restore the state before `pulumi up`"
        )
        return None
    fields = fields_of(endpoint)
    others = {name: old[name] for name in (*ROTATION_FIELDS, *_HIDDEN) if name in old}
    held = HeldSecret.of_state(old).seen_beside(endpoint) if is_known else HeldSecret.first(endpoint, None)
    if is_known:
        _tell(run, [*advice.on_secret(held, endpoint, normalized(old)), *advice.on_status(endpoint, old)])
    for twin in client.listed_with_url(endpoint.url) if is_known else ():
        if twin.created_at < endpoint.created_at and fields_of(twin) == fields and not run.known.is_held(twin.id):
            run.warn(
                f"{twin.id}, created at {twin.created_at}, is the same as {endpoint_id}, and Signa delivers to both; "
                "if no stack has it, a run that died left it: delete it at Signa"
            )
    is_as_held = is_known and not changed_fields(old, fields)
    outputs = {
        **fields,
        **others,
        **held.without_expired(run.now).outputs(),
        "next_rotation_at": old.get("next_rotation_at"),
        **_counted(endpoint),
    }
    return Read(inputs=None if is_as_held else {**fields, **others}, outputs=outputs)


def update(client: SignaClient, endpoint_id: str, old: Properties, new: Properties, run: Run) -> dict[str, Any]:
    """
    Change the fields that differ, then rotate the secret if that is due, and give the whole new outputs.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: The endpoint is gone, or a rotation is asked for and Signa does not rotate yet.
    """
    declared = normalized(new)
    todo = plan(endpoint_id, old, new, run.now)
    held = HeldSecret.of_state(old)
    endpoint = None
    try:
        if todo.fields:
            endpoint = _patch(client, endpoint_id, declared, todo.fields)
            held = held.seen_beside(endpoint)
        if todo.rotation is not None:
            # The last thing that can fail: once a secret is issued, nothing keeps it out of the state.
            endpoint, held = _rotate(client, endpoint_id, held, todo.rotation, run, patched=todo.fields)
        if endpoint is not None and held.status != old.get("secret_status"):
            _tell(run, advice.on_secret(held, endpoint, declared))
    except NotFoundError:
        raise LifecycleError(
            f"{endpoint_id} no longer exists at Signa: run `pulumi refresh`, and the next `pulumi up` creates it anew"
        ) from None
    return _outputs(old, declared, endpoint, held.without_expired(run.now))


def delete(client: SignaClient, endpoint_id: str, run: Run) -> None:
    """
    Delete the endpoint; one that is gone already is as good.

    Raises:
        SignaError: Signa refused or could not be reached.
    """
    if endpoint_id in run.kept:
        run.warn(f"kept {endpoint_id}: a resource of this program has it")
        return
    try:
        client.delete_webhook_endpoint(endpoint_id)
    except NotFoundError:
        client.confirm_base_url()


def _adopt(
    client: SignaClient, adopt: Properties, declared: Properties, run: Run
) -> tuple[WebhookEndpoint, HeldSecret]:
    """Take over an endpoint as it is declared; what is done of it when a run dies, the next one does not repeat."""
    found = current = adoption.find(client, adopt["id"])
    different = changed_fields(fields_of(found), declared)
    if different:
        current = _patch(client, found.id, declared, different)
    rotated, held = adoption.secret_of(client, found, adopt, declared, run)
    return rotated or current, held


def _rotate(  # noqa: PLR0913 - what was done before, for the message
    client: SignaClient, endpoint_id: str, held: HeldSecret, due: Rotation, run: Run, *, patched: list[str]
) -> tuple[WebhookEndpoint, HeldSecret]:
    """Rotate; a rotation that nobody has asked for waits where Signa does not rotate yet."""
    try:
        return rotation.carry_out(client, endpoint_id, held, due, run)
    except ConflictError:
        current = client.get_webhook_endpoint(endpoint_id)
        until = rotation.refused_until(current)
        if due.is_asked:
            done = f"; {', '.join(patched)} changed already, which `pulumi refresh` records" if patched else ""
            raise LifecycleError(
                f"the secret of {endpoint_id} was rotated elsewhere less than 24 hours ago, and Signa rotates it again "
                f"at {until} at the latest: set rotate_trigger back until then, or give force_rotation_reason to end "
                f"the secret before at once{done}"
            ) from None
        run.warn(
            f"Signa does not rotate the secret of {endpoint_id} yet; the next `pulumi up` does, from {until} at the "
            "latest"
        )
        return current, held.seen_beside(current)


def _reissued(client: SignaClient, current: WebhookEndpoint, run: Run) -> tuple[WebhookEndpoint, HeldSecret]:
    """Rotate a secret that only a run that died was told; for 24 hours Signa signs with the one before as well."""
    try:
        return rotation.carry_out(
            client, current.id, HeldSecret.first(current, None), Rotation("Signa did not repeat it"), run
        )
    except ConflictError:
        raise LifecycleError(
            f"{current.id} exists, its secret was told to a run that ended, and Signa does not issue another one yet: "
            "delete the endpoint at Signa and run `pulumi up` again, or declare it with `adopt`"
        ) from None


def _patch(client: SignaClient, endpoint_id: str, declared: Properties, fields: list[str]) -> WebhookEndpoint:
    """
    Send the named fields.

    Metadata is sent whole. Whether Signa then drops the keys that are no longer there is not documented, so keys
    that its answer still shows are cleared by name.
    """
    endpoint = client.update_webhook_endpoint(endpoint_id, {field: declared[field] for field in fields})
    left_over = endpoint.metadata.keys() - declared["metadata"].keys() if "metadata" in fields else ()
    if left_over:
        cleared = {**declared["metadata"], **dict.fromkeys(left_over)}
        endpoint = client.update_webhook_endpoint(endpoint_id, {"metadata": cleared})
    return endpoint


def _tell(run: Run, messages: list[str]) -> None:
    for message in messages:
        run.warn(message)


def _changed(names: Iterable[str], before: Properties, after: Properties) -> list[str]:
    return [name for name in names if is_unknown(after.get(name)) or not is_same(before.get(name), after.get(name))]


def _counted(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in _COUNTED}


def _outputs(
    old: Properties, declared: Properties, endpoint: WebhookEndpoint | None, held: HeldSecret
) -> dict[str, Any]:
    """
    Give the whole state: whatever is not in here is forgotten.

    Args:
        old: The stored outputs; empty at create.
        endpoint: As Signa last showed it; None where nothing was asked.
    """
    return {
        **{name: declared.get(name) for name in (*FIELDS, *ROTATION_FIELDS)},
        **{name: declared[name] for name in _HIDDEN if name in declared},
        **held.outputs(),
        "next_rotation_at": rotation.next_rotation_at(old, declared, held),
        **({name: old.get(name) for name in _COUNTED} if endpoint is None else _counted(endpoint)),
    }
