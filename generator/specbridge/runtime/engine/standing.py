"""How flows stand: counted in the store, for reports and for `status`."""

from collections.abc import Sequence

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.session import Session
from specbridge.runtime.reports.report import SIDES, Ambiguity, FlowReport, Standing
from specbridge.runtime.store.leftover.leftovers import (
    count_dead_letters,
    count_open_conflicts,
    count_waiting,
)
from specbridge.runtime.store.linking.links import count_links
from specbridge.runtime.store.linking.matching import ambiguous_pairs, count_candidates

MOST_AMBIGUOUS = 10_000
"""Pairs per flow that a report names; it counts all of them, and `links` lists them."""


def report_flows(session: Session) -> tuple[FlowReport, ...]:
    """Return what the run did to each flow that it ran, and how the flows stand now."""
    connection = session.connection
    return tuple(
        FlowReport(
            name=flow.name,
            package=flow.packages[0],
            shared=flow.names[1:],
            ends=flow.ends,
            resources=flow.resources,
            tally=session.tallies[flow.number],
            standing=Standing(
                links=count_links(connection, flow.number),
                ambiguous=count_candidates(connection, flow.number),
                waiting=count_waiting(connection, flow.number),
                dead_letters=count_dead_letters(connection, flow.number),
                open_conflicts=count_open_conflicts(connection, flow.number),
                # From the flow, not the store: held rows leave no trace there.
                held=sum(bool(row.held) for row in flow.flow.properties),
            ),
        )
        for flow in in_stated_order(session.flows)
    )


def in_stated_order(flows: Sequence[BoundFlow]) -> list[BoundFlow]:
    """Return pairings as people know them: in the order in which the store met their flows."""
    return sorted(flows, key=lambda flow: flow.number)


def report_ambiguities(session: Session) -> tuple[Ambiguity, ...]:
    """Return the records that match without being linked, each with all its candidates."""
    return tuple(
        item for flow in in_stated_order(session.flows) for item in _ambiguities(session, flow)
    )


def _ambiguities(session: Session, flow: BoundFlow) -> list[Ambiguity]:
    pairs = ambiguous_pairs(session.connection, flow.number, MOST_AMBIGUOUS)
    found: list[Ambiguity] = []
    for side in (SOURCE, TARGET):
        groups: dict[str, list[str]] = {}
        for pair in pairs:
            groups.setdefault(pair[side], []).append(pair[1 - side])
        found += [
            Ambiguity(flow=flow.name, side=SIDES[side], id=id_, candidates=tuple(sorted(others)))
            for id_, others in sorted(groups.items())
        ]
    return found
