"""The accounts of one process: their connections, and who has which of their objects."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from fake_transport import API_KEY
from pulumi_signa.accounts import Account, Aws, account_of, aws_of
from pulumi_signa.aws.errors import AwsError
from pulumi_signa.hosting.peers import Peers
from pulumi_signa.settings import Settings, SettingsError, load
from signa_emulator.server import EmulatorServer

ALONE = Peers(None).channel


def no_pause(_seconds: float, _reason: str) -> None:
    """Wait for nothing."""


def settings_of(server: EmulatorServer) -> Settings:
    """Return the settings that reach an emulator."""
    return load({}, {"SIGNA_API_KEY": API_KEY, "SIGNA_BASE_URL": server.base_url})


def make(account: Account, url: str) -> str:
    """Make an endpoint, and return its id."""
    body = {"url": url, "enabled_events": ["alert.created"]}
    return account.signa().create_webhook_endpoint(body, idempotency_key="first").endpoint.id


def test_two_accounts_see_their_own_endpoints_and_resources(emulator: EmulatorServer) -> None:
    with EmulatorServer(api_keys=[API_KEY]) as elsewhere:
        ours, theirs = (account_of(settings_of(server), no_pause, ALONE) for server in (emulator, elsewhere))
        ids = [make(account, "https://example.com/") for account in (ours, theirs)]
        for account, id_ in zip((ours, theirs), ids, strict=True):
            account.roster.take(id_, "urn")

        listed = [[each.id for each in account.signa().endpoints_listed_once()] for account in (ours, theirs)]
        found = [[each.id for each in account.signa().list_webhook_endpoints()] for account in (ours, theirs)]

    assert listed == found == [[ids[0]], [ids[1]]]
    assert [account.roster.is_known(ids[0]) for account in (ours, theirs)] == [True, False]


def test_account_and_its_connections_are_made_once(emulator: EmulatorServer) -> None:
    settings, together = settings_of(emulator), Barrier(4)
    elsewhere = load({}, {"SIGNA_API_KEY": API_KEY, "SIGNA_API_KEY_EU": f"{API_KEY}ee"}, "eu")

    def connect() -> tuple[object, ...]:
        together.wait(10)
        account, aws = account_of(settings, no_pause, ALONE), aws_of(settings, ALONE)
        return account, account.signa(), aws.secrets_manager("eu-west-1"), aws.secrets_manager("us-east-1")

    with ThreadPoolExecutor(4) as pool:
        found = [future.result(10) for future in [pool.submit(connect) for _ in range(4)]]

    assert [len({id(each[column]) for each in found}) for column in range(4)] == [1, 1, 1, 1]
    assert found[0][2] is not found[0][3]
    assert account_of(elsewhere, no_pause, ALONE) is not found[0][0]
    assert aws_of(elsewhere, ALONE).secrets_manager("eu-west-1") is found[0][2]


def test_organization_with_two_names_has_one_limit_and_one_roster(emulator: EmulatorServer) -> None:
    environment = {"SIGNA_BASE_URL": emulator.base_url, "SIGNA_API_KEY": API_KEY, "SIGNA_API_KEY_SAME": API_KEY}

    one, other = (account_of(load({}, environment, name), no_pause, ALONE) for name in (None, "same"))

    assert one is other


def test_destinations_are_those_of_all_organizations(emulator: EmulatorServer) -> None:
    environment = {"SIGNA_BASE_URL": emulator.base_url, "SIGNA_API_KEY": API_KEY, "SIGNA_API_KEY_EU": f"{API_KEY}ee"}
    rosters = [aws_of(load({}, environment, name), ALONE).roster for name in (None, "eu")]

    assert rosters[0].claim("signa/alerts in eu-west-1", "one") is None
    assert rosters[1].claim("signa/alerts in eu-west-1", "other") == "one"


def test_aws_account_is_looked_up_once_for_all_organizations(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[object] = []
    monkeypatch.setattr("pulumi_signa.aws.session.account_id", lambda *where: looked_up.append(where) or "123456789012")
    stack = {"aws:allowedAccountIds": ["123456789012"]}

    for account in (None, "eu", "us"):
        aws_of(load(stack, {}, account), ALONE).secrets_manager("eu-west-1")

    assert len(looked_up) == 1


def test_account_without_what_it_needs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load({}, {})
    monkeypatch.setenv("AWS_PROFILE", "nowhere")

    with pytest.raises(SettingsError, match="no Signa API key"):
        Account(settings, no_pause).signa()
    with pytest.raises(AwsError, match="AWS_PROFILE"):
        Aws(settings).secrets_manager("eu-west-1")
