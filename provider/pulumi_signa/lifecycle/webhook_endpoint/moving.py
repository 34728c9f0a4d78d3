"""
An endpoint that was moved to another stack, and how the stack that it came from learns of the move.

`pulumi state move` tells no provider. Where the program of the first stack still declares the endpoint, its next run
creates the endpoint anew, and Signa replays the answer to the first create: as if that run had died. So the stack that
has the endpoint now leaves a mark in Signa's memory, with a key that both stacks derive: a change that changes nothing.
The first stack sends the same key with another body, which Signa refuses where the mark is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.journal import page
from pulumi_signa.lifecycle.webhook_endpoint import messages
from pulumi_signa.signa_api.errors import BAD_REQUEST, ApiError, ConflictError

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.context import Context
    from pulumi_signa.lifecycle.webhook_endpoint.state import State
    from pulumi_signa.signa_api.client import Issued, SignaClient
    from pulumi_signa.signa_api.models import WebhookEndpoint


def leave_mark(context: Context, signa: SignaClient, state: State) -> None:
    """Leave the mark where the endpoint came from another stack; warn where that stack has taken it back already."""
    if context.moved_from is None:
        return
    try:
        # The URL as it is: the next run sends the same body, and every other change follows.
        signa.update_webhook_endpoint(
            state.id, {"url": state.declared.url}, idempotency_key=_key(context.moved_from, state.id)
        )
    except ConflictError:
        context.warn(messages.TAKEN_BACK.format(id=state.id))


def is_moved_away(context: Context, signa: SignaClient, made: Issued, current: WebhookEndpoint) -> bool:
    """Return whether another stack has left its mark on an endpoint that an earlier run of this stack made."""
    # A mark is a change. Without one since the create there is none, and nothing to ask.
    if context.stack is None or current.updated_at == made.endpoint.updated_at:
        return False
    try:
        signa.update_webhook_endpoint(current.id, {}, idempotency_key=_key(context.stack, current.id))
    except ConflictError:
        return True
    except ApiError as refusal:
        if refusal.status != BAD_REQUEST:  # a change of nothing may be refused, by what the documentation leaves open
            raise
    return False


def _key(stack: str, endpoint_id: str) -> str:
    return f"pulumi-moved-{page('moved', stack, endpoint_id)}"
