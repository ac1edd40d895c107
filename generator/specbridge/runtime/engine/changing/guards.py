"""Guards: a run that would change or empty too much stops before its first write."""

from dataclasses import dataclass

from specbridge.errors import GuardError
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.equality import is_empty
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.changing.extents import check_chains
from specbridge.runtime.engine.changing.pairs import plan_pairs, read_unsettled
from specbridge.runtime.engine.session import Session
from specbridge.runtime.store.linking.links import (
    Span,
    count_links,
    count_queued_links,
    read_batches,
)


@dataclass(slots=True)
class Extent:
    """How many links a run would change, and in how many it would empty a property."""

    changed: int = 0
    emptied: int = 0
    deleted: int = 0


def check_guards(session: Session, span: Span, known: int) -> None:
    """Raise GuardError where the run would change, empty or delete too much of a flow's links.

    Links above the number `known` are this run's own, and have never agreed on anything. Properties that a link has never agreed on do not count: their first merge is no surprise, nor
    is the rest of it after a run that was cut short.
    """
    check_chains(session, span)
    if session.options.force or not known:
        return
    for flow in session.flows:
        # Most runs touch few links: counting them is enough, and planning them twice is not due.
        queued = count_queued_links(session.connection, flow, span, known)
        if queued > session.options.guard_floor:
            links = count_links(session.connection, flow.number)
            _check(session, flow, links, _measure(session, flow, span))


def _check(session: Session, flow: BoundFlow, links: int, extent: Extent) -> None:
    options = session.options
    counts = (
        (extent.changed, "change"),
        (extent.emptied, "empty properties of"),
        (extent.deleted, "delete the counterparts of"),
    )
    for count, verb in counts:
        if count > options.guard_floor and count > options.guard_share * links:
            raise GuardError(
                f"{flow.name}: the run would {verb} {count} of {links} linked records; nothing was "
                "written. Look at `plan`; if that is right, run again with --force"
            )


def _measure(session: Session, flow: BoundFlow, span: Span) -> Extent:
    extent = Extent()
    for side in (SOURCE, TARGET):
        for batch in read_batches(session.connection, flow, side, span):
            known = [pair for pair in batch.pairs if pair.link.base]
            for pair, plan in plan_pairs(
                session, flow, known, read_unsettled(session, flow, known)
            ):
                edits = [edit for edit in plan.edits if edit.unit.key in pair.link.base]
                extent.changed += bool(edits)
                extent.emptied += any(is_empty(edit.value) for edit in edits)
            if session.follows_deletions(flow):
                extent.deleted += sum(any(b.gone) and not all(b.gone) for b in batch.broken)
    return extent
