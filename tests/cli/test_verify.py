"""`pulumi-signa verify`: deliveries that the emulator signed, and what happens to deliveries on the way."""

import base64
import contextlib
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.harness import TERMINAL, assert_shows
from pulumi_signa.cli.app import app
from pulumi_signa.cli.errors import CommandError
from pulumi_signa.cli.screen import Screen
from pulumi_signa.cli.verify import deliveries
from pulumi_signa.cli.verify.command import VARIABLE
from pulumi_signa.cli.verify.judgement import judged
from pulumi_signa.cli.verify.secrets import Held
from pulumi_signa.lifecycle.webhook_endpoint.keeping import fingerprint_of
from signa_emulator.rules.endpoints import Endpoint
from signa_emulator.signing import Event, sign

SECRET = "whsec_" + base64.b64encode(b"a signing secret of thirty-two b").decode()
OTHER = "whsec_" + base64.b64encode(b"another signing secret, as long.").decode()
NOW = datetime(2026, 11, 30, 14, tzinfo=timezone.utc)
EVENT = Event("alt_01a21120", "alert.created", {"summary": "Café “ACME” filed", "n": 1})
STORED = "signa/alerts"


@dataclass(frozen=True)
class Saved:
    """A delivery as it is saved."""

    headers: dict[str, str]
    body: bytes

    def raw(self) -> bytes:
        """Return the HTTP message."""
        lines = ["POST /hooks/signa HTTP/1.1", "Host: example.com", *(f"{n}: {v}" for n, v in self.headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body

    def event(self) -> dict[str, Any]:
        """Return what a Lambda function behind a function URL gets."""
        return {
            "version": "2.0",
            "headers": self.headers,
            "body": base64.b64encode(self.body).decode(),
            "isBase64Encoded": True,
        }

    def without(self, header: str) -> "Saved":
        """Return it without a header."""
        return replace(self, headers={name: value for name, value in self.headers.items() if name != header})


def delivery(secret: str = SECRET, *, previous: str | None = None, at: datetime = NOW) -> Saved:
    """Return a delivery that the emulator signed."""
    ends = at + timedelta(hours=1) if previous else None
    endpoint = Endpoint(1, "whk_1", "https://example.com", None, ["alert.created"], {}, at, at, secret)
    endpoint.previous_secret, endpoint.previous_secret_expires_at = previous, ends
    signed = sign(EVENT, endpoint, attempt=2, now=at)
    return Saved(signed.headers, signed.body)


class Verifier:
    """Runs the command; the secret is in the environment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.environment = monkeypatch
        monkeypatch.setenv(VARIABLE, SECRET)

    def run(self, saved: bytes, *options: str) -> dict[str, Any]:
        """Return what the command prints as JSON of a delivery that was received at once."""
        file = self.folder / "delivery"
        file.write_bytes(saved)
        at = () if {"--at", "--ignore-age"} & {*options} else ("--at", NOW.isoformat())
        return self.asked(str(file), *at, *options)

    def shown(self, saved: bytes, code: int, *options: str) -> str:
        """Return what a person sees."""
        file = self.folder / "delivery"
        file.write_bytes(saved)
        options = options or ("--at", NOW.isoformat())
        ran = CliRunner().invoke(app, ["verify", str(file), *options], env=TERMINAL)
        assert ran.exit_code == code
        return ran.stdout

    def asked(self, *arguments: str) -> dict[str, Any]:
        """Return what the command prints as JSON."""
        ran = CliRunner().invoke(app, ["verify", "--json", *arguments])
        assert ran.stdout, ran.stderr
        assert SECRET not in ran.output
        assert OTHER not in ran.output
        found: dict[str, Any] = json.loads(ran.stdout)
        assert ran.exit_code == (0 if found["is_genuine"] else 1)
        return found

    def refused(self, *arguments: str) -> str:
        """Return the one line in which the command says why it cannot judge."""
        ran = CliRunner().invoke(app, ["verify", *arguments])
        assert ran.exit_code == 2
        assert ran.stdout == ""
        assert len(ran.stderr.splitlines()) == 1
        return ran.stderr


@pytest.fixture
def verifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verifier:
    """Return what runs the command."""
    return Verifier(tmp_path, monkeypatch)


def problems(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is wrong: the subject, what was found, and what to do."""
    return [
        (each["subject"], each["found"], each["remedy"]) for each in found["findings"] if each["verdict"] == "problem"
    ]


def in_archive(saved: Saved) -> dict[str, Any]:
    headers = [{"name": name.title(), "value": value} for name, value in saved.headers.items()]
    return {"headers": headers, "body": saved.body.decode()}


def in_lists(saved: Saved) -> dict[str, Any]:
    headers = {name: [value] for name, value in saved.headers.items()}
    return {"headers": None, "multiValueHeaders": headers, "body": saved.body.decode(), "isBase64Encoded": False}


@pytest.mark.parametrize(
    "form",
    [
        Saved.raw,
        lambda saved: saved.raw().split(b"\r\n", 1)[1],
        lambda saved: b"\xef\xbb\xbf" + saved.raw().replace(b"\r\n", b"\n"),
        lambda saved: json.dumps(saved.event()).encode(),
        lambda saved: json.dumps(in_lists(saved)).encode(),
        lambda saved: json.dumps({"headers": [*saved.headers.items()], "body": saved.body.decode()}).encode(),
        lambda saved: json.dumps(in_archive(saved)).encode(),
    ],
    ids=[
        "raw",
        "without request line",
        "with line feeds and a BOM",
        "Lambda",
        "several values",
        "pairs",
        "names and values",
    ],
)
def test_delivery_is_read_in_every_form(form: Callable[[Saved], bytes], verifier: Verifier) -> None:
    found = verifier.run(form(delivery()))

    assert found["is_genuine"]
    assert (found["secret"], found["stage"], found["fingerprint"]) == (VARIABLE, None, fingerprint_of(SECRET))
    assert [each["verdict"] for each in found["findings"]] == ["ok"] * 4


def test_headers_and_body_may_be_files_of_their_own(verifier: Verifier) -> None:
    saved, folder = delivery(), verifier.folder
    (folder / "body").write_bytes(saved.body)
    (folder / "lines").write_text("".join(f"{name}: {value}\n" for name, value in saved.headers.items()))
    (folder / "object").write_text(json.dumps(saved.headers))

    for headers in ("lines", "object"):
        options = ("--headers", str(folder / headers), "--body", str(folder / "body"), "--ignore-age")
        assert verifier.asked(*options)["is_genuine"]


@pytest.mark.parametrize("fold", ["\n ", "\r\n\t"])
def test_header_lines_that_were_folded_are_one(fold: str, verifier: Verifier) -> None:
    saved = delivery(previous=OTHER)
    folded = {name: value.replace(" ", fold) for name, value in saved.headers.items()}
    folded["webhook-id"] = fold + folded["webhook-id"]
    assert fold in folded["webhook-signature"]

    assert verifier.run(Saved(folded, saved.body).raw())["is_genuine"]


def test_delivery_comes_from_stdin(verifier: Verifier) -> None:
    ran = CliRunner().invoke(app, ["verify", "-", "--ignore-age"], input=delivery().raw())

    assert ran.exit_code == 0
    assert f"genuine: signed with {VARIABLE}, fingerprint {fingerprint_of(SECRET)}" in ran.stdout


@pytest.mark.parametrize(
    ("age", "options", "said"),
    [
        (timedelta(minutes=4), (), None),
        (timedelta(minutes=6), (), "too old: sent 6 min before 2026-11-30T14:06:00Z; a receiver allows 300 s"),
        (timedelta(minutes=-6), (), "of the future: sent 6 min after"),
        (timedelta(days=1), ("--ignore-age",), None),
        (timedelta(days=1), ("--at", str(int(NOW.timestamp()))), None),
        (timedelta(days=1), ("--at", "2026-11-30T14:02:00Z"), None),
    ],
)
def test_age_counts_when_it_was_received(
    age: timedelta, options: tuple[str, ...], said: str | None, verifier: Verifier
) -> None:
    with time_machine.travel(NOW + age, tick=False):
        found = verifier.run(delivery().raw(), *(options or ("--at", (NOW + age).isoformat())))

    assert found["is_genuine"] == (said is None)
    assert [text.startswith(said or "") for _, text, _ in problems(found)] == [True] * (said is not None)


@pytest.mark.parametrize(
    ("minutes", "by_option_says", "by_clock_says"),
    [
        (6, "correct --at, or", "name the time at which it was received with --at, or"),
        (-6, "or correct --at", "set the receiver's clock"),
    ],
)
def test_time_that_was_given_may_be_what_is_wrong(
    minutes: int, by_option_says: str, by_clock_says: str, verifier: Verifier
) -> None:
    file = verifier.folder / "raw"
    file.write_bytes(delivery().raw())
    at = NOW + timedelta(minutes=minutes)

    by_option = verifier.asked(str(file), "--at", at.isoformat())["findings"][1]["remedy"]
    with time_machine.travel(at, tick=False):
        by_clock = verifier.asked(str(file))["findings"][1]["remedy"]

    assert by_option_says in by_option
    assert by_clock_says in by_clock
    assert "correct --at" not in by_clock


def test_without_a_time_the_delivery_is_judged_now(verifier: Verifier) -> None:
    file = verifier.folder / "raw"
    file.write_bytes(delivery(at=datetime.now(timezone.utc)).raw())

    assert verifier.asked(str(file))["is_genuine"]


ALTERATIONS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "line break": (lambda body: body + b"\n", "a line break was added at its end"),
    "CRLF": (lambda body: body + b"\r\n", "a line break was added at its end"),
    "BOM": (lambda body: b"\xef\xbb\xbf" + body, "a byte order mark was put before it"),
    "indented": (lambda body: json.dumps(json.loads(body), indent=2).encode(), "JSON was parsed and written anew"),
    "spaced": (lambda body: json.dumps(json.loads(body)).encode(), "its JSON was parsed and written anew"),
    "reordered": (
        lambda body: json.dumps(dict(reversed(json.loads(body).items())), separators=(",", ":")).encode(),
        "its JSON was parsed and written anew",
    ),
    "Base64": (base64.b64encode, "it is still in Base64"),
    "Base64 with a line break": (base64.encodebytes, "it is still in Base64"),
    "string": (lambda body: json.dumps(body.decode()).encode(), "it was made a JSON string"),
    "gzip": (gzip.compress, "it is still packed with gzip"),
    "chunked": (
        lambda body: f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n",
        "the frames of a chunked transfer",
    ),
    "UTF-16": (lambda body: body.decode().encode("utf-16"), "written in UTF-16 instead of UTF-8"),
    "Windows-1252": (lambda body: body.decode().encode("cp1252"), "written in Windows-1252 instead of UTF-8"),
    "twice UTF-8": (lambda body: body.decode("latin-1").encode(), "was read as Latin-1 and written as UTF-8 again"),
    "two in a row": (
        lambda body: b"\xef\xbb\xbf" + body + b"\n",
        "a byte order mark was put before it, and then a line break",
    ),
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_alteration_of_the_body_is_found(alteration: str, verifier: Verifier) -> None:
    alter, said = ALTERATIONS[alteration]
    saved = delivery()

    found = verifier.run(replace(saved, body=alter(saved.body)).raw())

    ((subject, text, remedy),) = problems(found)
    assert subject == "signature"
    assert said in text
    assert f"the signature of {VARIABLE} fits" in text
    assert "the bytes as they came" in remedy
    assert found["fingerprint"] == fingerprint_of(SECRET)


def test_body_that_was_saved_as_json_is_genuine_with_a_warning(verifier: Verifier) -> None:
    saved = delivery()

    found = verifier.run(json.dumps({"headers": saved.headers, "body": json.loads(saved.body)}).encode())

    assert found["is_genuine"]
    assert [each["subject"] for each in found["findings"] if each["verdict"] == "warning"] == ["signature"]


def test_body_that_is_cut_off_is_told_by_its_length(verifier: Verifier) -> None:
    saved = delivery()
    headers = {**saved.headers, "Content-Length": str(len(saved.body))}

    found = verifier.run(Saved(headers, saved.body[:-9]).raw())

    said = f"the body has {len(saved.body) - 9} bytes, and content-length says {len(saved.body)}"
    assert [text for _, text, _ in problems(found)] == [f"no secret fits: {said}"]


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_header_that_is_missing_is_named(header: str, verifier: Verifier) -> None:
    found = verifier.run(delivery().without(header).raw())

    assert [text for _, text, _ in problems(found)] == [f"{header} is missing"]
    assert found["findings"][-1]["found"] == "needs: headers"


@pytest.mark.parametrize("name", ["HTTP_WEBHOOK_ID", "webhook_id", "X-Webhook-Id", "svix-id"])
def test_header_that_was_renamed_is_named_and_used(name: str, verifier: Verifier) -> None:
    saved = delivery()

    found = verifier.run(Saved({**saved.without("webhook-id").headers, name: EVENT.id}, saved.body).raw())

    expected = ("headers", f"webhook-id is there as {name}", "pass it on as webhook-id")
    assert problems(found) == [expected]
    assert found["secret"] == VARIABLE


@pytest.mark.parametrize(
    ("header", "value", "said"),
    [
        ("webhook-id", "alt_another", f"webhook-id was changed: the signature of {VARIABLE} fits {EVENT.id}"),
        ("webhook-timestamp", str(int(NOW.timestamp()) + 40), f"fits {int(NOW.timestamp())}"),
        ("webhook-timestamp", f"{int(NOW.timestamp())}000", "no Unix time in seconds"),
        ("webhook-timestamp", NOW.isoformat(), "no Unix time in seconds"),
        ("webhook-signature", "sha256=0123456789abcdef", "no signature of the form v1,"),
    ],
)
def test_header_that_was_changed_is_named(header: str, value: str, said: str, verifier: Verifier) -> None:
    saved = delivery()

    ((_, text, _),) = problems(verifier.run(Saved({**saved.headers, header: value}, saved.body).raw()))

    assert said in text


def test_signatures_that_a_proxy_joined_with_commas_count(verifier: Verifier) -> None:
    saved = delivery(OTHER, previous=SECRET)
    joined = saved.headers["webhook-signature"].replace(" ", ",")

    assert verifier.run(Saved({**saved.headers, "webhook-signature": joined}, saved.body).raw())["is_genuine"]


def test_wrong_secret_is_told_by_its_fingerprint(verifier: Verifier) -> None:
    found = verifier.run(delivery(OTHER).raw())

    ((subject, text, remedy),) = problems(found)
    assert subject == "signature"
    body = "and the body looks untouched: it is another secret"
    assert text == f"not signed with {VARIABLE} ({fingerprint_of(SECRET)}), {body}"
    assert "secret_fingerprint" in remedy
    assert found["fingerprint"] is None


MALFORMED: dict[str, tuple[Callable[[str], str], str]] = {
    "white space": (lambda secret: f" {secret} ", "white space"),
    "quotes": (lambda secret: f'"{secret}"', "quotes"),
    "single quotes": (lambda secret: f"'{secret}'", "quotes"),
    "variable": (lambda secret: f"SIGNA_SECRET={secret}", "the name SIGNA_SECRET="),
    "Base64": (lambda secret: base64.b64encode(secret.encode()).decode(), "one more layer of Base64"),
    "two things": (lambda secret: f'SECRET="{secret}"', "the name SECRET= and quotes"),
}


@pytest.mark.parametrize("form", MALFORMED)
def test_secret_with_something_around_it_is_used_and_told(form: str, verifier: Verifier) -> None:
    wrap, defect = MALFORMED[form]
    verifier.environment.setenv(VARIABLE, wrap(SECRET))

    found = verifier.run(delivery().raw())

    said = f"{VARIABLE} has {defect} around it, which a receiver would take for a part of it"
    assert [text for _, text, _ in problems(found)] == [said]
    assert found["fingerprint"] == fingerprint_of(SECRET)


def test_secret_in_a_json_object_is_found_and_its_member_named(verifier: Verifier) -> None:
    verifier.environment.setenv(VARIABLE, json.dumps({"url": "https://example.com", "signing_secret": SECRET}))

    found = verifier.run(delivery().raw())

    assert found["is_genuine"]
    assert found["secret"] == f"the member signing_secret of {VARIABLE}"
    (warning,) = (each for each in found["findings"] if each["verdict"] == "warning")
    assert "is a JSON object: its member signing_secret is the secret" in warning["found"]


@pytest.mark.parametrize("value", ["hunter2!", "{}", "[1]", "whsec_", "whsec_not Base64"])
def test_value_that_holds_no_secret_is_told(value: str, verifier: Verifier) -> None:
    verifier.environment.setenv(VARIABLE, value)

    ((subject, text, _),) = problems(verifier.run(delivery().raw()))

    assert (subject, text) == ("secret", f"{VARIABLE} holds no signing secret")


def test_secret_may_be_in_a_file(verifier: Verifier) -> None:
    verifier.environment.delenv(VARIABLE)
    file = verifier.folder / "secret"
    file.write_text(f"{SECRET}\n")

    assert verifier.run(delivery().raw(), "--secret-file", str(file))["is_genuine"]


def test_secret_is_asked_for_without_an_echo(verifier: Verifier) -> None:
    verifier.environment.delenv(VARIABLE)
    verifier.environment.setattr(Screen, "is_interactive", True)
    file = verifier.folder / "raw"
    file.write_bytes(delivery().raw())

    ran = CliRunner().invoke(app, ["verify", str(file), "--ignore-age"], input=f"{SECRET}\n")

    assert ran.exit_code == 0
    assert "Signing secret:" in ran.stderr
    assert "genuine: signed with the secret that was typed" in ran.stdout
    assert SECRET not in ran.output


@pytest.fixture
def stored(aws: str, verifier: Verifier) -> Callable[[str], str]:
    """Return what puts a value into Secrets Manager, and tells its ARN."""
    manager = boto3.client("secretsmanager", endpoint_url=aws, region_name="eu-west-1")
    arn: str = manager.create_secret(Name=STORED)["ARN"]

    def put(value: str) -> str:
        manager.put_secret_value(SecretId=arn, SecretString=value)
        return arn

    return put


def test_secrets_manager_tells_which_stage_verified(
    stored: Callable[[str], str], verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(OTHER)
    arn = stored(SECRET)
    now = datetime.now(timezone.utc)

    current = verifier.run(delivery(at=now).raw(), "--secret-id", STORED, "--at", now.isoformat())
    both = verifier.run(delivery(previous=OTHER, at=now).raw(), "--secret-id", STORED, "--at", now.isoformat())
    # The region is in the ARN.
    monkeypatch.delenv("AWS_REGION")
    before = now - timedelta(hours=1)
    earlier = verifier.run(delivery(OTHER, at=before).raw(), "--secret-id", arn, "--at", before.isoformat())

    assert (current["secret"], current["stage"]) == (f"AWSCURRENT of {STORED}", "AWSCURRENT")
    assert f"AWSCURRENT of {STORED} and AWSPREVIOUS of {STORED}" in both["findings"][-1]["found"]
    assert (earlier["stage"], earlier["fingerprint"]) == ("AWSPREVIOUS", fingerprint_of(OTHER))
    assert earlier["findings"][-1]["found"].endswith("it was sent before the rotation")


@pytest.mark.parametrize(
    ("hours", "verdict", "said"),
    [
        (2, "warning", "signed with AWSPREVIOUS alone, 2 h"),
        (30, "problem", "after AWSCURRENT was stored: the overlap of 24 h is over"),
    ],
)
def test_previous_secret_alone_after_a_rotation_is_told(
    hours: int, verdict: str, said: str, stored: Callable[[str], str], verifier: Verifier
) -> None:
    stored(OTHER)
    stored(SECRET)
    later = datetime.now(timezone.utc) + timedelta(hours=hours, minutes=1)

    found = verifier.run(delivery(OTHER, at=later).raw(), "--secret-id", STORED, "--at", later.isoformat())

    assert found["findings"][-1]["verdict"] == verdict
    assert said in found["findings"][-1]["found"]
    assert "secret_fingerprint" in found["findings"][-1]["remedy"]


def test_aws_refusal_is_one_line_with_its_own_exit_code(
    stored: Callable[[str], str], verifier: Verifier, tmp_path: Path
) -> None:
    file = tmp_path / "raw"
    file.write_bytes(delivery().raw())

    ran = CliRunner().invoke(app, ["verify", str(file), "--secret-id", "signa/nothing"])

    assert ran.exit_code == 3
    assert (
        "has no secret signa/nothing with a value in eu-west-1: check the name, the region (AWS_REGION)" in ran.stderr
    )
    assert len(ran.stderr.splitlines()) == 1


def test_what_cannot_be_judged_is_refused_in_one_line(verifier: Verifier) -> None:
    def file(content: bytes) -> str:
        path = verifier.folder / "file"
        path.write_bytes(content)
        return str(path)

    refused = verifier.refused
    raw = delivery().raw()
    assert "no blank line between headers and body" in refused(file(b"webhook-id: 1"))
    assert "begins like JSON, and is none" in refused(file(b"{"))
    assert "lacks `headers` or `body`" in refused(file(delivery().body))
    assert "line 2 of" in refused(file(b"webhook-id: 1\r\nnothing\r\n\r\n{}"))
    assert "no Base64, although isBase64Encoded" in refused(
        file(json.dumps({"headers": {"a": "b"}, "body": "{}", "isBase64Encoded": True}).encode())
    )
    assert "neither an object nor pairs" in refused(file(b'{"headers": ["a"], "body": "{}"}'))
    assert "neither an object nor pairs" in refused(file(b'{"headers": 5, "body": "{}"}'))
    assert "name one FILE" in refused()
    assert "name one FILE" in refused(file(raw), "--body", file(raw))
    assert "cannot read" in refused(str(verifier.folder / "missing"))
    assert "--at takes ISO 8601" in refused(file(raw), "--at", "yesterday")
    assert "never the secret" in refused(file(raw), "--secret-id", SECRET)
    assert "and not both" in refused(file(raw), "--secret-id", STORED, "--secret-file", file(raw))
    verifier.environment.setenv(VARIABLE, " ")
    assert f"{VARIABLE} is empty" in refused(file(raw))
    verifier.environment.delenv(VARIABLE)
    assert f"set {VARIABLE}" in refused(file(raw))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
WRAPPED = st.dictionaries(st.sampled_from(["headers", "multiValueHeaders", "body", "isBase64Encoded"]), JSON)


@given(st.binary() | WRAPPED.map(lambda value: json.dumps(value).encode()) | st.binary().map(delivery().raw().__add__))
def test_whatever_was_saved_is_judged_or_refused(saved: bytes) -> None:
    with contextlib.suppress(CommandError):
        assert judged(deliveries.parsed(saved, "it"), [Held("there", SECRET)], NOW, is_given=False).findings


@given(
    st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "content-length"]),
    st.sampled_from(["a\nb", "1e3", "-1", "9" * 11]) | st.text() | st.integers().map(str),
    st.text() | JSON.map(json.dumps),
)
def test_whatever_headers_and_secrets_hold_is_judged(header: str, value: str, secret: str) -> None:
    saved = delivery()
    headers = tuple({**saved.headers, header: value}.items())

    judgement = judged(
        deliveries.Delivery(headers, saved.body), [Held("there", secret), Held("here", SECRET)], NOW, is_given=False
    )

    assert "\n" not in "".join(finding.found for finding in judgement.findings)


def test_screen_of_a_genuine_delivery(verifier: Verifier) -> None:
    assert_shows(verifier.shown(delivery().raw(), 0), "verify", [])


def test_screen_of_a_delivery_that_was_altered_and_is_late(verifier: Verifier) -> None:
    saved = delivery()
    verifier.environment.setenv(VARIABLE, json.dumps({"signing_secret": SECRET}))

    shown = verifier.shown(replace(saved, body=saved.body + b"\n").raw(), 1, "--at", "2026-12-01T09:30:00Z")

    assert_shows(shown, "verify_altered", [])


def test_screen_of_a_delivery_that_another_secret_signed(verifier: Verifier) -> None:
    assert_shows(verifier.shown(delivery(OTHER).raw(), 1), "verify_other_secret", [])


@pytest.mark.parametrize("length", ["\u00b2", "9" * 5000, "-1", ""])
def test_odd_length_of_the_body_is_passed_over(length: str, verifier: Verifier) -> None:
    saved = delivery(OTHER)

    assert not verifier.run(replace(saved, headers={**saved.headers, "Content-Length": length}).raw())["is_genuine"]


def test_request_may_have_the_pseudo_headers_of_http2(verifier: Verifier) -> None:
    request_line, rest = delivery().raw().split(b"\r\n", 1)

    assert request_line.startswith(b"POST")
    assert verifier.run(b":method: POST\r\n:path: /hooks/signa\r\n" + rest)["is_genuine"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "body",
    [
        b"1\r\nA\r\n" * 150_000,
        gzip.compress(bytes(2**28), 1),
        b'{"id": "' + bytes([120]) * 10_000_000 + b'"}',
    ],
    ids=["frames", "packed", "long"],
)
def test_body_that_is_no_delivery_of_signa_s_is_judged_in_a_bounded_time(body: bytes, verifier: Verifier) -> None:
    assert not verifier.run(replace(delivery(), body=body).raw())["is_genuine"]
