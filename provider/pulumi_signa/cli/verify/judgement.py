"""Whether a delivery is genuine, and if not, why: what fits, and what would have fitted."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from standardwebhooks import Webhook

from pulumi_signa.cli.ages import span
from pulumi_signa.cli.findings import Finding, ok, problem, skipped, warning
from pulumi_signa.cli.verify.alterations import undone
from pulumi_signa.cli.verify.deliveries import Delivery
from pulumi_signa.cli.verify.secrets import CURRENT, PREVIOUS, Held, Secret, secrets_in
from pulumi_signa.lifecycle.times import moment

HEADERS, AGE, SECRET, SIGNATURE = "headers", "age", "secret", "signature"

TOLERANCE = timedelta(minutes=5)
"""How old, or how far ahead, a delivery may be (https://docs.signa.so/guides/monitoring/webhook-signature-verification)."""

OVERLAP = timedelta(hours=24)
"""How long Signa signs with the secret before as well, after a rotation."""

_ID, _TIMESTAMP, _SIGNATURE = _WANTED = ("webhook-id", "webhook-timestamp", "webhook-signature")

_VERIFY_FIRST = "let the receiver verify the bytes as they came, before anything parses, decodes or logs them"
_LARGEST_GUESSED = 2**20
"""Bytes of a body that is changed on trial; Signa's deliveries have a few thousand."""

_MILLISECONDS = 10**11
"""Unix times from here on are no seconds of this age of the world."""


@dataclass(frozen=True, slots=True)
class Signed:
    """
    `Signed` is what the headers say was signed.

    Attributes:
        id: The value of `webhook-id`.
        timestamp: The value of `webhook-timestamp`, in seconds.
        signatures: The Base64 of each signature of the version v1.
    """

    id: str
    timestamp: int
    signatures: frozenset[str]

    def fits(self, secret: Secret, body: bytes, *, id_: str | None = None, timestamp: int | None = None) -> bool:
        """Return whether one of the signatures is that of a body, with another id or timestamp if they are given."""
        try:
            text = body.decode()
            signed_at = datetime.fromtimestamp(self.timestamp if timestamp is None else timestamp, tz=timezone.utc)
        except (OSError, OverflowError, ValueError):
            return False
        signature = Webhook(secret.value).sign(self.id if id_ is None else id_, signed_at, text)
        return signature.removeprefix("v1,") in self.signatures


class Judgement(NamedTuple):
    """`Judgement` is what was found, and the secret whose signature the delivery has, if any."""

    findings: tuple[Finding, ...]
    secret: Secret | None


def judged(delivery: Delivery, held: Iterable[Held], at: datetime | None, *, is_given: bool) -> Judgement:
    """
    Return what is to be said of a delivery.

    Args:
        held: What may have signed the delivery, the current secret first.
        at: When the delivery is judged, in UTC; None leaves its age out.
        is_given: Whether somebody has given this moment, rather than the clock.
    """
    held = tuple(held)
    found_in_headers, signed = _headers(delivery)
    secrets = [secret for each in held for secret in secrets_in(each)]
    findings = [*found_in_headers, _age(signed, at, is_given=is_given), *_secrets(held)]
    if signed is None:
        findings.append(skipped(SIGNATURE, f"needs: {HEADERS}"))
        return Judgement(tuple(findings), None)
    if not secrets:
        findings.append(skipped(SIGNATURE, f"needs: {SECRET}"))
        return Judgement(tuple(findings), None)
    fitting = [secret for secret in secrets if signed.fits(secret, delivery.body)]
    if fitting:
        findings.append(_verified(signed, fitting, held, was_parsed=delivery.was_parsed))
        findings += _defects(fitting[0])
        return Judgement(tuple(findings), fitting[0])
    finding, secret = _why_not(delivery, signed, secrets)
    return Judgement((*findings, finding, *(_defects(secret) if secret else ())), secret)


def _headers(delivery: Delivery) -> tuple[list[Finding], Signed | None]:
    """Return what is wrong with the three headers, and what they say as far as it can be read."""
    values: dict[str, str] = {}
    findings = []
    for wanted in _WANTED:
        value = " ".join(delivery.values(wanted)).strip()
        if not value:
            renamed = next((name for name, each in delivery.headers if each and _is_renamed(name, wanted)), None)
            if renamed is None:
                how = "see that the receiver, or the proxy before it, passes it on"
                findings.append(problem(HEADERS, f"{wanted} is missing", how))
                continue
            value = next(each for name, each in delivery.headers if name == renamed)
            findings.append(problem(HEADERS, f"{wanted} is there as {renamed}", f"pass it on as {wanted}"))
        values[wanted] = value
    if len(values) < len(_WANTED):
        return findings, None
    timestamp, signatures = values[_TIMESTAMP], _v1(values[_SIGNATURE])
    if not re.fullmatch(r"\d{1,12}(\.\d+)?", timestamp) or float(timestamp) >= _MILLISECONDS:
        said = f"webhook-timestamp is {timestamp[:40]!r}, and no Unix time in seconds"
        return [*findings, problem(HEADERS, said, "pass it on as it came")], None
    if not signatures:
        said = "webhook-signature holds no signature of the form v1,…"
        return [*findings, problem(HEADERS, said, "pass the whole header on as it came")], None
    signed = Signed(values[_ID], int(float(timestamp)), signatures)
    attempts = delivery.values("webhook-attempt")
    about = f"{signed.id}{f', attempt {attempts[0]}' if attempts else ''}, {len(delivery.body):,} bytes"
    return findings or [ok(HEADERS, about)], signed


def _is_renamed(name: str, wanted: str) -> bool:
    normal = name.lower().replace("_", "-")
    return normal.endswith(wanted) or normal == wanted.replace("webhook-", "svix-")


def _v1(header: str) -> frozenset[str]:
    # Where a header comes several times, proxies join the values with commas.
    return frozenset(re.findall(r"(?:^|[\s,])v1,([A-Za-z0-9+/]+=*)", header))


def _age(signed: Signed | None, at: datetime | None, *, is_given: bool) -> Finding:
    if signed is None:
        return skipped(AGE, f"needs: {HEADERS}")
    if at is None:
        return skipped(AGE, "as --ignore-age says")
    age = at - datetime.fromtimestamp(signed.timestamp, tz=timezone.utc)
    received = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    said = f"sent {span(age)} {'before' if age >= timedelta() else 'after'} {received}"
    if abs(age) <= TOLERANCE:
        return ok(AGE, said)
    allowed = f"{said}; a receiver allows {TOLERANCE.total_seconds():g} s"
    if age > TOLERANCE:
        at_what_time = "correct --at" if is_given else "name the time at which it was received with --at"
        return problem(AGE, f"too old: {allowed}", f"{at_what_time}, or leave the age out with --ignore-age")
    remedy = f"set the receiver's clock by the network's time{', or correct --at' if is_given else ''}"
    return problem(AGE, f"of the future: {allowed}", remedy)


def _secrets(held: Iterable[Held]) -> Iterator[Finding]:
    for each in held:
        found = secrets_in(each)
        if not found:
            remedy = "store the secret as Signa gave it: whsec_ and Base64, and nothing else"
            yield problem(SECRET, f"{each.source} holds no signing secret", remedy)
            continue
        said = f"{each.source}: fingerprint {found[0].fingerprint}"
        yield ok(SECRET, said if found[0].member is None else f"{said}, in the member {found[0].member}")


def _defects(secret: Secret) -> Iterator[Finding]:
    if secret.defect:
        found = f"{secret.name} has {secret.defect} around it, which a receiver would take for a part of it"
        yield problem("stored form", found, "store the secret as Signa gave it: whsec_ and Base64, and nothing else")
    if secret.member is not None:
        found = f"{secret.held.source} is a JSON object: its member {secret.member} is the secret"
        yield warning("stored form", found, f"let the receiver read the member {secret.member}, not the whole value")


def _verified(signed: Signed, fitting: list[Secret], held: tuple[Held, ...], *, was_parsed: bool) -> Finding:
    names = " and ".join(dict.fromkeys(secret.name for secret in fitting))
    said = f"genuine: signed with {names}, fingerprint {fitting[0].fingerprint}"
    current = next((each for each in held if each.stage == CURRENT), None)
    if fitting[0].held.stage == PREVIOUS and current is not None and current.stored_at is not None:
        since = datetime.fromtimestamp(signed.timestamp, tz=timezone.utc) - current.stored_at
        remedy = (
            "compare the endpoint's secret_fingerprint with those above: "
            "AWSCURRENT may be another endpoint's, or `pulumi up --refresh` is due"
        )
        if since > OVERLAP:
            found = f"signed with {PREVIOUS} {span(since)} after AWSCURRENT was stored: the overlap of 24 h is over"
            return problem(SIGNATURE, found, remedy)
        if since > TOLERANCE:
            found = f"signed with {PREVIOUS} alone, {span(since)} after AWSCURRENT was stored"
            return warning(SIGNATURE, found, remedy)
        return ok(SIGNATURE, f"{said}; it was sent before the rotation")
    if was_parsed:
        return warning(SIGNATURE, f"{said}, if its body is written compactly", "save the body as text, not as JSON")
    return ok(SIGNATURE, said)


def _why_not(delivery: Delivery, signed: Signed, secrets: list[Secret]) -> tuple[Finding, Secret | None]:
    """Return why no signature fits, and the secret that fits once that is undone."""
    # Each guess costs a signature over the whole body, and there are hundreds.
    is_guessed = len(delivery.body) <= _LARGEST_GUESSED
    for how, before in undone(delivery.body) if is_guessed else ():
        for secret in secrets:
            if signed.fits(secret, before):
                found = f"the body was altered: {how}; before that, the signature of {secret.name} fits"
                return problem(SIGNATURE, found, _VERIFY_FIRST), secret
    for name, other in _of_payload(delivery.body, signed) if is_guessed else ():
        for secret in secrets:
            id_, timestamp = (other, None) if isinstance(other, str) else (None, other)
            if signed.fits(secret, delivery.body, id_=id_, timestamp=timestamp):
                found = f"{name} was changed: the signature of {secret.name} fits {other}"
                return problem(SIGNATURE, found, f"pass {name} on as it came"), secret
    lengths = delivery.values("content-length")
    if lengths and re.fullmatch("[0-9]{1,12}", lengths[0]) and int(lengths[0]) != len(delivery.body):
        found = f"the body has {len(delivery.body):,} bytes, and content-length says {int(lengths[0]):,}"
        return problem(SIGNATURE, f"no secret fits: {found}", "save the whole body as it came"), None
    names = " nor ".join(dict.fromkeys(f"{secret.name} ({secret.fingerprint})" for secret in secrets))
    refused = f"signed with neither {names}" if " nor " in names else f"not signed with {names}"
    if _id_in(delivery.body) == signed.id:
        found = f"{refused}, and the body looks untouched: it is another secret"
    else:
        found = f"{refused}: it is another secret, or another body"
    remedy = "compare with the endpoint's secret_fingerprint; after a rotation outside of Pulumi, `pulumi up --refresh`"
    return problem(SIGNATURE, found, remedy), None


def _of_payload(body: bytes, signed: Signed) -> Iterator[tuple[str, str | int]]:
    """Yield the id and the times that the body itself names, and times that the header's may have been made from."""
    id_ = _id_in(body)
    if id_ is not None:
        yield _ID, id_
    try:
        text = str(json.loads(body)["timestamp"])
        sent = int(moment(text).timestamp())
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
        sent = signed.timestamp
    tolerance = round(TOLERANCE.total_seconds())
    yield from ((_TIMESTAMP, sent + offset) for offset in range(-2, 3))
    yield from ((_TIMESTAMP, signed.timestamp + offset) for offset in range(-tolerance, tolerance + 1))


def _id_in(body: bytes) -> str | None:
    try:
        value = json.loads(body)
    except (RecursionError, ValueError):
        return None
    id_ = value.get("id") if isinstance(value, dict) else None
    return id_ if isinstance(id_, str) else None
