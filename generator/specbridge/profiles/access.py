"""Whether a profile says enough of how a system is reached, and reaches us: address, credentials, limits, probe, webhooks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from datetime import date

from specbridge.model.profile import (
    AuthScheme,
    AuthStyle,
    Expectation,
    ExpectationKind,
    Limit,
    Profile,
)
from specbridge.model.values import Json
from specbridge.model.webhooks import Webhooks
from specbridge.profiles.faults import Fault, Key, suggest

_REFUSALS = range(400, 500)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_PREFIX = re.compile(r"[\w~-][\w.~-]*(/[\w~-][\w.~-]*)*", re.ASCII)
_PREFIX_NAME = re.compile(r"[A-Z][A-Z0-9_]*_PATH")
_PART = re.compile(r"\{([^{}]*)\}")
_SIGNED = ("body", "instant", "event", "method", "address")
_VARIABLE = re.compile(r"\{[A-Z][A-Z0-9_]*\}")
_TEXTS = ("user", "password", "token", "token_url", "scope", "authorize_url", "redirect_url")
_TABLES = ("headers", "query", "token_query", "authorize_query")
# What a way to authorize needs, and what it can use besides; `headers` and `query` all can.
_NEEDED: dict[AuthStyle, tuple[str, ...]] = {
    AuthStyle.NONE: (),
    AuthStyle.API_KEY: (),
    AuthStyle.BEARER: ("token",),
    AuthStyle.BASIC: ("user", "password"),
    AuthStyle.CLIENT_CREDENTIALS: ("user", "password", "token_url"),
    AuthStyle.SESSION: ("token_url",),
    AuthStyle.REFRESH_TOKEN: ("user", "token", "token_url"),
    AuthStyle.AUTHORIZATION_CODE: ("user", "authorize_url", "token_url", "redirect_url"),
}
_CARRIED = (
    "body_style",
    "token_path",
    "expires_path",
    "token_header",
    "token_text",
    "token_parameter",
)
_ANSWERED = ("expires_in", *_CARRIED)
_USED: dict[AuthStyle, tuple[str, ...]] = {
    AuthStyle.CLIENT_CREDENTIALS: ("scope", *_ANSWERED),
    AuthStyle.SESSION: (
        "user",
        "token_method",
        "token_query",
        "token_body",
        "token_from",
        "token_days",
        *_ANSWERED,
    ),
    AuthStyle.REFRESH_TOKEN: ("password", *_CARRIED),
    AuthStyle.AUTHORIZATION_CODE: ("password", "scope", "authorize_query", *_CARRIED),
}
_ANYWHERE = ("style", "headers", "query", "ends")
_GRANTS = ("form", "form-body", "json")
_BODY_STYLES = {
    AuthStyle.CLIENT_CREDENTIALS: _GRANTS,
    AuthStyle.SESSION: ("form", "json"),
    AuthStyle.REFRESH_TOKEN: _GRANTS,
    AuthStyle.AUTHORIZATION_CODE: _GRANTS,
}


def access_faults(profile: Profile) -> Iterator[Fault]:
    """Yield what of a system's address, credentials, limits and probe is unsaid or said wrongly."""
    yield from _template_faults("base_url", profile.base_url)
    yield from _prefix_faults(profile)
    yield from _status_faults(profile)
    for number, scheme in enumerate(profile.auth):
        for fault in _scheme_faults(scheme):
            yield Fault(key=("auth", number, *fault.key), text=fault.text)
    for number, limit in enumerate(profile.limits):
        for fault in _limit_faults(limit):
            yield Fault(key=("limits", number, *fault.key), text=fault.text)
    yield from _bucket_faults(profile.limits)
    yield from _sharing_faults(profile)
    for number, expectation in enumerate(profile.expectations):
        for fault in _expectation_faults(expectation):
            yield Fault(key=("expectations", number, *fault.key), text=fault.text)
    if profile.account and profile.probe is None:
        yield Fault(key=("account",), text="is looked for in the probe's answer: state a probe")
    if profile.granted and profile.probe is None:
        yield Fault(key=("granted",), text="is looked for in the probe's answer: state a probe")
    if profile.expectations and profile.probe is None:
        yield Fault(
            key=("expectations",), text="nothing is asked that could show them: state a probe"
        )


def is_prefix(text: str) -> bool:
    """Return whether a text is a part of a path as a profile's prefixes are: names with slashes between them."""
    return _PREFIX.fullmatch(text) is not None


def _prefix_faults(profile: Profile) -> Iterator[Fault]:
    for name, text in profile.prefixes.items():
        if not _PREFIX_NAME.fullmatch(name):
            yield Fault(key=("prefixes", name), text="must be capitals that end in _PATH")
        if not is_prefix(text):
            yield Fault(key=("prefixes", name), text=f"{text!r} is no path such as api/v2")


def _status_faults(profile: Profile) -> Iterator[Fault]:
    for number, status in enumerate(profile.busy_statuses):
        if status not in _REFUSALS:
            text = f"{status} refuses nothing: statuses from 400 to 499 do"
            yield Fault(key=("busy_statuses", number), text=text)


def _scheme_faults(scheme: AuthScheme) -> Iterator[Fault]:
    blank = AuthScheme(style=scheme.style)
    needed = _NEEDED[scheme.style]
    for key in needed:
        if not getattr(scheme, key):
            yield Fault(key=(key,), text=f"is missing: style {scheme.style.value} needs it")
    for key in (one.name for one in fields(scheme)):
        used = key in (*needed, *_USED.get(scheme.style, ()), *_ANYWHERE)
        if not used and getattr(scheme, key) != getattr(blank, key):
            yield Fault(key=(key,), text=f"is nothing to style {scheme.style.value}")
    if scheme.style is AuthStyle.API_KEY and not scheme.headers and not scheme.query:
        yield Fault(key=("headers",), text="or query is missing: they hold the key")
    if scheme.ends and not _is_date(scheme.ends):
        yield Fault(key=("ends",), text=f"{scheme.ends!r} is no date such as 2027-04-30")
    yield from _text_faults(scheme)
    yield from _token_faults(scheme)


def _text_faults(scheme: AuthScheme) -> Iterator[Fault]:
    for key in _TEXTS:
        yield from _template_faults(key, getattr(scheme, key))
    for table in _TABLES:
        for name, value in getattr(scheme, table).items():
            # The call of a session may hold the day on which it ends.
            text = value.replace("{until}", "") if table == "token_query" else value
            for fault in _template_faults(name, text):
                yield Fault(key=(table, *fault.key), text=fault.text)
    yield from _body_faults(dict(scheme.token_body), ("token_body",))


def _body_faults(value: Json, key: Key) -> Iterator[Fault]:
    if isinstance(value, str):
        for fault in _template_faults("", value.replace("{until}", "")):
            yield Fault(key=key, text=fault.text)
    parts = value.items() if isinstance(value, dict) else ()
    for name, part in enumerate(value) if isinstance(value, list) else parts:
        yield from _body_faults(part, (*key, name))


def _token_faults(scheme: AuthScheme) -> Iterator[Fault]:
    styles = _BODY_STYLES.get(scheme.style)
    if styles and scheme.body_style not in styles:
        text = f"{scheme.body_style!r} is none of {', '.join(styles)}"
        yield Fault(key=("body_style",), text=text)
    if scheme.token_method not in METHODS:
        text = f"{scheme.token_method!r} is none of {', '.join(METHODS)}"
        yield Fault(key=("token_method",), text=text)
    if "{token}" not in scheme.token_text and "{basic}" not in scheme.token_text:
        yield Fault(key=("token_text",), text="must hold {token}, or {basic}")
    for key in ("expires_in", "token_days"):
        stated = getattr(scheme, key)
        if stated is not None and stated < 1:
            yield Fault(key=(key,), text="must be 1 at least")
    for key in ("token_path", "expires_path"):
        if not getattr(scheme, key):
            yield Fault(key=(key,), text="must have one name at least")


def _template_faults(key: str, text: str) -> Iterator[Fault]:
    """Yield a fault where braces hold what is no name of a variable."""
    left = _VARIABLE.sub("", text)
    if "{" in left or "}" in left:
        yield Fault(
            key=(key,), text=f"{text!r}: braces hold names of variables, such as {{API_KEY}}"
        )


def _limit_faults(limit: Limit) -> Iterator[Fault]:
    if limit.requests < 1:
        yield Fault(key=("requests",), text="must be 1 at least")
    if limit.seconds <= 0.0:
        yield Fault(key=("seconds",), text="must be more than 0")
    if limit.method and limit.method not in METHODS:
        text = f"{limit.method!r} is none of {', '.join(METHODS)}"
        yield Fault(key=("method",), text=text)
    if not 1 <= limit.cost <= max(1, limit.requests):
        yield Fault(key=("cost",), text="must be 1 at least, and no more than requests")
    yield from _template_faults("shared_by", limit.shared_by)
    if limit.per_record and "{" not in limit.path:
        yield Fault(key=("per_record",), text="tells records by {id} in the path, which has none")


def _bucket_faults(limits: Sequence[Limit]) -> Iterator[Fault]:
    """Yield limits that count together and do not state the same."""
    first: dict[str, Limit] = {}
    for number, limit in enumerate(limits):
        other = first.setdefault(limit.bucket, limit)
        stated = limit.requests, limit.seconds, limit.shared_by
        if limit.bucket and (other.requests, other.seconds, other.shared_by) != stated:
            text = (
                f"{limit.bucket} has other requests, seconds or shared_by above: it is one bucket"
            )
            yield Fault(key=("limits", number, "bucket"), text=text)


def _sharing_faults(profile: Profile) -> Iterator[Fault]:
    """Yield limits of which it cannot be told who shares them."""
    known = set(_VARIABLE.findall(profile.base_url)) | {"{BASE_URL}"}
    known |= {name for scheme in profile.auth for name in _VARIABLE.findall(str(astuple(scheme)))}
    for number, limit in enumerate(profile.limits):
        key = ("limits", number, "shared_by")
        named = _VARIABLE.findall(limit.shared_by)
        if limit.shared_by and not named:
            text = (
                "names no variable: it is one of the credentials, such as {API_KEY}, or {BASE_URL}"
            )
            yield Fault(key=key, text=text)
        for name in sorted(set(named) - known):
            yield Fault(key=key, text=f"{name} is no variable of the address or the credentials")
        if limit.shared_by and limit.per_record:
            yield Fault(key=key, text="is nothing to a limit per record, which one company has")


def _expectation_faults(expectation: Expectation) -> Iterator[Fault]:
    listed = expectation.kind is ExpectationKind.ONE_OF
    if listed and not expectation.values:
        yield Fault(key=("values",), text="is missing: one-of needs them")
    if expectation.values and not listed:
        yield Fault(key=("values",), text="is said, and the kind is not one-of")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def webhook_faults(webhooks: Webhooks, resources: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with webhooks; `resources` are the names of those that there are."""
    if not _VARIABLE.fullmatch(webhooks.secret):
        yield Fault(key=("secret",), text="must be one variable, such as {WEBHOOK_SECRET}")
    yield from _signed_faults(webhooks)
    if webhooks.tolerance <= 0:
        yield Fault(key=("tolerance",), text="must be more than 0 seconds")
    if bool(webhooks.id) is bool(webhooks.event):
        yield Fault(key=("id",), text="or event is to be stated, one of them")
    if webhooks.event and webhooks.many:
        yield Fault(key=("event",), text="is one header, and a body has many events")
    if not webhooks.kind:
        yield Fault(key=("kind",), text="must name what says what happened")
    yield from _record_faults(webhooks, resources)
    check = webhooks.check
    if check is not None and (not check.address or bool(check.state) is not bool(check.active)):
        text = "needs address, and state and active either both or not at all"
        yield Fault(key=("check",), text=text)


def _signed_faults(webhooks: Webhooks) -> Iterator[Fault]:
    parts = _PART.findall(webhooks.signed)
    for part in parts:
        if part not in _SIGNED:
            text = f"knows no {{{part}}}; {suggest(part, _SIGNED)}"
            yield Fault(key=("signed",), text=text)
    if "body" not in parts:
        text = "lacks {body}: whoever has one signature could send anything"
        yield Fault(key=("signed",), text=text)
    for name, header in (("instant", webhooks.instant), ("event", webhooks.event)):
        if (name in parts) is not bool(header):
            text = f"{name} is to stand in signed and to be stated as a header, or neither"
            yield Fault(key=(name,), text=text)
    if not webhooks.signature:
        yield Fault(key=("signature",), text="must name a header")


def _record_faults(webhooks: Webhooks, resources: Sequence[str]) -> Iterator[Fault]:
    if not webhooks.records:
        yield Fault(key=("records",), text="there must be one at least")
    for place, one in enumerate(webhooks.records):
        if one.resource not in resources:
            text = f"{one.resource} is no resource; {suggest(one.resource, resources)}"
            yield Fault(key=("records", place, "resource"), text=text)
        if not all(one.kinds) or not one.kinds:
            yield Fault(key=("records", place, "kinds"), text="must say how its kinds begin")
        if not all(one.ids) or not one.ids:
            yield Fault(key=("records", place, "ids"), text="must name one path at least")
