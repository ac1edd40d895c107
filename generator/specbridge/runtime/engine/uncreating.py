"""Taking creations back: records are deleted that nobody has touched since a run made them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.decide.equality import Value, alike, equal_values
from specbridge.runtime.engine.changing.writing import Answer, Dispatch, Intent
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Delete, Record, Written
from specbridge.runtime.store.history.journal import Entry
from specbridge.runtime.store.history.undoing import LastWrite, last_writes, links_of, pin_links
from specbridge.runtime.store.leftover.leftovers import drop_dead_letters
from specbridge.runtime.store.linking.links import mark_links
from specbridge.runtime.store.seen.records import load_records, mark_gone
from specbridge.runtime.store.tables.rows import parts, write_json


def delete_created(
    session: Session, run: int, entries: Sequence[Entry], kept: dict[str, str]
) -> list[str]:
    """Delete what a run created, newest first; return the ids of what was deleted.

    What somebody has touched since, or whose system refuses, stays: `kept` gets the reason by id.
    """
    deleted: list[str] = []
    # Newest first: what was made later may belong to what was made before.
    newest = sorted(entries, key=lambda entry: -entry.number)
    for number, group in groupby(newest, key=lambda entry: entry.resource):
        resource = session.company.resources[number]
        for part in parts(group, session.options.batch):
            records = _untouched(session, run, resource, part, kept)
            deleted += _delete(session, resource, records, kept)
    return deleted


def _untouched(
    session: Session,
    run: int,
    resource: BoundResource,
    entries: Sequence[Entry],
    kept: dict[str, str],
) -> list[Record]:
    """Return the records that are as the run left them; the others are noted."""
    made = {entry.record_id or "": entry for entry in entries}
    last = last_writes(session.connection, resource.number, list(made))
    stored = load_records(session.connection, resource.number, made)
    # From the system, not the store: whoever has edited one since must not lose that.
    there, _ = session.look_again(resource, list(made))
    found = {record.id: record for record in there}
    left: list[Record] = []
    for id_, entry in made.items():
        reason = _why_kept(run, entry, last.get(id_), (found.get(id_), stored.get(id_)))
        if reason is None:
            left.append(found[id_])
        else:
            kept[id_] = reason
    return left


def _why_kept(
    run: int, entry: Entry, last: LastWrite | None, records: tuple[Record | None, Record | None]
) -> str | None:
    """Return why a record is not to be deleted, None where it is; it is given as it is, and as stored."""
    now, stored = records
    if now is None:
        return "it is gone"
    if last is not None and last.run != run:
        return f"run {last.run} has written it since"
    if last is None or last.instant is None:
        return "it is not known how it was when it had been made"
    same = stored is not None and write_json(now.properties) == write_json(stored.properties)
    # All three: an instant may be as coarse as a second, and the store may have read an edit.
    if now.modified_at == last.instant and same and _holds(dict(now.properties), dict(entry.after)):
        return None
    return "it has been changed since"


def _holds(held: Value, sent: Json) -> bool:
    """Return whether what was sent is still there, be it in the system's own way of writing it."""
    if isinstance(sent, dict):
        there = held if isinstance(held, dict) else {}
        return all(_holds(there.get(name), value) for name, value in sent.items())
    return equal_values(held, sent) or alike(held, sent)


def _delete(
    session: Session, resource: BoundResource, records: Sequence[Record], kept: dict[str, str]
) -> list[str]:
    links = links_of(session.connection, resource, [record.id for record in records])
    # Before anything is sent: a pinned link stays though its record vanishes. Nothing is made anew
    # for the other one, and the other one is not deleted too, where settings would have it so.
    pin_links(session.connection, [link.number for link in links], pinned=True)
    dispatch = Dispatch(session, resource, [_intent(resource, record) for record in records])
    answers = {answer.intent.write.key: answer for answer in dispatch.send()}
    deleted = [id_ for id_, answer in answers.items() if _is_gone(answer)]
    refused = [id_ for id_ in answers if id_ not in deleted]
    kept.update((id_, f"{resource.key[0]} {answers[id_].reason}") for id_ in refused)
    _forget(session, resource, deleted, [link for link in links if link.id in deleted])
    before = [link.number for link in links if link.id in refused and not link.pinned]
    pin_links(session.connection, before, pinned=False)
    session.checkpoint()
    dispatch.raise_error()
    return deleted


def _intent(resource: BoundResource, record: Record) -> Intent:
    entry = Entry(
        pairing=None,
        kind="delete",
        resource=resource.number,
        record_id=record.id,
        before=record.properties,
        after={},
    )
    return Intent(entry=entry, write=Delete(key=record.id, current=record))


def _is_gone(answer: Answer) -> bool:
    # Gone is as good as deleted: somebody else was quicker.
    return isinstance(answer.outcome, Written) or answer.outcome.gone


def _forget(
    session: Session, resource: BoundResource, deleted: Sequence[str], links: Sequence[Any]
) -> None:
    """Note that records are gone; their links stay, so that their things remember them."""
    mark_links(session.connection, [link.number for link in links], vanished=True)
    mark_gone(session.connection, resource, deleted)
    for place in resource.sides:
        drop_dead_letters(session.connection, place, deleted)
