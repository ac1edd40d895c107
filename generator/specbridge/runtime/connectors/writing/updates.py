"""Updates one by one: each is carried out, or refused with its reason."""

from collections.abc import Mapping
from dataclasses import replace

from specbridge.model.calls import BodyStyle, Precondition, WriteCall
from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.entries import changes_entries
from specbridge.runtime.connectors.reading.finding import Reading, read_one, read_whole
from specbridge.runtime.connectors.reading.forms import decode_row, encode_changes, encode_row
from specbridge.runtime.connectors.reading.rows import (
    Row,
    answered,
    has_path,
    is_of,
    nest,
    value_at,
)
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import MISMATCH, refusal, says
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import (
    JSON_PATCH_TYPE,
    JSON_TYPE,
    Answer,
    Request,
    fill_path,
    path_names,
)
from specbridge.runtime.connectors.writing.outcomes import (
    UNCERTAIN,
    differs,
    gone,
    has_all,
    holds,
    stale,
    unsupported,
    untaken,
    wrap,
    written,
)
from specbridge.runtime.connectors.writing.overlay import merge_values, whole_body, whole_objects
from specbridge.runtime.connectors.writing.patch import build_bare_patch, build_patch
from specbridge.runtime.records import Outcome, Refused, Update, Written

_ATTEMPTS = 2


def update_one(access: Access, resource: Resource, write: Update, names: frozenset[str]) -> Outcome:
    """Change a record by the resource's own update call.

    The outcome has no record where that call gives none back: the caller reads them together.
    """
    call = resource.update
    if call is None:
        return unsupported(resource, write, "update")
    row = complete_row(access, resource, write.current.id, write.current.properties)
    if row is None:
        return gone(write)
    if call.body is BodyStyle.JSON_PATCH:
        return _patch_one(access, resource, write, row, names)
    if reads_first(call) or needs_reading(resource, write):
        return _update_on_reading(access, resource, write, row, names)
    answer = access.transport.send(
        _update_request(call, write.current.id, row, _part(resource, call, write))
    )
    return _take(access, resource, write, answer, names)


def reads_first(call: WriteCall) -> bool:
    """Return whether an update is made on a reading of the record just before."""
    whole = call.body in (BodyStyle.REPLACE, BodyStyle.MERGE_OBJECTS)
    return whole or call.precondition is not Precondition.NONE


def needs_reading(resource: Resource, write: Update) -> bool:
    """Return whether what an update sends depends on what the record holds besides."""
    return changes_entries(resource, write.changes) or bool(_companions(resource, write))


def _companions(resource: Resource, write: Update) -> list[Path]:
    """Return the properties that go along with those that change, or that lie in an object that does."""
    touched = {path[:depth] for path in write.changes for depth in range(1, len(path) + 1)}
    paths = [path for prop in resource.properties if prop.path in touched for path in prop.along]
    return [path for path in dict.fromkeys(paths) if path not in write.changes]


def complete_row(access: Access, resource: Resource, identifier: str, row: Row) -> Row | None:
    """Return the record with all that its calls' addresses hold, read again where that is missing."""
    calls = [call for call in (resource.update, resource.delete) if call is not None]
    needed = {name for call in calls for name in path_names(call.path)} - {"id"}
    if all(row.get(name) is not None for name in needed):
        return row
    return read_one(access, resource, row, identifier)


def _update_on_reading(
    access: Access, resource: Resource, write: Update, row: Row, names: frozenset[str]
) -> Outcome:
    """Change a record on a reading of it just before; on a conflict read again and send once more.

    What somebody else changed at other properties is kept; at those of the write it is stale. A
    request whose answer was lost is settled by the next reading.
    """
    call = resource.update
    if call is None:
        return unsupported(resource, write, "update")
    for left in reversed(range(_ATTEMPTS)):
        reading = read_whole(access, resource, row, write.current.id)
        if reading is None:
            return gone(write)
        done = holds(reading.row, write.changes)
        if done or differs(reading.row, write):
            return written(access, resource, write, reading.row, names) if done else stale(write)
        request = request_on(access, resource, call, write, reading)
        try:
            answer = access.transport.send(request)
        except UNCERTAIN:
            if not left:
                raise
            continue
        if not is_conflict(access, call, answer):
            return _take(access, resource, write, answer, names)
    # Twice within moments: somebody else is at work on it, and the next run sees what they made.
    return stale(write)


def request_on(
    access: Access, resource: Resource, call: WriteCall, write: Update, reading: Reading
) -> Request:
    """Return the request that changes a record as it was read, and says so."""
    along = {path: value_at(reading.raw, path) for path in _companions(resource, write)}
    known = {path: value for path, value in along.items() if value is not None}
    stated = {**known, **_stated_version(call, reading.raw)}
    changed = encode_changes(resource, write.changes, reading.raw)
    changes = {**stated, **empty_objects(resource, changed)}
    if call.body is BodyStyle.REPLACE:
        body: Json = wrap(call, whole_body(call, reading.raw, changes))
    elif call.body is BodyStyle.MERGE_OBJECTS:
        body = wrap(call, whole_objects(call, reading.raw, changes))
    else:
        body = wrap(call, merge_values(call.constants, nest(changes)))
    request = _update_request(call, write.current.id, reading.row, body)
    mark = _mark(call, reading)
    if mark is None:
        raise malformed(access.where(str(request)), "the record shows no version of itself")
    # Without a precondition the whole would undo, when made again, what others wrote meanwhile.
    safe = call.precondition is not Precondition.NONE
    return replace(request, headers={"If-Match": mark} if mark else {}, safe=safe)


def empty_objects(resource: Resource, changes: Mapping[Path, Json]) -> dict[Path, Json]:
    """Return changes in which objects are null whose one value is emptied."""
    whole = {prop.path: prop.emptied for prop in resource.properties if prop.emptied}
    return {
        whole.get(path, path) if value is None else path: value for path, value in changes.items()
    }


def _mark(call: WriteCall, reading: Reading) -> str | None:
    """Return what If-Match is to hold, "" for no such header, None where the reading shows none."""
    match call.precondition:
        case Precondition.NONE:
            return ""
        case Precondition.ETAG:
            return reading.etag or None
        case Precondition.VERSION | Precondition.VERSION_HEADER:
            version = value_at(reading.row, call.version)
            if version is None or isinstance(version, bool | list | dict):
                return None
            return str(version) if call.precondition is Precondition.VERSION_HEADER else ""


def _stated_version(call: WriteCall, row: Row) -> dict[Path, Json]:
    if call.precondition is not Precondition.VERSION:
        return {}
    return {call.version: value_at(row, call.version)}


def is_conflict(access: Access, call: WriteCall, answer: Answer) -> bool:
    """Return whether an answer says that somebody else has changed the record."""
    stated = call.precondition is not Precondition.NONE and answer.status == MISMATCH
    listed = answer.status in call.conflicts
    return stated or listed or says(access.profile, answer, call.conflict_words)


def _part(resource: Resource, call: WriteCall, write: Update) -> Json:
    """Return the body that holds the changed properties only."""
    changed = nest(empty_objects(resource, encode_changes(resource, write.changes)))
    return wrap(call, merge_values(call.constants, changed))


def _patch_one(
    access: Access, resource: Resource, write: Update, row: Row, names: frozenset[str]
) -> Outcome:
    """Change a record by JSON Patch.

    A refusal may mean that a `test` failed, that an earlier attempt got through, that the server
    knows no `test`, or a fault of the values: what the server now holds tells them apart.
    """
    call = resource.update
    if call is None:
        return unsupported(resource, write, "update")
    planned, changes = write.current.properties, encode_changes(resource, write.changes)
    request = _update_request(
        call, write.current.id, row, build_patch(changes, encode_row(resource, planned))
    )
    answer = access.transport.send(request)
    if answer.ok:
        return _read_back(access, resource, write, answer, names)
    now = read_one(access, resource, row, write.current.id)
    if now is None:
        return gone(write)
    if differs(now, write):
        done = holds(now, write.changes)
        return written(access, resource, write, now, names) if done else stale(write)
    # The record is as it was planned on: no test can have failed, so the server may know none.
    bare = _update_request(
        call, write.current.id, row, build_bare_patch(changes, encode_row(resource, now))
    )
    answer = access.transport.send(bare)
    if not answer.ok:
        return refusal(access.profile, resource, write.key, answer, write.changes.values())
    return _read_back(access, resource, write, answer, names)


def _take(
    access: Access, resource: Resource, write: Update, answer: Answer, names: frozenset[str]
) -> Outcome:
    if answer.ok:
        return _read_back(access, resource, write, answer, names)
    return _refuse(access, resource, write, answer)


def _read_back(
    access: Access, resource: Resource, write: Update, answer: Answer, names: frozenset[str]
) -> Outcome:
    call = resource.update
    if call is None or not call.answers:
        return Written(key=write.key, id=write.current.id, record=None)
    shown = answered(answer.body, call)
    row = decode_row(resource, shown) if shown is not None else None
    if row is None or not _shows(resource, row, write):
        row = read_one(access, resource, write.current.properties, write.current.id)
    if row is None:
        return gone(write)
    if shown is None and _is_as_before(row, write):
        return untaken(write, answer)
    return written(access, resource, write, row, names)


def _is_as_before(row: Row, write: Update) -> bool:
    """Return whether a record still holds all that was to be changed as the write was planned on it.

    PowerOffice answers an empty success where it refuses an e-mail address.
    """
    seen = all(has_path(write.current.properties, path) for path in write.changes)
    return seen and not differs(row, write) and not holds(row, write.changes)


def _shows(resource: Resource, row: Row, write: Update) -> bool:
    """Return whether a row is the written record, with what was to be changed and all else that it had."""
    # An answer may leave out what is empty.
    set_ones = (path for path, value in write.changes.items() if value is not None)
    is_whole = has_all(row, write.current.properties, write.changes)
    return (
        is_of(resource, row, write.current.id)
        and is_whole
        and all(has_path(row, path) for path in set_ones)
    )


def _refuse(access: Access, resource: Resource, write: Update, answer: Answer) -> Refused:
    refused = refusal(access.profile, resource, write.key, answer, write.changes.values())
    if not answer.gone:
        return refused
    # A 404 may also be about something that the record refers to.
    row = read_one(access, resource, write.current.properties, write.current.id)
    return gone(write) if row is None else refused


def _update_request(call: WriteCall, identifier: str, row: Row, body: Json) -> Request:
    patch = call.body is BodyStyle.JSON_PATCH
    return Request(
        method=call.method,
        path=fill_path(call.path, {**row, "id": identifier}),
        body=body,
        content_type=JSON_PATCH_TYPE if patch else JSON_TYPE,
        # Both kinds of body state what is to be: made twice, the record is the same.
        safe=True,
    )
