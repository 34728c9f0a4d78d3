"""
The accounts of this process: for each organization of Signa its connections, and who has which of its objects; and AWS.

Only here are the HTTP and AWS libraries loaded, when a resource first needs them: a preview, or a run that changes
nothing, does without.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulumi_signa.lifecycle.roster import Roster

if TYPE_CHECKING:
    from pulumi_signa.aws.secrets_manager import SecretsManager
    from pulumi_signa.lifecycle.roster import Channel
    from pulumi_signa.settings import Settings
    from pulumi_signa.signa_api.client import SignaClient

OBJECTS, DESTINATIONS = "objects", "destinations"
"""The kinds of rosters. Ids differ over all organizations, so one kind does for the objects of all of them."""

_FINDING = threading.Lock()
_ACCOUNTS: dict[object, Account] = {}
_AWS: dict[object, Aws] = {}


class Account:
    """One organization of Signa as this run sees it, its connections and its roster; shared by all threads."""

    def __init__(self, settings: Settings, pause: Callable[[float, str], None], channel: Channel | None = None) -> None:
        """
        Begin a run; nothing is connected yet.

        Args:
            pause: Waits that many seconds, and shows what for.
            channel: Joins the rosters of all processes of the run; None where there are no others.
        """
        self.settings = settings
        self.roster = Roster(channel)
        self._pause = pause
        self._connecting = threading.Lock()
        self._signa: SignaClient | None = None

    def signa(self) -> SignaClient:
        """Return the client of Signa; raise `SettingsError` where a setting is missing or malformed."""
        from pulumi_signa.signa_api.auth import BearerAuth  # noqa: PLC0415
        from pulumi_signa.signa_api.client import SignaClient  # noqa: PLC0415
        from pulumi_signa.signa_api.pacing.retry import RetryPolicy  # noqa: PLC0415
        from pulumi_signa.signa_api.transport import Transport  # noqa: PLC0415

        with self._connecting:
            if self._signa is None:
                transport = Transport(self.settings.base_url, BearerAuth(self.settings.require_signa()))
                self._signa = SignaClient(
                    transport, RetryPolicy(), max_wait_s=self.settings.max_wait_s, pause=self._pause
                )
            return self._signa


class Aws:
    """AWS as this run sees it, whichever organizations of Signa there are; shared by all threads."""

    def __init__(self, settings: Settings, channel: Channel | None = None) -> None:
        """Begin a run; nothing is connected yet. The channel is as that of an account."""
        self.roster = Roster(channel)
        self._settings = settings
        self._connecting = threading.Lock()
        self._managers: dict[str | None, SecretsManager] = {}

    def secrets_manager(self, region: str | None) -> SecretsManager:
        """
        Return the client of Secrets Manager in a region, or in the region of boto3's own chain for None.

        Raises:
            AwsError: boto3 cannot make a client.
            SettingsError: A setting is malformed, or the stack does not allow the account of the credentials.
        """
        from pulumi_signa.aws.secrets_manager import SecretsManager  # noqa: PLC0415
        from pulumi_signa.aws.session import account_id  # noqa: PLC0415

        self._settings.require_aws()
        profile = self._settings.aws_profile
        with self._connecting:
            if self._settings.limits_aws_accounts and not self._managers:
                self._settings.require_aws_account(account_id(profile, region))
            if region not in self._managers:
                self._managers[region] = SecretsManager(region, profile)
            return self._managers[region]


def account_of(
    settings: Settings, pause: Callable[[float, str], None], channel_for: Callable[[str], Channel | None]
) -> Account:
    """
    Return the account that the settings reach, one for each in this process, whichever thread asks.

    The first one to ask decides what `channel_for` joins, by the kind of the rosters.
    """
    with _FINDING:
        if settings.of_signa not in _ACCOUNTS:
            _ACCOUNTS[settings.of_signa] = Account(settings, pause, channel_for(OBJECTS))
        return _ACCOUNTS[settings.of_signa]


def aws_of(settings: Settings, channel_for: Callable[[str], Channel | None]) -> Aws:
    """Return the AWS that the settings reach, one for all organizations of this process, whichever thread asks."""
    with _FINDING:
        if settings.of_aws not in _AWS:
            _AWS[settings.of_aws] = Aws(settings, channel_for(DESTINATIONS))
        return _AWS[settings.of_aws]
