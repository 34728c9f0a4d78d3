"""The API key in the request's header."""

from requests import PreparedRequest
from requests.auth import AuthBase


class BearerAuth(AuthBase):
    """
    `BearerAuth` adds the header `Authorization: Bearer …`, and prints without the key.

    `requests` replaces a plain session header by the `.netrc` entry of the host. It leaves an auth object alone.
    """

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header to a request."""
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request

    def __repr__(self) -> str:
        """Return a text without the key."""
        return "BearerAuth([secret])"
