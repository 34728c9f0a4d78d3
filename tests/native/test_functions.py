"""`Invoke`: the functions of the package."""

import json
from typing import Any

import pytest

from fake_transport import API_KEY
from native.conftest import ENDPOINT, Plugin, Start, failure
from plugin_process import secret
from signa_emulator.server import EmulatorServer

KIND = "WebhookEndpoint"
GET, LIST = "signa:index:getWebhookEndpoint", "signa:index:listWebhookEndpoints"
EU_KEY = API_KEY.replace("0123", "e0e0")


def test_endpoint_is_read_without_its_secret(plugin: Plugin, emulator: EmulatorServer) -> None:
    id_, _ = plugin.create(KIND, {**ENDPOINT, "metadata": {"a_b": 1}})

    found = plugin.invoke(GET, {"id": id_})

    assert (found["id"], found["url"], found["enabledEvents"]) == (id_, ENDPOINT["url"], ["alert.created"])
    assert (found["metadata"], found["secretVersion"]) == ({"a_b": 1}, 1)
    assert not found.keys() & {"secret", "previousSecret", "description"}
    assert emulator.organization.endpoints.get(id_).secret not in json.dumps(found)


def test_all_endpoints_are_listed(plugin: Plugin) -> None:
    made = {plugin.create(KIND, ENDPOINT, name=f"alerts-{number}")[0] for number in range(3)}

    assert {endpoint["id"] for endpoint in plugin.invoke(LIST)["endpoints"]} == made


def test_function_asks_the_organization_that_it_is_told(start: Start, emulator: EmulatorServer) -> None:
    with EmulatorServer(api_keys=[EU_KEY]) as eu:
        plugin = start()
        accounts = {"eu": {"apiKey": EU_KEY, "baseUrl": eu.base_url}}
        plugin.configure({"apiKey": secret(API_KEY), "baseUrl": emulator.base_url, "accounts": secret(accounts)})
        id_, _ = plugin.create(KIND, {**ENDPOINT, "account": "eu"})

        assert [each["id"] for each in plugin.invoke(LIST, {"account": "eu"})["endpoints"]] == [id_]
        assert plugin.invoke(LIST)["endpoints"] == []


def test_function_without_a_key_says_how_to_give_one(start: Start) -> None:
    plugin = start()
    plugin.configure()

    assert failure(lambda: plugin.invoke(LIST)).startswith("cannot invoke listWebhookEndpoints: no Signa API key: ")


def test_other_function_is_refused_with_those_that_there_are(plugin: Plugin) -> None:
    assert failure(lambda: plugin.invoke("signa:index:getEndpoint")) == (
        f"there is no function signa:index:getEndpoint; the functions are {GET}, {LIST}"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"id": "whk_nothing"}, "whk_nothing does not exist in the API key's organization: check the id and the key"),
        ({"id": 5.0}, "id: must be that of a webhook endpoint, such as whk_0190c2f4"),
        ({}, "id: must be that of a webhook endpoint, such as whk_0190c2f4"),
        ({"id": "whk_1", "account": ["eu"]}, "account: must be the name of an organization"),
    ],
)
def test_argument_that_leads_nowhere_is_refused_in_one_line(
    plugin: Plugin, arguments: dict[str, Any], said: str
) -> None:
    assert failure(lambda: plugin.invoke(GET, arguments)).startswith(f"cannot invoke getWebhookEndpoint: {said}")
