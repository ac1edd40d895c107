"""Reading: what changed in each resource, once per run, into the store and its queue."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from specbridge.errors import GuardError
from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.decide.instants import compare_instants
from specbridge.runtime.engine.session import Session, log
from specbridge.runtime.records import Change, Page, Record, Tombstone
from specbridge.runtime.store.packages import save_shape
from specbridge.runtime.store.seen.claims import release_claims
from specbridge.runtime.store.seen.progress import (
    Progress,
    read_progress,
    save_cursor,
    save_progress,
)
from specbridge.runtime.store.seen.queue import queue_all
from specbridge.runtime.store.seen.records import (
    Reading,
    absorb_records,
    count_records,
    mark_gone,
    unseen_records,
)
from specbridge.runtime.store.seen.reindexing import leave_all_unindexed, take_unindexed
from specbridge.runtime.store.seen.wakes import hearings, note_missed
from specbridge.runtime.store.tables.schema import keys, links, mentions, queue, records
from specbridge.runtime.store.tables.statistics import MANY, refresh_statistics

_QUICK_PAGE = 0.05
"""Seconds within which a page comes from a system that need not be waited for."""

LONGEST_LAG = 120.0
"""Seconds within which a listing may not know a record yet; Zendesk's exports withhold a minute."""

_MOST_GATHERED = 20_000
"""Records of quick pages that are stored together."""

_ASKED_AT_ONCE = 100
"""Records that a listing did not show and that are asked for together."""

_LONG_SILENT = 60.0, 30 * 86_400.0
"""Seconds without any webhook, from which changes found by reading alone are told as a warning, and up to which:
after a month nobody counts on them any more."""


def catch_up(session: Session) -> None:
    """Have pairings look at what they missed: records read without them, and a document that changed.

    Before the reading: what is read from now on is indexed as it comes.
    """
    for flow in session.company.flows:
        if session.company.pairings[flow.number].shape != flow.shape:
            # Every pair is looked at again: a new conversion makes unchanged records differ.
            leave_all_unindexed(session.connection, flow)
            queue_all(session.connection, flow)
            save_shape(session.connection, flow.number, flow.shape)
        take_unindexed(session.connection, flow)
    session.checkpoint()


def read_resources(session: Session, resources: Iterable[BoundResource]) -> None:
    """Read what changed in each resource; everything where that is due.

    What is not polled this time is as the store has it, but for records that were woken.
    Raises GuardError where a complete reading finds suspiciously little.
    """
    changed = 0
    for resource in resources:
        progress = read_progress(session.connection, resource.number)
        if _full_is_due(session, resource, progress):
            changed += _read_everything(session, resource, progress)
        elif resource.key[0] in session.options.unpolled:
            session.generations[resource.number] = progress.generation
        else:
            changed += _read_changes(session, resource, progress)
    if changed >= MANY:
        refresh_statistics(session.connection, records, keys, queue, links, mentions)
        session.checkpoint()


def _full_is_due(session: Session, resource: BoundResource, progress: Progress) -> bool:
    if session.options.full or progress.cursor is None or progress.full_at is None:
        return True
    age = session.edges.clock() - progress.full_at
    return progress.shape != resource.shape or age >= session.options.full_period


def _read_changes(session: Session, resource: BoundResource, progress: Progress) -> int:
    session.generations[resource.number] = progress.generation
    reading = Reading(generation=progress.generation)
    connector = session.connector(resource)
    count = 0
    session.edges.expect(_subject(resource), lambda: 0)
    for page in connector.read_changes(resource.name, progress.cursor, resource.names):
        changed = take_in(session, resource, page.changes, reading)
        _note_unheard(session, resource, page.changes, changed)
        count += changed
        if page.cursor is not None:
            # With the page, in one transaction: no change is lost, none is read for nothing.
            save_cursor(session.connection, resource.number, page.cursor)
        session.checkpoint()
    log.info("read changes", system=resource.key[0], resource=resource.name, changed=count)
    return count


def _note_unheard(
    session: Session, resource: BoundResource, changes: Sequence[Change], count: int
) -> None:
    """Count changes that were read and of which no webhook told; warn where none has come for long.

    `count` of the changes were new to the store. Those from before webhooks were taken in, or from before
    the last one came, say nothing. Some changes are told by no event (docs/webhooks.md).
    """
    heard = hearings(session.connection, session.company.number) if count else ()
    hearing = next((one for one in heard if one.system == resource.key[0]), None)
    if hearing is None:
        return
    since = datetime.fromtimestamp(hearing.silent_since, UTC).isoformat()
    records = (change for change in changes if isinstance(change, Record))
    later = sum(compare_instants(record.modified_at, since) > 0 for record in records)
    missed = min(count, later)
    if not missed:
        return
    note_missed(session.connection, session.company.number, hearing.system, missed)
    seconds = session.edges.clock() - hearing.silent_since
    if _LONG_SILENT[0] <= seconds < _LONG_SILENT[1]:
        log.warning(
            "changes were found of which no webhook told",
            system=hearing.system,
            changes=hearing.missed + missed,
            silent_seconds=round(seconds),
        )


def _read_everything(session: Session, resource: BoundResource, progress: Progress) -> int:
    # The start counts: what changes during the reading may have been listed before.
    started = session.edges.clock()
    known = count_records(session.connection, resource.number)
    generation = progress.generation + 1
    session.generations[resource.number] = generation
    # First of all: what a reading saw that breaks off must not count as seen by the next one.
    save_progress(session.connection, resource.number, replace(progress, generation=generation))
    session.edges.expect(_subject(resource), lambda: known)
    # The store stays unlocked while a system is waited for, here as between pages.
    session.checkpoint()
    reading, cursor, count = Reading(generation=generation), None, 0
    pages = session.connector(resource).read_changes(resource.name, None, resource.names)
    for page in _gather(pages):
        count += take_in(session, resource, page.changes, reading)
        cursor = page.cursor or cursor
        session.checkpoint()
    _settle_missing(session, resource, generation, known)
    release_claims(session.connection, resource)
    save_progress(
        session.connection,
        resource.number,
        replace(
            progress, cursor=cursor, full_at=started, generation=generation, shape=resource.shape
        ),
    )
    session.checkpoint()
    log.info("read everything", system=resource.key[0], resource=resource.name, changed=count)
    return count


def _gather(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield pages that come quickly in one: the more records at a time, the cheaper is each to store.

    The last cursor is that of all. One that must be waited for is yielded as soon as it is there.
    """
    changes: list[Change] = []
    cursor, asked = None, time.monotonic()
    for page in pages:
        quick = time.monotonic() - asked < _QUICK_PAGE
        changes += page.changes
        cursor = page.cursor or cursor
        if not quick or len(changes) >= _MOST_GATHERED:
            yield Page(changes=changes, cursor=cursor)
            changes = []
        asked = time.monotonic()
    yield Page(changes=changes, cursor=cursor)


def take_in(
    session: Session,
    resource: BoundResource,
    changes: Sequence[Change],
    reading: Reading,
) -> int:
    """Store a page of changes; return how many records really changed."""
    found = [change for change in changes if isinstance(change, Record)]
    changed = absorb_records(session.connection, resource, found, reading)
    # Most pages tell of no deletion.
    gone = _gone_of(changes, found) if len(found) < len(changes) else []
    mark_gone(session.connection, resource, gone)
    session.edges.progress(_subject(resource), len(changes))
    return len(changed) + len(gone)


def _gone_of(changes: Iterable[Change], found: Iterable[Record]) -> list[str]:
    """Return the ids of the tombstones; of a record that was found as well nothing is gone."""
    live = {record.id for record in found}
    return [c.id for c in changes if isinstance(c, Tombstone) and c.id not in live]


def _subject(resource: BoundResource) -> str:
    return f"read {resource.key[0]} {resource.name}"


def _settle_missing(session: Session, resource: BoundResource, generation: int, known: int) -> None:
    """Mark as gone what a complete reading did not list, once its system says so of each record.

    A listing may lag behind what has just been written, and a page of it may be lost: what is
    missing is asked for by id before it is judged. Raises GuardError where too little is left, or where
    nothing was listed of what has been there for long.
    """
    seen = listed = count_records(session.connection, resource.number, generation)
    gone: list[str] = []
    for ids in _unseen(session, resource, generation, listed):
        session.checkpoint()
        there, lost = session.look_again(resource, ids, listed=True)
        absorb_records(session.connection, resource, there, Reading(generation=generation))
        if not listed:
            _check_empty(session, resource, there)
        seen += len(there)
        gone += lost
        if not there and len(ids) == _ASKED_AT_ONCE:
            # Of a hundred not one is there: to ask for all the others would take hours and say no more.
            _check_left(session, resource, known, seen)
    _check_left(session, resource, known, seen)
    mark_gone(session.connection, resource, gone)


def _unseen(
    session: Session, resource: BoundResource, generation: int, listed: int
) -> Iterator[list[str]]:
    """Yield, in lists, the ids of records that are known and were not listed."""
    # Mostly none is missing: counting reads an index, while looking for them reads all records.
    if listed < count_records(session.connection, resource.number):
        yield from unseen_records(session.connection, resource.number, generation, _ASKED_AT_ONCE)


def _check_empty(session: Session, resource: BoundResource, there: Sequence[Record]) -> None:
    """Raise GuardError where nothing was listed, though there are records that are no news.

    Such a listing says nothing of new records either, and must not count as read.
    """
    instant = session.edges.clock() - LONGEST_LAG
    since = datetime.fromtimestamp(instant, UTC).isoformat()
    old = [record for record in there if compare_instants(record.modified_at, since) <= 0]
    if old and not session.options.force:
        raise GuardError(
            f"{resource.key[0]} lists no {resource.name}, though it has {old[0].id} and others when asked "
            "by id; nothing was written. If that is right, run again with --force"
        )


def _check_left(session: Session, resource: BoundResource, known: int, seen: int) -> None:
    """Raise GuardError where suspiciously few of the known records are there."""
    options = session.options
    halved = known > options.guard_floor and seen < known / 2
    if options.force or not known or not (seen == 0 or halved):
        return
    raise GuardError(
        f"{resource.key[0]} lists {seen} {resource.name}, where {known} were known; "
        "nothing was written. If that is right, run again with --force"
    )
