"""What users read about a delivery check: what has happened or is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.delivery_check.schema import Declared, Outcome
    from pulumi_signa.signa_api.models import Delivery

NO_VALUE = (
    "endpoint_id has no value: the output it comes from is null (an output that the referenced stack lacks, or a "
    "resource that this run leaves out)"
)
NOT_READ = (
    "Signa keeps no object that is a delivery check, so there is nothing to import or to read: declare a new check, "
    "and `pulumi up` sends a test"
)
NO_ENDPOINT = (
    "there is no endpoint {id} in this organization: if it was deleted outside of Pulumi, `pulumi up --refresh` makes "
    "it anew; else check endpoint_id, and give the check the account of the endpoint"
)
FOUND = "an earlier run that was interrupted has sent webhook.test to {id}: that one counts, and no other is sent"

_UNDELIVERED = "webhook.test was not delivered to {id}: {what}; {look}; {then}"

_ANSWERED = "the receiver answered {status}"
_NO_ANSWER = "Signa got no answer from the receiver"
_STILL_WAITING = "the receiver has not answered within {timeout} s"
_NOT_LISTED = "Signa has not listed attempt {attempt} within {timeout} s"

_REDIRECT = "Signa follows no redirects: declare the URL that this one leads to"
_VERIFYING = (
    "see that the receiver verifies with the current secret, which has to be stored before the check runs "
    "(depends_on), and that its clock is right"
)
_URL = "see that the endpoint's URL, path included, is the one where the receiver listens"
_LOG = "look into the receiver's log"
_REACHABLE = (
    "see that the receiver can be reached from the internet (DNS, TLS certificate, firewall), and answers in seconds"
)
_SLOW = "look into the receiver's log, see that the endpoint is not disabled, or raise timeout_seconds"

_AGAIN = "the next `pulumi up` sends another one"
_NOT_AGAIN = "another one is sent when a trigger changes"

_UNAUTHORIZED = (401, 403)
_NO_SUCH_URL = (404, 405, 410)


def undelivered(endpoint_id: str, outcome: Outcome, row: Delivery | None, declared: Declared) -> str:
    """Return what became of a test that was not delivered, and where to look."""
    if outcome.http_status is not None:
        what = _ANSWERED.format(status=outcome.http_status)
        what += f" ({outcome.response_excerpt})" if outcome.response_excerpt else ""
        look = _look_after(outcome.http_status)
    elif row is None:
        what, look = _NOT_LISTED.format(attempt=outcome.attempt_id, timeout=declared.timeout_seconds), _SLOW
    elif row.is_settled:
        what, look = _NO_ANSWER, _REACHABLE
    else:
        what, look = _STILL_WAITING.format(timeout=declared.timeout_seconds), _SLOW
    then = _AGAIN if declared.required else _NOT_AGAIN
    return _UNDELIVERED.format(id=endpoint_id, what=what, look=look, then=then)


def _look_after(http_status: int) -> str:
    if http_status in _UNAUTHORIZED:
        return _VERIFYING
    if http_status in _NO_SUCH_URL:
        return _URL
    return _REDIRECT if http_status // 100 == 3 else _LOG  # noqa: PLR2004 - 3xx
