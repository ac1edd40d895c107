"""Recovery: writes whose outcome an earlier run never learnt, looked up on the server."""

from collections.abc import Iterator, Mapping, Sequence

from generator.model.values import Json
from generator.runtime.binding import BoundFlow, BoundResource
from generator.runtime.creating import Search, find_holders
from generator.runtime.equality import equal_values
from generator.runtime.merge import SOURCE, TARGET
from generator.runtime.paths import read_name, read_path
from generator.runtime.records import Record
from generator.runtime.session import Session, log
from generator.runtime.store.journal import Closing, Entry, close_entries, open_writes
from generator.runtime.store.links import NewLink, find_links, make_links
from generator.runtime.store.records import load_records, mark_gone, queue_records, queued_ids
from generator.runtime.store.rows import parts
from generator.runtime.updating import Effect, apply_effects
from generator.runtime.writing import (
    external_reference,
    longest_reference,
    reference_path,
    take_back,
)


def recover_writes(session: Session) -> None:
    """Close every open journal entry: adopt what the server did, have the rest done again.

    It comes after the reading, so that what the server made is known even where it cannot be
    searched.
    """
    while entries := open_writes(session.connection, session.package.number):
        log.info("recover writes", count=len(entries))
        closings = [_recover(session, entry) for entry in entries]
        close_entries(session.connection, closings)
        session.checkpoint()


def _recover(session: Session, entry: Entry) -> Closing:
    flow = next((f for f in session.package.flows if f.number == entry.flow), None)
    resource = session.package.resources.get(entry.resource)
    if flow is None or resource is None:
        return Closing(number=entry.number, state="lost", record_id=entry.record_id)
    if entry.kind == "create":
        found = _recover_create(session, flow, resource, entry)
    else:
        found = _recover_change(session, resource, entry)
    state = "lost" if found is None else "done"
    return Closing(number=entry.number, state=state, record_id=found or entry.record_id)


def _recover_create(
    session: Session, flow: BoundFlow, resource: BoundResource, entry: Entry
) -> str | None:
    side = TARGET if flow.resources[TARGET] == entry.resource else SOURCE
    origins, origin = session.resource(flow, 1 - side), entry.origin or ""
    queue_records(session.connection, origins.number, [origin])
    path = reference_path(resource)
    found: Sequence[Record] = ()
    if path is not None:
        longest = longest_reference(resource)
        text = external_reference(session.package, flow, origins, origin, longest)
        found = find_holders(session, resource, Search(path=path, value=text))
        take_back(session, resource, found, [record.id for record in found])
    if not found:
        found = _find_alike(session, resource, entry.after)
    free = [record for record in found if not _linked(session, resource, record.id)]
    if not free or find_links(session.connection, [flow.number], 1 - side, [origin]):
        return found[0].id if found else None
    source, target = (origin, free[0].id) if side == TARGET else (free[0].id, origin)
    link = NewLink(flow=flow.number, source_id=source, target_id=target, made_by="create")
    make_links(session.connection, session.run, [link])
    session.note(flow, "link", side, free[0].id, reason="it was created before a crash")
    return free[0].id


def _linked(session: Session, resource: BoundResource, id_: str) -> bool:
    return any(
        find_links(session.connection, [flow.number], side, [id_]) for flow, side in resource.uses
    )


def _find_alike(
    session: Session, resource: BoundResource, after: Mapping[str, Json]
) -> list[Record]:
    """Return new records that are just like the one that was sent."""
    found: list[Record] = []
    for ids in parts(queued_ids(session.connection, resource.number)):
        records = load_records(session.connection, resource.number, ids)
        found += [record for record in records.values() if _alike(record, after)]
    return found


def _alike(record: Record, after: Mapping[str, Json]) -> bool:
    return bool(after) and all(
        equal_values(record.properties.get(name), value, fold=True) for name, value in after.items()
    )


def _recover_change(session: Session, resource: BoundResource, entry: Entry) -> str | None:
    id_ = entry.record_id or ""
    connector = session.connector(resource)
    found = list(connector.read_records(resource.name, [id_], resource.names))
    if not found:
        mark_gone(session.connection, resource, [id_])
        return id_ if entry.kind == "delete" else None
    take_back(session, resource, found, [id_])
    held = found[0].properties
    if entry.kind == "delete" or not all(_is_set(held, entry, name) for name in entry.after):
        return None
    apply_effects(session, [(effect, found[0]) for effect in _read_effects(entry)])
    return id_


def _is_set(held: Mapping[str, Json], entry: Entry, name: str) -> bool:
    """Return whether a record holds what was written; the server may have changed capitals.

    What it held before counts as not written, though capitals be all that was to change.
    """
    value, after = read_path(held, read_name(name)), entry.after[name]
    if equal_values(value, after):
        return True
    return equal_values(value, after, fold=True) and not equal_values(value, entry.before.get(name))


def _read_effects(entry: Entry) -> Iterator[Effect]:
    for effect in entry.effects if isinstance(entry.effects, list) else ():
        match effect:
            case [int() as flow, int() as link, str() as unit, other]:
                yield flow, link, unit, other
