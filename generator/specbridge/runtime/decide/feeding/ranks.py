"""Values that go round a circle of rows, and which one stays where two of them meet; pure.

Pairings are merged one after another. Where the values of two people are on their way round a circle, each
pairing sees one side changed, by what the run itself has written, and they would follow each other for ever.
Nor do the records' instants tell for long which is the later, for a record is as late as the last value that it
was given. So a run remembers how late each value was when it first met another one.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

from specbridge.model.values import Json
from specbridge.runtime.decide.bases import bare
from specbridge.runtime.decide.binding import BoundFlow, place_of
from specbridge.runtime.decide.equality import Value, equal_values, is_empty
from specbridge.runtime.decide.identity.pairings import ResourceKey
from specbridge.runtime.decide.instants import instant_key
from specbridge.runtime.decide.merge import SOURCE, TARGET, View, find_changes
from specbridge.runtime.decide.units import Unit
from specbridge.runtime.records import Record

Spot = tuple[int, str, str]
"""A property of a record: its resource's number, its id, and its place."""


class Rank(NamedTuple):
    """How late a value is, in an order that is total: the later edit, then the greater value.

    What a master gave is above all that people said (`led`, the later the greater). Rows round a circle copy, so
    that a value is the same text all the way; an id is another one in each system, and keeps the rank that it had
    where it came from.
    """

    led: int = 0
    edited: tuple[int, str] = (0, "")
    text: str = ""
    resource: ResourceKey = ("", "")


MOST_RANKED = 100_000
"""So many values are known of at once: a first run of a large circle would not fit into memory else.

Of those known longest it then goes by their records' instants again, which are rarely wrong.
"""


class Ranked(NamedTuple):
    """A value that a property holds, and how late it is."""

    rank: Rank
    held: Json


class Kept(NamedTuple):
    """What a property keeps, though its giver has another value: it is to come round to that."""

    spot: Spot
    held: Json


class Ranks:
    """What a run knows of how late values are, by where they are."""

    def __init__(self) -> None:
        """Know of none."""
        self._known: dict[Spot, Ranked] = {}
        self._count = 0

    def __bool__(self) -> bool:
        """Return whether anything is known."""
        return bool(self._known)

    def keep(self, spot: Spot, ranked: Ranked) -> None:
        """Keep how late the value of a property is."""
        self._known[spot] = ranked
        self._count += 1
        if len(self._known) > MOST_RANKED:
            del self._known[next(iter(self._known))]

    def find(self, spot: Spot, held: Value) -> Rank | None:
        """Return how late the value is that a property holds, None where that is not known."""
        ranked = self._known.get(spot)
        # Somebody may have edited it since.
        return ranked.rank if ranked is not None and equal_values(ranked.held, held) else None

    def master_rank(self) -> Rank:
        """Return the rank of what a master gives: above all that its group has, and had from it before."""
        return Rank(led=1 + self._count)


class PairRanks:
    """How late the values of one pair are; a unit's `shown` source property is the one that is compared."""

    def __init__(self, flow: BoundFlow, records: tuple[Record, Record], ranks: Ranks) -> None:
        """Look at the records of source and target with what the run knows."""
        self._flow = flow
        self._records = records
        self._ranks = ranks

    def later_side(self, unit: Unit, view: View, shown: int) -> int | None:
        """Return the side whose value stays where both differ, None where nothing tells.

        Nothing does where neither was met before: that is a conflict as any other.
        """
        known = [self._known(unit, side, view, shown) for side in (SOURCE, TARGET)]
        if known == [None, None]:
            return None
        # What nobody has changed has no say.
        left, right = (
            known[side] or (self._rank_said(side, view) if _is_new(unit, side, view) else Rank())
            for side in (SOURCE, TARGET)
        )
        if left == right or (Rank() in (left, right) and not left.led and not right.led):
            return None
        return SOURCE if left > right else TARGET

    def find_new(self, unit: Unit, view: View, shown: int) -> Iterator[tuple[Spot, Ranked]]:
        """Yield the values that somebody has said and that meet another one here for the first time."""
        for side in (SOURCE, TARGET):
            known, held = self._known(unit, side, view, shown), _held(view, side)
            if known is None and not is_empty(held) and _is_new(unit, side, view):
                yield self._spot(unit, side, shown), Ranked(self._rank_said(side, view), held)

    def find_kept(self, unit: Unit, view: View, shown: int) -> Kept:
        """Return what the fed side keeps until it has come round."""
        fed = TARGET if unit.to_target else SOURCE
        return Kept(self._spot(unit, fed, shown), _held(view, fed))

    def rank_given(self, unit: Unit, view: View, shown: int, giver: int) -> Rank:
        """Return how late a value is that a side gives."""
        if unit.entering and not unit.fed:
            return self._ranks.master_rank()
        if (known := self._known(unit, giver, view, shown)) is not None:
            return known
        return self._rank_said(giver, view)

    def _known(self, unit: Unit, side: int, view: View, shown: int) -> Rank | None:
        return self._ranks.find(self._spot(unit, side, shown), _held(view, side))

    def _spot(self, unit: Unit, side: int, shown: int) -> Spot:
        place = place_of(unit, side, shown)
        return self._flow.resources[side], self._records[side].id, str(place)

    def _rank_said(self, side: int, view: View) -> Rank:
        record = self._records[side]
        edited = instant_key(record.edited_at or record.modified_at)
        text = json.dumps(_held(view, side), sort_keys=True)
        return Rank(edited=edited, text=text, resource=self._flow.ends[side])


def _held(view: View, side: int) -> Json:
    return bare(view.supplied if side == SOURCE else view.target)


def _is_new(unit: Unit, side: int, view: View) -> bool:
    """Return whether a side has changed since the two last agreed, or meets another value at first contact."""
    empty = is_empty(view.supplied), is_empty(view.target)
    met = view.base is not None or not empty[1 - side]
    return met and find_changes(view, unit.same, empty)[side]
