"""Pairs of a round: planned in batches, their bases, conflicts and waits kept, their edits gathered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from generator.model.values import Json
from generator.runtime.binding import BoundFlow
from generator.runtime.conversions import ConversionError
from generator.runtime.creating import wait_row
from generator.runtime.merge import SOURCE, TARGET, Base
from generator.runtime.plan import Pair, PairPlan, plan_pair, write_base
from generator.runtime.records import Record
from generator.runtime.report import SIDES
from generator.runtime.session import Session
from generator.runtime.store.leftovers import (
    DeadLetter,
    PairClash,
    replace_waits,
    save_conflicts,
    settle_conflicts,
    unsettled_conflicts,
)
from generator.runtime.store.links import save_bases
from generator.runtime.updating import Updates


def plan_pairs(
    session: Session, flow: BoundFlow, pairs: Sequence[Pair]
) -> Iterator[tuple[Pair, PairPlan]]:
    """Plan pairs with the references that they need and the choices that people made."""
    if not pairs:
        return
    sources = [pair.source for pair in pairs]
    translation = session.translation(flow, sources, [pair.target for pair in pairs])
    chosen = _read_choices(session, flow, pairs)
    policy = session.options.flow_policy(flow.name)
    for pair in pairs:
        choices = chosen.get(pair.link.number)
        planned = pair if choices is None else replace(pair, chosen=choices)
        # Records outside the flow's subset take no part; their link is kept as it is.
        inside = flow.includes(SOURCE, pair.source.properties)
        if inside and flow.includes(TARGET, pair.target.properties):
            yield planned, plan_pair(flow, planned, translation, policy)


def _read_choices(
    session: Session, flow: BoundFlow, pairs: Sequence[Pair]
) -> dict[int, dict[str, int]]:
    rows = unsettled_conflicts(
        session.connection, flow.number, [pair.link.source_id for pair in pairs]
    )
    if not rows:
        return {}
    by_ids = {(pair.link.source_id, pair.link.target_id): pair.link.number for pair in pairs}
    chosen: dict[int, dict[str, int]] = {}
    for row in rows:
        number = by_ids.get((row.source_id, row.target_id))
        if number is not None and row.state == "chosen":
            chosen.setdefault(number, {})[row.unit] = SIDES.index(row.winner)
    return chosen


def carry_pairs(session: Session, flow: BoundFlow, pairs: Sequence[Pair], updates: Updates) -> None:
    """Plan pairs and keep all that follows, the edits in `updates`."""
    planned = list(plan_pairs(session, flow, pairs))
    for side in (SOURCE, TARGET):
        session.drop_letters(flow, side, [pair.record(side).id for pair, _ in planned])
    failures = [(pair, plan.failure) for pair, plan in planned if plan.failure is not None]
    session.add_letters([_letter(flow, pair, reason) for pair, reason in failures])
    sound = [(pair, plan) for pair, plan in planned if plan.failure is None]
    _keep_bases(session, sound)
    _keep_clashes(session, flow, sound)
    _keep_waits(session, flow, sound)
    for pair, plan in sound:
        updates.add(flow, pair, plan.edits)


def sift_unlinked(
    session: Session, flow: BoundFlow, side: int, unlinked: Sequence[Record]
) -> list[Record]:
    """Return the unlinked records whose link keys can be made; the others become dead letters."""
    session.drop_letters(flow, side, [record.id for record in unlinked])
    if not flow.flow.link_rules:
        return list(unlinked)
    failures = {record.id: _key_failure(flow, side, record) for record in unlinked}
    letters = [
        DeadLetter(flow=flow.number, side=side, id=id_, other_id=None, reason=reason)
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
        flow=flow.number,
        side=SOURCE,
        id=pair.source.id,
        other_id=pair.target.id,
        reason=reason or "",
    )


def _keep_bases(session: Session, planned: Sequence[tuple[Pair, PairPlan]]) -> None:
    bases: dict[int, Mapping[str, Json]] = {}
    for pair, plan in planned:
        base = _merge_base(pair, plan.agreed)
        if base is not None:
            bases[pair.link.number] = base
    save_bases(session.connection, bases)


def _merge_base(pair: Pair, agreed: Mapping[str, Base]) -> Mapping[str, Json] | None:
    """Return a link's base with the units that agree now, None where nothing changes."""
    written = {key: write_base(base) for key, base in agreed.items()}
    if all(pair.link.base.get(key) == value for key, value in written.items()):
        return None
    return {**pair.link.base, **written}


def _keep_clashes(
    session: Session, flow: BoundFlow, planned: Sequence[tuple[Pair, PairPlan]]
) -> None:
    found = [
        PairClash(
            flow=flow.number,
            source_id=pair.source.id,
            target_id=pair.target.id,
            clash=clash,
        )
        for pair, plan in planned
        for clash in plan.clashes
    ]
    _settle_chosen(session, flow, planned)
    save_conflicts(session.connection, session.run, found)
    session.tallies[flow.number].conflicts += len(found)
    for item in found:
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
    session: Session, flow: BoundFlow, planned: Sequence[tuple[Pair, PairPlan]]
) -> None:
    """Close the conflicts of units that agree again, by themselves or by what a person chose."""
    rows = unsettled_conflicts(
        session.connection, flow.number, [pair.source.id for pair, _ in planned]
    )
    if not rows:
        return
    closed = {
        (pair.source.id, pair.target.id, key)
        for pair, plan in planned
        for key in (*plan.agreed, *(edit.unit.key for edit in plan.edits))
    }
    done = [row.number for row in rows if (row.source_id, row.target_id, row.unit) in closed]
    settle_conflicts(session.connection, done)


def _keep_waits(
    session: Session, flow: BoundFlow, planned: Sequence[tuple[Pair, PairPlan]]
) -> None:
    if not any(unit.reference for unit in flow.units):
        return
    for side in (SOURCE, TARGET):
        rows = [
            wait_row(session, flow, pair.record(side).id, wait)
            for pair, plan in planned
            for wait in plan.waits
            if wait.side == side
        ]
        ids = [pair.record(side).id for pair, _ in planned]
        replace_waits(session.connection, flow.number, side, ids, rows)
