"""Recovery: writes whose outcome an earlier run never learnt, looked up on the server in bulk."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from specbridge.model.values import Json, Path
from specbridge.runtime.conversions.texts import lower_text
from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.decide.equality import equal_values
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.owning import reference_path
from specbridge.runtime.decide.paths import plain, read_name, read_path
from specbridge.runtime.engine.changing.change import Effect
from specbridge.runtime.engine.changing.outcomes import apply_effects
from specbridge.runtime.engine.changing.remembering import Remembered, read_effects
from specbridge.runtime.engine.changing.writing import (
    external_reference,
    longest_reference,
    older_references,
    take_back,
)
from specbridge.runtime.engine.linking.making_room import make_match, make_room, room_around
from specbridge.runtime.engine.session import Session, log
from specbridge.runtime.records import Laborious, Record, Update, Write, Written
from specbridge.runtime.store.history.journal import (
    Closing,
    Entry,
    close_entries,
)
from specbridge.runtime.store.linking.links import NewLink, find_links, make_links
from specbridge.runtime.store.linking.things import links_around
from specbridge.runtime.store.seen.queue import queue_records, queued_ids
from specbridge.runtime.store.seen.records import load_records, mark_gone, note_edits

KeyT = TypeVar("KeyT")


def recover_writes(session: Session, remembered: Remembered) -> None:
    """Close every open journal entry: adopt what the server did, have the rest done again.

    It comes after the reading, so that what the server made is known even where it cannot be
    searched; `remembered` is what the store knew before that.
    """
    if not remembered.entries:
        return
    log.info("recover writes", count=len(remembered.entries))
    _await_former(session, remembered.entries)
    # Each of them, even one of a flow that is gone.
    close_entries(session.connection, list(_recover(session, remembered)))
    session.checkpoint()


def _await_former(session: Session, entries: Sequence[Entry]) -> None:
    """Wait for what systems still do of the writes: it would undo what people have edited since."""
    counts = Counter(entry.resource for entry in entries)
    # The store stays unlocked while a system is waited for.
    session.store.commit()
    for number, count in counts.items():
        resource = session.company.resources.get(number)
        connector = None if resource is None else session.connector(resource)
        if resource is not None and isinstance(connector, Laborious):
            connector.await_former(resource.name, count)


def _recover(session: Session, remembered: Remembered) -> Iterator[Closing]:
    flows = {flow.number: flow for flow in session.company.flows}
    known: list[Entry] = []
    for entry in remembered.entries:
        if entry.resource in session.company.resources and entry.pairing in flows:
            known.append(entry)
        else:
            yield Closing(number=entry.number, state="lost", record_id=entry.record_id)
    creates = [entry for entry in known if entry.kind == "create"]
    changes = [entry for entry in known if entry.kind != "create"]
    for (flow, resource), group in _grouped(
        creates, lambda x: (x.pairing or 0, x.resource)
    ).items():
        found = session.company.resources[resource]
        yield from _Creations(session, flows[flow], found, remembered).recover(group)
    for resource, group in _grouped(changes, lambda x: x.resource).items():
        there = session.company.resources[resource]
        yield from _recover_changes(session, there, group, remembered)


def _grouped(
    entries: Iterable[Entry], key: Callable[[Entry], KeyT]
) -> Mapping[KeyT, Sequence[Entry]]:
    groups: dict[KeyT, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups


class _Creations:
    """Creates of one flow in one resource: what the server made is linked, the rest is queued."""

    def __init__(
        self, session: Session, flow: BoundFlow, resource: BoundResource, remembered: Remembered
    ) -> None:
        self._session = session
        self._flow = flow
        self._remembered = remembered
        self._resource = resource
        self._side = TARGET if flow.resources[TARGET] == resource.number else SOURCE
        self._origins = session.resource(flow, 1 - self._side)

    def recover(self, entries: Sequence[Entry]) -> Iterator[Closing]:
        session, connection = self._session, self._session.connection
        origins = [entry.origin or "" for entry in entries]
        # Whatever is found: they are linked, and merged, or created once more.
        queue_records(connection, [(self._flow.number, 1 - self._side)], origins)
        session.store.commit()
        by_reference = self._find_by_reference(entries)
        lookalikes = _Lookalikes(session, self._resource)
        found: dict[int, Sequence[Record]] = {}
        named: set[int] = set()
        for entry in entries:
            # Zendesk tells no capitals of external ids apart, and may keep others than were sent.
            texts = (text.casefold() for text in self._references(entry))
            made = [by_reference[text] for text in texts if text in by_reference]
            found[entry.number] = made or lookalikes.find(entry.after)
            named |= {entry.number} if made else set()
        holders = (record.id for records in found.values() for record in records)
        # Two entries may have sent the same: what one is linked with, the other cannot have.
        taken = self._once_linked(holders)
        settled = find_links(connection, [self._flow.number], 1 - self._side, origins)
        edited: list[tuple[str, str]] = []
        made_for: dict[str, str] = {}
        for entry in entries:
            records, origin = found[entry.number], entry.origin or ""
            free = [] if origin in settled else [r for r in records if r.id not in taken]
            if free:
                taken.add(free[0].id)
                made_for[origin] = settled[origin] = free[0].id
            # What its reference names was made all the same, though it is linked already; one that
            # only looks alike was made for another.
            own = records if entry.number in named else _of_id(records, settled.get(origin))
            chosen = free or own
            if chosen and _is_alike(chosen[0], entry.after):
                # Nobody has edited what was made: it is as old as what it was made for.
                edited.append((chosen[0].id, self._remembered.instant_of_creation(entry)))
            yield Closing(
                number=entry.number,
                state="done" if chosen else "lost",
                record_id=chosen[0].id if chosen else entry.record_id,
            )
        self._link(made_for)
        note_edits(connection, self._resource.number, edited)

    def _find_by_reference(self, entries: Sequence[Entry]) -> Mapping[str, Record]:
        """Return the records that the system finds by their external references, by these."""
        path, resource = reference_path(self._resource), self._resource
        connector = self._session.connector(resource)
        if path is None or not connector.can_find(resource.name, path):
            return {}
        # The reference tells which record is whose; the store keeps what flows use and no more.
        names = resource.names | {plain(path[0])}
        texts = [text for entry in entries for text in self._references(entry)]
        found = {
            _text_at(record, path): _cut(record, resource.names)
            for record in connector.find_records(resource.name, path, texts, names)
        }
        ids = [record.id for record in found.values()]
        take_back(self._session, resource, list(found.values()), ids)
        return found

    def _references(self, entry: Entry) -> Iterator[str]:
        """Yield the texts by which what an entry created may be known, this version's first."""
        longest, origin = longest_reference(self._resource), entry.origin or ""
        yield external_reference(self._session.company, self._origins, origin, longest)
        yield from older_references(self._flow, self._origins, origin, longest)

    def _once_linked(self, ids: Iterable[str]) -> set[str]:
        """Return which records have a link, be it to one that is gone: what was just made has none."""
        resource, company = self._resource.number, self._session.company
        places = {(resource, id_) for id_ in ids}
        around = links_around(self._session.connection, list(company.pairings.values()), places)
        return {end[1] for link in around for end in (link.source, link.target) if end in places}

    def _link(self, made_for: Mapping[str, str]) -> None:
        """Link origins with what was made for them, where hands have joined their things with nothing else."""
        session, flow = self._session, self._flow
        ends = [(o, id_) if self._side == TARGET else (id_, o) for o, id_ in made_for.items()]
        matches = [make_match(flow, source, target) for source, target in ends]
        around = room_around(session, flow)
        kept = make_room(session, matches, around) if around else matches
        links = [NewLink(m.pairing, m.source[1], m.target[1], "create") for m in kept]
        make_links(session.connection, session.run, links)
        for match in kept:
            id_ = (match.source, match.target)[self._side][1]
            session.note(flow, "link", self._side, id_, reason="it was created before a crash")


def _of_id(records: Iterable[Record], id_: str | None) -> list[Record]:
    return [record for record in records if record.id == id_]


class _Lookalikes:
    """Records that are new or changed, to be searched for what was sent where nothing else can be.

    They are loaded once, and kept by their texts under each name that is searched by.
    """

    def __init__(self, session: Session, resource: BoundResource) -> None:
        self._session = session
        self._resource = resource
        self._records: Sequence[Record] | None = None
        self._by_text: dict[str, dict[str, list[Record]]] = {}

    def find(self, after: Mapping[str, Json]) -> list[Record]:
        """Return the records that are just like the one that was sent."""
        if not after:
            return []
        return [record for record in self._near(after) if _is_alike(record, after)]

    def _near(self, after: Mapping[str, Json]) -> Sequence[Record]:
        # By one text first: comparing each entry with each record would take their product.
        for name, value in after.items():
            if isinstance(value, str):
                return self._named(name).get(lower_text(value), [])
        return self._all()

    def _named(self, name: str) -> Mapping[str, list[Record]]:
        if name not in self._by_text:
            texts = self._by_text[name] = {}
            for record in self._all():
                texts.setdefault(lower_text(str(record.properties.get(name))), []).append(record)
        return self._by_text[name]

    def _all(self) -> Sequence[Record]:
        if self._records is None:
            connection = self._session.connection
            # What the server made is news to the reading before this, so it is in the queues.
            queued = {id_ for side in self._resource.sides for id_ in queued_ids(connection, side)}
            found = load_records(connection, self._resource.number, sorted(queued))
            self._records = list(found.values())
        return self._records


def _is_alike(record: Record, after: Mapping[str, Json]) -> bool:
    return all(_holds(record.properties.get(name), value) for name, value in after.items())


def _holds(held: Json, sent: Json) -> bool:
    """Return whether what was sent is there; of an object its parts, beside which the server has its own."""
    if isinstance(sent, Mapping):
        return isinstance(held, Mapping) and all(_holds(held.get(n), v) for n, v in sent.items())
    # Capitals aside: servers lower those of e-mail addresses.
    return equal_values(held, sent, fold=True)


def _text_at(record: Record, path: Path) -> str:
    return str(read_path(record.properties, path)).strip().casefold()


def _cut(record: Record, names: frozenset[str]) -> Record:
    kept = {name: value for name, value in record.properties.items() if name in names}
    return Record(record.id, record.modified_at, kept)


def _recover_changes(
    session: Session,
    resource: BoundResource,
    entries: Sequence[Entry],
    remembered: Remembered,
) -> Iterator[Closing]:
    """Read the records again: what is set was done, what is gone was deleted, the rest is queued."""
    ids = list(dict.fromkeys(entry.record_id or "" for entry in entries))
    # All at once: a crash leaves up to a batch open, and an account has its requests by the minute.
    found, gone = session.look_again(resource, ids)
    there = {record.id: record for record in found}
    mark_gone(session.connection, resource, gone)
    take_back(session, resource, found, [id_ for id_ in ids if id_ not in gone])
    effects: list[tuple[Effect, Record]] = []
    edited: list[tuple[str, str]] = []
    _finish_strategies(session, resource, entries, there)
    for entry in entries:
        record = there.get(entry.record_id or "")
        if record is None:
            done = entry.kind == "delete" and entry.record_id in gone
        else:
            done = entry.kind != "delete" and _is_done(record, entry)
            effects += [(effect, record) for effect in read_effects(entry)] if done else []
            if done:
                edited.append((record.id, remembered.instant_of_update(entry, record)))
        state = "done" if done else "lost"
        yield Closing(number=entry.number, state=state, record_id=entry.record_id)
    apply_effects(session, effects)
    note_edits(session.connection, resource.number, edited)


def _finish_strategies(
    session: Session,
    resource: BoundResource,
    entries: Sequence[Entry],
    there: Mapping[str, Record],
) -> None:
    """Make those writes again that take several calls and look done: the last calls may be missing.

    Such a write finds what is done already. Raises ApiError; the entries then stay open.
    """
    writes: list[Write] = []
    for entry in entries:
        record = there.get(entry.record_id or "")
        changes = _special_changes(resource, entry)
        if record is not None and changes and _is_done(record, entry):
            before = {**record.properties, **entry.before}
            current = Record(record.id, record.modified_at, before)
            write = Update(
                key=str(entry.number), current=current, changes=changes, fresh=True, resumed=True
            )
            writes.append(write)
    if writes:
        # The store stays unlocked while a system is waited for; the entries are still open.
        session.store.commit()
        session.keep_lease()
        connector = session.connector(resource)
        for outcome in connector.write_records(resource.name, writes, resource.names):
            log.info("finished a write", done=isinstance(outcome, Written))


def _special_changes(resource: BoundResource, entry: Entry) -> dict[Path, Json]:
    """Return those of an entry's changes that calls of their own write."""
    properties = resource.definition.properties if resource.definition is not None else ()
    special = {prop.path for prop in properties if prop.strategy is not None}
    changes = {read_name(name): value for name, value in entry.after.items()}
    return {path: value for path, value in changes.items() if path in special}


def _is_done(record: Record, entry: Entry) -> bool:
    return all(_is_set(record.properties, entry, name) for name in entry.after)


def _is_set(held: Mapping[str, Json], entry: Entry, name: str) -> bool:
    """Return whether a record holds what was written; the server may have changed capitals.

    What it held before counts as not written, though capitals be all that was to change.
    """
    value, after = read_path(held, read_name(name)), entry.after[name]
    if equal_values(value, after):
        return True
    return equal_values(value, after, fold=True) and not equal_values(value, entry.before.get(name))
