"""What people do to the store by hand: split and pin links, retry dead letters."""

import time
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from specbridge.errors import PackageError
from specbridge.runtime.decide.identity.things import (
    Match,
    Place,
    by_resource,
    sift_matches,
    ways_between,
)
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.history.journal import Entry, end_run, open_entries, start_run
from specbridge.runtime.store.leftover.leftovers import read_dead_letters, settle_parted
from specbridge.runtime.store.linking.links import NewLink, forget_links, make_links
from specbridge.runtime.store.linking.succeeding import Succession, succeed
from specbridge.runtime.store.linking.things import (
    PlacedLink,
    all_pairings,
    circle_around,
    gone_places,
    kept_apart,
    links_around,
)
from specbridge.runtime.store.packages import KnownFlow, known_flows
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.seen.records import load_records
from specbridge.runtime.store.tables.rows import read_object
from specbridge.runtime.store.tables.schema import candidates, links, splits

Ids = tuple[str, str]
"""The ids of a pair: source's, target's."""

_BY_HAND = 0
"""The run that made a link by hand: none has this number, so none takes the link for its own."""


def split_link(
    connection: Connection, flow: KnownFlow, pair: Ids, *, cut: bool = False
) -> list[PlacedLink]:
    """Take a link apart for good: no rule links the pair again, no counterpart is created.

    While other links join the two it is refused; with `cut` those are split too, and returned. Raises
    PackageError for that, and where there is no such link.
    """
    own = connection.execute(select(links.c.number).where(*_pair(flow, pair))).scalar()
    if own is None:
        raise PackageError(f"{flow.name}: {pair[SOURCE]} and {pair[TARGET]} are not linked")
    others = _joining(connection, flow, pair, own)
    if others and not cut:
        named = ", ".join(_name_link(connection, link) for link in others)
        raise PackageError(
            f"{flow.name}: {pair[SOURCE]} and {pair[TARGET]} would still be joined by {named}; "
            "split those too with --cut"
        )
    # While the links are there: afterwards nobody would know who was joined.
    _queue_pair(connection, flow.number, pair)
    for link in others:
        _take_apart(connection, link.pairing, (link.source[1], link.target[1]))
    _take_apart(connection, flow.number, pair)
    settle_parted(connection, {flow.number, *(link.pairing for link in others)})
    return others


def _take_apart(connection: Connection, pairing: int, pair: Ids) -> None:
    wanted = links.c.pairing == pairing, links.c.source_id == pair[SOURCE]
    connection.execute(delete(links).where(*wanted, links.c.target_id == pair[TARGET]))
    connection.execute(
        insert(splits).values(pairing=pairing, source_id=pair[SOURCE], target_id=pair[TARGET])
    )


def _joining(connection: Connection, flow: KnownFlow, pair: Ids, own: int) -> list[PlacedLink]:
    """Return the links that join a pair besides its own."""
    circle = circle_around(connection, flow.number)
    one, other = _places(flow, pair)
    around = [x for x in links_around(connection, circle, [one]) if x.number != own]
    on_ways = ways_between([(x.source, x.target) for x in around], one, other)
    return [around[number] for number in sorted(on_ways)]


def _name_link(connection: Connection, link: PlacedLink) -> str:
    names = {flow.number: flow.name for flow in known_flows(connection)}
    return f"{names.get(link.pairing, link.pairing)} {link.source[1]} {link.target[1]}"


def pin_link(connection: Connection, flow: KnownFlow, pair: Ids) -> None:
    """Link a pair by hand; it stays linked whatever the rules say, and a split of it is undone.

    Links of either record that it replaces are journalled. Raises PackageError where a record is not
    known, or where their thing would hold two records of one resource.
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
    make_links(connection, _BY_HAND, _make_way(connection, flow, pair))
    matched = candidates.c.pairing == flow.number, candidates.c.source_id == pair[SOURCE]
    chosen = *matched, candidates.c.target_id == pair[TARGET]
    # One that was a link before it had to give way has agreed on something.
    base = connection.execute(select(candidates.c.base).where(*chosen)).scalar()
    connection.execute(
        insert(links).values(
            pairing=flow.number,
            source_id=pair[SOURCE],
            target_id=pair[TARGET],
            vanished=False,
            pinned=True,
            base=base or "{}",
            made_in=_BY_HAND,
            made_by="hand",
        )
    )
    connection.execute(delete(candidates).where(*chosen))
    settle_parted(connection, [flow.number])
    _queue_pair(connection, flow.number, pair)


def _make_way(connection: Connection, flow: KnownFlow, pair: Ids) -> Sequence[NewLink]:
    """Drop the links that a pin replaces; return those that take the place of some.

    Raises PackageError where the thing would hold two records of one resource, or two that were split.
    """
    whole, vanished = _replaced(connection, flow, pair)
    _drop_links(connection, flow, whole)
    succession = _make_room(connection, flow, pair)
    if succession is None and vanished:
        # Both have counterparts of their own by now: what joined one of them with a record that is gone is over.
        _drop_links(connection, flow, vanished)
        succession = _make_room(connection, flow, pair)
    if succession is None:
        raise PackageError(
            f"{flow.name}: {pair[SOURCE]} and {pair[TARGET]} are linked with records that keep them "
            "apart: two of one resource would be one thing; see `links`, and split one of them first"
        )
    _drop_links(connection, flow, succession.dropped)
    return succession.links


def _replaced(
    connection: Connection, flow: KnownFlow, pair: Ids
) -> tuple[Sequence[int], Sequence[int]]:
    """Return the links of either record in the pairing: those whose other one is there, and the others.

    One that is gone has its place taken, and joins with its thing until it is.
    """
    either = or_(links.c.source_id == pair[SOURCE], links.c.target_id == pair[TARGET])
    chosen = select(links.c.number, links.c.source_id, links.c.target_id)
    rows = connection.execute(chosen.where(links.c.pairing == flow.number, either)).all()
    ends = {number: _places(flow, (source, target)) for number, source, target in rows}
    gone = gone_places(connection, {place for places in ends.values() for place in places})
    vanished = [number for number, places in ends.items() if gone & {*places}]
    return [number for number in ends if number not in vanished], vanished


def _drop_links(connection: Connection, flow: KnownFlow, numbers: Sequence[int]) -> None:
    """Drop the links that a pin replaces, and journal them."""
    rows = connection.execute(select(links).where(links.c.number.in_(numbers))).all()
    if not rows:
        return
    targets = {stored.number: stored.resources[TARGET] for stored in all_pairings(connection)}
    now = time.time()
    run = start_run(connection, flow.company, [flow.package], "pin", now)
    entries = [
        Entry(
            pairing=row.pairing,
            kind="unlink",
            resource=targets[row.pairing],
            record_id=row.target_id,
            origin=row.source_id,
            before={"base": read_object(row.base), "pinned": row.pinned},
            after={},
            state="done",
        )
        for row in rows
    ]
    open_entries(connection, run, entries)
    end_run(connection, run, now, "clean", {})
    for row in rows:
        # Who has lost its counterpart may match another one.
        _queue_pair(connection, row.pairing, (row.source_id, row.target_id))
    forget_links(connection, [row.number for row in rows])


def _make_room(connection: Connection, flow: KnownFlow, pair: Ids) -> Succession | None:
    """Return what becomes of links to records that are gone and whose place in the pair's thing is taken.

    None where a thing would hold two records of one resource, or two that were split.
    """
    pairings = all_pairings(connection)
    source, target = _places(flow, pair)
    around = links_around(connection, pairings, [source, target])
    ends = [(link.source, link.target) for link in around]
    places = {place for both in ends for place in both} | {source, target}
    match = Match(flow.number, source, target)
    gone = gone_places(connection, places)
    apart = kept_apart(connection, pairings, places)
    if not sift_matches([match], ends, gone=gone, apart=apart):
        return None
    return succeed([match], around, gone, apart)


def _places(flow: KnownFlow, pair: Ids) -> tuple[Place, Place]:
    return (flow.resources[SOURCE], pair[SOURCE]), (flow.resources[TARGET], pair[TARGET])


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
    _queue_pair(connection, flow.number, pair)


def retry_letters(
    connection: Connection, flows: Sequence[KnownFlow], ids: Sequence[str] = ()
) -> int:
    """Queue the records of dead letters for the next run, all or some; return how many."""
    count = 0
    for flow in flows:
        letters = read_dead_letters(connection, [flow.number], ids)
        for side in (SOURCE, TARGET):
            chosen = [x.id for x in letters if x.side == side]
            queue_records(connection, [(flow.number, side)], chosen)
            count += len(chosen)
    return count


def _pair(flow: KnownFlow, pair: Ids) -> tuple[ColumnElement[bool], ...]:
    return (
        links.c.pairing == flow.number,
        links.c.source_id == pair[SOURCE],
        links.c.target_id == pair[TARGET],
    )


def _queue_pair(connection: Connection, pairing: int, pair: Ids) -> None:
    """Queue the records of both things: whoever was joined with one of the two may lack it now."""
    pairings = all_pairings(connection)
    (resources,) = (stored.resources for stored in pairings if stored.number == pairing)
    own = tuple(zip(resources, pair, strict=True))
    around = links_around(connection, pairings, own)
    places = dict.fromkeys((*own, *(place for x in around for place in (x.source, x.target))))
    for resource, ids in by_resource(places).items():
        sides = [
            (stored.number, side)
            for stored in pairings
            for side in (SOURCE, TARGET)
            if stored.resources[side] == resource
        ]
        queue_records(connection, sides, ids)
