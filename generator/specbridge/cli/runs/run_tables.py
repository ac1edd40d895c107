"""Reports of runs on a terminal: tables with heads, and each record with what changes in it."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from specbridge.cli.runs.run_words import (
    Telling,
    reason_of,
    record_of,
    values_of,
)
from specbridge.cli.tables import Column, dim, heading, record_cell, table_lines
from specbridge.printable import in_one_line
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.reports.report import SIDES, Action, FlowReport, Report

_MOST_AMBIGUOUS = 10
"""Records that are shown; `links` lists all."""

_WIDEST_NAME = 24
"""Letters of a property's name that values stand behind in one column."""


def screen_lines(report: Report, telling: Telling) -> Iterator[str]:
    """Yield what a run did, or would do: record by record where that was asked for, then by flow."""
    yield from _action_lines(report, telling)
    flows = [*_flow_rows(report.flows, telling)]
    yield from _table(_flow_heads(telling), flows, keep=(0, 1, 2, 3, 4))
    left = [_left_row(flow) for flow in report.flows]
    yield from _table(_LEFT, [row for row in left if {*row[1:]} != {"0"}], keep=(0,))
    yield from _ambiguous(report, telling)
    yield from _table(_REQUESTS, _request_rows(report, telling), keep=(0, 1, 2))


_LEFT = (
    "Flow",
    "Conflicts",
    "Undecided",
    "Ambiguous",
    "Waiting",
    "Withheld",
    "Dead letters",
    "Held",
)
_REQUESTS = ("Requests", "Reads", "Writes", "Throttled", "Repeated")


def _flow_heads(telling: Telling) -> Sequence[str]:
    deeds = (telling.done(kind).capitalize() for kind in ("link", "create", "update", "delete"))
    return ("Flow", "Links", *deeds)


def _flow_rows(flows: Sequence[FlowReport], telling: Telling) -> Iterator[Sequence[str]]:
    """Yield a row for each flow, and below it one for each system in which something was written."""
    for flow in flows:
        tally = flow.tally
        written = [
            (tally.created[side], tally.updated[side], tally.deleted[side])
            for side in (SOURCE, TARGET)
        ]
        both = ("", "", "") if any(map(any, written)) else ("0", "0", "0")
        yield (flow.name, _count(flow.standing.links), _count(tally.linked), *both)
        if flow.shared:
            yield (f"with {', '.join(flow.shared)}", "", "", "", "", "")
        for side, counts in enumerate(written):
            if any(counts):
                yield (f"in {telling.side(flow, side)}", "", "", *map(_count, counts))


def _left_row(flow: FlowReport) -> Sequence[str]:
    tally, standing = flow.tally, flow.standing
    counts = (
        tally.conflicts,
        standing.open_conflicts,
        standing.ambiguous,
        standing.waiting,
        tally.withheld,
        standing.dead_letters,
        standing.held,
    )
    return (flow.name, *map(_count, counts))


def _request_rows(report: Report, telling: Telling) -> Sequence[Sequence[str]]:
    return [
        (telling.system(name), *map(_count, (one.read, one.write, one.throttled, one.retried)))
        for name, one in report.requests.items()
    ]


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], keep: Sequence[int]
) -> Iterator[str]:
    """Yield a table and a blank line, without columns that count nothing; no table where none counts."""
    counting = [
        place for place in range(len(heads)) if any(row[place] not in _NONE for row in rows)
    ]
    kept = [place for place in range(len(heads)) if place in keep or place in counting]
    if not rows or len(kept) == 1:
        return
    columns = [Column(heads[place], right=place > 0) for place in kept]
    lines = ([row[place] for place in kept] for row in rows)
    yield from table_lines(columns, lines)
    yield ""


_NONE = ("", "0")


def _ambiguous(report: Report, telling: Telling) -> Iterator[str]:
    flows = {flow.name: flow for flow in report.flows}
    found = report.ambiguities
    rows = [
        (
            one.flow,
            telling.side(flows[one.flow], SIDES.index(one.side)),
            record_cell(one.id, one.name),
            ", ".join(one.candidates),
        )
        for one in found[:_MOST_AMBIGUOUS]
    ]
    if not rows:
        return
    yield from table_lines(
        [Column("Ambiguous"), Column("In"), Column("Record"), Column("Matches")], rows
    )
    if len(found) > len(rows):
        yield dim(f"and {len(found) - len(rows):,} more")
    yield ""


def _action_lines(report: Report, telling: Telling) -> Iterator[str]:
    """Yield each record with what changes in it, by flow, in the order in which it was dealt with."""
    flows = {flow.name: flow for flow in report.flows}
    order = {name: number for number, name in enumerate(flows)}
    actions = sorted(report.actions or (), key=lambda one: order[one.flow])
    for name, group in groupby(actions, key=lambda one: one.flow):
        yield heading(name)
        # Each round says the same of a record that it cannot write.
        letters = set[tuple[str, str | None]]()
        for action in group:
            key = action.reason, action.id
            if action.kind == "dead_letter" and key in letters:
                continue
            letters.add(key)
            yield from _record_lines(action, flows[name], telling)
        yield ""


def _record_lines(action: Action, flow: FlowReport, telling: Telling) -> Iterator[str]:
    id_, name = record_of(action)
    reason = reason_of(action, flow, telling)
    why = f": {reason}" if reason else ""
    yield in_one_line(f"{telling.deed(action, flow)}: {record_cell(id_, name)}{why}")
    values = values_of(action)
    width = min(_WIDEST_NAME, max(map(len, values), default=0))
    for property_, change in values.items():
        yield f"    {in_one_line(property_):<{width}}  {change}"


def _count(number: int) -> str:
    return f"{number:,}"
