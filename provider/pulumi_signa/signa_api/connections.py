"""
Connections that share one TLS context.

`requests` reads the CA file anew for each connection. That takes 13 ms or more, and each worker of a plugin has a
connection.
"""

import ssl
from pathlib import Path
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from pulumi_signa.signa_api.errors import UnreachableError

_MOST_IDLE = 128
"""
Connections that are kept for the next request, as many as a host has calls of one organization at once: 64 of a kind.

`requests` closes any beyond that, warns of each, and connects anew for the next request.
"""


class TlsAdapter(HTTPAdapter):
    """`TlsAdapter` connects with one TLS context, to servers as to proxies that speak TLS."""

    def __init__(self, ca_bundle: Path) -> None:
        """
        Make an adapter; nothing is connected yet.

        Args:
            ca_bundle: A file of certificates, or a folder of such files.

        Raises:
            UnreachableError: The certificates cannot be read.
        """
        try:
            file, folder = (None, ca_bundle) if ca_bundle.is_dir() else (ca_bundle, None)
            self._context = ssl.create_default_context(cafile=file, capath=folder)
        except OSError as error:
            said = f"the CA file {ca_bundle} cannot be read: {error.strerror or error}"
            raise UnreachableError(f"{said}; check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE", retryable=False) from None
        super().__init__(pool_maxsize=_MOST_IDLE)

    def build_connection_pool_key_attributes(self, request: PreparedRequest, verify: Any, cert: Any = None) -> Any:
        """Return the server, and the context in place of a CA file."""
        server, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return server, {"ssl_context": self._context}

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Return the connections through a proxy."""
        if proxy.lower().startswith("https"):
            options["proxy_ssl_context"] = self._context
        return super().proxy_manager_for(proxy, **options)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Name no CA file: urllib3 would load the file into the context for each connection."""


def adapter_for(urls: list[str], ca_bundle: Path) -> HTTPAdapter:
    """
    Return the adapter for a server and its proxy.

    Args:
        urls: Where it connects to. Without TLS no certificate is read.
        ca_bundle: A file of certificates, or a folder of such files.

    Raises:
        UnreachableError: The certificates cannot be read.
    """
    if any(url.lower().startswith("https") for url in urls):
        return TlsAdapter(ca_bundle)
    return HTTPAdapter(pool_maxsize=_MOST_IDLE)
