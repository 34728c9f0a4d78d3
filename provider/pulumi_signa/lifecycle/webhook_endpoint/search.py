"""
Finding the endpoint that an interrupted run made from other inputs than those declared now.

Signa refuses a known key with another body. Among the endpoints that no resource has, the one that this key made is
recognized by sending the key with the body that must have made it: only then does Signa replay. Such a try can make
nothing, because the key is taken. Where Signa keeps a field in another form than was sent, the declaration may still
have what was sent, so bodies are mixed of both. This is a search and no page of the journal: it may fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

from pulumi_signa.lifecycle.journal import REPLAYED_FOR
from pulumi_signa.lifecycle.values import is_same
from pulumi_signa.lifecycle.webhook_endpoint.state import as_declared, body_of
from pulumi_signa.signa_api.errors import BAD_REQUEST, CONFLICT, ApiError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.signa_api.client import Issued, SignaClient

_MAX_TRIES = 5
"""Bodies that are tried with a refused key: those of endpoints, the likeliest first, and then mixed ones."""

_CLOCKS_DIFFER_BY = timedelta(hours=1)


def find_made_from_other_inputs(
    context: Context, signa: SignaClient, body: Mapping[str, Any], *, key: str
) -> Issued | None:
    """Return Signa's answer to the create that used this key, which Signa refuses for `body`; None if not found."""
    pure = _candidates(context, signa, body)
    mixed = _likeliest_first(chain.from_iterable(_mixtures(candidate, body) for candidate in pure), body)
    candidates = [*pure, *mixed][:_MAX_TRIES]
    return next(filter(None, (_create_unless_refused(signa, candidate, key) for candidate in candidates)), None)


def _create_unless_refused(signa: SignaClient, body: Mapping[str, Any], key: str) -> Issued | None:
    try:
        return signa.create_webhook_endpoint(body, idempotency_key=key)
    except ApiError as refusal:
        # Not the body this key was used with. Signa answers 409, or 400 if it validates the body before it looks at the
        # key.
        if refusal.status not in (BAD_REQUEST, CONFLICT):
            raise
        return None


def _candidates(context: Context, signa: SignaClient, declared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the bodies of the endpoints that no resource has, the likeliest first, the newest of equals first."""
    oldest = (context.now - REPLAYED_FOR - _CLOCKS_DIFFER_BY).isoformat()
    bodies: list[dict[str, Any]] = []
    for endpoint in sorted(signa.endpoints_listed_once(), key=lambda endpoint: endpoint.created_at, reverse=True):
        body = body_of(as_declared(endpoint))
        # Each distinct body is tried once: if Signa refuses it, it refuses it for every endpoint with that body.
        is_new = not any(is_same(body, other) for other in (declared, *bodies))
        if is_new and endpoint.created_at >= oldest and not context.roster.is_known(endpoint.id):
            bodies.append(body)
    return _likeliest_first(bodies, declared)


def _mixtures(body: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the bodies that have some of the fields that differ from one, and the others from the other."""
    different = [field for field in body.keys() | declared.keys() if not _is_alike(field, body, declared)]
    for number in range(1, len(different)):
        for fields in combinations(sorted(different), number):
            sources = {field: declared if field in fields else body for field in body.keys() | declared.keys()}
            yield {field: source[field] for field, source in sources.items() if field in source}


def _likeliest_first(bodies: Iterable[dict[str, Any]], declared: Mapping[str, Any]) -> list[dict[str, Any]]:
    return sorted(bodies, key=lambda body: _likeness(body, declared), reverse=True)


def _likeness(body: Mapping[str, Any], declared: Mapping[str, Any]) -> tuple[bool, int]:
    """Rank a body: the same URL before all, then the number of other fields that are the same."""
    same = {field for field in body.keys() | declared.keys() if _is_alike(field, body, declared)}
    return "url" in same, len(same)


def _is_alike(field: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return is_same(one.get(field), other.get(field))
