"""What people decide by hand, the same for commands and the console, and kept with who decided it.

Who decides may say what they had seen; where it is otherwise by now nothing is done.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, Table, exists, select

from specbridge.errors import ChangedError, PackageError
from specbridge.runtime.decide.binding import PairingSide
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.store.history.deeds import Deed, last_deed, note_deeds
from specbridge.runtime.store.leasing import pausing
from specbridge.runtime.store.leasing.pausing import Pause
from specbridge.runtime.store.leftover.handwork import (
    Ids,
    pin_link,
    retry_letters,
    split_link,
    unpin_link,
)
from specbridge.runtime.store.leftover.leftovers import acknowledge_letters, choose_winner
from specbridge.runtime.store.leftover.listing import (
    Conflict,
    Letter,
    find_letters,
    list_dead_letters,
)
from specbridge.runtime.store.linking.things import PlacedLink
from specbridge.runtime.store.packages import KnownFlow
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.tables.rows import among
from specbridge.runtime.store.tables.schema import (
    candidates,
    conflicts,
    dead_letters,
    links,
    splits,
)

_MOST_NAMED = 1000
"""Records that a deed about many is kept for one by one; of more only the number is kept."""


def find_conflict(
    connection: Connection, flows: Sequence[KnownFlow], number: int
) -> Conflict | None:
    """Return a conflict of these flows, settled or not; None where there is none of this number."""
    chosen = select(*(conflicts.c[name] for name in Conflict._fields))
    own = conflicts.c.number == number, conflicts.c.pairing.in_([flow.number for flow in flows])
    row = connection.execute(chosen.where(*own)).first()
    return None if row is None else Conflict._make(row)


def settle_conflict(
    connection: Connection,
    flows: Sequence[KnownFlow],
    choice: tuple[int, str],
    who: str,
    seen: str | None = None,
) -> None:
    """Decide a conflict, by its number and the side that wins; the next run writes the winner's value.

    Raises PackageError where none of this number waits, ChangedError where its mark is not the one that was `seen`.
    """
    number, winner = choice
    # Those that wait only: what is settled has been written.
    found = find_conflict(connection, flows, number)
    if found is not None and seen not in (None, mark(*found[6:])):
        stands = f"{found.winner or 'nobody'} wins ({found.state})"
        by = last_actor(connection, found.pairing, found.source_id)
        raise ChangedError(f"conflict {number} has changed: {stands}{by}")
    if found is None or found.state == "settled":
        raise PackageError(f"there is no conflict {number} that waits")
    (company,) = {flow.company for flow in flows if flow.number == found.pairing}
    pair = found.source_id, found.target_id
    note_deeds(
        connection, [Deed(company, who, "settle", found.pairing, *pair, f"{number}: {winner}")]
    )
    choose_winner(connection, number, winner)
    # Neither record has changed: only the queue has the next sync look at the pair.
    queue_records(connection, [(found.pairing, SOURCE)], [found.source_id])


def mark(*values: object) -> str:
    """Return what tells whether something is as it was, from the values that somebody sees of it."""
    return sha256(repr(values).encode(errors="surrogatepass")).hexdigest()[:32]


def last_actor(connection: Connection, pairing: int, source_id: str) -> str:
    """Return who was the last to act on a pair, as the end of a sentence; "" where nobody did."""
    last = last_deed(connection, pairing, source_id)
    return "" if last is None else f"; {last.who or 'somebody'} was the last to act on it"


def count_letters(
    connection: Connection, flows: Sequence[KnownFlow], ids: Sequence[str]
) -> tuple[int, int]:
    """Return how many dead letters of `ids`, or all, are listed; and how many nobody has acknowledged."""
    seen = [letter.acknowledged for letter in list_dead_letters(connection, flows, ids=ids)]
    return len(seen), seen.count(False)


def try_again(
    connection: Connection, flows: Sequence[KnownFlow], ids: Sequence[str], who: str
) -> int:
    """Have dead letters tried by the next run, those of `ids`, or all; return how many are listed."""
    count, _ = count_letters(connection, flows, ids)
    _note_letters(connection, flows, ids, (who, "retry"))
    retry_letters(connection, flows, ids)
    return count


def acknowledge(
    connection: Connection, flows: Sequence[KnownFlow], ids: Sequence[str], who: str
) -> int:
    """Note that somebody has seen dead letters, those of `ids`, or all; return how many newly so.

    Raises PackageError where `ids` names none that waits for it.
    """
    _, count = count_letters(connection, flows, ids)
    if ids and not count:
        raise PackageError("none of these is a dead letter that waits to be acknowledged")
    _note_letters(connection, flows, ids, (who, "acknowledge"))
    acknowledge_letters(connection, [flow.number for flow in flows], ids)
    return count


def _note_letters(
    connection: Connection, flows: Sequence[KnownFlow], ids: Sequence[str], how: tuple[str, str]
) -> None:
    """Keep who did something to letters: each by itself, unless it was done to all or to very many."""
    who, kind = how
    companies = {flow.number: flow.company for flow in flows}
    if not ids or len(ids) > _MOST_NAMED:
        detail = f"{len(ids)} records" if ids else "all"
        note_deeds(
            connection, [Deed(one, who, kind, detail=detail) for one in set(companies.values())]
        )
        return
    columns = dead_letters.c.pairing, dead_letters.c.side, dead_letters.c.id
    wanted = dead_letters.c.pairing.in_(list(companies)), among(dead_letters.c.id, ids)
    rows = connection.execute(select(*columns).where(*wanted)).all()
    ends = [(id_, None) if side == SOURCE else (None, id_) for _, side, id_ in rows]
    note_deeds(
        connection,
        [
            Deed(companies[row.pairing], who, kind, row.pairing, *both)
            for row, both in zip(rows, ends, strict=True)
        ],
    )


def find_letter(connection: Connection, place: PairingSide, id_: str) -> Letter | None:
    """Return the dead letter of a side's record, None where it has none."""
    return next(find_letters(connection, place, [id_]), None)


class Pair(NamedTuple):
    """How the two records of a pair stand: each one's link in the pairing, and what else is said of them.

    A link is the other record's id, whether it has vanished, whether it is pinned.
    """

    of_source: tuple[str, bool, bool] | None
    of_target: tuple[str, bool, bool] | None
    split: bool
    ambiguous: bool


def read_pair(connection: Connection, pairing: int, pair: Ids) -> Pair:
    """Return how a pair stands."""
    return Pair(
        of_source=_link_of(connection, pairing, pair, SOURCE),
        of_target=_link_of(connection, pairing, pair, 1 - SOURCE),
        split=_is_in(connection, splits, pairing, pair),
        ambiguous=_is_in(connection, candidates, pairing, pair),
    )


def _link_of(
    connection: Connection, pairing: int, pair: Ids, side: int
) -> tuple[str, bool, bool] | None:
    ends = (links.c.source_id, links.c.target_id)
    chosen = select(ends[1 - side], links.c.vanished, links.c.pinned)
    own = links.c.pairing == pairing, ends[side] == pair[side]
    row = connection.execute(chosen.where(*own)).first()
    return None if row is None else (row[0], bool(row[1]), bool(row[2]))


def _is_in(connection: Connection, table: Table, pairing: int, pair: Ids) -> bool:
    own = table.c.pairing == pairing, table.c.source_id == pair[0], table.c.target_id == pair[1]
    return bool(connection.execute(select(exists().where(*own))).scalar())


def split(
    connection: Connection, flow: KnownFlow, pair: Ids, who: str, *, cut: bool = False
) -> list[PlacedLink]:
    """Take a link apart for good, as `split_link` does, and keep who did."""
    others = split_link(connection, flow, pair, cut=cut)
    _note_pair(connection, flow, pair, (who, "split"))
    return others


def pin(connection: Connection, flow: KnownFlow, pair: Ids, who: str) -> None:
    """Link a pair by hand, as `pin_link` does, and keep who did."""
    pin_link(connection, flow, pair)
    _note_pair(connection, flow, pair, (who, "pin"))


def unpin(connection: Connection, flow: KnownFlow, pair: Ids, who: str) -> None:
    """Leave a pair to the rules again, as `unpin_link` does, and keep who did."""
    unpin_link(connection, flow, pair)
    _note_pair(connection, flow, pair, (who, "unpin"))


def pause(connection: Connection, company: int, new: Pause, who: str) -> bool:
    """Pause a package or a company, and keep who did; return whether it was not paused before."""
    fresh = pausing.pause(connection, company, new)
    detail = f"{new.package}: {new.reason}" if new.reason else new.package
    note_deeds(connection, [Deed(company, who, "pause", detail=detail)])
    return fresh


def resume(connection: Connection, company: int, package: str, who: str) -> bool:
    """Let a package or a company go on, and keep who did; return whether it was paused."""
    paused = pausing.resume(connection, company, package)
    if paused:
        note_deeds(connection, [Deed(company, who, "resume", detail=package)])
    return paused


def _note_pair(connection: Connection, flow: KnownFlow, pair: Ids, how: tuple[str, str]) -> None:
    who, kind = how
    note_deeds(connection, [Deed(flow.company, who, kind, flow.number, *pair)])
