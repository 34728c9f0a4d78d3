"""`send`: one signed request to a receiver."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from signa_emulator.signing import SignedRequest

GONE = 410

_KEPT_BODY_BYTES = 4096


@dataclass(frozen=True)
class Outcome:
    """
    The answer of a receiver.

    Attributes:
        http_status: The HTTP status, or None when there was no answer in time.
        response_body: The beginning of the body (4 KB at most), or None without an answer.
    """

    http_status: int | None
    response_body: str | None

    @property
    def delivered(self) -> bool:
        """Whether the receiver accepted the event, with a 2xx; a redirect is a failure."""
        return self.http_status is not None and self.http_status // 100 == 2  # noqa: PLR2004 - 2xx


def send(request: SignedRequest, *, timeout_s: float) -> Outcome:
    """
    Post a request and return the outcome; a failure is an outcome too, and no exception.

    Args:
        request: The signed request.
        timeout_s: Seconds for connecting, and again for each wait for the answer.
    """
    with requests.Session() as session:
        # A proxy could not reach a receiver on this machine, and .netrc would add a header that Signa does not send.
        session.trust_env = False
        try:
            response = session.post(
                request.url,
                data=request.body,
                headers=request.headers,
                timeout=timeout_s,
                allow_redirects=False,
                stream=True,
                # Without trust_env, requests ignores REQUESTS_CA_BUNDLE, which a local https receiver needs.
                verify=os.environ.get("REQUESTS_CA_BUNDLE") or True,
            )
            beginning = response.raw.read(_KEPT_BODY_BYTES, decode_content=True)
        # Some errors of urllib3, and ValueErrors of odd host names, pass through requests, whose own are OSErrors.
        except (OSError, HTTPError, ValueError):
            return Outcome(None, None)
        return Outcome(response.status_code, beginning.decode("utf-8", "replace"))
