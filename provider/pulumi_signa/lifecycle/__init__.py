"""
What happens to a resource: what counts as a change, and how it is created, read, updated and deleted.

* `webhook_endpoint`, `secrets_manager_secret`: one life each.
* `held_secret`, `rotation`: the signing secret that a stack holds, and when another one takes its place.
* `adoption`: taking over an endpoint that exists.
* `advice`: what the user is told of an endpoint that is not as it should be.
* `endpoint_creation`, `secret_versions`: writes that are made once, although the run may die and be repeated.
* `run`, `known_endpoints`, `kept`: the run, and what it learns of other resources while it goes.
* `times`: moments as Signa writes them.

Plain Python on plain values. The host (Pulumi's dynamic providers today) stays in `pulumi_signa.providers`.
"""

import hashlib
import json
from collections.abc import Callable

Warn = Callable[[str], None]
"""Shows one line to the user, on the resource that is being worked on."""

URN = "__urn"
"""
Hidden property: the resource's URN, its identity over all runs.

Pulumi does not tell a dynamic provider which resource it works on, so the program passes it. Names that begin
with two underscores are hidden in previews and never count as a change.
"""


def derived(*identity: str | int | None) -> str:
    """Give 64 hexadecimal digits that every run derives alike from the same parts, and that tell nothing of them."""
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


class LifecycleError(Exception):
    """A refusal of ours, in one line that says what to do."""
