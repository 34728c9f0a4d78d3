"""The API key on its way to the wire."""

from requests import PreparedRequest
from requests.auth import AuthBase


class BearerAuth(AuthBase):
    """
    `Authorization: Bearer …` as an object.

    A plain session header would lose to a `.netrc` entry for the host; an auth object does not. It prints
    without the key.
    """

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "BearerAuth([secret])"
