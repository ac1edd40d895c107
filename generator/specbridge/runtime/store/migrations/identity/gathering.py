"""Links of several flows become those of one pairing, in which a record has one link."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, text

from specbridge.runtime.decide.identity.choosing import Rival, choose_links

_PART = 450
"""Rows of one statement: every SQLite takes twice as many parameters."""

# Ids are marked first and unmarked then: else a pair that is turned already would be in the way of
# the one that it looks like, before this is turned too.
_TURN = (
    """
    UPDATE {table} SET source_id = '\x01' || target_id, target_id = '\x01' || source_id
    WHERE flow IN (SELECT flow FROM moved WHERE turned = 1)
    """,
    """
    UPDATE {table} SET source_id = substr(source_id, 2), target_id = substr(target_id, 2)
    WHERE flow IN (SELECT flow FROM moved WHERE turned = 1)
    """,
)

_TURN_REST = (
    # It says what the old sides agreed on; the pair is merged anew.
    "UPDATE links_before SET base = '{}' WHERE flow IN (SELECT flow FROM moved WHERE turned = 1)",
    """
    UPDATE conflicts_before SET source_id = target_id, target_id = source_id,
        source_value = target_value, target_value = source_value, state = 'settled',
        winner = CASE winner WHEN 'source' THEN 'target' WHEN 'target' THEN 'source' END
    WHERE flow IN (SELECT flow FROM moved WHERE turned = 1)
    """,
)

_DROP_SPLIT = """
DELETE FROM links_before WHERE number IN (
    SELECT link.number FROM splits_before AS split
    JOIN moved AS there ON there.flow = split.flow
    JOIN moved AS here ON here.pairing = there.pairing
    JOIN links_before AS link ON link.flow = here.flow
        AND link.source_id = split.source_id AND link.target_id = split.target_id
    WHERE NOT link.pinned)
"""

_RIVALS = """
SELECT number, source_id, target_id, pinned, vanished FROM (
    SELECT link.number, link.source_id, link.target_id, link.pinned, link.vanished,
        count(*) OVER (PARTITION BY link.source_id) AS sources,
        count(*) OVER (PARTITION BY link.target_id) AS targets
    FROM links_before AS link JOIN moved ON moved.flow = link.flow
    WHERE moved.pairing = :pairing) AS counted
WHERE sources > 1 OR targets > 1
"""

_LINKS = """
INSERT INTO links (number, pairing, source_id, target_id, vanished, pinned, base, made_in, made_by)
SELECT link.number, moved.pairing, link.source_id, link.target_id, link.vanished, link.pinned,
    coalesce(agreed.base, link.base), link.made_in, link.made_by
FROM links_before AS link JOIN moved ON moved.flow = link.flow
LEFT JOIN agreed ON agreed.number = link.number
WHERE NOT EXISTS (SELECT 1 FROM given_up WHERE given_up.number = link.number)
ORDER BY link.number
"""

_LINKED = """
SELECT 1 FROM links WHERE links.pairing = moved.pairing
    AND links.source_id = pair.source_id AND links.target_id = pair.target_id
"""

_SPLITS = f"""
INSERT INTO splits (pairing, source_id, target_id)
SELECT DISTINCT moved.pairing, pair.source_id, pair.target_id
FROM splits_before AS pair JOIN moved ON moved.flow = pair.flow
WHERE NOT EXISTS ({_LINKED})
"""

# Of several that gave way the best keeps its base; nothing stands for what is linked, or split.
_GIVEN_UP = f"""
INSERT INTO candidates (pairing, source_id, target_id, base)
SELECT pairing, source_id, target_id, base FROM (
    SELECT moved.pairing, pair.source_id, pair.target_id, pair.base, row_number() OVER (
        PARTITION BY moved.pairing, pair.source_id, pair.target_id
        ORDER BY pair.pinned DESC, pair.vanished, pair.number) AS place
    FROM given_up JOIN links_before AS pair ON pair.number = given_up.number
    JOIN moved ON moved.flow = pair.flow
    WHERE NOT EXISTS ({_LINKED}) AND NOT EXISTS (
        SELECT 1 FROM splits WHERE splits.pairing = moved.pairing
            AND splits.source_id = pair.source_id AND splits.target_id = pair.target_id)
    ) AS ranked
WHERE place = 1
"""

_CANDIDATES = """
INSERT INTO candidates (pairing, source_id, target_id, base)
SELECT pair.flow, pair.source_id, pair.target_id, NULL FROM candidates_before AS pair
WHERE pair.flow IN (SELECT pairing FROM moved) AND NOT EXISTS (
    SELECT 1 FROM candidates AS known WHERE known.pairing = pair.flow
        AND known.source_id = pair.source_id AND known.target_id = pair.target_id)
"""

_SAME_PAIR = """
SELECT kept.number, kept.base, other.base AS more
FROM given_up JOIN links_before AS other ON other.number = given_up.number
JOIN moved AS there ON there.flow = other.flow
JOIN moved AS here ON here.pairing = there.pairing
JOIN links_before AS kept ON kept.flow = here.flow
    AND kept.source_id = other.source_id AND kept.target_id = other.target_id
WHERE other.base <> '{}'
    AND NOT EXISTS (SELECT 1 FROM given_up AS own WHERE own.number = kept.number)
ORDER BY kept.number, other.number
"""

# A property of a pair has one conflict that waits: what was chosen, else the oldest. That of a pair
# which is linked no more, or was another flow's way round, waits for nobody.
_CONFLICTS = f"""
INSERT INTO conflicts
    (number, run, pairing, source_id, target_id, unit, source_value, target_value, winner, state)
SELECT number, run, pairing, source_id, target_id, unit, source_value, target_value, winner,
    CASE WHEN shared = 1 AND (place > 1 OR linked = 0) THEN 'settled' ELSE state END
FROM (
    SELECT pair.*, moved.pairing, row_number() OVER (
            PARTITION BY moved.pairing, pair.source_id, pair.target_id, pair.unit
            ORDER BY CASE pair.state WHEN 'chosen' THEN 0 WHEN 'open' THEN 1 ELSE 2 END, pair.number
        ) AS place,
        CASE WHEN EXISTS ({_LINKED}) THEN 1 ELSE 0 END AS linked,
        CASE WHEN moved.pairing IN (SELECT pairing FROM moved WHERE flow <> pairing)
            THEN 1 ELSE 0 END AS shared
    FROM conflicts_before AS pair JOIN moved ON moved.flow = pair.flow) AS ranked
"""


def gather_links(connection: Connection) -> None:
    """Choose the links that stay, and copy these and what else is about pairs.

    Those that give way are kept as candidates with their bases: nothing is written or made through
    them, and a person may choose one. A split goes before a link that nobody pinned.
    """
    for table in ("links_before", "splits_before"):
        for statement in _TURN:
            connection.execute(text(statement.format(table=table)))
    for statement in (*_TURN_REST, _DROP_SPLIT):
        connection.execute(text(statement))
    _give_up(connection)
    _merge_bases(connection)
    for statement in (_LINKS, _SPLITS, _GIVEN_UP, _CANDIDATES, _CONFLICTS):
        connection.execute(text(statement))


def _give_up(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE given_up (number BIGINT PRIMARY KEY)"))
    shared = "SELECT DISTINCT pairing FROM moved WHERE flow <> pairing"
    for pairing in connection.execute(text(shared)).scalars().all():
        rows = connection.execute(text(_RIVALS), {"pairing": pairing})
        _, given_up = choose_links(Rival(*row) for row in rows)
        _insert(connection, "given_up", ((number,) for number in given_up))


def _merge_bases(connection: Connection) -> None:
    """Have a link say what other flows' links of the very same pair agreed on."""
    connection.execute(text("CREATE TABLE agreed (number BIGINT PRIMARY KEY, base TEXT)"))
    rows = connection.execute(text(_SAME_PAIR), execution_options={"yield_per": _PART})
    _insert(connection, "agreed", _merged(rows))


def _merged(rows: Iterable[Row[Any]]) -> Iterator[tuple[int, str]]:
    """Yield links with what is agreed; rows of one link follow each other."""
    for (number, base), group in groupby(rows, key=itemgetter(0, 1)):
        agreed: dict[str, object] = {}
        for row in group:
            agreed = {**json.loads(row.more), **agreed}
        # What the better link says goes before.
        whole = {**agreed, **json.loads(base)}
        yield number, json.dumps(whole, sort_keys=True, separators=(",", ":"))


def _insert(connection: Connection, table: str, rows: Iterator[tuple[object, ...]]) -> None:
    """Insert rows, many at once: one by one they would take ten times as long."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    while part := list(islice(rows, _PART)):
        row = f"({', '.join([mark] * len(part[0]))})"
        statement = f"INSERT INTO {table} VALUES {', '.join([row] * len(part))}"
        connection.exec_driver_sql(statement, tuple(chain(*part)))
    if connection.dialect.name != "sqlite":
        # Of a table that is this new the server knows nothing, and takes it for small.
        connection.execute(text(f"ANALYZE {table}"))
