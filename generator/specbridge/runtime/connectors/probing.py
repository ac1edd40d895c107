"""A profile against the live system: every list to its end, the filter, a record read twice."""

from collections.abc import Callable, Iterator
from functools import partial

from specbridge.errors import ApiError
from specbridge.model.calls import LookupCall, Precondition, ReadCall
from specbridge.model.profile import Resource
from specbridge.runtime.connectors.diagnosis import diagnose
from specbridge.runtime.connectors.reading.batches import full_call
from specbridge.runtime.connectors.reading.changes import beginning, read_changes
from specbridge.runtime.connectors.reading.codes import ListedCodes
from specbridge.runtime.connectors.reading.cursors import epoch_seconds, later
from specbridge.runtime.connectors.reading.finding import look_up, read_whole
from specbridge.runtime.connectors.reading.forms import decode_rows
from specbridge.runtime.connectors.reading.parents import read_listed
from specbridge.runtime.connectors.reading.rows import Row, instant_at, row_id, value_at
from specbridge.runtime.connectors.reading.selecting import select_properties
from specbridge.runtime.connectors.seen import Seen
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.trying import try_writes
from specbridge.runtime.records import Finding, Record

_SHOWN = 12


def probe(access: Access, *, writes: bool = False) -> Iterator[Finding]:
    """Yield what `profile probe` reports: what `doctor` does, then resource by resource.

    Findings name properties, counts and instants, and no value of a record. `writes`: a test record of
    each resource is made, changed and deleted.
    """
    yield from diagnose(access)
    codes = ListedCodes(access)
    for stated in access.profile.resources:
        kept = _Kept()
        # With all that the profile lists: a name that the system does not know is refused here.
        names = frozenset(one.path[0] for one in stated.properties)
        resource = select_properties(stated, names)
        try:
            resource = codes.fill(resource, names)
        except ApiError as error:
            yield Finding(subject=f"{resource.name}: codes", well=False, message=str(error))
        yield from _probe_resource(access, resource, kept)
        if writes:
            yield from try_writes(access, resource, kept.last)


def _probe_resource(access: Access, resource: Resource, kept: "_Kept") -> Iterator[Finding]:
    call = full_call(resource)
    if call is None:
        yield Finding(subject=f"{resource.name}: list", well=True, message="none is stated")
        return
    seen = Seen()
    listed = _attempt(
        f"{resource.name}: list", lambda: _read_list(access, resource, call, seen, kept)
    )
    yield listed
    if listed.well and seen.rows:
        yield _compare_properties(resource, seen)
        yield from _compare_types(resource, seen)
        yield from _probe_changes(access, resource, kept.newest)
        yield from _probe_record(access, resource, kept.last)
        yield from _probe_lookups(access, resource, kept.last)


class _Kept:
    """Of the rows of a list: the last one, and the newest instant."""

    def __init__(self) -> None:
        self.last: Row = {}
        self.newest: str | None = None


def _attempt(subject: str, work: Callable[[], Finding]) -> Finding:
    """Return what a piece of work finds; a failure of the system is a finding, too."""
    try:
        return work()
    except ApiError as error:
        return Finding(subject=subject, well=False, message=str(error))


def _read_list(
    access: Access, resource: Resource, call: ReadCall, seen: Seen, kept: _Kept
) -> Finding:
    for batch in read_listed(access, resource, call, *beginning(resource, call, None)):
        seen.add(resource, batch.rows)
        for row in decode_rows(resource, batch.rows):
            row_id(resource, row, access.where(resource.name))
            kept.newest = later(kept.newest, instant_at(row, resource.modified_at) or None)
            kept.last = row
    message = f"{seen.rows} records in {seen.answers} answers, to the end"
    return Finding(subject=f"{resource.name}: list", well=True, message=message)


def _compare_properties(resource: Resource, seen: Seen) -> Finding:
    unseen, unlisted = seen.unseen(resource), seen.unlisted(resource)
    told = [
        f"{text}: {_join(names)}"
        for text, names in (("in no row", unseen), ("in rows, and not in the profile", unlisted))
        if names
    ]
    return Finding(
        subject=f"{resource.name}: properties",
        well=True,
        message="; ".join(told) or "rows and profile have the same",
        warning=bool(told),
    )


def _compare_types(resource: Resource, seen: Seen) -> Iterator[Finding]:
    for path, fault in seen.misfits.items():
        message = f"{'.'.join(path)} {fault}"
        yield Finding(subject=f"{resource.name}: types", well=False, message=message)


def _probe_changes(access: Access, resource: Resource, newest: str | None) -> Iterator[Finding]:
    """Yield whether the filter keeps what it is told to, asked for the newest instant."""
    subject = f"{resource.name}: changes"
    call = resource.incremental
    if call is None or newest is None:
        return

    def ask() -> Finding:
        pages = read_changes(access, resource, newest, frozenset())
        records = [one for page in pages for one in page.changes if isinstance(one, Record)]
        least = epoch_seconds(newest) - call.overlap_seconds - 1
        older = sum(epoch_seconds(one.modified_at) < least for one in records if one.modified_at)
        if older:
            message = f"{older} of {len(records)} records are older than the filter asked for"
            return Finding(subject=subject, well=False, message=message)
        message = f"{len(records)} records since the newest instant, none older"
        return Finding(subject=subject, well=True, message=message)

    yield _attempt(subject, ask)


def _probe_record(access: Access, resource: Resource, row: Row) -> Iterator[Finding]:
    """Yield whether a record that is read twice is the same, and shows what a precondition needs."""
    subject = f"{resource.name}: read"
    if resource.read is None:
        return

    def ask() -> Finding:
        identifier = row_id(resource, row, access.where(resource.name))
        once = read_whole(access, resource, row, identifier)
        twice = read_whole(access, resource, row, identifier)
        if once is None or twice is None:
            return Finding(subject=subject, well=False, message="a record of the list is not there")
        changing = sorted(name for name in once.raw if once.raw[name] != twice.raw.get(name))
        if changing:
            message = f"read twice, a record differs in {_join(tuple(changing))}"
            return Finding(subject=subject, well=True, message=message, warning=True)
        update = resource.update
        if update is not None and update.precondition is Precondition.ETAG and not once.etag:
            return Finding(subject=subject, well=False, message="the answer has no ETag")
        if update is not None and update.version and value_at(once.row, update.version) is None:
            name = ".".join(update.version)
            return Finding(subject=subject, well=False, message=f"the record has no {name}")
        return Finding(subject=subject, well=True, message="a record read twice is the same")

    yield _attempt(subject, ask)


def _probe_lookups(access: Access, resource: Resource, row: Row) -> Iterator[Finding]:
    """Yield whether each lookup finds a record of the list that has a value to be looked up by."""
    calls = [*resource.lookups, *([resource.read_many] if resource.read_many else [])]
    for call in calls:
        if value_at(row, call.property) not in (None, ""):
            subject = f"{resource.name}: lookup by {'.'.join(call.property)}"
            yield _attempt(subject, partial(_look_up, access, resource, call, row, subject))


def _look_up(
    access: Access, resource: Resource, call: LookupCall, row: Row, subject: str
) -> Finding:
    found = list(look_up(access, resource, call, [str(value_at(row, call.property))]))
    well = any(value_at(one, resource.id) == value_at(row, resource.id) for one in found)
    message = f"{len(found)} found" if well else "does not find a record of the list"
    return Finding(subject=subject, well=well, message=message)


def _join(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
