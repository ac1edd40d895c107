"""Pairs of a round: planned in batches, their bases, conflicts and waits kept, their edits gathered."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from specbridge.runtime.conversions import ConversionError
from specbridge.runtime.decide.bases import StoredBase
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.options import ConflictPolicy
from specbridge.runtime.decide.plan import Pair, PairPlan, Planner
from specbridge.runtime.engine.changing.rounds import mark_pairs, note_round
from specbridge.runtime.engine.changing.updating import Updates
from specbridge.runtime.engine.linking.claiming import own_pairs
from specbridge.runtime.engine.linking.referring import wait_row
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.leftover.leftovers import (
    DeadLetter,
    PairClash,
    Unsettled,
    open_units,
    replace_waits,
    save_conflicts,
    settle_conflicts,
    unsettled_conflicts,
)
from specbridge.runtime.store.linking.links import save_bases
from specbridge.runtime.store.seen.queue import queue_records


def plan_pairs(
    session: Session, flow: BoundFlow, pairs: Sequence[Pair], left: Sequence[Unsettled]
) -> Iterator[tuple[Pair, PairPlan]]:
    """Plan pairs with the references that they need and the choices that people made.

    `left` are the pairs' conflicts that are not settled.
    """
    pairs = own_pairs(session, flow, pairs)
    sources = [pair.source for pair in pairs]
    translation = session.translation(flow, sources, [pair.target for pair in pairs])
    chosen = _read_choices(pairs, left)
    planner = Planner(flow, translation, session.options.flow_policy, session.ranks)
    planned = []
    for pair in pairs:
        # Records outside the flow's subset take no part; their link is kept as it is.
        if flow.whole or flow.parts_of(pair.source.properties, pair.target.properties):
            choices = chosen.get(pair.link.number)
            own = pair if choices is None else replace(pair, chosen=choices)
            planned.append((own, planner.plan(own)))
    marked = mark_pairs(session, flow, [pair for pair, plan in planned if plan.goes_round])
    for pair, plan in planned:
        units = marked.get(pair.link.number)
        yield pair, plan if units is None else planner.plan(pair, units)


def queue_decidable(session: Session, flow: BoundFlow) -> None:
    """Queue the pairs in open conflicts that the settings decide by now."""
    policy = session.options.flow_policy
    manual = {
        unit.key
        for unit in flow.units
        if policy(*flow.owner(unit)).conflict_policy(unit.names) is ConflictPolicy.MANUAL
    }
    left = open_units(session.connection, flow.number)
    ids = [source_id for source_id, unit in left if unit not in manual]
    queue_records(session.connection, [(flow.number, SOURCE)], ids)


def read_unsettled(session: Session, flow: BoundFlow, pairs: Sequence[Pair]) -> list[Unsettled]:
    """Return the pairs' conflicts that are not settled."""
    ids = [pair.link.source_id for pair in pairs]
    return unsettled_conflicts(session.connection, flow.number, ids)


def _read_choices(pairs: Sequence[Pair], left: Sequence[Unsettled]) -> dict[int, dict[str, int]]:
    if not left:
        return {}
    by_ids = {(pair.link.source_id, pair.link.target_id): pair.link.number for pair in pairs}
    chosen: dict[int, dict[str, int]] = {}
    for item in left:
        number = by_ids.get((item.source_id, item.target_id))
        # A conflict outlives its link: the two may have been split, and linked to others.
        if number is not None and item.state == "chosen":
            chosen.setdefault(number, {})[item.unit] = SIDES.index(item.winner)
    return chosen


def carry_pairs(session: Session, flow: BoundFlow, pairs: Sequence[Pair], updates: Updates) -> None:
    """Plan pairs and keep all that follows, the edits in `updates`."""
    left = read_unsettled(session, flow, pairs)
    planned = list(plan_pairs(session, flow, pairs, left))
    # First: what fails again gets its letter below, with the reason of today.
    for side in (SOURCE, TARGET):
        session.drop_letters(flow, side, (pair.record(side).id for pair, _ in planned))
    failures = [(pair, plan.failure) for pair, plan in planned if plan.failure is not None]
    session.add_letters([_letter(flow, pair, reason) for pair, reason in failures])
    sound = [(pair, plan) for pair, plan in planned if plan.failure is None]
    _keep_bases(session, sound)
    _settle_chosen(session, sound, left)
    _keep_clashes(session, flow, sound, left)
    _keep_waits(session, flow, sound)
    for pair, plan in sound:
        if plan.ranked or plan.kept or session.kept:
            note_round(session, flow, pair, plan)
        if plan.edits:
            # What agrees is kept with what comes of the edits: one base, saved once.
            updates.add(flow, pair, plan.edits, {**pair.link.base, **plan.agreed})


def sift_unlinked(
    session: Session, flow: BoundFlow, side: int, unlinked: Sequence[Record]
) -> list[Record]:
    """Return the unlinked records whose link keys can be made; the others become dead letters."""
    session.drop_letters(flow, side, [record.id for record in unlinked])
    if not flow.flow.link_rules:
        return list(unlinked)
    failures = {record.id: _key_failure(flow, side, record) for record in unlinked}
    letters = [
        DeadLetter(pairing=flow.number, side=side, id=id_, other_id=None, reason=reason)
        for id_, reason in failures.items()
        if reason is not None
    ]
    session.add_letters(letters)
    return [record for record in unlinked if failures[record.id] is None]


def _key_failure(flow: BoundFlow, side: int, record: Record) -> str | None:
    try:
        flow.link_keys(side, record.properties)
    except ConversionError as error:
        return str(error)
    return None


def _letter(flow: BoundFlow, pair: Pair, reason: str | None) -> DeadLetter:
    return DeadLetter(
        pairing=flow.number,
        side=SOURCE,
        id=pair.source.id,
        other_id=pair.target.id,
        reason=reason or "",
    )


def _keep_bases(session: Session, planned: Sequence[tuple[Pair, PairPlan]]) -> None:
    """Keep the bases of pairs about which nothing is to be written."""
    bases: dict[int, StoredBase] = {}
    for pair, plan in planned:
        base = None if plan.edits else _merge_base(pair.link.base, plan.agreed)
        if base is not None:
            bases[pair.link.number] = base
    save_bases(session.connection, bases)


def _merge_base(base: StoredBase, agreed: StoredBase) -> StoredBase | None:
    """Return a link's base with the units that agree now, None where nothing changes."""
    # Most pairs agree as they did: rewriting their bases would be most of a run's writing.
    if base and all(base.get(key) == value for key, value in agreed.items()):
        return None
    return {**base, **agreed} if agreed else None


def _keep_clashes(
    session: Session,
    flow: BoundFlow,
    planned: Sequence[tuple[Pair, PairPlan]],
    left: Sequence[Unsettled],
) -> None:
    found = [
        PairClash(
            pairing=flow.number,
            source_id=pair.source.id,
            target_id=pair.target.id,
            clash=clash,
        )
        for pair, plan in planned
        for clash in plan.clashes
    ]
    save_conflicts(session.connection, session.run, found, left)
    session.tallies[flow.number].conflicts += len(found)
    for item in found if session.actions is not None else ():
        clash = item.clash
        session.note(
            flow,
            "conflict",
            TARGET if clash.loser is None else 1 - clash.loser,
            item.source_id if clash.loser == TARGET else item.target_id,
            before={clash.unit: clash.source_value},
            after={clash.unit: clash.target_value},
            reason="undecided" if clash.loser is None else f"the {SIDES[1 - clash.loser]} wins",
        )


def _settle_chosen(
    session: Session, planned: Sequence[tuple[Pair, PairPlan]], left: Sequence[Unsettled]
) -> None:
    """Close the conflicts of units that agree again; those that are to be written close with that."""
    if not left:
        return
    closed = {
        (pair.source.id, pair.target.id, key) for pair, plan in planned for key in plan.agreed
    }
    done = [row.number for row in left if (row.source_id, row.target_id, row.unit) in closed]
    settle_conflicts(session.connection, done)
    # A choice is a person's: until the system has taken it, it may have to be carried out again.
    waiting = {(row.source_id, row.target_id, row.unit) for row in left}
    session.unsettled |= {
        (pair.link.number, edit.unit.key)
        for pair, plan in planned
        for edit in plan.edits
        if (pair.source.id, pair.target.id, edit.unit.key) in waiting
    }


def _keep_waits(
    session: Session, flow: BoundFlow, planned: Sequence[tuple[Pair, PairPlan]]
) -> None:
    if not flow.waits:
        return
    for side in (SOURCE, TARGET):
        rows = [
            wait_row(session, flow, pair.record(side).id, wait)
            for pair, plan in planned
            for wait in plan.waits
            if wait.side == side
        ]
        # Of all pairs, so that those which wait for nothing any more are forgotten.
        ids = [pair.record(side).id for pair, _ in planned]
        replace_waits(session.connection, (flow.number, side), ids, rows)
