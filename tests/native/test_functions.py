"""`Invoke`: the functions of the package."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fake_transport import API_KEY
from native.conftest import ENDPOINT, Plugin, Start, failure
from plugin_process import secret
from signa_emulator.server import EmulatorServer

KIND = "WebhookEndpoint"
GET, LIST = "signa:index:getWebhookEndpoint", "signa:index:listWebhookEndpoints"
KEY = "sig_" + "deadbeef" * 4
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


def test_endpoint_that_is_not_there_is_one_line(plugin: Plugin) -> None:
    assert failure(lambda: plugin.invoke(GET, {"id": "whk_0000000000000000"})) == (
        "cannot invoke getWebhookEndpoint: whk_0000000000000000 does not exist in the API key's organization: "
        "check the id and the key"
    )


@pytest.mark.parametrize(
    "id_", [None, "", 5, True, ["whk_1"], {"a": 1}, "../webhooks", "whk_1/deliveries", "whk_é\n", KEY]
)
def test_what_cannot_be_an_id_is_refused_without_a_call(plugin: Plugin, emulator: EmulatorServer, id_: object) -> None:
    assert failure(lambda: plugin.invoke(GET, {"id": id_}), KEY) == (
        "cannot invoke getWebhookEndpoint: id: must be that of a webhook endpoint, such as whk_0190c2f4"
    )
    assert emulator.organization.requests.entries() == []


@pytest.mark.parametrize("account", ["", 5, True, ["eu"], {"eu": 1}, "a.b", KEY, secret(KEY)])
@pytest.mark.parametrize("function", [GET, LIST])
def test_what_cannot_be_an_organization_is_refused_without_its_value(
    plugin: Plugin, function: str, account: object
) -> None:
    said = failure(lambda: plugin.invoke(function, {"id": "whk_0190c2f4", "account": account}), KEY)

    assert said.startswith(f"cannot invoke {function.rpartition(':')[2]}: account: must be the name of an organization")


def test_function_without_a_key_says_how_to_give_one(start: Start) -> None:
    plugin = start()
    plugin.configure()

    assert failure(lambda: plugin.invoke(LIST)).startswith("cannot invoke listWebhookEndpoints: no Signa API key: ")


def test_other_function_is_refused_with_those_that_there_are(plugin: Plugin) -> None:
    assert failure(lambda: plugin.invoke("signa:index:getEndpoint")) == (
        f"there is no function signa:index:getEndpoint; the functions are {GET}, {LIST}"
    )


def test_cancelled_run_ends_a_function(plugin: Plugin, emulator: EmulatorServer) -> None:
    emulator.organization.faults.add(kind="hang", operation="list", times=None)

    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(plugin.invoke, LIST)
        while not emulator.organization.requests.entries():
            threading.Event().wait(0.01)
        plugin.cancel()

        assert failure(call.result).startswith("cannot invoke listWebhookEndpoints: interrupted; ")
