"""Two pairings of the same resources become one: of several links of a record one stays, none is lost."""

from collections.abc import Iterator

import pytest
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.uniting.absorbing import absorb_pairing
from sqlalchemy import Connection, text

from tests.runtime.store.older import Row, put, rows_of

LINKS = "number pairing source_id target_id vanished pinned base made_in made_by"
NAME, MAIL = '{"name":[["Ann"],"Ann"]}', '{"mail":[["a@x"],"a@x"]}'


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """Yield a store with pairings 1 (of resources 1 and 2) and 2 (of 3 and 4), 7 is of others."""
    with open_store(url) as store:
        put(store.connection, "companies", "number name", [(1, "")])
        put(store.connection, "packages", "number company name", [(1, 1, "p")])
        put(store.connection, "accounts", "number company system", [(1, 1, "a")])
        resources = [(number, 1, f"r{number}", "x", 0) for number in range(1, 7)]
        put(store.connection, "resources", "number account name shape generation", resources)
        pairings = [(1, 1, 2, "x"), (2, 3, 4, "x"), (7, 5, 6, "x")]
        put(store.connection, "pairings", "number source target shape", pairings)
        flows = [(1, 1, "f", 1), (2, 1, "again", 2)]
        put(store.connection, "flows", "number package name pairing", flows)
        put(store.connection, "runs", "number company packages kind started_at", [RUN])
        yield store.connection


RUN = 1, 1, '["p"]', "sync", 1.0


def put_links(connection: Connection, *rows: tuple[int, int, str, str, str]) -> None:
    """Insert links: number, pairing, pair, base, and marks of pinned and vanished ones."""
    found = [
        (n, pairing, *pair.split("-"), "vanished" in marks, "pinned" in marks, base, 0, "rule")
        for n, pairing, pair, base, marks in rows
    ]
    put(connection, "links", LINKS, found)


def linked(connection: Connection, pairing: int = 1) -> list[Row]:
    chosen = f"SELECT number, source_id, target_id, base FROM links WHERE pairing = {pairing}"
    return sorted(tuple(row) for row in connection.execute(text(chosen)))


def test_of_several_links_of_a_record_the_best_stays_and_the_others_are_kept_apart(
    connection: Connection,
) -> None:
    put_links(
        connection,
        *((1, 1, "1-11", NAME, ""), (2, 2, "1-12", MAIL, "")),
        *((3, 2, "2-21", NAME, ""), (4, 1, "3-31", MAIL, "vanished"), (5, 2, "3-32", NAME, "")),
        *((6, 1, "4-41", MAIL, ""), (7, 2, "4-42", NAME, "pinned")),
        # Of one pair: they say together what was agreed.
        *((8, 1, "5-51", NAME, ""), (9, 2, "5-51", MAIL, "")),
        (14, 7, "1-11", NAME, ""),
    )
    put(connection, "candidates", "pairing source_id target_id", [(1, "1", "12"), (2, "8", "81")])
    absorb_pairing(connection, 1, 2, turned=False)
    assert linked(connection) == [
        *((1, "1", "11", NAME), (3, "2", "21", NAME), (5, "3", "32", NAME), (7, "4", "42", NAME)),
        (8, "5", "51", '{"mail":[["a@x"],"a@x"],"name":[["Ann"],"Ann"]}'),
    ]
    assert rows_of(connection, "candidates") == [
        *((1, "1", "12", MAIL), (1, "3", "31", MAIL), (1, "4", "41", MAIL)),
    ]
    assert linked(connection, 7) == [(14, "1", "11", NAME)]
    assert rows_of(connection, "pairings") == [(1, 1, 2, ""), (7, 5, 6, "x")]
    assert rows_of(connection, "flows", "name pairing") == [("again", 1), ("f", 1)]


def test_a_split_beats_a_link_unless_that_is_pinned(connection: Connection) -> None:
    put_links(
        connection,
        *((1, 1, "1-11", NAME, ""), (2, 2, "2-21", NAME, "pinned")),
        *((3, 2, "3-31", NAME, ""), (4, 1, "4-41", NAME, "pinned")),
    )
    apart = [(2, "1", "11"), (1, "2", "21"), (1, "3", "31"), (2, "4", "41"), (2, "9", "91")]
    put(connection, "splits", "pairing source_id target_id", [*apart, (1, "9", "91")])
    absorb_pairing(connection, 1, 2, turned=False)
    assert [row[0] for row in linked(connection)] == [2, 4]
    assert rows_of(connection, "splits") == [(1, "1", "11"), (1, "3", "31"), (1, "9", "91")]
    assert rows_of(connection, "candidates") == []


def test_what_faces_the_other_way_is_turned_and_merged_anew(connection: Connection) -> None:
    # Turned one by one, each would be in the way of the next.
    put_links(connection, (1, 2, "1-2", NAME, ""), (2, 2, "2-3", NAME, ""), (3, 2, "3-1", MAIL, ""))
    put(connection, "splits", "pairing source_id target_id", [(2, "4", "5"), (2, "5", "4")])
    kept = [(2, "6", "7", NAME), (2, "7", "6", None)]
    put(connection, "candidates", "pairing source_id target_id base", kept)
    put(
        connection, "queue", "pairing side id", [(2, 0, "1"), (1, 1, "2"), (2, 0, "2"), (2, 1, "3")]
    )
    absorb_pairing(connection, 1, 2, turned=True)
    assert linked(connection) == [(1, "2", "1", "{}"), (2, "3", "2", "{}"), (3, "1", "3", "{}")]
    assert rows_of(connection, "splits") == [(1, "4", "5"), (1, "5", "4")]
    assert rows_of(connection, "candidates") == [(1, "7", "6", "{}")]
    assert rows_of(connection, "queue", "pairing side id") == [
        *((1, 0, "3"), (1, 1, "1"), (1, 1, "2"))
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_worked_out_goes_and_what_was_written_stays(
    connection: Connection, turned: bool
) -> None:
    put(connection, "keys", "pairing side id rule value", [(1, 0, "1", 0, 5), (2, 0, "1", 0, 5)])
    put(connection, "unindexed", "pairing side id", [(1, 0, "1"), (2, 0, "1")])
    waits = [(1, 0, "1", 4, "7"), (2, 0, "1", 4, "7")]
    put(connection, "waiting", "pairing side id to_resource to_id", waits)
    letters = [(1, 0, "1", "bad", 1), (2, 0, "1", "bad", 1)]
    put(connection, "dead_letters", "pairing side id reason run", letters)
    columns = "number run pairing kind resource before after effects state reason"
    put(connection, "journal", columns, [(1, 1, 2, "create", 4, "{}", "{}", "null", "open", "")])
    absorb_pairing(connection, 1, 2, turned=turned)
    for table in ("keys", "unindexed", "waiting", "dead_letters"):
        assert [row[0] for row in rows_of(connection, table)] == [1]
    assert rows_of(connection, "journal", "pairing state") == [(1, "open")]


def test_a_conflict_waits_once_and_for_a_pair_that_is_linked(connection: Connection) -> None:
    put_links(connection, (1, 1, "1-11", NAME, ""), (2, 2, "1-12", NAME, ""))
    columns = "number run pairing source_id target_id unit source_value target_value winner state"
    rows = [
        (1, 1, 1, "1", "11", "name", "1", "2", None, "open"),
        (2, 1, 2, "1", "11", "name", "1", "2", "target", "chosen"),
        (3, 1, 2, "1", "11", "name", "1", "2", None, "open"),
        (4, 1, 2, "1", "12", "name", "1", "2", None, "open"),
        (5, 1, 2, "1", "11", "mail", "1", "2", None, "open"),
        (6, 1, 7, "1", "12", "name", "1", "2", None, "open"),
    ]
    put(connection, "conflicts", columns, rows)
    absorb_pairing(connection, 1, 2, turned=False)
    assert rows_of(connection, "conflicts", "number pairing state") == [
        *((1, 1, "settled"), (2, 1, "chosen"), (3, 1, "settled"), (4, 1, "settled")),
        *((5, 1, "open"), (6, 7, "open")),
    ]


def test_a_turned_conflict_is_settled_with_its_values_on_their_sides(
    connection: Connection,
) -> None:
    put_links(connection, (1, 2, "1-11", NAME, ""))
    columns = "number run pairing source_id target_id unit source_value target_value winner state"
    put(connection, "conflicts", columns, [(1, 1, 2, "1", "11", "n", "1", "2", "source", "chosen")])
    absorb_pairing(connection, 1, 2, turned=True)
    assert [row[2:] for row in rows_of(connection, "conflicts")] == [
        (1, "11", "1", "n", "2", "1", "target", "settled")
    ]
