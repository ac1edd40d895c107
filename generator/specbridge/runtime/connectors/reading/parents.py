"""Records that an API lists below others: each parent's list is read, and each row says whose it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from specbridge.errors import ProfileError, RefusedError
from specbridge.model.calls import ReadCall
from specbridge.model.profile import Parent, Resource
from specbridge.runtime.connectors.reading.batches import Batch, full_call, read_batches
from specbridge.runtime.connectors.reading.entries import set_value
from specbridge.runtime.connectors.reading.rows import Row, has_path, row_id, typed_id, value_at
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import fill_path, means_gone


def read_listed(
    access: Access, resource: Resource, call: ReadCall, query: Mapping[str, str], start: str = ""
) -> Iterator[Batch]:
    """Yield the answers of a resource's list, as `read_batches` does; below each parent where it has one.

    Raises MalformedResponseError where one record stands below two parents.
    """
    parent = resource.parent
    if parent is None:
        yield from read_batches(access, call, query, start)
        return
    above = _resource(access, parent)
    whose: dict[str, str] = {}
    for identifier in list(_parent_ids(access, above)):
        below = replace(call, path=fill_path(call.path, {"parent": identifier}))
        try:
            for batch in read_batches(access, below, query, start):
                rows = tuple(
                    adopt(resource, row, _named(parent, above, identifier)) for row in batch.rows
                )
                _check_whose(access, resource, rows, identifier, whose)
                yield replace(batch, rows=rows)
        except RefusedError as error:
            # It was there when its own list was read.
            if not means_gone(error.status):
                raise


def adopt(resource: Resource, row: Row, known: Row) -> Row:
    """Return a row with its parent's id, as it is known, where the answer does not say it."""
    parent = resource.parent
    if parent is None or has_path(row, parent.property) or not has_path(known, parent.property):
        return row
    return set_value(row, parent.property, value_at(known, parent.property))


def _named(parent: Parent, above: Resource, identifier: str) -> Row:
    return set_value({}, parent.property, typed_id(above, identifier))


def _parent_ids(access: Access, above: Resource) -> Iterator[str]:
    call = full_call(above)
    if call is None:
        raise ProfileError(f"{access.profile.path}: {above.name}: list: there is no such call")
    seen: set[str] = set()
    for batch in read_listed(access, above, call, {}, call.epoch):
        for row in batch.rows:
            identifier = row_id(above, row, access.where(call.path))
            if identifier not in seen:
                seen.add(identifier)
                yield identifier


def _check_whose(
    access: Access, resource: Resource, rows: tuple[Row, ...], parent: str, whose: dict[str, str]
) -> None:
    where = access.where(resource.name)
    for row in rows:
        identifier = row_id(resource, row, where)
        if whose.setdefault(identifier, parent) != parent:
            raise malformed(
                where, f"{identifier} stands below both {whose[identifier]} and {parent}"
            )


def _resource(access: Access, parent: Parent) -> Resource:
    return next(one for one in access.profile.resources if one.name == parent.resource)
