"""Writes of one resource, each by the cheapest way that is right for it."""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from specbridge.errors import ApiError
from specbridge.model.calls import BodyStyle
from specbridge.model.profile import Resource
from specbridge.runtime.connectors.reading.associated import associate, in_use
from specbridge.runtime.connectors.reading.finding import look_again
from specbridge.runtime.connectors.reading.rows import Row
from specbridge.runtime.connectors.strategies.choose import (
    Special,
    split_changes,
    write_by_jobs,
    write_strategies,
)
from specbridge.runtime.connectors.transport.access import Access, overlap
from specbridge.runtime.connectors.transport.privileges import escalate
from specbridge.runtime.connectors.writing.addresses import check_address
from specbridge.runtime.connectors.writing.associating import fulfil_wishes, split_wishes
from specbridge.runtime.connectors.writing.bulk import (
    can_create_in_bulk,
    create_in_bulk,
    update_in_bulk,
)
from specbridge.runtime.connectors.writing.outcomes import absent, differs, stale, written
from specbridge.runtime.connectors.writing.singly import (
    check_properties,
    create_one,
    delete_one,
)
from specbridge.runtime.connectors.writing.uncoded import set_apart
from specbridge.runtime.connectors.writing.updates import needs_reading, reads_first, update_one
from specbridge.runtime.records import (
    Create,
    Delete,
    Outcome,
    Outcomes,
    Record,
    Refused,
    Update,
    Write,
    Written,
)

_TOGETHER = 100


def write_associated(
    access: Access, resource: Resource, writes: Sequence[Write], names: frozenset[str]
) -> Outcomes:
    """Carry out the writes as `write_records` does, with the associations of their records."""
    if not in_use(resource, names):
        yield from write_records(access, resource, writes, names)
        return
    plain, wishes = split_wishes(resource, writes, names)
    outcomes = write_records(access, resource, plain, names)
    left = fulfil_wishes(access, resource, outcomes, wishes)
    while part := list(islice(left, _TOGETHER)):
        yield from _associated(access, resource, part, names)


def _associated(
    access: Access, resource: Resource, outcomes: Sequence[Outcome], names: frozenset[str]
) -> Iterator[Outcome]:
    """Yield outcomes whose records have their associations, as they are now."""
    held = [one.record for one in outcomes if isinstance(one, Written) and one.record is not None]
    changes = associate(access, resource, held, names)
    records = {one.id: one for one in changes if isinstance(one, Record)}
    for one in outcomes:
        if isinstance(one, Written) and one.record is not None:
            yield replace(one, record=records[one.record.id])
        else:
            yield one


def write_records(
    access: Access, resource: Resource, writes: Sequence[Write], names: frozenset[str]
) -> Outcomes:
    """Carry out the writes and yield each outcome as it is known: creates, updates, then deletes.

    Raises AuthenticationError where all of one kind, and more than a few, were forbidden.
    """
    allowed: list[Write] = []
    waiting: dict[str, Refused] = {}
    for write in writes:
        coded, lacking = set_apart(resource, write)
        if coded is None:
            refused = lacking
        else:
            refused = check_address(resource, coded) or check_properties(resource, coded)
            allowed += [] if refused else [coded]
            waiting |= {write.key: lacking} if lacking else {}
        if refused is not None:
            yield refused
    created = _create(access, resource, [w for w in allowed if isinstance(w, Create)], names)
    yield from escalate(access, resource, "create", created)
    updated = _update(access, resource, [w for w in allowed if isinstance(w, Update)], names)
    for outcome in escalate(access, resource, "change", updated):
        # What has no code is told once the rest of its record is written.
        yield waiting.get(outcome.key, outcome) if isinstance(outcome, Written) else outcome
    deletes = [write for write in allowed if isinstance(write, Delete)]
    deleted = overlap(access, lambda write: delete_one(access, resource, write), deletes)
    yield from escalate(access, resource, "delete", deleted)


def _create(
    access: Access, resource: Resource, writes: list[Create], names: frozenset[str]
) -> Iterator[Outcome]:
    call = resource.create_many or resource.create_batch
    # Results of jobs have no order: without a reference none could be told apart.
    referenced = all(write.external_reference for write in writes)
    many = len(writes) >= access.options.bulk_from and referenced
    if call is not None and many and can_create_in_bulk(resource):
        yield from create_in_bulk(access, resource, call, writes, names)
    else:
        yield from overlap(access, lambda one: create_one(access, resource, one, names), writes)


def _update(
    access: Access, resource: Resource, writes: list[Update], names: frozenset[str]
) -> Iterator[Outcome]:
    """Change records; a record's strategies run after its own update, whose refusal stops them."""
    special: dict[str, Special] = {}
    plain: list[Update] = []
    ready: list[str] = []
    for write in writes:
        changes, values = split_changes(resource, write)
        if values:
            special[write.key] = (write, values)
        if changes:
            plain.append(replace(write, changes=changes))
        else:
            ready.append(write.key)
    for outcome in _update_plain(access, resource, plain, names):
        if isinstance(outcome, Refused) or outcome.key not in special:
            yield outcome
        else:
            ready.append(outcome.key)
    chosen = [special[key] for key in ready if key in special]
    yield from _update_specially(access, resource, chosen, names)
    # A write without any change has nothing to do but to say what the server holds.
    idle = [write for write in writes if not write.changes]
    yield from _read_back(access, resource, idle, names)


def _update_plain(
    access: Access, resource: Resource, writes: list[Update], names: frozenset[str]
) -> Iterator[Outcome]:
    if not writes:
        return
    call = resource.update_many or resource.update_batch
    bulk = call is not None and len(writes) >= access.options.bulk_from
    verify = access.options.verify and (bulk or not _sees_others(resource))
    fresh = [write for write in writes if write.fresh or not verify]
    if len(fresh) < len(writes):
        for result in _verify(access, resource, [write for write in writes if not write.fresh]):
            if isinstance(result, Update):
                fresh.append(result)
            else:
                yield result
    together = [write for write in fresh if not needs_reading(resource, write)]
    if call is not None and len(together) >= access.options.bulk_from:
        yield from update_in_bulk(access, resource, call, together, names)
        fresh = [write for write in fresh if needs_reading(resource, write)]
    yield from _update_singly(access, resource, fresh, names)


def _update_singly(
    access: Access, resource: Resource, writes: list[Update], names: frozenset[str]
) -> Iterator[Outcome]:
    by_key = {write.key: write for write in writes}
    unread: list[Update] = []
    failures: list[ApiError] = []
    try:
        for outcome in overlap(
            access, lambda one: update_one(access, resource, one, names), writes
        ):
            if isinstance(outcome, Refused) or outcome.record is not None:
                yield outcome
            else:
                unread.append(by_key[outcome.key])
    except ApiError as error:
        failures.append(error)
    # Before the failure is raised: what was written meanwhile need not be recovered then.
    yield from _read_back(access, resource, unread, names)
    if failures:
        # Taken out: the error knows this frame, and the frame must not know the error.
        raise failures.pop()


def _update_specially(
    access: Access,
    resource: Resource,
    writes: list[Special],
    names: frozenset[str],
) -> Iterator[Outcome]:
    done: list[Update] = []

    def work(item: Special) -> tuple[Update, Refused | None]:
        return item[0], write_strategies(access, resource, *item)

    left = yield from write_by_jobs(access, resource, writes, names)
    for write, refused in overlap(access, work, left):
        if refused is None:
            done.append(write)
        else:
            yield refused
    # Strategies' calls answer with identities and memberships: users are read, many at once.
    yield from _read_back(access, resource, done, names)


def _read_back(
    access: Access, resource: Resource, writes: list[Update], names: frozenset[str]
) -> Iterator[Outcome]:
    rows = _look_again(access, resource, writes)
    for write in writes:
        row = rows.get(write.current.id)
        if row is None:
            yield absent(write, rows)
        else:
            yield written(access, resource, write, row, names)


def _look_again(access: Access, resource: Resource, writes: list[Update]) -> dict[str, Row | None]:
    known = {write.current.id: write.current.properties for write in writes}
    return dict(look_again(access, resource, known))


def _sees_others(resource: Resource) -> bool:
    """Return whether the update call itself tells that somebody else was faster."""
    call = resource.update
    # Zendesk takes no precondition for users and organizations: the last write wins.
    return call is None or call.body is BodyStyle.JSON_PATCH or reads_first(call)


def _verify(access: Access, resource: Resource, writes: list[Update]) -> Iterator[Update | Refused]:
    """Yield the writes whose records are as they were planned on, and refuse the others."""
    rows = _look_again(access, resource, writes)
    for write in writes:
        row = rows.get(write.current.id)
        if row is None:
            yield absent(write, rows)
        else:
            yield stale(write) if differs(row, write) else write
