"""Circles that a pair's values may go round: which of them the records of its thing really make."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.feeding.groups import mark_thing
from specbridge.runtime.decide.feeding.ranks import Ranked
from specbridge.runtime.decide.identity.things import Place, Things, by_resource
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.plan import Pair, PairPlan
from specbridge.runtime.decide.units import Unit
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record
from specbridge.runtime.store.linking.things import PlacedLink, links_around
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.seen.records import load_records

_Shape = tuple[tuple[int, tuple[str, ...]], ...]
"""What links a thing: the pairings, each with the keys of its units that are about the records.

Most things of a pairing have the same one.
"""


def mark_pairs(
    session: Session, flow: BoundFlow, pairs: Sequence[Pair]
) -> Mapping[int, Mapping[str, Unit]]:
    """Return a pairing's units as they are in the things of pairs, by link and their keys."""
    if not pairs:
        return {}
    # All, not those of the circle alone: what leads into it is its master.
    around = [session.company.pairings[one.number] for one in session.company.flows]
    resource = flow.resources[SOURCE]
    sources = [(resource, pair.source.id) for pair in pairs]
    found = links_around(session.connection, around, sources)
    things = Things([(link.source, link.target) for link in found])
    records = _load(session, found)
    links: dict[Place, list[PlacedLink]] = {}
    for link in found:
        links.setdefault(things.root(link.source), []).append(link)
    flows = {one.number: one for one in session.company.flows}
    shapes: dict[_Shape, Mapping[str, Unit]] = {}
    marked: dict[int, Mapping[str, Unit]] = {}
    for pair, source in zip(pairs, sources, strict=True):
        shape = tuple(_about(flows, links.get(things.root(source), ()), records))
        if shape not in shapes:
            shapes[shape] = _mark(flows, flow.number, shape)
        marked[pair.link.number] = shapes[shape]
    return marked


def note_round(session: Session, flow: BoundFlow, pair: Pair, plan: PairPlan) -> None:
    """Note what a plan tells of values that go round."""
    for spot, ranked in plan.ranked:
        session.ranks.keep(spot, ranked)
    key = flow.number, pair.source.id
    if plan.kept:
        session.kept[key] = plan.kept
    else:
        session.kept.pop(key, None)


def send_round(session: Session) -> None:
    """Queue what is kept and has not come round by itself, once, as what all of its circle are to take.

    It was waited for: what others had agreed on, or somebody emptied, may have stopped it on its way.
    """
    if len(session.flows) < len(session.company.flows):
        return
    ids: dict[int, list[str]] = {}
    for spot, held in (one for found in session.kept.values() for one in found):
        if spot not in session.sent:
            session.sent.add(spot)
            session.ranks.keep(spot, Ranked(session.ranks.master_rank(), held))
            ids.setdefault(spot[0], []).append(spot[1])
    for resource, found in ids.items():
        queue_records(session.connection, session.company.resources[resource].sides, found)


def leave_kept(session: Session) -> None:
    """Queue the pairs that keep what has not come round, for the next run: not all pairings were in this one."""
    for pairing in {pairing for pairing, _ in session.kept}:
        ids = [source_id for number, source_id in session.kept if number == pairing]
        queue_records(session.connection, [(pairing, SOURCE)], ids)


def _mark(flows: Mapping[int, BoundFlow], pairing: int, shape: _Shape) -> Mapping[str, Unit]:
    here = [
        replace(flows[number], units=tuple(u for u in flows[number].units if u.key in keys))
        for number, keys in shape
    ]
    own = next((one for one in mark_thing(here) if one.number == pairing), None)
    return {} if own is None else {unit.key: unit for unit in own.units}


def _load(session: Session, found: Sequence[PlacedLink]) -> Mapping[Place, Record]:
    places = {place for link in found for place in (link.source, link.target)}
    return {
        (resource, id_): record
        for resource, ids in by_resource(places).items()
        for id_, record in load_records(session.connection, resource, ids).items()
    }


def _about(
    flows: Mapping[int, BoundFlow], links: Sequence[PlacedLink], records: Mapping[Place, Record]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the pairings of a thing's links, each with the keys of the units that are about its records."""
    for link in sorted(links, key=lambda link: link.pairing):
        flow = flows.get(link.pairing)
        ends = [records.get(place) for place in (link.source, link.target)]
        source, target = ends[SOURCE], ends[TARGET]
        if flow is None or source is None or target is None:
            continue
        sides = source.properties, target.properties
        if flow.whole or flow.parts_of(*sides):
            yield flow.number, tuple(unit.key for unit in flow.concerned(*sides))
