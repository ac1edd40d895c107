"""The rows as the page's script reads them: lists in a fixed order, so that they pack small."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from specbridge.model.values import Json
from specbridge.pages.audit.items import Item
from specbridge.pages.audit.values import shown_pair
from specbridge.pages.audit.words import KINDS, RESULTS, TONES
from specbridge.pages.texts import visible
from specbridge.runtime.reports.audit_report import AuditReport, Example


def pack_items(report: AuditReport, items: Sequence[Item]) -> Json:
    """Return all that the script shows; `templates/audit.js` names the places of the lists."""
    reasons: dict[tuple[str, str, str], int] = {}
    rows: list[Json] = []
    examples: list[Json] = []
    for item in items:
        rows.append([*_row(item), len(examples)])
        examples += [_example(one, reasons) for one in item.examples]
    return {
        "flows": [
            [
                visible(text)
                for text in (
                    f"{flow.source.resource} ↔ {flow.target.resource}",
                    flow.source.called,
                    flow.target.called,
                    flow.document,
                )
            ]
            for flow in report.flows
        ],
        "items": rows,
        "examples": examples,
        "reasons": [[visible(text) for text in reason] for reason in reasons],
        "results": [[name, word, TONES[name]] for name, word in RESULTS.items()],
        "kinds": list(map(list, KINDS.items())),
    }


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


def _example(example: Example, reasons: dict[tuple[str, str, str], int]) -> Json:
    because = example.because
    told = ("", "", "") if because is None else (because.why, because.mend, because.there)
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
        reasons.setdefault(told, len(reasons)),
        visible(example.unit),
    ]


def _seen(text: str | None) -> str | None:
    return None if text is None else visible(text)


def safe_address(address: str) -> str:
    """Return an address that a page may lead to, "" for any that a browser would run or read from a disk."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    plain = address.isprintable() and " " not in address
    return address if parts.scheme in ("http", "https") and parts.netloc and plain else ""
