"""
Signa as the settings reach it: the key, the way there, and whether the key opens the right organization.

One request shows all of this but the last, and at most one more shows whether the stack's endpoints are another
organization's. Neither changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pulumi_signa.cli.doctor import proxies
from pulumi_signa.cli.doctor.stack import SUBJECT as STACK
from pulumi_signa.cli.findings import Finding, halves, ok, problem, skipped, warning
from pulumi_signa.explanations import redacted
from pulumi_signa.setting_rows import ROWS

if TYPE_CHECKING:
    from pulumi_signa.cli.doctor.setup import Setup
    from pulumi_signa.settings import Settings
    from pulumi_signa.signa_api.errors import SignaError
    from pulumi_signa.signa_api.models import Page, WebhookEndpoint
    from pulumi_signa.signa_api.transport import Answer, Transport

_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S, _DEADLINE_S = 3.0, 5.0, 8.0

_UNAUTHORIZED, _FORBIDDEN, _PROXY_REFUSED, _TOO_MANY, _SERVER_ERROR = 401, 403, 407, 429, 500

KEY, CONNECTION, BASE_URL, ACCEPTED, SCOPE, PLAN, ORGANIZATION = RUNGS = (
    *("API key", "connection", "base URL", "key accepted", "scope", "plan", "organization"),
)
"""What is looked at, each of which needs those before it, but for the connection, which needs no key."""

CONFIGURATION = "configuration"

_BASE_URL_FROM = "SIGNA_BASE_URL, or signa:baseUrl of the stack"


@dataclass(frozen=True, slots=True)
class Seen:
    """
    `Seen` is what one request to the base URL led to: an answer, or the reason why none came.

    Attributes:
        skew: How far this machine's clock is ahead of the answer's; None where no answer told the time.
    """

    answer: Answer | None = None
    failure: SignaError | None = None
    skew: timedelta | None = None


def look(setup: Setup) -> Seen:
    """Send one request: the first page of the list of endpoints, with the key if there is one."""
    from pulumi_signa.signa_api.errors import SignaError  # noqa: PLC0415

    if _needed(setup) is not None:
        return Seen()
    try:
        answer = _transport(setup.settings).send("GET", "/webhooks", query={"limit": "100"})
    except SignaError as failure:
        return Seen(failure=failure)
    return Seen(answer, skew=_skew(answer, setup.settings))


def findings(setup: Setup, seen: Seen) -> Iterator[Finding]:
    """Yield what the settings and the request show; a second request is sent where the first one leaves it open."""
    settings = setup.settings
    yield from _key(setup)
    wrong = _configuration_problems(settings)
    yield from (problem(CONFIGURATION, text, "mend the value, or take it out: there is a default") for text in wrong)
    for key, meant in setup.unread:
        yield warning(CONFIGURATION, f"pulumi-signa does not read {key}", meant)
    needed = _needed(setup)
    stumbled = None if needed is not None else _stumbled(setup, seen)
    page = None if seen.answer is None else _page(seen.answer)
    for rung in RUNGS[1:]:
        if needed is not None:
            yield skipped(rung, f"needs: {needed}")
        elif stumbled is not None and rung == stumbled.subject:
            yield stumbled
        elif stumbled is not None and RUNGS.index(rung) > RUNGS.index(stumbled.subject):
            yield skipped(rung, f"needs: {stumbled.subject}")
        elif rung == ORGANIZATION and page is not None:
            yield _organization(setup, page)
        else:
            yield ok(rung, _said(rung, settings))


def _needed(setup: Setup) -> str | None:
    """Return what has to be mended before it is known which server to ask; None where that is known."""
    if _configuration_problems(setup.settings):
        return CONFIGURATION
    # For an account, the stack's base URL of that account wins over the variable of all of them.
    undecided = ("",) if setup.settings.account is None else ("", ROWS["base_url"].variable)
    return STACK if setup.is_partial and setup.settings.base_url_source in undecided else None


def _key(setup: Setup) -> Iterator[Finding]:
    settings = setup.settings
    if setup.is_partial and not settings.api_key_source:
        yield skipped(KEY, f"needs: {STACK}")
        return
    if setup.hidden_key:
        yield skipped(KEY, f"from {setup.hidden_key}, which the program alone has")
        return
    if settings.api_key is not None:
        yield ok(KEY, f"from {settings.api_key_source}, well formed")
        return
    wrong = [text for text in settings.signa_problems if _is_of_key(text)]
    yield from (problem(KEY, *halves(text)) for text in wrong)
    if not wrong:
        yield skipped(KEY, f"needs: {CONFIGURATION}")


def _is_of_key(text: str) -> bool:
    return "Signa API key" in text


def _configuration_problems(settings: Settings) -> list[str]:
    return [text for text in settings.signa_problems if not _is_of_key(text)]


def _said(rung: str, settings: Settings) -> str:
    way = f" through {proxies.variable_for(settings.base_url)}" if proxies.variable_for(settings.base_url) else ""
    return {
        CONNECTION: f"{urlsplit(settings.base_url).hostname} answers{way}",
        BASE_URL: f"{settings.base_url} is Signa's API",
        ACCEPTED: "Signa knows the key",
        SCOPE: "the key has portfolios:manage",
        PLAN: "the organization's plan has webhooks",
    }[rung]


def _stumbled(setup: Setup, seen: Seen) -> Finding | None:
    """Return the first rung that does not bear, and why; None where all of them do."""
    settings = setup.settings
    if seen.answer is None:
        return None if seen.failure is None else _unreachable(settings, seen.failure)
    if settings.api_key is None and seen.answer.status == _UNAUTHORIZED and _slug(seen.answer):
        return skipped(ACCEPTED, f"needs: {STACK if setup.is_partial else KEY}")
    return _refused(settings, seen.answer)


def _unreachable(settings: Settings, failure: SignaError) -> Finding:
    found = failure.edited(lambda quote: redacted(quote, settings, ()))
    proxy = proxies.variable_for(settings.base_url)
    if "TLS with" in found:
        said, _, remedy = found.partition(". ")
        if "expired" in said or "not yet valid" in said:
            remedy = "check this machine's clock, and then the server's certificate"
        if "WRONG_VERSION_NUMBER" in said or "UNEXPECTED_EOF" in said:
            remedy = f"what answers there speaks no TLS: check {proxy or f'the base URL ({_BASE_URL_FROM})'}"
        return problem(CONNECTION, said, remedy)
    if proxy:
        remedy = f"check {proxy}, or name {urlsplit(settings.base_url).hostname} in NO_PROXY"
        return problem(CONNECTION, found.replace("the proxy of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY", proxy), remedy)
    remedy = f"check the network, a firewall, and the base URL ({_BASE_URL_FROM})"
    return problem(CONNECTION, found, remedy)


def _refused(settings: Settings, answer: Answer) -> Finding | None:  # noqa: PLR0911 - one a case
    slug, status, source = _slug(answer), answer.status, settings.api_key_source
    at, proxy = settings.base_url, proxies.variable_for(settings.base_url)
    if status == _PROXY_REFUSED:
        return problem(CONNECTION, f"{proxy or 'a proxy'} asks for a user and password", "put them into its URL")
    if 200 <= status < 300 and _page(answer) is not None:  # noqa: PLR2004 - any 2xx
        return None
    if status == _UNAUTHORIZED and slug:
        remedy = f"check that the key from {source} is whole and not revoked, and that it is one of {at}"
        return problem(ACCEPTED, "Signa answered 401: it does not know the key", remedy)
    if slug == "plan_upgrade_required":
        return problem(PLAN, "the organization's plan has no webhooks", "change the plan at Signa; no other key helps")
    if status == _FORBIDDEN and slug:
        remedy = f"give the key from {source} this scope at Signa, or make another key"
        return problem(SCOPE, "Signa answered 403: the key lacks portfolios:manage", remedy)
    if status == _TOO_MANY:
        return warning(SCOPE, "Signa answered 429: the rate limit is used up", "run `pulumi-signa doctor` in a minute")
    if status >= _SERVER_ERROR:
        blamed = f"{proxy}, or the server behind it," if proxy else urlsplit(at).hostname
        return problem(CONNECTION, f"{blamed} answered {status}", "run `pulumi-signa doctor` again in some minutes")
    remedy = f"set the base URL ({_BASE_URL_FROM}) to where the API is, /v1 included"
    if answer.headers.get("Location"):
        return problem(BASE_URL, f"{at} redirects elsewhere with status {status}", remedy)
    how = " with a web page" if "html" in answer.headers.get("Content-Type", "").lower() else ", not in Signa's form"
    return problem(BASE_URL, f"{at} is not Signa's API: it answered {status}{how}", remedy)


def _organization(setup: Setup, page: Page[WebhookEndpoint]) -> Finding:
    """Return whether the list of endpoints is that of the organization that the stack was made in."""
    plural = "" if len(page.data) == 1 else "s"
    known = f"{len(page.data)}{' or more' if page.has_more else ''} endpoint{plural} at Signa"
    if setup.endpoint_ids is None:
        return skipped(ORGANIZATION, f"{known}; no stack to compare them with")
    if not setup.endpoint_ids:
        return ok(ORGANIZATION, f"{known}; the stack has none yet")
    missing = set(setup.endpoint_ids) - {endpoint.id for endpoint in page.data}
    count = len(setup.endpoint_ids)
    if len(missing) < count:
        if not missing or page.has_more:
            return ok(ORGANIZATION, "that of the stack's endpoints")
        are = "are" if len(missing) > 1 else "is"
        found = f"{len(missing)} of the stack's {count} endpoints {are} gone at Signa"
        return warning(ORGANIZATION, found, "run `pulumi refresh`, and then `pulumi up` to make them again")
    if page.has_more and _is_there(setup, min(missing)):
        return ok(ORGANIZATION, "that of the stack's endpoints")
    none = "not the stack's endpoint" if count == 1 else f"none of the stack's {count} endpoints"
    found = f"the key is of another organization, which has {none}"
    remedy = f"use a key of the stack's organization; this one is from {setup.settings.api_key_source}"
    return problem(ORGANIZATION, found, remedy)


def _is_there(setup: Setup, endpoint_id: str) -> bool:
    """Return whether Signa has an endpoint that is not on the first page of the list; ask once."""
    from pulumi_signa.signa_api.errors import SignaError  # noqa: PLC0415

    try:
        answer = _transport(setup.settings).send("GET", f"/webhooks/{endpoint_id}")
    except SignaError:
        return True
    return _slug(answer) != "not_found"


def _transport(settings: Settings) -> Transport:
    from pulumi_signa.signa_api.auth import BearerAuth  # noqa: PLC0415
    from pulumi_signa.signa_api.transport import Transport  # noqa: PLC0415

    auth: Any = (lambda request: request) if settings.api_key is None else BearerAuth(settings.api_key)
    return Transport(
        settings.base_url,
        auth,
        connect_timeout_s=_CONNECT_TIMEOUT_S,
        read_timeout_s=_READ_TIMEOUT_S,
        deadline_s=_DEADLINE_S,
    )


def _skew(answer: Answer, settings: Settings) -> timedelta | None:
    from pulumi_signa.signa_api.http_dates import http_date  # noqa: PLC0415

    told = http_date(answer.headers.get("Date", ""))
    return None if told is None else settings.now() - told


def _slug(answer: Answer) -> str:
    """Return Signa's word for a refusal; empty where Signa did not write the answer."""
    from pulumi_signa.signa_api.errors import ApiError  # noqa: PLC0415
    from pulumi_signa.signa_api.refusals import error_of  # noqa: PLC0415

    error = error_of(answer)
    return error.slug if isinstance(error, ApiError) else ""


def _page(answer: Answer) -> Page[WebhookEndpoint] | None:
    from pulumi_signa.signa_api.errors import ResponseFormatError  # noqa: PLC0415
    from pulumi_signa.signa_api.models import Page, WebhookEndpoint, parse  # noqa: PLC0415

    try:
        return parse(answer.body, Page[WebhookEndpoint], operation="list webhook endpoints")
    except ResponseFormatError:
        return None
