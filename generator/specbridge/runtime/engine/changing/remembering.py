"""Whose edits the writes carried whose outcome is not known, looked up before the systems are read again.

A written record is as old as the edit that it received. Once it is read again its own instant is stored,
which is that of our write: later than every edit, it would win over all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.identity.things import Place, by_resource
from specbridge.runtime.decide.instants import latest_instant
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.paths import read_name
from specbridge.runtime.engine.changing.change import Effect
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record
from specbridge.runtime.store.history.journal import Bound, Entry, open_writes
from specbridge.runtime.store.linking.links import ends_of_links
from specbridge.runtime.store.seen.records import load_records


@dataclass(frozen=True, slots=True)
class Remembered:
    """Writes whose outcome is not known, in order, and what they are about.

    `records` are as the store had them before the reading, `ends` those of the links concerned.
    """

    flows: Mapping[int, BoundFlow]
    entries: Sequence[Entry] = ()
    records: Mapping[Place, Record] = field(default_factory=dict)
    ends: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    def instant_of_creation(self, entry: Entry) -> str:
        """Return when what a record was created from was last edited, "" where nobody knows."""
        return _edited(self.records.get(_origin(entry, self.flows)))

    def instant_of_update(self, entry: Entry, now: Record) -> str:
        """Return when what a record holds after an update was last edited, "" where nobody knows.

        Nobody knows it where more of the record has changed than the update did.
        """
        before = self.records.get((entry.resource, now.id))
        if before is None or _differ_besides(before.properties, now.properties, entry):
            return ""
        latest = _edited(before)
        for place in _givers(entry, self.flows, self.ends):
            latest = latest_instant(latest, _edited(self.records.get(place)))
        return latest


def remember_writes(session: Session) -> Remembered:
    """Return what is to be known of all open writes once their systems have been read again."""
    flows = {flow.number: flow for flow in session.company.flows}
    bound = Bound(list(flows), list(session.company.resources))
    entries = open_writes(session.connection, session.company.number, bound)
    if not entries:
        return Remembered(flows)
    numbers = {link for entry in entries for _, link, _, _ in read_effects(entry)}
    ends = ends_of_links(session.connection, numbers)
    places = (place for entry in entries for place in _places(entry, flows, ends))
    records = {
        (resource, id_): record
        for resource, ids in by_resource(places).items()
        for id_, record in load_records(session.connection, resource, ids).items()
    }
    return Remembered(flows, entries, records, ends)


def read_effects(entry: Entry) -> Iterator[Effect]:
    """Yield the bases that an entry of the journal sets once its write is done."""
    for effect in entry.effects if isinstance(entry.effects, list) else ():
        match effect:
            case [int() as flow, int() as link, str() as unit, other]:
                yield flow, link, unit, other


def _places(
    entry: Entry, flows: Mapping[int, BoundFlow], ends: Mapping[int, tuple[str, str]]
) -> Iterator[Place]:
    if entry.kind == "create":
        yield _origin(entry, flows)
        return
    yield entry.resource, entry.record_id or ""
    yield from _givers(entry, flows, ends)


def _origin(entry: Entry, flows: Mapping[int, BoundFlow]) -> Place:
    flow = flows.get(entry.pairing or 0)
    if flow is None:
        return 0, ""
    near = TARGET if flow.resources[TARGET] == entry.resource else SOURCE
    return flow.resources[1 - near], entry.origin or ""


def _givers(
    entry: Entry, flows: Mapping[int, BoundFlow], ends: Mapping[int, tuple[str, str]]
) -> Iterator[Place]:
    """Yield the records whose values an update carried."""
    for pairing, link, _, _ in read_effects(entry):
        if pairing in flows and link in ends:
            for side in (SOURCE, TARGET):
                place = flows[pairing].resources[side], ends[link][side]
                if place != (entry.resource, entry.record_id):
                    yield place


def _edited(record: Record | None) -> str:
    return "" if record is None else record.edited_at or record.modified_at


def _differ_besides(before: Mapping[str, Json], now: Mapping[str, Json], entry: Entry) -> bool:
    written = {read_name(name)[0] for name in entry.after}
    others: Iterable[str] = (before.keys() | now.keys()) - written
    return any(before.get(name) != now.get(name) for name in others)
