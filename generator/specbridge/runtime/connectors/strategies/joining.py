"""Default organizations of many users, given through jobs; see `memberships` for one by one.

A user's first membership becomes the default one by itself. A user who has another default keeps that
membership, and the new one is made the default by the strategy's call `prefer`, whose address holds
`{id}` (the user's) and `{organization}`. What became of each is read from the users themselves, by
the hundred; what a job refused goes the single way, which finds out why.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from specbridge.model.calls import BulkCall
from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.finding import look_again
from specbridge.runtime.connectors.reading.rows import Row, typed_id, value_at
from specbridge.runtime.connectors.strategies.choose import Special, steps_of
from specbridge.runtime.connectors.transport.access import Access, overlap
from specbridge.runtime.connectors.writing.bulk import Ended, write_rounds
from specbridge.runtime.connectors.writing.outcomes import absent, differs, stale, written
from specbridge.runtime.connectors.writing.settling import Settled, read_failures
from specbridge.runtime.decide.equality import equal_identifiers
from specbridge.runtime.records import Outcome, Update, Written

_STRATEGY = "default-membership"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joining:
    """Users of one resource to be put into organizations by jobs.

    `elsewhere` collects the ids of those who turn out to have another default organization.
    """

    access: Access
    resource: Resource
    call: BulkCall
    path: Path
    names: frozenset[str]
    elsewhere: set[str] = field(default_factory=set)

    def rows(self, writes: list[Update]) -> dict[str, Row | None]:
        """Return the users as they are now, by id; None for those that are gone."""
        known = {write.current.id: write.current.properties for write in writes}
        return dict(look_again(self.access, self.resource, known))

    def is_done(self, row: Row, write: Update) -> bool:
        """Return whether the user's default organization is the wanted one."""
        return equal_identifiers(value_at(row, self.path), write.changes[self.path])

    def written(self, write: Update, row: Row) -> Written:
        """Return the outcome of a write after which the server holds `row`."""
        return written(self.access, self.resource, write, row, self.names)


def join_in_bulk(
    access: Access, resource: Resource, writes: list[Special], names: frozenset[str]
) -> Generator[Outcome, None, list[Special]]:
    """Yield what is known of the writes in the end, and return what is left to be written singly.

    A write that changes more than the organization is left with the rest of it. Few writes, and
    those that end a membership, are left as they are.
    """
    call = resource.strategy_jobs.get(_STRATEGY)
    chosen = {write.key: (write, values) for write, values in writes if values.get(_STRATEGY)}
    if call is None or len(chosen) < access.options.bulk_from:
        return writes
    path = next(prop.path for prop in resource.properties if prop.strategy == _STRATEGY)
    joining = _Joining(access=access, resource=resource, call=call, path=path, names=names)
    left = {write.key: (write, values) for write, values in writes}
    for outcome in _join(joining, [_only_join(path, *one) for one in chosen.values()]):
        write, values = left.pop(outcome.key)
        rest = {strategy: value for strategy, value in values.items() if strategy != _STRATEGY}
        if rest and isinstance(outcome, Written):
            left[outcome.key] = (write, rest)
        else:
            yield outcome
    return list(left.values())


def _only_join(path: Path, write: Update, values: dict[str, Json]) -> Update:
    return replace(write, changes={path: values[_STRATEGY]})


def _join(joining: _Joining, writes: list[Update]) -> Iterator[Outcome]:
    """Yield the outcome of each write that can be told; a write without one is still to be made."""
    verify = joining.access.options.verify
    fresh = [write for write in writes if write.fresh or not verify]
    if len(fresh) < len(writes):
        for result in _verify(joining, [write for write in writes if not write.fresh]):
            if isinstance(result, Update):
                fresh.append(result)
            else:
                yield result

    def body(write: Update) -> Json:
        user = typed_id(joining.resource, write.current.id)
        wish: dict[str, Json] = {"user_id": user, "organization_id": write.changes[joining.path]}
        return {**joining.call.constants, **wish}

    def settle(ended: Ended[Update]) -> Settled[Update]:
        return _settle(joining, ended)

    open_ones = yield from write_rounds(joining.access, joining.call, fresh, body, settle)
    # Whoever cannot be preferred has no outcome, and is left for the single way.
    yield from _prefer(joining, [one for one in open_ones if one.current.id in joining.elsewhere])


def _verify(joining: _Joining, writes: list[Update]) -> Iterator[Update | Outcome]:
    """Yield the writes whose users are as they were planned on, and how the others end."""
    rows = joining.rows(writes)
    for write in writes:
        row = rows.get(write.current.id)
        if row is None:
            yield absent(write, rows)
        elif joining.is_done(row, write):
            yield joining.written(write, row)
        else:
            yield stale(write) if differs(row, write) else write


def _settle(joining: _Joining, ended: Ended[Update]) -> Settled[Update]:
    failures = read_failures(ended.results or ())
    rows = joining.rows(ended.batch)
    outcomes: list[Outcome] = []
    again: list[Update] = []
    singly: list[Update] = []
    for index, write in enumerate(ended.batch):
        row = rows.get(write.current.id)
        if row is None:
            outcomes.append(absent(write, rows))
        elif joining.is_done(row, write):
            outcomes.append(joining.written(write, row))
        elif value_at(row, joining.path) is not None and ended.results is not None:
            # Somebody else's choice, made just now, is for the single way to refuse.
            if not differs(row, write):
                joining.elsewhere.add(write.current.id)
            singly.append(write)
        elif index in failures.by_index or failures.nameless or failures.by_id:
            singly.append(write)
        else:
            again.append(write)
    return Settled(outcomes=outcomes, again=again, singly=singly)


def _prefer(joining: _Joining, writes: list[Update]) -> Iterator[Outcome]:
    """Make new memberships the default ones; yields the outcomes of those that now are."""

    def work(write: Update) -> Update | None:
        steps = steps_of(joining.access, joining.resource, write, _STRATEGY)
        place = {"organization": write.changes[joining.path]}
        return write if "prefer" in steps.calls and steps.send("prefer", place, {}).ok else None

    preferred = [write for write in overlap(joining.access, work, writes) if write is not None]
    rows = joining.rows(preferred)
    for write in preferred:
        row = rows.get(write.current.id)
        if row is not None and joining.is_done(row, write):
            yield joining.written(write, row)
