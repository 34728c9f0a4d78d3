"""
The life of a webhook endpoint.

Every field can be changed in place, so nothing ever replaces an endpoint: a replacement would issue a new
secret, and every receiver would refuse deliveries.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.inputs import Properties, is_same, is_unknown
from pulumi_signa.inputs.webhook_endpoint import FIELDS, normalized
from pulumi_signa.lifecycle import URN, LifecycleError, Warn
from pulumi_signa.lifecycle.endpoint_creation import (
    create_body,
    create_or_find,
    fields_of,
    key_of_its_own,
    key_of_resource,
    rotation_key,
)
from pulumi_signa.signa_api.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.kept import Kept
    from pulumi_signa.lifecycle.known_endpoints import KnownEndpoints
    from pulumi_signa.signa_api.client import SignaClient
    from pulumi_signa.signa_api.models import IssuedWebhookEndpoint, WebhookEndpoint

RANDOM_KEY = "__random_key"
"""
Hidden property: true where a replacement must make a second endpoint while the first still lives.

The first create is told from a replacement by nothing that the host tells, so it has a random key as well.
"""

SECRET_OUTPUTS = ("secret",)

OUTPUTS = (
    "secret",
    "secret_version",
    "secret_status",
    "consecutive_failures",
    "last_success_at",
    "last_failure_at",
    "created_at",
    "updated_at",
)
"""What Signa decides. These move without anybody editing the endpoint, so they are never a difference."""


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


def changed_fields(old: Properties, new: Properties) -> list[str]:
    """
    Name the fields that differ between the stored outputs and the declared inputs; an unknown one may.

    Both sides are brought to normal form first, so a state written by older code compares rightly.
    """
    before, after = normalized(old), normalized(new)
    return [
        field for field in FIELDS if is_unknown(after.get(field)) or not is_same(before.get(field), after.get(field))
    ]


def create(  # noqa: PLR0913 - the surroundings of the one call that must not be made twice
    client: SignaClient,
    inputs: Properties,
    *,
    namespace: str,
    known: KnownEndpoints,
    kept: Kept,
    warn: Warn,
    require_engine: Callable[[], None],
) -> tuple[str, dict[str, Any]]:
    """
    Create the endpoint, or take over the one that an earlier run created and did not live to record.

    Args:
        namespace: Keeps two stacks with the same URNs apart.
        known: What this run knows of other endpoints.
        kept: Takes the id of an endpoint that is taken over; `delete` leaves it alone.
        warn: Shows a line on the resource.
        require_engine: Raises where nobody would record what is done next.

    Returns:
        The endpoint's id and the outputs.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: The endpoint exists, and its secret is not to be had today.
    """
    declared = normalized(inputs)
    urn = inputs.get(URN)
    key_of = key_of_its_own if urn is None or inputs.get(RANDOM_KEY) else key_of_resource(namespace, urn)
    creation = create_or_find(client, create_body(declared), key_of, known)
    issued, current = creation.created.endpoint, creation.current
    known.hold(issued.id)
    if creation.created.replayed:
        # Also where it looks like our own: the attempt before may have been lost on its way.
        kept.take(issued.id)
    if creation.is_found:
        warn(
            f"took over {issued.id}, which an earlier run of this resource created at {issued.created_at} and this "
            "state does not hold; if another stack has it: `pulumi state delete`, set signa:namespace, and run again"
        )
    if issued.secret is None:
        issued = current = _reissued(client, current, require_engine)
        warn(f"Signa did not repeat the secret of {issued.id}, so it was rotated: version {issued.secret_version}")
    if creation.is_as_declared:
        # What create cannot set, the second call does. Should it fail, the next run finds the endpoint.
        different = ["status"] if declared["status"] != current.status else []
    else:
        different = changed_fields(fields_of(current), declared)
    if different:
        current = _patch(client, issued.id, declared, different)
    return issued.id, _outputs(declared, current, secret=issued.secret, secret_version=issued.secret_version)


def read(client: SignaClient, endpoint_id: str, old: Properties, *, known: KnownEndpoints, warn: Warn) -> Read | None:
    """
    Fetch the endpoint; None where one that the state knows is gone.

    The secret is not in the answer: it is carried over from the old outputs, with the version it had.

    Raises:
        SignaError: Signa refused or could not be reached; never taken for "gone".
        LifecycleError: There is no such endpoint, and there never was as far as the state knows.
    """
    is_ours = "created_at" in old
    if is_ours:
        known.hold(endpoint_id)
    try:
        endpoint = client.find_webhook_endpoint(endpoint_id)
    except NotFoundError:
        if not is_ours:
            raise LifecycleError(
                f"{endpoint_id} does not exist in the API key's organization: check the id and the key"
            ) from None
        warn(
            f"{endpoint_id} no longer exists in the API key's organization and leaves the state, secret and all; "
            "if the key is the wrong one, restore the state before `pulumi up`"
        )
        return None
    fields = fields_of(endpoint)
    hidden = {name: old[name] for name in (URN, RANDOM_KEY) if name in old}
    outputs = _outputs(
        {**fields, **hidden},
        endpoint,
        secret=old.get("secret"),
        secret_version=old.get("secret_version", endpoint.secret_version),
    )
    held = outputs["secret_version"]
    if outputs["secret"] is not None and held != endpoint.secret_version:
        warn(
            f"the secret of {endpoint_id} was rotated elsewhere: Signa signs with version {endpoint.secret_version}, "
            f"this stack holds version {held}; `pulumi up --replace` of this resource makes a new endpoint and "
            "hands on its secret"
        )
    for twin in client.listed_with_url(endpoint.url) if is_ours else ():
        if twin.created_at < endpoint.created_at and fields_of(twin) == fields and not known.is_held(twin.id):
            warn(
                f"{twin.id}, created at {twin.created_at}, is the same as {endpoint_id}, and Signa delivers to both; "
                "if no stack has it, a run that died left it: delete it at Signa"
            )
    is_as_held = is_ours and not changed_fields(old, fields)
    return Read(inputs=None if is_as_held else {**fields, **hidden}, outputs=outputs)


def update(client: SignaClient, endpoint_id: str, old: Properties, new: Properties) -> dict[str, Any]:
    """
    Change the fields that differ, and give the whole new outputs.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: The endpoint is gone.
    """
    declared = normalized(new)
    changed = changed_fields(old, new)
    try:
        # An unknown value may turn out to be the old one, and Signa refuses an update of nothing.
        endpoint = (
            _patch(client, endpoint_id, declared, changed) if changed else client.get_webhook_endpoint(endpoint_id)
        )
    except NotFoundError:
        raise LifecycleError(
            f"{endpoint_id} no longer exists at Signa: run `pulumi refresh`, and the next `pulumi up` creates it anew"
        ) from None
    return _outputs(declared, endpoint, secret=old.get("secret"), secret_version=old.get("secret_version"))


def delete(client: SignaClient, endpoint_id: str, *, kept: Kept, warn: Warn) -> None:
    """
    Delete the endpoint; one that is gone already is as good.

    Raises:
        SignaError: Signa refused or could not be reached.
    """
    if endpoint_id in kept:
        warn(f"kept {endpoint_id}: another resource of this stack has it now")
        return
    try:
        client.delete_webhook_endpoint(endpoint_id)
    except NotFoundError:
        client.confirm_base_url()


def _reissued(
    client: SignaClient, current: WebhookEndpoint, require_engine: Callable[[], None]
) -> IssuedWebhookEndpoint:
    """Rotate a secret that only a run that died was told; for 24 hours Signa signs with the one before as well."""
    require_engine()
    key = rotation_key(current.id, current.secret_version + 1)
    with contextlib.suppress(ConflictError):
        issued = client.rotate_secret(current.id, idempotency_key=key)
        if issued.secret is not None:
            return issued
    raise LifecycleError(
        f"{current.id} exists, its secret was told to a run that ended, and Signa does not issue another one yet: "
        "delete the endpoint at Signa and run `pulumi up` again"
    )


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


def _outputs(
    declared: Properties, endpoint: WebhookEndpoint, *, secret: str | None, secret_version: int | None
) -> dict[str, Any]:
    """
    Give the whole state: whatever is not in here is forgotten.

    `secret_version` is that of the secret held, so that the two always belong together.
    """
    if secret is None:
        status = "unknown"
        secret_version = endpoint.secret_version
    else:
        status = "current" if secret_version == endpoint.secret_version else "stale"
    return {
        **declared,
        "secret": secret,
        "secret_version": secret_version,
        "secret_status": status,
        "consecutive_failures": endpoint.consecutive_failures,
        "last_success_at": endpoint.last_success_at,
        "last_failure_at": endpoint.last_failure_at,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }
