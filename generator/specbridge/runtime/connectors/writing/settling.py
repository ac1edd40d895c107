"""What became of the writes of a job, read from its results and from the system itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from specbridge.model.profile import Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.finding import (
    find_rows,
    look_again,
    read_rows_by_id,
)
from specbridge.runtime.connectors.reading.rows import Row, value_at
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import (
    duplicate_in,
    find_holder,
    mask,
    taken_in,
)
from specbridge.runtime.connectors.writing.outcomes import absent, found, holds, written
from specbridge.runtime.records import Create, Outcome, Refused, Update

_UNPROCESSABLE = 422

WriteT = TypeVar("WriteT", Create, Update)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Generic[WriteT]):
    """The outcomes that are certain, the writes to send again, and those to send singly.

    Singly goes what a job refused without saying which record it meant.
    """

    outcomes: Sequence[Outcome] = ()
    again: Sequence[WriteT] = ()
    singly: Sequence[WriteT] = ()


@dataclass(slots=True)
class Failures:
    """What a job's results refuse, by position in the batch and by id."""

    by_index: dict[int, Row] = field(default_factory=dict)
    by_id: dict[str, Row] = field(default_factory=dict)
    nameless: int = 0


def settle_creates(
    access: Access,
    resource: Resource,
    batch: Sequence[Create],
    results: Sequence[Row] | None,
    names: frozenset[str],
) -> Settled[Create]:
    """Settle a batch of creates; `results` is None where the job said nothing.

    Rows of results are matched by the external references of the records that they name, never by
    their order.
    """
    rows = list(read_rows_by_id(access, resource, _created_ids(results or ())))
    mine = _by_reference(resource, rows)
    failures = read_failures(results or ())
    missing = [write for write in batch if _reference(write) not in mine]
    refused = _refused_creates(resource, batch, missing, failures)
    unknown = [write for write in missing if _may_be_ours(refused.get(write.key))]
    known = frozenset(mine)
    if unknown:
        mine |= _by_reference(resource, _find_own(access, resource, unknown))
    outcomes: list[Outcome] = []
    left: list[Create] = []
    for write in batch:
        reference = _reference(write)
        if reference in mine:
            tell = written if reference in known else found
            outcomes.append(tell(access, resource, write, mine[reference], names))
        elif write.key in refused:
            outcomes.append(refused[write.key])
        else:
            left.append(write)
    if failures.nameless:
        return Settled(outcomes=outcomes, singly=left)
    return Settled(outcomes=outcomes, again=left)


def settle_updates(
    access: Access,
    resource: Resource,
    batch: Sequence[Update],
    results: Sequence[Row] | None,
    names: frozenset[str],
) -> Settled[Update]:
    """Settle a batch of updates by what the records now hold; `results` None: the job said nothing."""
    failures = read_failures(results or ())
    done = frozenset(_created_ids(results or ()))
    known = {write.current.id: write.current.properties for write in batch}
    rows = dict(look_again(access, resource, known))
    outcomes: list[Outcome] = []
    again: list[Update] = []
    for index, write in enumerate(batch):
        row = rows.get(write.current.id)
        failure = failures.by_id.get(write.current.id) or failures.by_index.get(index)
        if row is None:
            outcomes.append(absent(write, rows))
        elif write.current.id in done or holds(row, write.changes):
            # Before the job's word: an attempt whose answer was lost may have got through.
            outcomes.append(written(access, resource, write, row, names))
        elif failure is not None:
            outcomes.append(_refuse(resource, write.key, failure, write.changes.values()))
        else:
            again.append(write)
    if failures.nameless:
        return Settled(outcomes=outcomes, singly=again)
    return Settled(outcomes=outcomes, again=again)


def read_failures(results: Sequence[Row]) -> Failures:
    """Return what a job's results refuse; a row that names neither record nor position is counted."""
    failures = Failures()
    for row in results:
        if not _is_failure(row):
            continue
        index, identifier = row.get("index"), row.get("id")
        if identifier:
            failures.by_id[str(identifier)] = row
        elif isinstance(index, int) and not isinstance(index, bool):
            failures.by_index[index] = row
        else:
            failures.nameless += 1
    return failures


def _refused_creates(
    resource: Resource, batch: Sequence[Create], missing: Sequence[Create], failures: Failures
) -> dict[str, Refused]:
    """Return the refusals by key; those that mean no record of the batch are counted as nameless."""
    open_keys = {write.key for write in missing}
    # What was not created has no id: nobody can tell which writes these mean.
    failures.nameless += len(failures.by_id)
    refused = {}
    for index, failure in failures.by_index.items():
        write = batch[index] if 0 <= index < len(batch) else None
        if write is None or write.key not in open_keys:
            # No such place, or its record is there: the failure is about another one.
            failures.nameless += 1
            continue
        refused[write.key] = _refuse(resource, write.key, failure, write.properties.values())
    return refused


def _may_be_ours(refused: Refused | None) -> bool:
    """Return whether the record may be there all the same: not refused, or a value was taken."""
    return refused is None or refused.duplicate is not None


def _refuse(resource: Resource, key: str, failure: Row, values: Iterable[Json]) -> Refused:
    details, code = failure.get("details"), failure.get("error")
    text = details if isinstance(details, str) and details else str(code)
    return Refused(
        key=key,
        # A job's results state no status; Zendesk refuses a single write with this one.
        status=_UNPROCESSABLE,
        reason=mask(text, values),
        duplicate=taken_in(resource, failure) or duplicate_in(resource, text),
        holder=find_holder(resource, dict(failure)),
    )


def _created_ids(results: Sequence[Row]) -> list[str]:
    return [str(row["id"]) for row in results if row.get("id") and not _is_failure(row)]


def _is_failure(row: Row) -> bool:
    # Zendesk's refusals in a job have an `error`, and no `success`.
    return bool(row.get("error")) or row.get("success") is False


def _find_own(access: Access, resource: Resource, writes: Sequence[Create]) -> Iterable[Row]:
    path = resource.external_reference or ()
    return find_rows(access, resource, path, [write.external_reference for write in writes])


def _by_reference(resource: Resource, rows: Iterable[Row]) -> dict[str, Row]:
    path = resource.external_reference or ()
    # Zendesk takes external ids that differ in capitals for the same.
    return {str(value_at(row, path)).casefold(): row for row in rows}


def _reference(write: Create) -> str:
    return write.external_reference.casefold()
