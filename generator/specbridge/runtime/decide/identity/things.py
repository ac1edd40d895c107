"""Things: what links of several pairings join, one record of each resource; pure.

Only pairings that lie on a circle can lead from a record to another one of its own resource.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

Place = tuple[int, str]
"""A record: its resource's number and its id."""


class Match(NamedTuple):
    """A pair of records that match in a pairing, to be linked."""

    pairing: int
    source: Place
    target: Place


class Things:
    """Records joined by links; each belongs to one thing."""

    def __init__(self, links: Iterable[tuple[Place, Place]] = ()) -> None:
        """Join the records of each link."""
        self._root: dict[Place, Place] = {}
        self._members: dict[Place, list[Place]] = {}
        for one, other in links:
            self.join(one, other)

    def join(self, one: Place, other: Place) -> None:
        """Make two records, and all that each is joined with, one thing."""
        small, large = sorted((self.root(one), self.root(other)), key=self._size)
        if small != large:
            moved = self._members.pop(small)
            self._members[large] += moved
            for place in moved:
                self._root[place] = large

    def root(self, place: Place) -> Place:
        """Return what stands for the record's thing."""
        if place not in self._root:
            self._root[place] = place
            self._members[place] = [place]
        return self._root[place]

    def members(self, place: Place) -> Sequence[Place]:
        """Return all records of a record's thing, itself included."""
        return self._members[self.root(place)]

    def _size(self, root: Place) -> int:
        return len(self._members[root])


def sift_matches(
    matches: Sequence[Match],
    links: Iterable[tuple[Place, Place]],
    *,
    gone: Collection[Place] = (),
    apart: Iterable[tuple[Place, Place]] = (),
) -> list[Match]:
    """Return the matches that may be linked together; order decides nothing.

    Left out are all of a thing that would hold two records of one resource, or two that are to stay
    `apart`. Records that are `gone` make way for those that take their place.
    """
    things = Things(links)
    for match in matches:
        things.join(match.source, match.target)
    divided = {things.root(one) for one, other in apart if things.root(one) == things.root(other)}
    crowded: dict[Place, bool] = {}
    kept = []
    for match in matches:
        root = things.root(match.source)
        if root not in crowded:
            crowded[root] = _is_crowded(things.members(root), gone)
        if not crowded[root] and root not in divided:
            kept.append(match)
    return kept


def _is_crowded(members: Sequence[Place], gone: Collection[Place]) -> bool:
    """Return whether there are two records of one resource."""
    there = [resource for resource, id_ in members if (resource, id_) not in gone]
    return len(set(there)) < len(there)


def successor_of(things: Things, place: Place, gone: Collection[Place]) -> Place:
    """Return the record of a thing that has taken the place of one that is gone, else the record itself."""
    if place not in gone:
        return place
    there = [one for one in things.members(place) if one[0] == place[0] and one not in gone]
    return min(there, default=place)


class Moved(NamedTuple):
    """A link of a record that is gone and whose place in its thing is taken.

    `position` is its place among the links; `ends` are its records from now on, None where they have
    another link of the pairing.
    """

    position: int
    ends: tuple[Place, Place] | None


def move_to_successors(
    made: Sequence[Match],
    links: Sequence[Match],
    gone: Collection[Place],
    apart: Sequence[tuple[Place, Place]] = (),
) -> list[Moved]:
    """Return what becomes of the links to records that are gone, once others have taken their places.

    `made` are the links that are made. Whoever only a record that is gone joined with its thing stays
    in it: links lead to the successor, even those of which the other record is gone as well. Where the
    successor has a counterpart of its own there, or two would come together that are to stay `apart` or
    are of one resource, a link stays as it is.
    """
    things = Things((link.source, link.target) for link in (*links, *made))
    moving = {
        number: ends
        for number, link in enumerate(links)
        if (ends := _successors(things, link, gone)) != (link.source, link.target)
    }
    staying = [link for number, link in enumerate(links) if number not in moving]
    held = {(x.pairing, end) for x in (*made, *staying) for end in (x.source, x.target)}
    found = []
    for number, ends in moving.items():
        link = links[number]
        taken = {(link.pairing, end) for end in ends}
        if not held & taken:
            held |= taken
            found.append(Moved(number, ends))
        elif _is_left(link, ends, gone, held):
            found.append(Moved(number, None))
    joined = [(links[one.position].pairing, one.ends) for one in found if one.ends is not None]
    whole = _whole_things([*made, *staying, *(Match(n, *ends) for n, ends in joined)], gone, apart)
    return [one for one in found if one.ends is None or whole(one.ends[0])]


def _successors(things: Things, link: Match, gone: Collection[Place]) -> tuple[Place, Place]:
    return successor_of(things, link.source, gone), successor_of(things, link.target, gone)


def _is_left(
    link: Match,
    ends: tuple[Place, Place],
    gone: Collection[Place],
    held: Collection[tuple[int, Place]],
) -> bool:
    """Return whether a link is nobody's any more: those of its records that are there have another one."""
    own = {end for end in (link.source, link.target) if end in ends and end not in gone}
    return all((link.pairing, end) in held for end in own)


def _whole_things(
    links: Sequence[Match], gone: Collection[Place], apart: Sequence[tuple[Place, Place]]
) -> Callable[[Place], bool]:
    """Return what tells whether a record's thing has one record of a resource, and none of those `apart`."""
    things = Things((link.source, link.target) for link in links)
    divided = {things.root(one) for one, other in apart if things.root(one) == things.root(other)}

    def is_whole(place: Place) -> bool:
        return things.root(place) not in divided and not _is_crowded(things.members(place), gone)

    return is_whole


def counterpart_of(
    things: Things, place: Place, resource: int, gone: Collection[Place]
) -> Place | None:
    """Return the member of a record's thing that is of a resource, one that is there before others."""
    found = [member for member in things.members(place) if member[0] == resource]
    return min(found, key=lambda member: (member in gone, member), default=None)


def ways_between(links: Sequence[tuple[Place, Place]], one: Place, other: Place) -> frozenset[int]:
    """Return the indexes of the links on some way from one record to another that takes none twice.

    A thing has few records: one of each resource.
    """
    found: set[int] = set()
    ways: list[tuple[Place, tuple[int, ...], frozenset[Place]]] = [(one, (), frozenset({one}))]
    while ways:
        here, way, passed = ways.pop()
        if here == other:
            found |= set(way)
            continue
        for index, ends in enumerate(links):
            if here in ends:
                there = ends[1] if ends[0] == here else ends[0]
                if there not in passed:
                    ways.append((there, (*way, index), passed | {there}))
    return frozenset(found)


def by_resource(places: Iterable[Place]) -> Mapping[int, list[str]]:
    """Return the ids of records by their resource."""
    found: dict[int, list[str]] = {}
    for resource, id_ in dict.fromkeys(places):
        found.setdefault(resource, []).append(id_)
    return found
