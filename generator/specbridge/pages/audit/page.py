"""The audit's page: one file that needs nothing else, to be read, sorted, printed and handed on."""

from collections.abc import Iterator, Sequence

from specbridge.pages.audit.diagram import NARROW, WIDE, draw_systems
from specbridge.pages.audit.flows import FlowShare, flow_shares
from specbridge.pages.audit.history import draw_history
from specbridge.pages.audit.items import Item, make_items
from specbridge.pages.audit.packing import pack_items
from specbridge.pages.audit.surroundings import Surroundings
from specbridge.pages.audit.words import count, instant, share
from specbridge.pages.embedding import pack_json
from specbridge.pages.render import render_page
from specbridge.runtime.reports.audit_report import AuditReport

MOST_NAMED = 3
"""Records that are named of a statement where the page's script does not run."""


def write_audit_page(report: AuditReport, around: Surroundings) -> str:
    """Return the page of an audit."""
    items = make_items(report, around)
    flows = flow_shares(report.flows, items)
    read = {(one.system, one.resource): one.records for one in report.read}
    shown, examples = pack_items(report, items)
    view = {
        "title": f"Audit of {report.package}",
        "heading": " ↔ ".join(_called(report)) or report.package,
        "verdict": _verdict(report, items),
        "tone": "fails" if not report.holds else "holds",
        "share": share(report.held_true, report.checked),
        "summary": _summary(report, items),
        "facts": list(_facts(report, around)),
        "wide": draw_systems(flows, read, WIDE),
        "narrow": draw_systems(flows, read, NARROW),
        "groups": _groups(flows, items),
        "history": draw_history(around.history, around.at.tzinfo),
        "kept": around.kept,
        "packed": pack_json(shown),
        "packed_examples": pack_json(examples),
    }
    return render_page("audit.html.jinja", view, styles=("audit.css",), scripts=("audit.js",))


def _verdict(report: AuditReport, items: Sequence[Item]) -> str:
    left = sum(item.checked for item in items if item.kind == "left")
    if not report.checked:
        return "There was nothing to check"
    if not report.holds:
        failing = sum(statement.fails for statement in report.statements)
        verb = "check does not hold" if failing == 1 else "checks do not hold"
        return f"{failing:,} {verb}"
    return "All that was checked holds" if not left else "All that could be checked holds"


def _summary(report: AuditReport, items: Sequence[Item]) -> str:
    stated = [item for item in items if item.kind != "left"]
    failing = sum(item.result == "fails" for item in stated)
    held = sum(item.result == "held" for item in stated)
    left = sum(item.checked for item in items if item.kind == "left")
    parts = [
        f"{report.held_true:,} of {count(report.checked, 'check')} hold",
        f"{failing:,} of {count(len(stated), 'statement')} {'does' if failing == 1 else 'do'} not",
        f"{held:,} {'is' if held == 1 else 'are'} held back" if held else "",
        f"{count(left, 'record or pair', 'records or pairs')} could not be checked" if left else "",
    ]
    return "; ".join(filter(None, parts)) + "."


def _facts(report: AuditReport, around: Surroundings) -> Iterator[tuple[str, list[str]]]:
    """Yield what stands in the page's head: a word, and its answer in lines."""
    systems = [
        f"{one.called} at {one.address}" if one.address else one.called for one in around.systems
    ]
    yield "Systems and accounts", systems or list(_called(report))
    documents = list(dict.fromkeys(flow.document for flow in report.flows))
    yield ("Document" if len(documents) == 1 else "Documents"), documents
    run = f"after run {report.after}" if report.after else "no run has written yet"
    yield "Checked", [instant(around.at), run]
    names = {one.name: one.called for one in around.systems}
    read: dict[str, list[str]] = {}
    for one in report.read:
        read.setdefault(one.system, []).append(f"{one.records:,} {one.resource}")
    yield "Read", [
        f"{names.get(system, system)}: {', '.join(parts)}" for system, parts in read.items()
    ]


def _called(report: AuditReport) -> Sequence[str]:
    """Return the systems' names, each once, in the flows' order."""
    sides = (side for flow in report.flows for side in (flow.source, flow.target))
    return tuple(dict.fromkeys(side.called for side in sides))


def _groups(
    flows: Sequence[FlowShare], items: Sequence[Item]
) -> list[tuple[FlowShare, list[tuple[Item, str]]]]:
    """Return the flows with their rows, each with the records that are named where no script runs."""
    groups: list[tuple[FlowShare, list[tuple[Item, str]]]] = [(flow, []) for flow in flows]
    for item in items:
        groups[item.flow][1].append((item, _named(item)))
    return groups


def _named(item: Item) -> str:
    some = item.examples[:MOST_NAMED]
    texts = [
        " / ".join(
            name or (f"id {id_}" if id_ else "—")
            for id_, name in zip((one.source, one.target), one.names, strict=True)
        )
        for one in some
    ]
    more = len(item.examples) - len(some)
    return "; ".join(texts) + (f"; and {more:,} more" if more else "")
