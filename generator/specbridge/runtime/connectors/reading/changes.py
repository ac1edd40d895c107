"""What changed in a resource, page by page, and the cursor to go on from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from specbridge.errors import MalformedResponseError, ProfileError
from specbridge.model.calls import PagingStyle, ReadCall
from specbridge.model.profile import Resource
from specbridge.profiles.templates import template_names
from specbridge.runtime.connectors.reading.batches import Batch, full_call
from specbridge.runtime.connectors.reading.cursors import (
    cautious_cursor,
    earlier,
    epoch_seconds,
    later,
    next_cursor,
    step_back,
    write_instant,
)
from specbridge.runtime.connectors.reading.ends import read_role
from specbridge.runtime.connectors.reading.forms import decode_rows
from specbridge.runtime.connectors.reading.parents import read_listed
from specbridge.runtime.connectors.reading.rows import instant_at, merged_ids, row_id, to_change
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import Answer
from specbridge.runtime.records import Change, Page, Record, Tombstone

_LONGEST_CURSOR = 4000
_EXPORTS = (PagingStyle.CURSOR_EXPORT, PagingStyle.TIME_EXPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """When a read began: by our clock, and by the system's where it says so (UTC).

    Not `answered`: the system said that nothing can have changed yet, so the cursor stays.
    """

    ours: datetime
    theirs: datetime | None = None
    answered: bool = False


def read_changes(
    access: Access, resource: Resource, cursor: str | None, names: frozenset[str]
) -> Iterator[Page]:
    """Yield what changed since `cursor`, everything where it is None.

    Only the last page carries a cursor: lists by id are not ordered by time, so that nothing but
    the whole of a read may be gone on from. A row that the page before held too is left out.
    """
    call = _choose_call(access, resource, cursor)
    where = access.where(call.path)
    newest, last, began = cursor, "", Beginning(ours=access.clock.now())
    seen: dict[str, Change] = {}
    query, start = beginning(resource, call, cursor)
    for number, batch in enumerate(_read_windows(access, resource, call, query, start)):
        # The time of the first answer: what is written while the others are read comes again.
        if number == 0:
            began = Beginning(ours=began.ours, theirs=batch.answer.date, answered=True)
        changes = [to_change(resource, row, names, where) for row in batch.rows]
        changes += [Tombstone(one) for row in batch.rows for one in merged_ids(resource, row)]
        fresh = [change for change in changes if seen.get(change.id) != change]
        # Of the page before alone: a time export repeats the second in which that one ended.
        seen = {change.id: change for change in changes}
        newest = _newest(newest, changes, where) if resource.modified_at else newest
        last = _stated_cursor(access, call, batch.answer) or last
        if fresh:
            yield Page(changes=fresh, cursor=None)
    yield from _read_archived(access, resource, cursor)
    following = _cursor(resource, newest, began, last) if began.answered else cursor
    yield Page(changes=(), cursor=following)


def _choose_call(access: Access, resource: Resource, cursor: str | None) -> ReadCall:
    call = full_call(resource) if cursor is None else resource.incremental or full_call(resource)
    if call is None:
        raise ProfileError(f"{access.profile.path}: {resource.name}: list: there is no such call")
    return call


def beginning(resource: Resource, call: ReadCall, cursor: str | None) -> tuple[dict[str, str], str]:
    """Return the filter and the export's start by which a read goes on from a cursor."""
    style = call.paging.style if call.paging else None
    if style in _EXPORTS:
        return {}, call.epoch if cursor is None else _export_start(resource, call, cursor)
    word = _filter_of(call)
    if not word:
        return {}, ""
    if cursor is None:
        return ({word: call.since_text.replace("{since}", call.epoch)} if call.epoch else {}), ""
    moved = step_back(cursor, call.overlap_seconds)
    since = write_instant(moved, call.since_form, call.since_zone)
    return {word: call.since_text.replace("{since}", since)}, ""


def _filter_of(call: ReadCall) -> str:
    """Return the parameter of a call's filter, "" where it has none."""
    return "since" if "since" in template_names(call.body) else call.since


def _export_start(resource: Resource, call: ReadCall, cursor: str) -> str:
    if not resource.modified_at:
        return cursor
    # By time, though the export gave a cursor: Zendesk's resumes strictly after a second and an
    # id, and would miss what is edited once more within that second.
    return str(max(0, epoch_seconds(step_back(cursor, call.overlap_seconds))))


def _read_windows(
    access: Access, resource: Resource, call: ReadCall, query: Mapping[str, str], start: str
) -> Iterator[Batch]:
    """Yield the answers of a list to its end, in several searches where one gives only so many records.

    Each search begins at the oldest instant of the last page of the one before: a record that is changed
    while it is read shows a later instant than the one that it stands by. Where more records than a search
    gives have one instant, all of them are listed. Raises MalformedResponseError where they cannot be, and
    for a search that is not sorted by it.
    """
    begun: str | None = None
    while True:
        count, first, last, end = 0, None, None, None
        for found in read_listed(access, resource, call, query, start):
            batch = replace(found, rows=decode_rows(resource, found.rows))
            yield batch
            count += len(batch.rows)
            last = _oldest_of(resource, batch) or last
            first = first or last
            end = _oldest_of(resource, replace(batch, rows=batch.rows[-1:])) or end
            if call.most and count >= call.most:
                break
        else:
            return
        where = access.where(call.path)
        if first is not None and last is not None and earlier(first, last) != first:
            raise malformed(
                where, "the search is not sorted by the instant at which records changed"
            )
        # The last page may be all that there was, or of one instant up to its last rows.
        onward = [one for one in (last, end) if one and _leads_on(call, one, begun, query)]
        if not onward:
            yield from _read_instead(access, resource, call)
            return
        begun = onward[0]
        query = _moved(call, begun)


def _read_instead(access: Access, resource: Resource, call: ReadCall) -> Iterator[Batch]:
    """Yield all records by the list, where more have one instant than a search gives of it."""
    whole = resource.list
    if whole is None or whole is call or whole.most:
        text = f"more than {call.most:,} records were changed at one instant"
        raise malformed(access.where(call.path), text)
    for batch in read_listed(access, resource, whole, {}):
        yield replace(batch, rows=decode_rows(resource, batch.rows))


def _oldest_of(resource: Resource, batch: Batch) -> str | None:
    instants = [instant_at(row, resource.modified_at) for row in batch.rows]
    known = [one for one in instants if one]
    return reduce(earlier, known) if known else None


def _leads_on(call: ReadCall, instant: str, begun: str | None, query: Mapping[str, str]) -> bool:
    """Return whether a search from an instant is another one, and later than the one that gave it."""
    if _moved(call, instant) == query:
        return False
    return begun is None or (instant != begun and later(begun, instant) == instant)


def _moved(call: ReadCall, oldest: str) -> dict[str, str]:
    """Return the filter of the search after one whose last page begins at this instant."""
    moved = step_back(oldest, 0 if call.inclusive else 1)
    since = write_instant(moved, call.since_form, call.since_zone)
    return {_filter_of(call): call.since_text.replace("{since}", since)}


def _read_archived(access: Access, resource: Resource, cursor: str | None) -> Iterator[Page]:
    """Yield the records that are listed apart because they are gone, as tombstones."""
    call = resource.archived
    if call is None:
        return
    where = access.where(call.path)
    # After the others: who was archived meanwhile is among both.
    for batch in read_listed(access, resource, call, *beginning(resource, call, cursor)):
        gone = [Tombstone(row_id(resource, row, where)) for row in batch.rows]
        if gone:
            yield Page(changes=gone, cursor=None)


def _newest(newest: str | None, changes: list[Change], where: str) -> str | None:
    try:
        for change in changes:
            if isinstance(change, Record) and change.modified_at:
                # Compared with itself at least: the first one must be an instant, too.
                newest = later(newest or change.modified_at, change.modified_at)
    except MalformedResponseError as error:
        raise malformed(where, f"record {change.id}: {error}") from None
    return newest


def _stated_cursor(access: Access, call: ReadCall, answer: Answer) -> str:
    paging = call.paging or access.profile.paging
    if paging.style not in _EXPORTS:
        return ""
    value = read_role(paging, answer, "cursor")
    if value is None:
        return ""
    if not isinstance(value, str | int) or len(str(value)) > _LONGEST_CURSOR or "\0" in str(value):
        raise malformed(access.where(call.path), "its cursor is none that can be kept")
    return str(value)


def _cursor(resource: Resource, newest: str | None, began: Beginning, stated: str) -> str | None:
    """Return the cursor of a whole read: an instant, or the export's own where none is known."""
    if resource.incremental is None:
        return None
    if not resource.modified_at:
        return stated or newest
    if began.theirs is None:
        return cautious_cursor(newest, began.ours)
    return next_cursor(newest, began.theirs)
