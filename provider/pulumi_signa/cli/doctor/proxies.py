"""The proxy that requests go through, by the variable that names it: boto3 and requests read the same ones."""

import os
from urllib.parse import urlsplit


def variable_for(url: str) -> str:
    """Return the variable of the proxy that requests to a URL go through; empty where there is none."""
    from requests.utils import get_environ_proxies, select_proxy  # noqa: PLC0415

    if not select_proxy(url, get_environ_proxies(url)):
        return ""
    names = (f"{urlsplit(url).scheme}_proxy", "all_proxy")
    return next((each for name in names for each in (name, name.upper()) if os.environ.get(each)), "the proxy")
