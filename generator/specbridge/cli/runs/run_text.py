"""Reports of runs as plain lines, for pipes: a flow, a record, a system in each."""

from collections.abc import Iterator

from specbridge.cli.runs.run_words import (
    Telling,
    reason_of,
    record_of,
    shown,
    values_of,
)
from specbridge.printable import printable
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.reports.report import SIDES, FlowReport, Report


def report_lines(report: Report, telling: Telling) -> Iterator[str]:
    """Yield what a run did, or would do, flow by flow; names of records stand at the end, as JSON."""
    # A line is one whatever a record holds, and blanks within it stay as they are.
    for line in _lines(report, telling):
        yield printable(line).replace("\n", "\\n").replace("\t", "\\t")


def _lines(report: Report, telling: Telling) -> Iterator[str]:
    flows = {flow.name: flow for flow in report.flows}
    for flow in report.flows:
        shared = f" (with {', '.join(flow.shared)})" if flow.shared else ""
        yield f"{flow.name}{shared}: {_summary(flow, telling)}"
    for one in report.ambiguities:
        side = telling.side(flows[one.flow], SIDES.index(one.side))
        others = ", ".join(one.candidates)
        yield f"  ambiguous: {one.flow} {side} {one.id} matches {others}{_named(one.name)}"
    # None where nobody asked: a first sync has as many actions as records.
    for action in report.actions or ():
        id_, name = record_of(action)
        values = (f"{property_}={change}" for property_, change in values_of(action).items())
        flow = flows[action.flow]
        words = (telling.deed(action, flow), id_, *values, reason_of(action, flow, telling))
        yield f"{action.flow}:  {' '.join(filter(None, words))}{_named(name)}"
    for system, usage in report.requests.items():
        yield f"{system}: {usage.read} reads, {usage.write} writes"


def _named(name: str | None) -> str:
    return f" {shown(name)}" if name else ""


def _summary(flow: FlowReport, telling: Telling) -> str:
    tally, standing = flow.tally, flow.standing
    written = [
        (counts[side], f"{telling.done(kind)} in {telling.side(flow, side)}")
        for kind, counts in (
            ("create", tally.created),
            ("update", tally.updated),
            ("delete", tally.deleted),
        )
        for side in (SOURCE, TARGET)
    ]
    counts = (
        (standing.links, "links"),
        (tally.linked, telling.done("link")),
        *written,
        (tally.conflicts, "conflicts"),
        (standing.ambiguous, "ambiguous"),
        (standing.waiting, "waiting"),
        (standing.dead_letters, "dead letters"),
        (standing.held, "held"),
    )
    return ", ".join(f"{count} {name}" for count, name in counts if count) or "nothing"
