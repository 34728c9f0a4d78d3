"""
The connections of the plugin's process, each made once, when a resource first needs it.

Only here are the HTTP and AWS libraries loaded: a preview, or a run that changes nothing, does without them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar

from pulumi_signa.providers.host.run import pause

if TYPE_CHECKING:
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.providers.settings import Settings
    from pulumi_signa.signa_api.client import SignaClient

Key = TypeVar("Key", bound=Hashable)
Connection = TypeVar("Connection")


def _once(make: Callable[[Key], Connection]) -> Callable[[Key], Connection]:
    """Make one connection a key, although four threads may ask at the same time."""
    lock = threading.Lock()
    cached = functools.cache(make)

    @functools.wraps(make)
    def connect(key: Key) -> Connection:
        with lock:
            return cached(key)

    return connect


@_once
def signa(settings: Settings) -> SignaClient:
    """
    Connect to Signa.

    Raises:
        SettingsError: A setting is missing or malformed.
    """
    from pulumi_signa.signa_api.auth import BearerAuth  # noqa: PLC0415
    from pulumi_signa.signa_api.client import SignaClient  # noqa: PLC0415
    from pulumi_signa.signa_api.pacing.retry import RetryPolicy  # noqa: PLC0415
    from pulumi_signa.signa_api.transport import Transport  # noqa: PLC0415

    transport = Transport(settings.base_url, BearerAuth(settings.require_signa()))
    return SignaClient(transport, RetryPolicy(), max_wait_s=settings.max_wait_s, pause=pause)


@_once
def secrets_manager(region: str | None) -> SecretsManager:
    """
    Connect to Secrets Manager in a region, or in that of boto3's own chain.

    Raises:
        AwsError: No region, or a profile that does not exist.
    """
    from pulumi_signa.aws.secrets_manager import SecretsManager  # noqa: PLC0415

    return SecretsManager(region)
