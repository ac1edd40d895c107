"""What people do to the store by hand: split and pin links, retry dead letters."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from specbridge.errors import PackageError
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.leftovers import read_dead_letters
from specbridge.runtime.store.packages import KnownFlow
from specbridge.runtime.store.queue import queue_records
from specbridge.runtime.store.records import load_records
from specbridge.runtime.store.schema import candidates, links, splits

Ids = tuple[str, str]
"""The ids of a pair: source's, target's."""


def split_link(connection: Connection, flow: KnownFlow, pair: Ids) -> None:
    """Take a link apart for good: no rule links the pair again, no counterpart is created.

    Raises PackageError where there is no such link.
    """
    wanted = _pair(flow, pair)
    if connection.execute(delete(links).where(*wanted)).rowcount == 0:
        raise PackageError(f"{flow.name}: {pair[SOURCE]} and {pair[TARGET]} are not linked")
    connection.execute(
        insert(splits).values(pairing=flow.number, source_id=pair[SOURCE], target_id=pair[TARGET])
    )
    # Neither record has changed, and the next run looks at what is queued alone.
    _queue_pair(connection, flow, pair)


def pin_link(connection: Connection, flow: KnownFlow, pair: Ids) -> None:
    """Link a pair by hand; it stays linked whatever the rules say, and a split of it is undone.

    Raises PackageError where a record is not known, or linked to another one.
    """
    for side in (SOURCE, TARGET):
        # A link to a record that was never read would count as vanished in the next run.
        if pair[side] not in load_records(connection, flow.resources[side], [pair[side]]):
            raise PackageError(
                f"{flow.name}: there is no {('source', 'target')[side]} {pair[side]}"
            )
    own = splits.c.pairing == flow.number, splits.c.source_id == pair[SOURCE]
    connection.execute(delete(splits).where(*own, splits.c.target_id == pair[TARGET]))
    # A pair that is linked already keeps its base: nothing of it need be merged anew.
    if connection.execute(update(links).where(*_pair(flow, pair)).values(pinned=True)).rowcount:
        return
    _refuse_linked(connection, flow, pair)
    connection.execute(
        insert(links).values(
            pairing=flow.number,
            source_id=pair[SOURCE],
            target_id=pair[TARGET],
            vanished=False,
            pinned=True,
            base="{}",
            # No run has this number, so none takes the link for its own.
            made_in=0,
            made_by="hand",
        )
    )
    matched = candidates.c.pairing == flow.number, candidates.c.source_id == pair[SOURCE]
    connection.execute(delete(candidates).where(*matched, candidates.c.target_id == pair[TARGET]))
    _queue_pair(connection, flow, pair)


def unpin_link(connection: Connection, flow: KnownFlow, pair: Ids) -> None:
    """Make a pinned link an ordinary one, or let a split pair be linked by rule again.

    Raises PackageError where the pair is neither.
    """
    pinned = update(links).where(*_pair(flow, pair), links.c.pinned.is_(True))
    own = splits.c.pairing == flow.number, splits.c.source_id == pair[SOURCE]
    undone = delete(splits).where(*own, splits.c.target_id == pair[TARGET])
    count = connection.execute(pinned.values(pinned=False)).rowcount
    if count + connection.execute(undone).rowcount == 0:
        raise PackageError(
            f"{flow.name}: {pair[SOURCE]} and {pair[TARGET]} are not pinned or split"
        )
    _queue_pair(connection, flow, pair)


def retry_letters(
    connection: Connection, flows: Sequence[KnownFlow], ids: Sequence[str] = ()
) -> int:
    """Queue the records of dead letters for the next run, all or some; return how many."""
    count = 0
    for flow in flows:
        for side in (SOURCE, TARGET):
            letters = read_dead_letters(connection, [flow.number])
            chosen = [x.id for x in letters if x.side == side and (not ids or x.id in ids)]
            queue_records(connection, [(flow.number, side)], chosen)
            count += len(chosen)
    return count


def list_splits(connection: Connection, flow: KnownFlow) -> list[Ids]:
    """Return the pairs of a flow that were taken apart by hand, sorted."""
    chosen = select(splits.c.source_id, splits.c.target_id).where(splits.c.pairing == flow.number)
    rows = connection.execute(chosen.order_by(splits.c.source_id, splits.c.target_id))
    return [(row.source_id, row.target_id) for row in rows]


def _pair(flow: KnownFlow, pair: Ids) -> tuple[ColumnElement[bool], ...]:
    return (
        links.c.pairing == flow.number,
        links.c.source_id == pair[SOURCE],
        links.c.target_id == pair[TARGET],
    )


def _refuse_linked(connection: Connection, flow: KnownFlow, pair: Ids) -> None:
    for side, column in ((SOURCE, links.c.source_id), (TARGET, links.c.target_id)):
        other = select(links.c.number).where(links.c.pairing == flow.number, column == pair[side])
        if connection.execute(other).first() is not None:
            raise PackageError(
                f"{flow.name}: {pair[side]} is linked already; split that link first"
            )


def _queue_pair(connection: Connection, flow: KnownFlow, pair: Ids) -> None:
    for side in (SOURCE, TARGET):
        queue_records(connection, [(flow.number, side)], [pair[side]])
