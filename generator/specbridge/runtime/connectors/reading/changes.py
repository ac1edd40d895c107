"""What changed in a resource, page by page, and the cursor to go on from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from specbridge.errors import MalformedResponseError, ProfileError
from specbridge.model.calls import Paging, PagingStyle, ReadCall, SinceForm
from specbridge.model.profile import Resource
from specbridge.model.values import Json
from specbridge.profiles.templates import template_names
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
from specbridge.runtime.connectors.reading.paging import ROLES, Step, Trail, first_step
from specbridge.runtime.connectors.reading.rows import Row, instant_at, read_rows, row_id, to_change
from specbridge.runtime.connectors.reading.templates import fill_body
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.bodies import PAGE, Bounds
from specbridge.runtime.connectors.transport.errors import error_of, says
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import Answer, Request
from specbridge.runtime.records import Change, Page, Record, Tombstone

_LONGEST_CURSOR = 4000
_COUNTED = frozenset({"size", "page"})
_EPOCHS = (SinceForm.EPOCH_SECONDS, SinceForm.EPOCH_MILLISECONDS)
_EXPORTS = (PagingStyle.CURSOR_EXPORT, PagingStyle.TIME_EXPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The rows of one answer of a list."""

    rows: tuple[Row, ...]
    answer: Answer


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


def read_batches(
    access: Access,
    call: ReadCall,
    query: Mapping[str, str],
    start: str = "",
    bounds: Bounds = PAGE,
) -> Iterator[Batch]:
    """Yield the answers of a list call from its first step to its end, one list after another.

    `query` is a filter, `start` where an export begins. An answer that says that the start is too recent for any change ends it without a row.
    """
    for more in call.queries or ({},):
        yield from _read_to_end(
            access, call, first_step(paging_of(access, call), {**query, **more}, start), bounds
        )


def _read_to_end(access: Access, call: ReadCall, first: Step, bounds: Bounds) -> Iterator[Batch]:
    paging = paging_of(access, call)
    step: Step | None = first
    trail = Trail()
    while step is not None:
        request = _list_request(access, call, step, bounds)
        answer = access.transport.send(request)
        # Before `ok`: Zendesk's exports refuse a start of under a minute ago, which is no fault.
        if says(access.profile, answer, call.nothing_new):
            return
        if not answer.ok:
            raise error_of(access.profile, request, answer)
        where = access.where(call.path)
        rows = read_rows(answer, call.items, where)
        yield Batch(rows=rows, answer=answer)
        try:
            step = trail.next_step(paging, step, answer, rows)
        except MalformedResponseError as error:
            raise malformed(where, str(error)) from None


def paging_of(access: Access, call: ReadCall) -> Paging:
    """Return how a call's list is continued; a search by POST knows its parameters by their roles."""
    paging = call.paging or access.profile.paging
    if call.method == "GET":
        return paging
    return replace(paging, parameters={role: role for role in ROLES})


def full_call(resource: Resource) -> ReadCall | None:
    """Return the cheapest call that reads everything, None where the API has none."""
    incremental = resource.incremental
    if incremental is not None and incremental.full:
        return incremental
    if resource.list is not None:
        return resource.list
    return incremental if incremental is not None and incremental.epoch else None


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
    while it is read shows a later instant than the one that it stands by. Raises MalformedResponseError
    where more records than a search gives have one instant, and for a search that is not sorted by it.
    """
    while True:
        count, first, last, end = 0, None, None, None
        for found in read_batches(access, call, query, start):
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
        following = _moved(call, last)
        if following == query:
            # The last page is all that there was, or of one instant up to its last rows.
            following = _moved(call, end)
        if following == query:
            raise malformed(where, f"more than {call.most:,} records were changed at one instant")
        query = following


def _oldest_of(resource: Resource, batch: Batch) -> str | None:
    instants = [instant_at(row, resource.modified_at) for row in batch.rows]
    known = [one for one in instants if one]
    return reduce(earlier, known) if known else None


def _moved(call: ReadCall, oldest: str | None) -> dict[str, str]:
    """Return the filter of the search after one whose last page begins at this instant."""
    if oldest is None:
        return {}
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
    for batch in read_batches(access, call, *beginning(resource, call, cursor)):
        gone = [Tombstone(row_id(resource, row, where)) for row in batch.rows]
        if gone:
            yield Page(changes=gone, cursor=None)


def _list_request(access: Access, call: ReadCall, step: Step, bounds: Bounds) -> Request:
    """Return the request of a step: its parameters in the address, or in the body of a search."""
    path = _address(access, call, step)
    if call.method == "GET":
        return Request(method="GET", path=path, query=step.query, safe=True, bounds=bounds)
    numbers = {*_COUNTED, "since"} if call.since_form in _EPOCHS else _COUNTED
    values: dict[str, Json] = {
        role: int(value) if role in numbers else value for role, value in step.query.items()
    }
    body = fill_body(call.body, values)
    # A search changes nothing, and may be made again.
    return Request(method=call.method, path=path, body=body, safe=True, search=True, bounds=bounds)


def _address(access: Access, call: ReadCall, step: Step) -> str:
    """Return where a step leads; a link may not lead to another host, which would get our keys."""
    if not step.link:
        return call.path
    return access.transport.below(step.link)


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
