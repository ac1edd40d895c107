"""Whether what a profile says of webhooks fits together, and can be relied on."""

import re
from collections.abc import Iterator, Sequence

from specbridge.model.webhooks import Webhooks
from specbridge.profiles.faults import Fault, suggest

_HOLE = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"\{[A-Z][A-Z0-9_]*\}")
_PARTS = ("body", "instant", "event", "method", "address")


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
    parts = _HOLE.findall(webhooks.signed)
    for part in parts:
        if part not in _PARTS:
            text = f"knows no {{{part}}}; {suggest(part, _PARTS)}"
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
