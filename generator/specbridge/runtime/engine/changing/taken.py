"""Taken: who has the unique values that updates were refused, said in dead letters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.decide.paths import read_place
from specbridge.runtime.engine.changing.holders import (
    Held,
    Search,
    describe_circle,
    describe_held,
    find_circle,
    find_holders,
    holders_of,
    place_named,
    wish_of,
)
from specbridge.runtime.engine.changing.writing import Answer, take_back
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Refused


class Attempt(Struct, frozen=True, gc=False):
    """An update as it was sent: the record with all edits applied, and the pairings they are of."""

    properties: Mapping[str, Json]
    flows: Sequence[tuple[BoundFlow, int]]


class Taken:
    """The updates of a group that were refused because a unique value is another record's."""

    def __init__(
        self,
        session: Session,
        resource: BoundResource,
        answers: Iterable[Answer],
        attempt: Callable[[str], Attempt],
    ) -> None:
        """Find out who has the values; `attempt` tells the update of a record."""
        self._session = session
        self._resource = resource
        self._held = dict(self._find(answers, attempt))

    def other(self, id_: str) -> str | None:
        """Return the record on which a refused update waits, None where that is no other one."""
        held = self._held.get(id_)
        return None if held is None else held.other

    def reason(self, id_: str) -> str:
        """Return who has the value, and what can be done where two are to swap theirs; "" if nobody."""
        held = self._held.get(id_)
        if held is None:
            return ""
        circle = find_circle(id_, self._held)
        said = describe_held(self._session, self._resource, held)
        return f"; {said}; {describe_circle(circle)}" if circle else f"; {said}"

    def _find(
        self, answers: Iterable[Answer], attempt: Callable[[str], Attempt]
    ) -> Iterator[tuple[str, Held]]:
        for answer in answers:
            outcome = answer.outcome
            if isinstance(outcome, Refused) and outcome.duplicate is not None:
                id_ = answer.intent.entry.record_id or ""
                yield id_, self._find_one(id_, attempt(id_), outcome.duplicate, outcome.holder)

    def _find_one(self, id_: str, attempt: Attempt, duplicate: str, named: str | None) -> Held:
        for flow, side in attempt.flows:
            key = place_named(flow, side, duplicate)
            wish = None if key is None else wish_of(flow, side, key, attempt.properties)
            if key is None or wish is None:
                continue
            others = set(holders_of(self._session, [wish]).get(wish, ())) - {id_}
            if named is not None and named != id_:
                others = self._ask(None, named)
            value = str(read_place(attempt.properties, key[1]))
            search = Search(path=key[1].path, value=value)
            return Held(str(key[1]), tuple(sorted(others or self._ask(search) - {id_})))
        return Held(duplicate, ())

    def _ask(self, search: Search | None, named: str | None = None) -> set[str]:
        found = find_holders(self._session, self._resource, search, named)
        ids = [record.id for record in found]
        # Stored, so that it is noticed when they give it up; looked at, for they may be new.
        take_back(self._session, self._resource, found, ids)
        return set(ids)
