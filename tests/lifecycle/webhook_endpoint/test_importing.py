"""An endpoint that is imported: what is declared for it, and how it gets a secret."""

from dataclasses import replace
from typing import Any

import pytest

from fake_host import URN, Outputs, context, endpoints
from pulumi_signa.lifecycle.errors import LifecycleError
from pulumi_signa.lifecycle.webhook_endpoint import life
from pulumi_signa.settings import load
from pulumi_signa.signa_api.client import SignaClient
from signa_emulator.rules.validation import NewEndpoint
from signa_emulator.server import EmulatorServer

RUN: Outputs = {URN: "urn:pulumi:dev::p::t::alerts"}


def imported(client: SignaClient, emulator: EmulatorServer, **fields: Any) -> tuple[str, Outputs, Outputs]:
    """Return the id, the inputs and the outputs that an import of an endpoint gives."""
    organization = emulator.organization
    new = NewEndpoint(
        **{
            "url": "https://a.example/",
            "description": None,
            "enabled_events": ["alert.created"],
            "metadata": {},
            **fields,
        }
    )
    theirs = organization.endpoints.create(new, organization.settings, organization.clock.now())
    state = life.read(context(RUN, client), theirs.id, None)
    assert state is not None
    return theirs.id, {**state.inputs(), **RUN}, {**state.outputs(), **RUN}


def test_import_declares_what_is_no_default(client: SignaClient, emulator: EmulatorServer) -> None:
    assert imported(client, emulator)[1] == {"url": "https://a.example/", **RUN}

    fields = {"description": "d", "enabled_events": ["b", "a"], "metadata": {"a": {"b": None}}}
    id_, inputs, outputs = imported(client, emulator, **fields)

    assert inputs == {"url": "https://a.example/", **fields, "enabled_events": ["a", "b"], **RUN}
    assert (outputs["secret"], outputs["secret_status"]) == (None, "unknown")
    assert endpoints.check(inputs, is_new=False, warn=lambda _message: None).problems == []
    assert not endpoints.plan(id_, outputs, inputs).is_needed


def test_import_names_the_organization(client: SignaClient, emulator: EmulatorServer) -> None:
    made = imported(client, emulator)[0]
    accounts = load({}, {"SIGNA_ACCOUNTS": '{"eu": {"apiKey": "sig_eu"}}'}, account="eu")

    state = life.read(replace(context(RUN, client), settings=accounts), made, None)

    assert state is not None
    assert state.inputs()["account"] == "eu"


@pytest.mark.parametrize("edit", [{"rotate_trigger": "1"}, {"on_stale_secret": "rotate"}], ids=str)
def test_imported_endpoint_gets_a_secret_by_a_rotation(
    client: SignaClient, emulator: EmulatorServer, edit: Outputs
) -> None:
    id_, inputs, outputs = imported(client, emulator)
    declared = {**inputs, **edit}

    assert endpoints.plan(id_, outputs, declared).rotation is not None
    new = endpoints.update(client, id_, outputs, declared, now=emulator.organization.clock.now())

    endpoint = emulator.organization.endpoints.get(id_)
    assert endpoint is not None
    assert (new["secret"], new["secret_version"], new["secret_status"]) == (endpoint.secret, 2, "current")
    assert not endpoints.plan(id_, new, declared, now=emulator.organization.clock.now()).is_needed


def test_import_of_an_id_that_does_not_exist_says_so(client: SignaClient) -> None:
    with pytest.raises(LifecycleError, match="whk_0190c2f4 does not exist in the API key's organization"):
        life.read(context(RUN, client), "whk_0190c2f4", None)
