"""Which links stay where several flows become one pairing, in which a record has one link; pure."""

from collections.abc import Iterable
from typing import NamedTuple


class Rival(NamedTuple):
    """A link that shares a record with another one; its ids are as the pairing is faced."""

    number: int
    source_id: str
    target_id: str
    pinned: bool
    vanished: bool


def choose_links(rivals: Iterable[Rival]) -> tuple[list[int], list[int]]:
    """Return the numbers of the links that stay, and of those that give way, each in order of rank.

    Pinned ones come before others, whole before vanished, then the oldest: each in turn stays unless
    one that stays has its source or its target. The order in which they are given decides nothing.
    """
    kept: list[int] = []
    given_up: list[int] = []
    sources: set[str] = set()
    targets: set[str] = set()
    for link in sorted(rivals, key=_rank):
        if link.source_id in sources or link.target_id in targets:
            given_up.append(link.number)
            continue
        kept.append(link.number)
        sources.add(link.source_id)
        targets.add(link.target_id)
    return kept, given_up


def _rank(link: Rival) -> tuple[bool, bool, int]:
    return not link.pinned, bool(link.vanished), link.number
