"""
The journal: keys that every run of a resource derives alike, so that each write is made once.

We cannot record what we begin, because the engine saves the state only when an operation has ended. Signa and AWS can:
Signa remembers every idempotency key with its body and its answer for 24 hours, and AWS every request token as the id
of the version that it made. Their memory is the journal. The identity of a resource derives the journal's pages, the
same ones in every run. To send a page is to do the thing, and to send the page again is to read what was done. A page
is used up when its thing was deleted, was overtaken, or belongs to somebody else; a used page leads to the next one.

Creation, recovery, rotation, adoption with a rotation, versions in Secrets Manager, and the tests of a delivery check
follow from this one idea.
Everything else is convergence: whatever a page gave, bring it to what is declared.

Source: https://docs.signa.so/api-reference/idempotency,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html (ClientRequestToken)
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

REPLAYED_FOR = timedelta(hours=24)
"""How long Signa replays its answer to an idempotency key."""


def page(*identity: str | int | None, after: str | None = None) -> str:
    """
    Return one key: 64 hexadecimal digits that reveal nothing of the identity.

    Args:
        identity: What every run of this write derives alike, and no other write.
        after: The page before, or None for the first one.
    """
    return hashlib.sha256(json.dumps([*identity, after]).encode()).hexdigest()


def pages(*identity: str | int | None, limit: int, after: str | None = None) -> Iterator[str]:
    """
    Yield the keys of one write: the first page, and after each page that is used up the next.

    Args:
        limit: How many pages at most; a server that calls every page used up is not asked for ever.
        after: The page that the first one follows, or None.
    """
    for _ in range(limit):
        after = page(*identity, after=after)
        yield after
