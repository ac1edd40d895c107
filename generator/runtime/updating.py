"""Updating: edits of all flows to one record gathered into one write, and its outcome taken in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from generator.model.values import Json, Path
from generator.runtime.binding import BoundFlow, BoundResource
from generator.runtime.merge import SOURCE, TARGET
from generator.runtime.paths import read_path, read_place, set_place, whole_path, write_name
from generator.runtime.plan import Edit, Pair, write_base
from generator.runtime.records import Record, Refused, Update, Written
from generator.runtime.session import Session
from generator.runtime.store.journal import Entry
from generator.runtime.store.leftovers import DeadLetter
from generator.runtime.store.links import bases_of_links, save_bases
from generator.runtime.store.records import mark_gone, queue_records
from generator.runtime.store.rows import write_json
from generator.runtime.units import Unit, read_sources
from generator.runtime.writing import Answer, Dispatch, Intent, take_back

Effect = tuple[int, int, str, Json]
"""Flow, link, unit, and what the other side holds: with the outcome, the unit's new base."""


@dataclass(slots=True, kw_only=True)
class Change:
    """A record's edits so far: `working` is the record with all of them applied."""

    record: Record
    working: dict[str, Json]
    places: dict[str, Json] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    parties: list[tuple[BoundFlow, int, Pair]] = field(default_factory=list)


class Updates:
    """The edits of a round, by record."""

    def __init__(self, session: Session) -> None:
        """Begin with none."""
        self._session = session
        self._changes: dict[tuple[int, str], Change] = {}

    def __len__(self) -> int:
        """Return how many records are to be changed."""
        return len(self._changes)

    def add(self, flow: BoundFlow, pair: Pair, edits: Sequence[Edit]) -> None:
        """Add the edits of a pair.

        Where flows want different values at one place, the first has it; the other flow sees the
        changed record in the next round.
        """
        for edit in edits:
            record = pair.record(edit.side)
            key = flow.resources[edit.side], record.id
            change = self._changes.get(key)
            if change is None:
                change = Change(record=record, working=dict(record.properties))
                self._changes[key] = change
            self._add_edit(flow, pair, edit, change)

    def _add_edit(self, flow: BoundFlow, pair: Pair, edit: Edit, change: Change) -> None:
        place = str(edit.place)
        if place in change.places and change.places[place] != edit.value:
            return
        change.places[place] = edit.value
        change.working = set_place(change.working, edit.place, edit.value)
        path = whole_path(edit.place.path)
        if path not in change.paths:
            change.paths.append(path)
        if edit.side == TARGET:
            other: Json = write_base((read_sources(edit.unit, pair.source.properties), None))
        else:
            other = write_base(([], read_place(pair.target.properties, edit.unit.target)))
        change.effects.append((flow.number, pair.link.number, edit.unit.key, other))
        if (flow, edit.side) not in [(party[0], party[1]) for party in change.parties]:
            change.parties.append((flow, edit.side, pair))

    def flush(self) -> None:
        """Send all edits, one write per record; raises ApiError after taking in what was answered."""
        groups: dict[int, list[Change]] = {}
        for (resource, _), change in self._changes.items():
            groups.setdefault(resource, []).append(change)
        self._changes = {}
        for number, changes in groups.items():
            self._write(self._session.package.resources[number], changes)

    def _write(self, resource: BoundResource, changes: Sequence[Change]) -> None:
        session, size = self._session, self._session.options.batch
        for start in range(0, len(changes), size):
            part = {change.record.id: change for change in changes[start : start + size]}
            dispatch = Dispatch(session, resource, [_intent(resource, c) for c in part.values()])
            answers = list(dispatch.send())
            _Outcomes(session, resource, part).take_in(answers)
            session.checkpoint()
            if dispatch.error is not None:
                raise dispatch.error


def _intent(resource: BoundResource, change: Change) -> Intent:
    after = {path: _json_at(change.working, path) for path in change.paths}
    entry = Entry(
        flow=change.parties[0][0].number,
        kind="update",
        resource=resource.number,
        record_id=change.record.id,
        before={write_name(p): _json_at(change.record.properties, p) for p in change.paths},
        after={write_name(path): value for path, value in after.items()},
        effects=[list(effect) for effect in change.effects],
    )
    write = Update(key=change.record.id, current=change.record, changes=after)
    return Intent(entry=entry, write=write)


def _json_at(properties: Mapping[str, Json], path: Path) -> Json:
    value = read_path(properties, path)
    return value if isinstance(value, str | int | float | bool | list | dict) else None


class _Outcomes:
    """Takes in what became of a group of updates."""

    def __init__(
        self, session: Session, resource: BoundResource, changes: Mapping[str, Change]
    ) -> None:
        self._session = session
        self._resource = resource
        self._changes = changes

    def take_in(self, answers: Sequence[Answer]) -> None:
        written: list[Record] = []
        again: list[str] = []
        effects: list[tuple[Effect, Record]] = []
        stale: list[str] = []
        for answer in answers:
            record_id = answer.intent.entry.record_id or ""
            change = self._changes[record_id]
            if isinstance(answer.outcome, Written):
                record = answer.outcome.record or Record(record_id, "", change.working)
                written.append(record)
                again += [record_id] if _differs(record, change.working) else []
                effects += [(effect, record) for effect in change.effects]
                self._count(answer, change)
            elif answer.outcome.stale and self._may_retry(record_id):
                stale.append(record_id)
            else:
                self._refuse(answer.outcome, change)
        take_back(self._session, self._resource, written, again)
        apply_effects(self._session, effects)
        self._read_again(stale)

    def _count(self, answer: Answer, change: Change) -> None:
        entry = answer.intent.entry
        for flow, _, pair in change.parties:
            self._session.tallies[flow.number].changed.add(pair.link.number)
        first, side, _ = change.parties[0]
        self._session.tallies[first.number].updated[side] += 1
        self._session.note(
            first, "update", side, change.record.id, before=entry.before, after=entry.after
        )

    def _may_retry(self, id_: str) -> bool:
        """Return whether a record that was changed meanwhile is tried again: once per run."""
        key = self._resource.number, id_
        fresh = key not in self._session.retried
        self._session.retried.add(key)
        return fresh

    def _read_again(self, ids: Sequence[str]) -> None:
        if ids:
            connector = self._session.connector(self._resource)
            found = list(connector.read_records(self._resource.name, ids, self._resource.names))
            take_back(self._session, self._resource, found, ids)

    def _refuse(self, refused: Refused, change: Change) -> None:
        session = self._session
        if refused.gone:
            mark_gone(session.connection, self._resource, [change.record.id])
            return
        letters = [
            DeadLetter(
                flow=flow.number,
                side=1 - side,
                id=pair.record(1 - side).id,
                other_id=pair.record(side).id,
                reason=f"{self._resource.key[0]} refused it ({refused.status}): {refused.reason}",
            )
            for flow, side, pair in change.parties
        ]
        session.add_letters(letters)


def _differs(record: Record, working: Mapping[str, Json]) -> bool:
    return write_json(dict(record.properties)) != write_json(dict(working))


def apply_effects(session: Session, effects: Iterable[tuple[Effect, Record]]) -> None:
    """Set the bases that follow from writes: what the written record holds, and the other side."""
    found = list(effects)
    bases = bases_of_links(session.connection, {effect[1] for effect, _ in found})
    units = {flow.number: {unit.key: unit for unit in flow.units} for flow in session.package.flows}
    for (flow, link, key, other), record in found:
        unit = units.get(flow, {}).get(key)
        if unit is not None and link in bases:
            bases[link][key] = _complete(unit, other, record)
    save_bases(session.connection, bases)


def _complete(unit: Unit, other: Json, record: Record) -> Json:
    assert isinstance(other, list)
    sources, target = other
    if sources:
        return write_base((sources, read_place(record.properties, unit.target)))  # type: ignore[arg-type]  # a list, as written above
    return write_base((read_sources(unit, record.properties), target))


def queue_pair(session: Session, flow: BoundFlow, pair: Pair) -> None:
    """Have a pair looked at again in the next round."""
    queue_records(session.connection, flow.resources[SOURCE], [pair.source.id])
