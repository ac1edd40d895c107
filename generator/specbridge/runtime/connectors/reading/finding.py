"""Records by their ids, or by the values of one property."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from specbridge.errors import ProfileError, RefusedError
from specbridge.model.calls import LookupCall, ReadCall
from specbridge.model.profile import Resource
from specbridge.model.values import Path
from specbridge.runtime.connectors.reading.batches import full_call, read_batches
from specbridge.runtime.connectors.reading.forms import decode_row, decode_rows
from specbridge.runtime.connectors.reading.parents import adopt, read_listed
from specbridge.runtime.connectors.reading.rows import (
    Row,
    answered,
    is_of,
    is_tombstone,
    read_rows,
    row_id,
    typed_value,
    unwrap,
    value_at,
)
from specbridge.runtime.connectors.reading.templates import fill_values
from specbridge.runtime.connectors.transport.access import Access, in_batches, overlap
from specbridge.runtime.connectors.transport.errors import error_of
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import (
    NO_CONTENT,
    Answer,
    Request,
    fill_path,
    is_segment,
    means_gone,
    path_names,
)
from specbridge.runtime.conversions.texts import fold_text

# From so many records on, reading a list of thousands a page is cheaper than reading them singly.
_LIST_FROM = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A record as the call for it alone showed it, and the ETag of that answer ("" without one).

    `raw` is as the answer had it, in the API's own forms.
    """

    row: Row
    raw: Row
    etag: str


def read_rows_by_id(access: Access, resource: Resource, ids: Sequence[str]) -> Iterator[Row]:
    """Yield those of the records that exist; deleted ones that the API still shows do not.

    In one request per hundred or so where the API can; else one by one, or by reading the list
    until all are found, where there are many or a record's address needs more than its id.
    """
    wanted = set(ids)
    if not wanted:
        return
    singly = resource.read is not None and path_names(resource.read.path) == ("id",)
    if resource.read_many is not None:
        rows = look_up(access, resource, resource.read_many, list(dict.fromkeys(ids)))
    elif singly and (len(wanted) < _LIST_FROM or full_call(resource) is None):
        rows = _read_singly(access, resource, list(dict.fromkeys(ids)))
    else:
        rows = _read_list(access, resource)
    for row in rows:
        identifier = row_id(resource, row, access.where(resource.name))
        if identifier in wanted:
            wanted.remove(identifier)
            if not is_tombstone(resource, row):
                yield row
        if not wanted:
            return


def look_again(
    access: Access,
    resource: Resource,
    known: Mapping[str, Row],
    *,
    listed: bool = False,
    merged: dict[str, Row] | None = None,
) -> Iterator[tuple[str, Row | None]]:
    """Yield each record's id with the record as it is now, None where its system says it is gone.

    `known` are the records as they were last seen, by id. Gone is what is marked as deleted, and what
    the call for the record alone answers with 404 or 410. That a list lacks it proves nothing: a
    record that cannot be asked for alone is then left out. `listed`: all was listed just now. `merged`
    takes what those were merged into that are gone by that, by their ids.
    """
    left = dict(known)
    alone = {one for one, row in known.items() if _is_complete(resource, row)}
    few = listed or (len(known) < _LIST_FROM and len(alone) == len(known))
    for row in _read_together(access, resource, list(known), few=few):
        identifier = row_id(resource, row, access.where(resource.name))
        if left.pop(identifier, None) is not None:
            yield identifier, None if is_tombstone(resource, row) else row
        if not left:
            return

    # Asked for alone, since lists lag: Zendesk's exports withhold the newest minute.
    def ask(one: str) -> tuple[str, Row | None]:
        return one, read_one(access, resource, left[one], one, merged)

    yield from overlap(access, ask, [one for one in left if one in alone])


def find_rows(
    access: Access, resource: Resource, path: Path, values: Sequence[str]
) -> Iterator[Row]:
    """Yield the records whose property has one of the values; capitals and outer blanks aside.

    Values that hold the separator cannot be asked for: they are looked for in the whole list.
    Raises ProfileError where the property cannot be searched for.
    """
    call = lookup_of(resource, path)
    if call is None:
        name = ".".join(path)
        raise ProfileError(f"{access.profile.path}: {resource.name}: no lookup by {name}")
    distinct = list(dict.fromkeys(value for value in values if value))
    askable = [value for value in distinct if _is_askable(call, value)]
    wanted = frozenset(_fold(value) for value in distinct)
    many = call.size == 1 and len(askable) >= _LIST_FROM and full_call(resource) is not None
    sources = [] if many else [look_up(access, resource, call, askable)]
    if many or len(askable) < len(distinct):
        sources.append(_read_list(access, resource))
    found: set[str] = set()
    for row in (row for rows in sources for row in rows):
        identifier = row_id(resource, row, access.where(resource.name))
        # A search may find more than it was asked for: PowerOffice takes `10-20` for a range.
        matches = _fold(str(value_at(row, path))) in wanted
        if matches and identifier not in found and not is_tombstone(resource, row):
            found.add(identifier)
            yield row


def lookup_of(resource: Resource, path: Path) -> LookupCall | None:
    """Return the call that finds records by this property, None where the API has none."""
    if resource.read_many is not None and resource.read_many.property == path:
        return resource.read_many
    return next((call for call in resource.lookups if call.property == path), None)


def look_up(
    access: Access, resource: Resource, call: LookupCall, values: list[str]
) -> Iterator[Row]:
    """Yield the rows of a lookup for the values, in as few requests as the call allows."""

    def ask(batch: list[str]) -> tuple[Row, ...]:
        rows = (
            row
            for more in call.queries or ({},)
            for row in _ask(access, resource, call, batch, more)
        )
        return decode_rows(resource, tuple(rows))

    for rows in overlap(access, ask, in_batches(values, call.size)):
        yield from rows


def _ask(
    access: Access, resource: Resource, call: LookupCall, values: list[str], more: Mapping[str, str]
) -> tuple[Row, ...]:
    """Return the rows that a lookup finds for so many values, as the API has them."""
    stated = _lookup_request(resource, call, values)
    request = replace(stated, query={**stated.query, **more})
    if call.paging is not None:
        return _read_pages(access, call, request)
    answer = access.transport.send(request)
    # PowerOffice answers a list that is filtered by an unknown contact group with 404.
    if answer.gone:
        return ()
    if not answer.ok:
        raise error_of(access.profile, request, answer)
    return _rows_found(call, answer, access.where(str(request)))


def read_one(
    access: Access,
    resource: Resource,
    row: Row,
    identifier: str,
    merged: dict[str, Row] | None = None,
) -> Row | None:
    """Return the record as it is now, None where it is not there; `row` fills its address.

    `merged` takes what it was merged into, where it was. Raises MalformedResponseError for a success that does not hold the record.
    """
    if resource.read is None or not _is_complete(resource, row):
        return next(iter(read_rows_by_id(access, resource, [identifier])), None)
    if not resource.read.answers:
        # Its address has no room for what is in use: it tells of those that are not found whether they are gone.
        for found in read_rows_by_id(access, resource, [identifier]):
            return found
    reading = read_whole(access, resource, row, identifier, merged)
    return None if reading is None else reading.row


def read_whole(
    access: Access,
    resource: Resource,
    row: Row,
    identifier: str,
    merged: dict[str, Row] | None = None,
) -> Reading | None:
    """Return the record as the call for it alone shows it now, None where it is not there.

    `row` fills the address, `merged` takes what it was merged into, where it was. Raises ProfileError where there is no such call or the address lacks a
    value, MalformedResponseError for a success that does not hold the record.
    """
    if resource.read is None or not _is_complete(resource, row):
        raise ProfileError(f"{access.profile.path}: {resource.name}: read: there is no such call")
    path = fill_path(resource.read.path, {**row, "id": identifier})
    request = Request(method=resource.read.method, path=path, safe=True)
    answer = access.transport.send(request)
    if answer.gone:
        return None
    if not answer.ok:
        raise error_of(access.profile, request, answer)
    found = answered(answer.body, resource.read)
    if found is not None and resource.read.merges and _is_another(resource, found, identifier):
        if merged is not None:
            merged[identifier] = decode_row(resource, found)
        return None
    if found is None or not is_of(resource, found, identifier):
        text = f"the answer {answer.status} does not hold the record"
        raise malformed(access.where(str(request)), text)
    row = adopt(resource, decode_row(resource, found), row)
    if is_tombstone(resource, row):
        return None
    return Reading(row=row, raw=found, etag=answer.headers.get("etag", ""))


def _is_another(resource: Resource, row: Row, identifier: str) -> bool:
    """Return whether a row is a record, and another one: without an id it is no record at all."""
    return value_at(row, resource.id) is not None and not is_of(resource, row, identifier)


def _is_complete(resource: Resource, row: Row) -> bool:
    names = path_names(resource.read.path) if resource.read else ()
    return bool(names) and all(name == "id" or row.get(name) is not None for name in names)


def _read_singly(access: Access, resource: Resource, ids: list[str]) -> Iterator[Row]:
    for row in overlap(access, lambda one: read_one(access, resource, {}, one), ids):
        if row is not None:
            yield row


def _read_together(
    access: Access, resource: Resource, ids: list[str], *, few: bool
) -> Iterable[Row]:
    """Return records by the hundred, or else, if they are not few, the whole list."""
    if resource.read_many is not None:
        return look_up(access, resource, resource.read_many, ids)
    listable = ids and not few and full_call(resource) is not None
    return _read_list(access, resource) if listable else ()


def _read_list(access: Access, resource: Resource) -> Iterator[Row]:
    call = full_call(resource)
    if call is None:
        raise ProfileError(f"{access.profile.path}: {resource.name}: list: there is no such call")
    for batch in read_listed(access, resource, call, {}, call.epoch):
        yield from decode_rows(resource, batch.rows)


def _read_pages(access: Access, call: LookupCall, request: Request) -> tuple[Row, ...]:
    listing = ReadCall(path=request.path, items=call.items, paging=call.paging)
    try:
        batches = read_batches(access, listing, request.query)
        return tuple(row for batch in batches for row in batch.rows)
    except RefusedError as error:
        if means_gone(error.status):
            return ()
        raise


def _rows_found(call: LookupCall, answer: Answer, where: str) -> tuple[Row, ...]:
    """Return the rows of a lookup's answer, which may be the one record itself."""
    if not call.one:
        return read_rows(answer, call.items, where)
    row = unwrap(answer.body, call.items)
    if row is None and answer.status != NO_CONTENT:
        raise malformed(where, f"the answer {answer.status} does not hold the record")
    return () if row is None else (row,)


def _lookup_request(resource: Resource, call: LookupCall, values: list[str]) -> Request:
    if "value" in path_names(call.path):
        return Request(method="GET", path=fill_path(call.path, {"value": values[0]}), safe=True)
    if call.method == "GET":
        query = {call.parameter: call.separator.join(values)}
        return Request(method="GET", path=call.path, query=query, safe=True)
    body = fill_values(call.body, [typed_value(resource, call.property, one) for one in values])
    return Request(method=call.method, path=call.path, body=body, safe=True, search=True)


def _is_askable(call: LookupCall, value: str) -> bool:
    """Return whether an address can hold the value: neither a separator nor half a surrogate pair."""
    if "value" in path_names(call.path):
        return is_segment(value)
    separated = call.size == 1 or call.method != "GET" or call.separator not in value
    return separated and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _fold(value: str) -> str:
    return fold_text(value)
