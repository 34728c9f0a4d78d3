"""
The life of a webhook endpoint.

Every field can be changed in place, so nothing ever replaces an endpoint: a replacement would issue a new
secret, and every receiver would refuse deliveries.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_signa.inputs import Properties, is_same, is_unknown
from pulumi_signa.inputs.webhook_endpoint import FIELDS, normalized
from pulumi_signa.lifecycle import URN, LifecycleError, Warn
from pulumi_signa.signa_api.errors import NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.signa_api.client import Created, SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint

RANDOM_KEY = "__random_key"
"""Hidden property: true where a replacement must make a second endpoint while the first still lives."""

_MAX_GENERATIONS = 1000
"""Times that one resource can be created and deleted within 24 hours; a server that never ends is not followed."""

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
        inputs: What a stack that declares exactly this endpoint would say.
        outputs: The whole state.
    """

    inputs: dict[str, Any]
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


def create(client: SignaClient, inputs: Properties, *, namespace: str, warn: Warn) -> tuple[str, dict[str, Any]]:
    """
    Create the endpoint, or take over the one that an earlier run created and did not live to record.

    Returns:
        The endpoint's id and the outputs.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: The endpoint exists, and its secret was not to be had.
    """
    declared = normalized(inputs)
    body = {"url": declared["url"], "enabled_events": declared["enabled_events"]}
    if declared["description"] is not None:
        body["description"] = declared["description"]
    if declared["metadata"]:
        body["metadata"] = declared["metadata"]

    created, current = _create_or_find(client, body, inputs, namespace=namespace)
    issued = created.endpoint
    if issued.secret is None:
        raise LifecycleError(
            f"endpoint {issued.id} exists and Signa's answer holds no secret for it; "
            "delete the endpoint at Signa and run `pulumi up` again"
        )
    if created.replayed:
        if created.attempts == 1:
            warn(
                f"took over {issued.id}, which an earlier run of this declaration created at {issued.created_at} and "
                "this state does not hold; if a renamed stack or resource has it, set signa:namespace and run again"
            )
        different = changed_fields(_fields_of(current), declared)
    else:
        # What create cannot set, the second call does. Should it fail, the next run finds the endpoint.
        different = ["status"] if declared["status"] != current.status else []
    if different:
        current = _patch(client, issued.id, declared, different)
    return issued.id, _outputs(declared, current, secret=issued.secret, secret_version=issued.secret_version)


def read(client: SignaClient, endpoint_id: str, old: Properties, *, warn: Warn) -> Read | None:
    """
    Fetch the endpoint; None where one that the state knows is gone.

    The secret is not in the answer: it is carried over from the old outputs, with the version it had.

    Raises:
        SignaError: Signa refused or could not be reached; never taken for "gone".
        LifecycleError: There is no such endpoint, and there never was as far as the state knows.
    """
    try:
        endpoint = client.get_webhook_endpoint(endpoint_id)
    except NotFoundError:
        client.confirm_base_url()
        if "created_at" not in old:
            raise LifecycleError(
                f"{endpoint_id} does not exist in the API key's organization: check the id and the key"
            ) from None
        warn(
            f"{endpoint_id} no longer exists in the API key's organization and leaves the state, secret and all; "
            "if the key is the wrong one, restore the state before `pulumi up`"
        )
        return None
    fields = _fields_of(endpoint)
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
    return Read(inputs={**fields, **hidden}, outputs=outputs)


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


def delete(client: SignaClient, endpoint_id: str) -> None:
    """
    Delete the endpoint; one that is gone already is as good.

    Raises:
        SignaError: Signa refused or could not be reached.
    """
    try:
        client.delete_webhook_endpoint(endpoint_id)
    except NotFoundError:
        client.confirm_base_url()


def _create_or_find(
    client: SignaClient, body: dict[str, Any], inputs: Properties, *, namespace: str
) -> tuple[Created, WebhookEndpoint]:
    """
    Create with a key that every run of this resource derives alike, until an endpoint is there that lives.

    Signa replays the answer to a known key for 24 hours. A replay therefore means that the endpoint was made
    before: by this very call when an attempt's answer was lost, or by an earlier run. Only a GET tells whether it
    still lives, and what has become of it; where it was deleted since, the next generation of the key makes a new one.
    """
    for generation in range(_MAX_GENERATIONS):
        created = client.create_webhook_endpoint(body, idempotency_key=_create_key(body, inputs, namespace, generation))
        if not created.replayed:
            return created, created.endpoint
        try:
            return created, client.get_webhook_endpoint(created.endpoint.id)
        except NotFoundError:
            continue
    raise LifecycleError(
        f"Signa says of {_MAX_GENERATIONS} endpoints that it has made them before, and shows none; set another "
        "namespace (`pulumi config set signa:namespace …`)"
    )


def _create_key(body: dict[str, Any], inputs: Properties, namespace: str, generation: int) -> str:
    if inputs.get(RANDOM_KEY) or inputs.get(URN) is None:
        return f"pulumi-create-{uuid.uuid4().hex}"
    identity = json.dumps([namespace, inputs[URN], body, generation], sort_keys=True)
    return f"pulumi-create-{hashlib.sha256(identity.encode()).hexdigest()}"


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


def _fields_of(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return normalized(
        {
            "url": endpoint.url,
            "enabled_events": list(endpoint.enabled_events),
            "description": endpoint.description,
            "metadata": endpoint.metadata,
            "status": endpoint.status,
        }
    )


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
