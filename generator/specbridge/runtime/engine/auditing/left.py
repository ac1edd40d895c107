"""What of a flow no statement can be checked on: counted, and some of it shown."""

from collections.abc import Sequence

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.auditing.findings import Called, Count, Finding, explain
from specbridge.runtime.engine.session import Session
from specbridge.runtime.reports.audit_reasons import Reason
from specbridge.runtime.reports.audit_report import Example, LeftOver
from specbridge.runtime.store.history.auditing import lost_pairs, open_conflicts
from specbridge.runtime.store.leftover.leftovers import count_open_conflicts
from specbridge.runtime.store.leftover.summary import count_vanished
from specbridge.runtime.store.linking.matching import ambiguous_pairs, count_candidates

Kept = dict[str, Sequence[Finding]]
"""Findings by the names of LeftOver's counts."""


def count_left_over(session: Session, flow: BoundFlow, waiting: Count) -> LeftOver:
    """Return how much of a flow is left over; `waiting` are the references that wait."""
    connection, number = session.connection, flow.number
    return LeftOver(
        flow=flow.name,
        package=flow.packages[0],
        vanished=count_vanished(connection, number, flow.resources),
        open_conflicts=count_open_conflicts(connection, number),
        ambiguous=count_candidates(connection, number),
        waiting=waiting.fails,
    )


def find_left_over(session: Session, flow: BoundFlow, called: Called, waiting: Count) -> Kept:
    """Return findings of each kind that there is, so many as are to be kept."""
    found = {
        "vanished": _lost(session, flow, called, waiting.most),
        "open_conflicts": _undecided(session, flow, called, waiting.most),
        "ambiguous": _ambiguous(session, flow, called, waiting.most),
        "waiting": waiting.findings,
    }
    return {name: findings for name, findings in found.items() if findings}


def _lost(session: Session, flow: BoundFlow, called: Called, most: int) -> list[Finding]:
    found = []
    for source_id, target_id, there in lost_pairs(
        session.connection, flow.number, flow.resources, most
    ):
        # Where both are gone, neither is left to look at: the source stands first.
        side = TARGET if there[TARGET] and not there[SOURCE] else SOURCE
        because = explain(Reason.VANISHED, called, side)
        example = Example(source=source_id, target=target_id, because=because)
        found.append(Finding(example=example, side=side))
    return found


def _undecided(session: Session, flow: BoundFlow, called: Called, most: int) -> list[Finding]:
    because = explain(Reason.UNDECIDED, called, SOURCE)
    return [
        Finding(
            example=Example(
                source=one.source_id,
                target=one.target_id,
                source_value=one.source_value,
                target_value=one.target_value,
                because=because,
                unit=one.unit,
            ),
            side=SOURCE,
        )
        for one in open_conflicts(session.connection, flow.number, most)
    ]


def _ambiguous(session: Session, flow: BoundFlow, called: Called, most: int) -> list[Finding]:
    because = explain(Reason.AMBIGUOUS, called, SOURCE)
    pairs = ambiguous_pairs(session.connection, flow.number, most)
    return [
        Finding(example=Example(source=source, target=target, because=because), side=SOURCE)
        for source, target in pairs
    ]
