"""Successors: the links that records take over from those that are gone."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from specbridge.runtime.decide.identity.things import Match, Place, move_to_successors
from specbridge.runtime.store.linking.links import NewLink
from specbridge.runtime.store.linking.things import PlacedLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """What becomes of links to records that are gone: numbers to drop, and links in their stead."""

    dropped: Sequence[int]
    links: Sequence[NewLink]


def succeed(
    made: Sequence[Match],
    known: Sequence[PlacedLink],
    gone: Set[Place],
    apart: Sequence[tuple[Place, Place]],
) -> Succession:
    """Return what becomes of the known links of things, once `made` have given them their successors.

    What would join two that are to stay `apart` stays as it is. A link that moves begins anew: its two
    records have never agreed on anything.
    """
    matches = [Match(link.pairing, link.source, link.target) for link in known]
    moved = move_to_successors(made, matches, gone, apart)
    links = [
        NewLink(known[position].pairing, ends[0][1], ends[1][1], "thing")
        for position, ends in moved
        if ends is not None
    ]
    return Succession(dropped=[known[position].number for position, _ in moved], links=links)
