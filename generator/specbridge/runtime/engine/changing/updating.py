"""Updating: edits of all flows to one record gathered into one write."""

from collections.abc import Iterator, Mapping, Sequence

from specbridge.model.values import Json, Path
from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.decide.paths import (
    whole_path,
)
from specbridge.runtime.decide.plan import Edit, Pair
from specbridge.runtime.engine.changing.change import Change, add_edit, json_at
from specbridge.runtime.engine.changing.holders import Wish, in_waves, wish_of
from specbridge.runtime.engine.changing.outcomes import Outcomes
from specbridge.runtime.engine.changing.writing import Dispatch, Intent
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Update
from specbridge.runtime.store.history.journal import Entry


class Updates:
    """The edits of a round, by record."""

    def __init__(self, session: Session) -> None:
        """Begin with none."""
        self._session = session
        self._changes: dict[tuple[int, str], Change] = {}

    def __len__(self) -> int:
        """Return how many records are to be changed."""
        return len(self._changes)

    def add(
        self, flow: BoundFlow, pair: Pair, edits: Sequence[Edit], base: dict[str, Json]
    ) -> None:
        """Add the edits of a pair, whose link has this base without them.

        Where flows want different values at one place, the first has it; the other flow sees the
        changed record in the next round.
        """
        for edit in edits:
            record = pair.record(edit.side)
            key = flow.resources[edit.side], record.id
            change = self._changes.get(key)
            if change is None:
                change = Change(record=record, working=dict(record.properties))
                self._changes[key] = change
            # One and the same object where both records of a pair are to be written.
            change.bases[pair.link.number] = base
            add_edit(flow, pair, edit, change)

    def flush(self) -> None:
        """Send all edits, one write per record; raises ApiError after taking in what was answered."""
        groups: dict[int, list[Change]] = {}
        for (resource, _), change in self._changes.items():
            groups.setdefault(resource, []).append(change)
        self._changes = {}
        for number, changes in groups.items():
            self._write(self._session.company.resources[number], changes)

    def _write(self, resource: BoundResource, changes: Sequence[Change]) -> None:
        session = self._session
        session.edges.expect(f"write {resource.key[0]} {resource.name}", lambda: len(changes))
        for part in _batches(session, changes):
            dispatch = Dispatch(session, resource, [_intent(resource, c) for c in part.values()])
            # One transaction up to the checkpoint: no entry is closed without its bases.
            answers = list(dispatch.send())
            Outcomes(session, resource, part).take_in(answers)
            session.checkpoint()
            dispatch.raise_error()


def _batches(session: Session, changes: Sequence[Change]) -> Iterator[Mapping[str, Change]]:
    """Yield the changes of a resource's records in the order in which they can be made.

    A batch at a time: each is journalled as a whole before it is sent.
    """
    size = session.options.batch
    by_id = {change.record.id: change for change in changes}
    wishes = {id_: wanted for id_, change in by_id.items() if (wanted := list(_wishes(change)))}
    first = [id_ for id_ in by_id if id_ not in wishes]
    waves = in_waves(session, wishes) if wishes else []
    # With the first wave: neither waits for anybody.
    for ids in [first + waves[0], *waves[1:]] if waves else [first]:
        for start in range(0, len(ids), size):
            yield {id_: by_id[id_] for id_ in ids[start : start + size]}


def _wishes(change: Change) -> Iterator[Wish]:
    """Yield the unique values that a record is to get."""
    for flow, side, _ in change.parties:
        for key in flow.unique[side]:
            if whole_path(key[1].path) in change.paths:
                wish = wish_of(flow, side, key, change.working)
                if wish is not None:
                    yield wish


def _intent(resource: BoundResource, change: Change) -> Intent:
    before: dict[str, Json] = {}
    after: dict[str, Json] = {}
    changes: dict[Path, Json] = {}
    for path, name in change.paths.items():
        before[name] = json_at(change.record.properties, path)
        after[name] = changes[path] = json_at(change.working, path)
    entry = Entry(
        pairing=change.parties[0][0].number,
        kind="update",
        resource=resource.number,
        record_id=change.record.id,
        before=before,
        after=after,
        effects=change.effects,
    )
    write = Update(key=change.record.id, current=change.record, changes=changes)
    return Intent(entry=entry, write=write)
