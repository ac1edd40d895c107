"""Unique values: what new records are to hold of them, who holds them already, and who of those is free."""

from collections.abc import Iterator, Mapping, Sequence

from specbridge.runtime.decide.binding import BoundFlow, unique_digest
from specbridge.runtime.decide.creation import Creation
from specbridge.runtime.decide.equality import is_empty
from specbridge.runtime.decide.paths import Place, read_place
from specbridge.runtime.engine.changing.holders import linked_records
from specbridge.runtime.engine.session import Session
from specbridge.runtime.store.seen.claims import claim_records
from specbridge.runtime.store.seen.records import find_unique

Value = tuple[int, int]
"""The rule of a unique property, and the digest of a value of it."""


class UniqueValues:
    """The unique properties of the side of a pairing on which records are created."""

    def __init__(self, session: Session, flow: BoundFlow, side: int) -> None:
        """Take the side that is created on."""
        self._session = session
        self._flow = flow
        self._side = side

    def values_of(self, plan: Creation) -> Iterator[tuple[Value, Place]]:
        """Yield the unique values that a record is to be created with, each with its place."""
        for rule, place in self._flow.unique[self._side]:
            value = read_place(plan.properties, place)
            if not is_empty(value):
                yield (rule, unique_digest(value)), place

    def holders_of(self, plans: Sequence[Creation]) -> Mapping[Value, Sequence[str]]:
        """Return the records that hold values which others are to be created with, as the store knows them."""
        wanted: dict[int, set[int]] = {}
        for plan in plans:
            for (rule, digest), _ in self.values_of(plan):
                wanted.setdefault(rule, set()).add(digest)
        found: dict[Value, Sequence[str]] = {}
        for rule, digests in wanted.items():
            holders = find_unique(
                self._session.connection, self._flow.number, self._side, rule, sorted(digests)
            )
            found.update(((rule, digest), ids) for digest, ids in holders.items())
        return found

    def not_free(self, holders: Mapping[Value, Sequence[str]]) -> set[str]:
        """Return which holders cannot be adopted: linked ones, in whichever pairing, and other companies'."""
        resource = self._session.resource(self._flow, self._side)
        ids = {id_ for found in holders.values() for id_ in found}
        others = claim_records(self._session.connection, resource, ids)
        return linked_records(self._session, resource, ids) | others
