"""Outcomes of writes, and what a record shows of one."""

from collections.abc import Mapping

from msgspec.structs import replace

from specbridge.errors import MalformedResponseError, ServerError, UnreachableError
from specbridge.model.calls import WriteCall
from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.rows import Row, has_path, nest, to_record, value_at
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import GONE, STALE
from specbridge.runtime.connectors.transport.messages import Answer
from specbridge.runtime.decide.equality import equal_values
from specbridge.runtime.records import Create, Refused, Update, Write, Written

_UNSUPPORTED = 405
_EMPTY: tuple[Json, ...] = (None, "", [], {})

# Failures after which nobody knows whether the server did what it was asked.
UNCERTAIN = (UnreachableError, ServerError, MalformedResponseError)


def differs(row: Row, write: Update) -> bool:
    """Return whether the server holds other values, where the write changes, than it was planned on."""
    planned = write.current.properties
    # What the plan never saw proves nothing: records hold only what is in use.
    return any(
        has_path(planned, path) and not equal_values(value_at(row, path), value_at(planned, path))
        for path in write.changes
    )


def holds(row: Row, changes: Mapping[Path, Json]) -> bool:
    """Return whether a record already holds all the new values."""
    return all(equal_values(value_at(row, path), value) for path, value in changes.items())


def has_all(row: Row, planned: Row, changes: Mapping[Path, Json]) -> bool:
    """Return whether an answer has all that the record had, but for what was changed or emptied.

    One that holds the changed properties alone would look as if the others had been emptied.
    """
    return all(
        (name,) in changes or (name in row and _has_within(row[name], value, _below(changes, name)))
        for name, value in planned.items()
        if value not in _EMPTY
    )


def _has_within(shown: Json, planned: Json, changes: Mapping[Path, Json]) -> bool:
    if not isinstance(planned, dict):
        return True
    return isinstance(shown, dict) and has_all(shown, planned, changes)


def _below(changes: Mapping[Path, Json], name: str) -> Mapping[Path, Json]:
    return {path[1:]: value for path, value in changes.items() if path[0] == name}


def stale(write: Update) -> Refused:
    """Return the refusal of a write whose record was changed since it was planned."""
    reason = "the record was changed by somebody else meanwhile"
    return Refused(key=write.key, status=STALE, reason=reason, stale=True)


def gone(write: Write) -> Refused:
    """Return the refusal of a write to a record that is not there."""
    return Refused(key=write.key, status=GONE, reason="the record is not there any more", gone=True)


def absent(write: Write, rows: Mapping[str, Row | None]) -> Refused:
    """Return the refusal of a write to a record that was looked for, and is not among the `rows`.

    It is gone where its system says so (None); else nothing is known of it.
    """
    identifier = "" if isinstance(write, Create) else write.current.id
    if identifier in rows:
        return gone(write)
    reason = "the record is not shown any more, though nothing says that it is gone"
    return Refused(key=write.key, status=GONE, reason=reason)


def untaken(write: Write, answer: Answer) -> Refused:
    """Return the refusal that a success means where the server has not done what it was asked."""
    reason = f"the server answered {answer.status}, but did not do it"
    return Refused(key=write.key, status=answer.status, reason=reason)


def written(
    access: Access, resource: Resource, write: Write, row: Row, names: frozenset[str]
) -> Written:
    """Return the outcome of a write after which the server holds `row`."""
    record = to_record(resource, row, names, access.where(resource.name))
    return Written(key=write.key, id=record.id, record=record)


def found(
    access: Access, resource: Resource, write: Create, row: Row, names: frozenset[str]
) -> Written:
    """Return the outcome of a creation whose record was found by its external reference."""
    return replace(written(access, resource, write, row, names), found=True)


def unsupported(resource: Resource, write: Write, verb: str) -> Refused:
    """Return the refusal of a write that the profile has no call for."""
    reason = f"the API cannot {verb} {resource.name}"
    return Refused(key=write.key, status=_UNSUPPORTED, reason=reason)


def wrap(call: WriteCall, body: dict[str, Json]) -> dict[str, Json]:
    """Return a body at the place where the call wants it."""
    return nest({call.wrap: body}) if call.wrap else body
