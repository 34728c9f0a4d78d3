"""`served`: the organization that a request is for. One application serves all servers of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from signa_emulator.organization import Organization

# Key in the WSGI environment for the organization of the server that the request came to.
ORGANIZATION = "signa_emulator.organization"


def served() -> Organization:
    """Return the organization that the request at hand is for."""
    found: Organization = request.environ[ORGANIZATION]
    return found
