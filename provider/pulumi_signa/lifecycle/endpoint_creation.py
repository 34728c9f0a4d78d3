"""
Making an endpoint once, although the run may die and be repeated.

The key of a create is derived from the resource alone, so that every run of it sends the same one. Signa replays its
answer to a known key and body for 24 hours, secret included, and refuses a known key with another body. Hence:

* **carried out**: there was no such endpoint, and now there is;
* **replayed**: an earlier run made it. If it still lives and no resource has it, that run died before its state was
  saved. If it was deleted since, or belongs to a renamed resource, the next generation of the key makes another;
* **refused**: an earlier run made one from other inputs. Among the endpoints that no resource has, the one that this
  key made is told by sending the key with the body that must have made it: only then does Signa replay. Nothing can
  be made by such a try, since the key is taken.

Source: https://github.com/signa-so/skills/blob/main/skills/signa/SKILL.md (idempotency)
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pulumi_signa.inputs import Properties, is_same
from pulumi_signa.inputs.webhook_endpoint import normalized
from pulumi_signa.lifecycle import LifecycleError, derived
from pulumi_signa.signa_api.errors import BAD_REQUEST, CONFLICT, ApiError, ConflictError, NotFoundError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.run import Run
    from pulumi_signa.signa_api.client import Issued, SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint

_MAX_GENERATIONS = 1000
"""Times that one resource can be created and deleted within 24 hours; a server that never ends is not followed."""

_MAX_UNEXPLAINED = 2
"""Refusals that may mean something else, such as a limit of the plan, before Signa's words go to the user."""

_MAX_TRIES = 5
"""Endpoints that are tried as the one that a refused key made, the likeliest first."""

_REPLAYED_FOR = timedelta(hours=24)
_CLOCKS_DIFFER_BY = timedelta(hours=1)

KeyOf = Callable[[int], str]
"""Gives the idempotency key of a generation."""


@dataclass(frozen=True, slots=True)
class Creation:
    """
    An endpoint that is there now.

    Attributes:
        issued: Signa's answer to the create that made it, now or earlier.
        current: The endpoint as it is.
        is_as_declared: Whether it was made just now from the declared body.
        is_found: Whether an earlier run made it.
    """

    issued: Issued
    current: WebhookEndpoint
    is_as_declared: bool
    is_found: bool


def fields_of(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Give what a stack that declares exactly this endpoint would say, in normal form."""
    return normalized(
        {
            "url": endpoint.url,
            "enabled_events": list(endpoint.enabled_events),
            "description": endpoint.description,
            "metadata": endpoint.metadata,
            "status": endpoint.status,
        }
    )


def create_body(declared: Properties) -> dict[str, Any]:
    """Give the body of the create of a declaration in normal form: equal declarations have equal bodies."""
    body = {"url": declared["url"], "enabled_events": declared["enabled_events"]}
    if declared["description"] is not None:
        body["description"] = declared["description"]
    if declared["metadata"]:
        body["metadata"] = declared["metadata"]
    return body


def key_of_resource(namespace: str, urn: str) -> KeyOf:
    """Give the keys that every run of a resource derives alike."""
    return lambda generation: f"pulumi-create-{derived(namespace, urn, generation)}"


def key_of_its_own(_generation: int) -> str:
    """Give a key that no other create has: for a second endpoint of one resource, while the first still lives."""
    return f"pulumi-create-{uuid.uuid4().hex}"


def create_or_find(client: SignaClient, body: Mapping[str, Any], key_of: KeyOf, run: Run) -> Creation:
    """
    Create the endpoint, unless an earlier run of the resource has done so.

    Raises:
        SignaError: Signa refused or could not be reached.
        LifecycleError: Signa repeats itself without end.
    """
    unexplained = 0
    for generation in range(_MAX_GENERATIONS):
        key = key_of(generation)
        try:
            issued, sent = client.create_webhook_endpoint(body, idempotency_key=key), body
            is_found = issued.made_earlier
        except ConflictError as refusal:
            found = _find_made_from_other_inputs(client, body, key, run)
            if found is None:
                unexplained += not refusal.is_about_idempotency_key
                if unexplained >= _MAX_UNEXPLAINED:
                    raise
                continue
            issued, sent = found
            is_found = issued.is_replay
        if not issued.is_replay:
            return Creation(issued, issued.endpoint, is_as_declared=sent is body, is_found=False)
        try:
            current = client.get_webhook_endpoint(issued.endpoint.id)
        except NotFoundError:
            continue
        if run.known.is_free(current.id):
            return Creation(issued, current, is_as_declared=False, is_found=is_found)
    raise LifecycleError(
        f"Signa says of {_MAX_GENERATIONS} endpoints that it has made them before, and none is free; set another "
        "namespace (`pulumi config set signa:namespace …`)"
    )


def _find_made_from_other_inputs(
    client: SignaClient, declared: Mapping[str, Any], key: str, run: Run
) -> tuple[Issued, Mapping[str, Any]] | None:
    """Give Signa's answer to the create that used this key, and its body; None where that endpoint is not there."""
    oldest = (run.now - _REPLAYED_FOR - _CLOCKS_DIFFER_BY).isoformat()
    # Newest first, and each body once: its refusal is that of all endpoints that have it.
    candidates: list[dict[str, Any]] = []
    for endpoint in sorted(run.known.unheld(client), key=lambda endpoint: endpoint.created_at, reverse=True):
        body = create_body(fields_of(endpoint))
        if endpoint.created_at >= oldest and not any(is_same(body, other) for other in (declared, *candidates)):
            candidates.append(body)
    for body in sorted(candidates, key=lambda body: _likeness(body, declared), reverse=True)[:_MAX_TRIES]:
        issued = _create_unless_refused(client, body, key)
        if issued is not None:
            return issued, body
    return None


def _create_unless_refused(client: SignaClient, body: Mapping[str, Any], key: str) -> Issued | None:
    try:
        return client.create_webhook_endpoint(body, idempotency_key=key)
    except ApiError as refusal:
        # The body of another endpoint: a conflict, or no longer acceptable to Signa, which may look at that first.
        if refusal.status not in (BAD_REQUEST, CONFLICT):
            raise
        return None


def _likeness(body: Mapping[str, Any], declared: Mapping[str, Any]) -> tuple[bool, int]:
    """Rank a body: the same URL before all, then the number of other fields that are the same."""
    same = {field for field in body.keys() | declared.keys() if is_same(body.get(field), declared.get(field))}
    return "url" in same, len(same)
