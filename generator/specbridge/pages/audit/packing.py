"""The rows as the page's script reads them: lists in a fixed order, so that they pack small."""

import re
from collections.abc import Sequence

from specbridge.model.values import Json
from specbridge.pages.audit.items import Item
from specbridge.pages.audit.values import shown_pair
from specbridge.pages.audit.words import KINDS, RESULTS, TONES, within
from specbridge.pages.texts import visible
from specbridge.runtime.reports.audit_reasons import Explanation
from specbridge.runtime.reports.audit_report import AuditedFlow, AuditReport, Example


def pack_items(report: AuditReport, items: Sequence[Item]) -> tuple[Json, Json]:
    """Return all that the script shows: the rows, and the examples, which it needs a moment later.

    `templates/audit.js` names the places of the lists. A row ends with the number of its first example.
    """
    reasons: dict[Explanation | None, int] = {}
    rows: list[Json] = []
    examples: list[Json] = []
    for item in items:
        rows.append([*_row(item), len(examples)])
        examples += [_example(one, reasons) for one in item.examples]
    shown: Json = {
        "flows": [_flow(flow) for flow in report.flows],
        "items": rows,
        "many": len(examples),
        "reasons": [_reason(one) for one in reasons],
        "results": [[name, word, TONES[name]] for name, word in RESULTS.items()],
        "kinds": list(map(list, KINDS.items())),
    }
    return shown, examples


def _flow(flow: AuditedFlow) -> list[Json]:
    sides = (flow.source, flow.target)
    names = [within(one.called, one.system, one.label, one.resource) for one in sides]
    texts = (" ↔ ".join(names), flow.source.called, flow.target.called, flow.document)
    return [visible(text) for text in texts]


def _reason(because: Explanation | None) -> list[Json]:
    if because is None:
        return ["", "", ""]
    return [visible(text) for text in (because.why, because.mend, because.there)]


_LEFT_OUT = 0
"""What stands for a value that the page is not to show."""


def _row(item: Item) -> list[Json]:
    return [
        item.flow,
        item.kind,
        item.result,
        visible(item.text),
        visible(item.place),
        item.checked,
        item.holds,
        visible(item.why),
        visible(item.mend),
    ]


def _example(example: Example, reasons: dict[Explanation | None, int]) -> Json:
    values = shown_pair(example.source_value, example.target_value)
    # None would say that the property is empty.
    source, target = (_LEFT_OUT, _LEFT_OUT) if example.masked else values
    return [
        _seen(example.source),
        _seen(example.names[0]),
        source,
        safe_address(example.seen[0]),
        _seen(example.target),
        _seen(example.names[1]),
        target,
        safe_address(example.seen[1]),
        reasons.setdefault(example.because, len(reasons)),
        visible(example.unit),
    ]


def _seen(text: str | None) -> str | None:
    return None if text is None else visible(text)


# A host without a name and password before it, which would make one look like another.
_OF_THE_WEB = re.compile(
    r"https?://(\[[0-9a-f:.]+\](:\d+)?|[^\s/?#@\[\]\\]+)([/?#]\S*)?", re.IGNORECASE
)


def safe_address(address: str) -> str:
    """Return an address that a page may lead to, "" for any that a browser would run or read from a disk."""
    return address if address.isprintable() and _OF_THE_WEB.fullmatch(address) else ""
