"""
The reference tables of the README, made from the schemas: `.venv/bin/python -m tools.reference` writes them anew.

A table stands between two comments, `<!-- reference: NAME -->` and `<!-- /reference -->`.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi_signa
from pulumi_signa.lifecycle.delivery_check import schema as delivery_check
from pulumi_signa.lifecycle.secrets_manager_secret import schema as secrets_manager_secret
from pulumi_signa.lifecycle.webhook_endpoint import schema as webhook_endpoint

if TYPE_CHECKING:
    from pulumi_signa.lifecycle.schema import Record, Row

README = Path(__file__).resolve().parent.parent / "README.md"

_TABLE = re.compile(r"(<!-- reference: (.+?) -->\n).*?(<!-- /reference -->)", re.DOTALL)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def inputs_table(resource: type, declared: type[Record], opts: str) -> str:
    """
    Return the table of a resource's arguments, with their defaults as one would write them.

    Args:
        opts: What is said of the options, which no schema describes.
    """
    arguments = list(inspect.signature(resource).parameters.values())
    descriptions = {name: row.description for name, row in declared.rows().items()} | {"opts": opts}
    rows = [
        (
            f"`{argument.name}`",
            descriptions[argument.name],
            "required" if argument.default is argument.empty else f"`{argument.default!r}`".replace("'", '"'),
        )
        for argument in arguments
        if argument.name != "name"
    ]
    return _table(("input", "what it is", "default"), rows)


def outputs_table(rows: Mapping[str, Row], identity: str) -> str:
    """
    Return the table of a resource's outputs that are not inputs.

    Args:
        identity: What is said of the id, which no schema describes.
    """
    described = [("`id`", identity), *((f"`{name}`", row.description) for name, row in rows.items())]
    return _table(("output", "meaning"), described)


TABLES = {
    "WebhookEndpoint inputs": inputs_table(
        pulumi_signa.WebhookEndpoint,
        webhook_endpoint.Declared,
        "as for every resource; `delete_before_replace` is on unless set to `False`",
    ),
    "WebhookEndpoint outputs": outputs_table(
        {**webhook_endpoint.Recorded.rows(), **webhook_endpoint.Observed.rows()}, "`whk_…`"
    ),
    "SecretsManagerSecret inputs": inputs_table(
        pulumi_signa.SecretsManagerSecret, secrets_manager_secret.Declared, "as for every resource"
    ),
    "SecretsManagerSecret outputs": outputs_table(secrets_manager_secret.Recorded.rows(), "the ARN"),
    "DeliveryCheck inputs": inputs_table(
        pulumi_signa.DeliveryCheck, delivery_check.Declared, "as for every resource; `depends_on` the stored secret"
    ),
    "DeliveryCheck outputs": outputs_table(delivery_check.Outcome.rows(), "id of the first attempt"),
}


def updated(text: str) -> str:
    """
    Return a page with every table as it is made now.

    Raises:
        KeyError: The page asks for a table that is not made.
    """
    return _TABLE.sub(lambda match: match[1] + TABLES[match[2]] + match[3], text)


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit()
