"""`pulumi-signa adopt`."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.harness import NOW, FakePulumi, Run, Signa, assert_shows, export_of, native_export, resource
from cli.test_python_source import JSON, formatted
from fake_transport import API_KEY
from pulumi_signa import settings
from pulumi_signa.cli.adopt import Style, adoption_of, names_of
from pulumi_signa.cli.exit_codes import ExitCode
from pulumi_signa.lifecycle.schema import differing
from pulumi_signa.lifecycle.webhook_endpoint.schema import SENT, Declared
from pulumi_signa.lifecycle.webhook_endpoint.state import as_declared
from pulumi_signa.signa_api.models import WebhookEndpoint
from signa_emulator.clock import to_iso


def fill(signa: Signa) -> list[str]:
    """Make awkward endpoints, and return the ids."""
    made = [
        signa.make("https://hooks.example.com/signa/alerts"),
        signa.make(
            "https://hooks.example.com/signa/alerts",
            description='The "second" one here, isn\'t it?\nYes.',
            enabled_events=["alert.updated", "alert.created"],
            metadata={
                "team": {"name": "brand", "on_call": ["a@example.com", "b@example.com", "c@example.com"]},
                "n": 3,
            },
            status="disabled",
        ),
        signa.make("https://example.com:8443/a/%C3%BC/b?tenant=7", metadata={"tier": None}),
    ]
    return [endpoint.id for endpoint in made]


def test_program_is_ready_to_paste(run: Run, signa: Signa) -> None:
    ids = fill(signa)

    result = run("adopt")

    assert result.exit_code == 0
    assert result.stderr.startswith("pulumi-signa: no stack was named")
    assert_shows(result.stdout, "adopt.py", ids)


SLUGS = st.text(min_size=1).filter(lambda slug: slug != "webhook.test")


@given(
    description=st.none() | st.text(max_size=2_000),
    events=st.lists(
        st.text(min_size=1).filter(lambda event: event != "webhook.test"), min_size=1, max_size=20, unique=True
    ),
    metadata=st.dictionaries(st.text(), JSON),
    status=st.sampled_from(["active", "disabled"]),
)
def test_program_declares_what_signa_has(
    description: str | None, events: list[str], metadata: dict[str, Any], status: str
) -> None:
    endpoint = WebhookEndpoint(
        id="whk_1",
        url="https://example.com/",
        enabled_events=tuple(events),
        status=status,
        secret_version=1,
        created_at=to_iso(NOW),
        updated_at=to_iso(NOW),
        description=description,
        metadata=metadata,
    )

    found = adoption_of(
        [("alerts", endpoint)], settings.load({}, {}), Style(is_stored=False, rotate=False, account=None)
    )
    declared: dict[str, Any] = {}
    exec(  # noqa: S102 - what a user runs
        found.program.partition("\n")[2], {"WebhookEndpoint": lambda _, **given: declared.update(given), "Adopt": str}
    )

    assert declared.pop("adopt") == "whk_1"
    assert differing(SENT, as_declared(endpoint), Declared.of(declared)) == ()
    assert Declared.problems(Declared.normalized(declared)) == []


@pytest.mark.parametrize("options", [[], ["--stored"], ["--rotate"], ["--stored", "--rotate", "--account", "eu"]])
@pytest.mark.parametrize("line_length", [88, 120])
def test_formatter_leaves_the_program_alone(run: Run, signa: Signa, options: list[str], line_length: int) -> None:
    fill(signa)

    program = run("adopt", *options, on_terminal=True, SIGNA_API_KEY_EU=API_KEY).stdout

    assert formatted(program, line_length) == program
    assert all(len(line) <= 88 for line in program.splitlines() if line.startswith("#"))


def test_stored_program_declares_secrets_and_rotations(run: Run, signa: Signa) -> None:
    ids = fill(signa)

    result = run("adopt", "--stored", "--rotate", "--account", "eu", "--url", "*/signa/*", SIGNA_API_KEY_EU=API_KEY)

    assert_shows(result.stdout, "adopt_stored.py", ids)


def test_json_has_the_program_too(run: Run, signa: Signa) -> None:
    ids = fill(signa)

    found = json.loads(run("adopt", ids[0], "--json").stdout)

    assert found == {
        "account": None,
        "endpoints": [
            {
                "id": ids[0],
                "url": "https://hooks.example.com/signa/alerts",
                "name": "hooks-example-com-signa-alerts",
                "problems": [],
            }
        ],
        "program": run("adopt", ids[0]).stdout.rstrip("\n"),
    }


def test_endpoints_of_given_stacks_are_skipped_and_their_names_not_used_again(
    run: Run, signa: Signa, pulumi: FakePulumi, tmp_path: str
) -> None:
    ids = fill(signa)
    known = resource(ids[0], name="hooks-example-com-signa-alerts")
    pulumi.answer("stack export --stack dev", {"deployment": {"resources": [known]}})
    pulumi.answer("config --show-secrets --json --stack dev", {})

    pulumi.answer("stack ls --json", [{"name": "dev"}])
    by_stack = run("adopt", "--stack", "dev", "--json")
    by_all = run("adopt", "--all-stacks", "--json")
    by_file = run("adopt", "--export", "-", "--json", stdin=json.dumps(export_of(*ids[1:])))

    assert [(each["id"], each["name"]) for each in json.loads(by_stack.stdout)["endpoints"]] == [
        (ids[1], "hooks-example-com-signa-alerts-2"),
        (ids[2], "example-com-8443-a-b"),
    ]
    assert by_all.stderr == "pulumi-signa: skipped 1 that the given stacks know\n"
    assert by_stack.stderr.startswith(by_all.stderr + "pulumi-signa: only what dev knows was skipped: ")
    assert "see --all-stacks" in by_stack.stderr
    assert by_all.stdout == by_stack.stdout
    assert [each["id"] for each in json.loads(by_file.stdout)["endpoints"]] == [ids[0]]


def test_stack_of_the_native_host_is_offered_its_classes_and_imports(run: Run, signa: Signa, tmp_path: Path) -> None:
    ids = fill(signa)
    (tmp_path / "native.json").write_text(json.dumps(native_export(alerts=ids[0], stored=ids[1])))

    plain = run("adopt", "--export", "native.json").stdout
    of_account = run("adopt", "--export", "native.json", "--account", "eu", SIGNA_API_KEY_EU=API_KEY).stdout

    assert plain.startswith("from pulumi_signa.native import Adopt, WebhookEndpoint\n")
    assert f"pulumi import signa:index:WebhookEndpoint example-com-8443-a-b {ids[2]}\nWebhookEndpoint(" in plain
    assert f"pulumi import signa:index:WebhookEndpoint example-com-8443-a-b eu/{ids[2]}\n" in of_account
    assert formatted(plain, 120) == plain


@pytest.mark.parametrize("option", ["--stored", "--rotate"])
def test_import_is_offered_for_nothing_that_it_does_not_do(
    run: Run, signa: Signa, pulumi: FakePulumi, tmp_path: Path, option: str
) -> None:
    fill(signa)
    (tmp_path / "Pulumi.yaml").write_text("name: test\nruntime: yaml\n")

    assert "pulumi import" in run("adopt").stdout
    assert "pulumi import" not in run("adopt", option).stdout


def test_endpoint_that_no_stack_can_declare_is_left_out(run: Run, signa: Signa) -> None:
    bad = signa.make("https://example.com/#fragment", status="paused")
    good = signa.make("https://example.com/good")

    result = run("adopt")

    assert result.exit_code == ExitCode.ATTENTION
    assert f"# Left out: {bad.id}\n# url: " in result.stdout
    assert f"{bad.id} is left out: url: " in result.stderr
    assert f'Adopt("{good.id}")' in result.stdout


def test_nothing_to_take_over_prints_nothing(run: Run, signa: Signa) -> None:
    result = run("adopt")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "there is no endpoint to take over" in result.stderr


def test_unknown_id_is_refused_and_a_key_given_for_one_is_not_shown(run: Run, signa: Signa) -> None:
    unknown, key = run("adopt", "whk_1"), run("adopt", API_KEY)

    assert (unknown.exit_code, key.exit_code) == (ExitCode.USAGE, ExitCode.USAGE)
    assert "whk_1" in unknown.stderr


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.com", "example-com"),
        ("https://Example.COM/Hooks/Signa/", "example-com-hooks-signa"),
        ("https://example.com:8443/x", "example-com-8443-x"),
        ("https://example.com/a%2Fb?c=d#e", "example-com-a-b"),
        ("https://example.com/" + "word/" * 30, "example-com" + "-word" * 9),
        ("https://" + "x" * 80 + ".com/", "x" * 60),
        ("https://[::1]:80/a", "1-80-a"),
        ("https://商標/", "endpoint"),
    ],
)
def test_name_is_that_of_host_and_path(signa: Signa, url: str, name: str) -> None:
    endpoint = signa.make(url)

    assert names_of([endpoint]) == {endpoint.id: name}


def test_names_are_unique_and_stay_when_endpoints_come(signa: Signa) -> None:
    urls = ["https://a.com/", "https://a.com/2", "https://a.com", "https://a.com/2/", "https://a.com?x"]
    endpoints = [signa.make(url) for url in urls]

    assert [*names_of(endpoints).values()] == ["a-com", "a-com-2", "a-com-3", "a-com-2-2", "a-com-4"]
    assert [*names_of(endpoints[:3]).values()] == ["a-com", "a-com-2", "a-com-3"]
    assert [*names_of(endpoints[:1], taken={"a-com"}).values()] == ["a-com-2"]


def test_url_that_python_takes_for_none_stops_nobody_else(run: Run, signa: Signa) -> None:
    signa.make("https://[::1")
    signa.make("https://example.com/alerts")

    result = run("adopt")

    assert result.exit_code == ExitCode.ATTENTION
    assert "is not a URL" in result.stderr
    assert '"example-com-alerts"' in result.stdout
