"""Outcomes: what became of updates, taken in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from specbridge.model.values import Json
from specbridge.runtime.decide.bases import stored_base
from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.decide.equality import MISSING
from specbridge.runtime.decide.feeding.ranks import Ranked
from specbridge.runtime.decide.instants import latest_instant
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.decide.paths import (
    Place,
    read_name,
    read_place,
    whole_path,
    write_name,
)
from specbridge.runtime.decide.plan import Pair
from specbridge.runtime.decide.units import Unit, fitting_rows
from specbridge.runtime.engine.changing.change import Change, Effect
from specbridge.runtime.engine.changing.taken import Attempt, Taken
from specbridge.runtime.engine.changing.writing import Answer, Known, take_back
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record, Refused, Written
from specbridge.runtime.store.leftover.leftovers import DeadLetter, settle_written
from specbridge.runtime.store.linking.links import bases_of_links, save_bases
from specbridge.runtime.store.seen.records import mark_gone


class Outcomes:
    """Takes in what became of a group of updates."""

    def __init__(
        self, session: Session, resource: BoundResource, changes: Mapping[str, Change]
    ) -> None:
        """Take in nothing yet; `changes` are those that were sent, by their records' ids."""
        self._session = session
        self._resource = resource
        self._changes = changes
        self._units = units_by_key(session)
        self._settled: list[tuple[int, str]] = []

    def take_in(self, answers: Sequence[Answer]) -> None:
        """Store what the systems hold now, agree on what was taken, and keep letters of what was refused."""
        taken = Taken(self._session, self._resource, answers, self._attempt)
        written: list[Record] = []
        again: list[str] = []
        stale: list[str] = []
        for answer in answers:
            record_id = answer.intent.entry.record_id or ""
            change = self._changes[record_id]
            if isinstance(answer.outcome, Written):
                # Some updates give nothing back; where none can be read, what was sent stands.
                record = answer.outcome.record or Record(record_id, "", change.working)
                edited_at = _edited_at(change, record)
                written.append(replace(record, edited_at=edited_at))
                # What the server made of it is the base by now; the next round merges the rest.
                expected = _expected(change, answer.untaken, record)
                news = record.properties != expected or _changes_kind(change, record)
                again += [record_id] if news else []
                self._agree(change, record, answer.untaken)
                self._rank(change, record)
            elif answer.outcome.stale and self._may_retry(record_id):
                stale.append(record_id)
                continue
            self._report(answer, change, taken)
        known = Known(matching=frozenset(self._still_matching(written)))
        take_back(self._session, self._resource, written, again, known)
        # Of all changes: what agreed before holds even where a write was refused or not answered.
        bases = (change.bases for change in self._changes.values())
        save_bases(
            self._session.connection, {n: base for each in bases for n, base in each.items()}
        )
        settle_written(self._session.connection, self._settled)
        self._read_again(stale)

    def _still_matching(self, written: Sequence[Record]) -> Iterator[str]:
        """Yield the ids of records of which nothing changed that they match by."""
        names = self._resource.matched_by
        for record in written:
            before, now = self._changes[record.id].record.properties, record.properties
            if all(before.get(name) == now.get(name) for name in names):
                yield record.id

    def _attempt(self, id_: str) -> Attempt:
        """Return the update of a record as it was sent."""
        change = self._changes[id_]
        return Attempt(change.working, [(flow, side) for flow, side, _ in change.parties])

    def _agree(self, change: Change, record: Record, untaken: Sequence[str]) -> None:
        for flow, link, key, other in change.effects:
            unit = self._units[flow].get(key)
            # What was not taken keeps its base, so that it still counts as changed.
            if unit is not None and not (untaken and _writes(unit, other, untaken)):
                change.bases[link][key] = _complete(unit, other, record)
                if (link, key) in self._session.unsettled:
                    self._settled.append((link, key))

    def _rank(self, change: Change, record: Record) -> None:
        """Keep how late the values are that a record was given, where they may go round a circle."""
        for place, rank in change.ranks.items():
            spot = self._resource.number, record.id, str(place)
            self._session.ranks.keep(spot, Ranked(rank, _value_at(record, place)))

    def _report(self, answer: Answer, change: Change, taken: Taken) -> None:
        """Count what was written, and keep a dead letter of what was not."""
        if isinstance(answer.outcome, Refused) and answer.outcome.gone:
            # No dead letter: there is nothing to mend, and the link is marked when its turn comes.
            mark_gone(self._session.connection, self._resource, [change.record.id])
            return
        if isinstance(answer.outcome, Written) and not answer.ignored:
            self._count(answer, change)
        if answer.reason:
            self._keep_letters(answer, change, taken)

    def _count(self, answer: Answer, change: Change) -> None:
        entry = answer.intent.entry
        for flow, _, pair in change.parties:
            self._session.tallies[flow.number].changed.add(pair.link.number)
        first, side, _ = change.parties[0]
        self._session.tallies[first.number].updated[side] += 1
        if self._session.actions is not None:
            more = {"before": entry.before, "after": entry.after}
            self._session.note(first, "update", side, change.record.id, **more)

    def _may_retry(self, id_: str) -> bool:
        """Return whether a record that was changed meanwhile is tried again: once per run."""
        key = self._resource.number, id_
        # Else whoever edits as fast as a run writes would keep it going to its last round.
        fresh = key not in self._session.retried
        self._session.retried.add(key)
        return fresh

    def _read_again(self, ids: Sequence[str]) -> None:
        if ids:
            there, _ = self._session.look_again(self._resource, ids)
            take_back(self._session, self._resource, there, ids)

    def _keep_letters(self, answer: Answer, change: Change, taken: Taken) -> None:
        concerned = {
            link
            for flow, link, key, other in change.effects
            if isinstance(answer.outcome, Refused)
            or _writes(self._units[flow][key], other, answer.untaken)
        }
        other = taken.other(change.record.id)
        reason = f"{self._resource.key[0]} {answer.reason}{taken.reason(change.record.id)}"
        letters = [
            DeadLetter(
                pairing=flow.number,
                side=1 - side,
                id=pair.record(1 - side).id,
                # The pair itself is looked at whenever it changes; it waits for the other's holder.
                other_id=pair.record(side).id if other is None else other,
                reason=reason,
            )
            for flow, side, pair in change.parties
            if pair.link.number in concerned
        ]
        self._session.add_letters(letters)


def _expected(change: Change, untaken: Sequence[str], record: Record) -> Mapping[str, Json]:
    """Return what a record should hold after a write; what was not taken may stay as it is."""
    if not untaken:
        return change.working
    left = {read_name(name)[0] for name in untaken}
    return {**change.working, **{name: record.properties.get(name) for name in left}}


def _edited_at(change: Change, record: Record) -> str:
    """Return when a person last edited what a record holds after our write.

    That is when the values that it received were edited, or it was itself, whichever is later.
    """
    # Most records hold what was sent, and no more is asked of them.
    if record.properties != change.working and _is_edited_besides(change, record):
        return record.modified_at
    latest = change.record.edited_at or change.record.modified_at
    for _, side, pair in change.parties:
        giver = pair.record(1 - side)
        latest = latest_instant(latest, giver.edited_at or giver.modified_at)
    return latest


def _is_edited_besides(change: Change, record: Record) -> bool:
    """Return whether somebody else changed more of a record at the time of our write."""
    before, written = change.record.properties, {path[0] for path in change.paths}
    others = (before.keys() | record.properties.keys()) - written
    return any(before.get(name) != record.properties.get(name) for name in others)


def _changes_kind(change: Change, record: Record) -> bool:
    """Return whether rows are about a pair by now that were not before its record was written."""
    for flow, side, pair in change.parties:
        if flow.guarded:
            near = side == SOURCE
            now = replace(pair, source=record) if near else replace(pair, target=record)
            if _rows_about(flow, now) != _rows_about(flow, pair):
                return True
    return False


def _rows_about(flow: BoundFlow, pair: Pair) -> list[Sequence[int] | None]:
    source, target = pair.source.properties, pair.target.properties
    return [fitting_rows(unit, source, target) for unit in flow.units]


def units_by_key(session: Session) -> Mapping[int, Mapping[str, Unit]]:
    """Return the units of the pairings, by the pairing's number and their own key."""
    return {flow.number: {unit.key: unit for unit in flow.units} for flow in session.company.flows}


def apply_effects(session: Session, effects: Iterable[tuple[Effect, Record]]) -> None:
    """Set the bases that follow from writes: what the written record holds, and the other side."""
    found = list(effects)
    bases = bases_of_links(session.connection, {effect[1] for effect, _ in found})
    units = units_by_key(session)
    for (flow, link, key, other), record in found:
        unit = units.get(flow, {}).get(key)
        # The document may have lost the row, and the link may be gone, since this was journalled.
        if unit is not None and link in bases:
            bases[link][key] = _complete(unit, other, record)
    save_bases(session.connection, bases)
    settle_written(session.connection, [(link, key) for (_, link, key, _), _ in found])


def _complete(unit: Unit, other: Json, record: Record) -> Json:
    match other:
        # Empty where the source was written: only the answer tells what it holds.
        case [[], target]:
            return stored_base(unit, record.properties, target, None)
        case [[], target, list() as rows]:
            fit = [index for index in rows if isinstance(index, int)]
            return stored_base(unit, record.properties, target, fit)
        case [sources, *_]:
            return [sources, _value_at(record, unit.target)]
    raise AssertionError(f"no effect: {unit.key}")


def _writes(unit: Unit, other: Json, names: Sequence[str]) -> bool:
    """Return whether a unit writes one of the named properties; `other` is its effect's other side."""
    assert isinstance(other, list)
    # There are sources where it is the target that was written.
    places = [unit.target] if other[0] else unit.sources
    return any(write_name(whole_path(place.path)) in names for place in places)


def _value_at(record: Record, place: Place) -> Json:
    value = read_place(record.properties, place)
    return None if value is MISSING else value
