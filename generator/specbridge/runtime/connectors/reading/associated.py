"""Properties that an API answers by calls of their own: read for many records, and put into them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from msgspec import structs

from specbridge.errors import RefusedError
from specbridge.model.profile import Association, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.batches import read_batches
from specbridge.runtime.connectors.reading.entries import set_value
from specbridge.runtime.connectors.reading.finding import look_up
from specbridge.runtime.connectors.reading.rows import Row, read_through, value_at
from specbridge.runtime.connectors.reading.selecting import is_used
from specbridge.runtime.connectors.transport.access import Access, overlap
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import fill_path, means_gone
from specbridge.runtime.records import Change, Page, Record

_TOGETHER = 100


def in_use(resource: Resource, names: frozenset[str]) -> list[Association]:
    """Return the associations that are among the properties in use."""
    return [one for one in resource.associations if is_used(one.property, names)]


def associate_pages(
    access: Access, resource: Resource, pages: Iterable[Page], names: frozenset[str]
) -> Iterator[Page]:
    """Yield pages with the associations of their records in them."""
    if not in_use(resource, names):
        yield from pages
        return
    for page in pages:
        yield replace(page, changes=associate(access, resource, page.changes, names))


def associate_each(
    access: Access, resource: Resource, changes: Iterable[Change], names: frozenset[str]
) -> Iterator[Change]:
    """Yield changes with the associations of their records in them, asked for by the hundred."""
    if not in_use(resource, names):
        yield from changes
        return
    left = iter(changes)
    while part := list(islice(left, _TOGETHER)):
        yield from associate(access, resource, part, names)


def associate(
    access: Access, resource: Resource, changes: Sequence[Change], names: frozenset[str]
) -> list[Change]:
    """Return changes with the associations of their records in them."""
    found = list(changes)
    for one in in_use(resource, names):
        ids = [change.id for change in found if isinstance(change, Record)]
        others = read_associated(access, resource, one, ids) if ids else {}
        found = [
            (
                _with(change, one.property, others.get(change.id))
                if isinstance(change, Record)
                else change
            )
            for change in found
        ]
    return found


def read_associated(
    access: Access, resource: Resource, one: Association, ids: Sequence[str]
) -> dict[str, Json]:
    """Return the id of the other record that counts, by the records' own ids; those without are left out."""
    return {
        id_: other
        for id_, listed in read_listed(access, resource, one, ids)
        if (other := choose(one, listed)) is not None
    }


def choose(one: Association, listed: Sequence[Row]) -> Json:
    """Return the id of the other record that counts: the marked one, or the first where nothing marks one."""
    chosen = [row for row in listed if not one.mark or is_marked(one, row)]
    return value_at(chosen[0], one.other) if chosen else None


def is_marked(one: Association, row: Row) -> bool:
    """Return whether an association is the one that counts."""
    return any(
        value == one.marked and isinstance(value, bool) is isinstance(one.marked, bool)
        for value in read_through(row, one.mark)
    )


def _with(record: Record, path: Path, other: Json) -> Record:
    return structs.replace(record, properties=set_value(record.properties, path, other))


def read_listed(
    access: Access, resource: Resource, one: Association, ids: Sequence[str]
) -> Iterator[tuple[str, list[Row]]]:
    """Yield records' ids with their associations; those that a call for many leaves out have none."""
    if one.read_many is not None:
        plain = replace(resource, properties=(), entries=())
        for row in look_up(access, plain, one.read_many, list(dict.fromkeys(ids))):
            id_ = value_at(row, one.record)
            if isinstance(id_, bool) or not isinstance(id_, str | int):
                raise malformed(
                    access.where(one.read_many.path), "an answer does not say of which record it is"
                )
            yield str(id_), _rows(value_at(row, one.each)) if one.each else [row]
        return

    def ask(id_: str) -> tuple[str, list[Row]]:
        return id_, _ask_one(access, one, id_)

    yield from overlap(access, ask, list(dict.fromkeys(ids)))


def _ask_one(access: Access, one: Association, id_: str) -> list[Row]:
    assert one.list is not None
    call = replace(one.list, path=fill_path(one.list.path, {"id": id_}))
    try:
        return [row for batch in read_batches(access, call, {}) for row in batch.rows]
    except RefusedError as error:
        # The record itself may be gone by now.
        if means_gone(error.status):
            return []
        raise


def _rows(listed: Json) -> list[Row]:
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
