"""Accounts of two packages turn out to be one: what both have read and linked becomes one."""

from collections.abc import Iterator

import pytest
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.uniting.joining import adopt_account, join_accounts
from sqlalchemy import Connection

from tests.runtime.store.older import put, rows_of


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """Yield a store in which package q has account 2 by itself, of the system of account 1.

    Persons are resource 1 of the one and 3 of the other; Firms (2) and Items (4) are of one only.
    """
    with open_store(url) as store:
        made = store.connection
        put(made, "companies", "number name", [(1, "")])
        accounts = [(1, "a", "", None), (2, "a", "q", "F"), (3, "b", "", "B"), (4, "c", "", "C")]
        put(made, "accounts", "number company system owner fingerprint", with_company(accounts))
        named = [(1, 1, "Persons"), (2, 1, "Firms"), (3, 2, "Persons"), (4, 2, "Items")]
        named += [(5, 3, "users"), (6, 4, "things")]
        columns = "number account name shape cursor full_at generation"
        rows = [(number, account, name, "x", "c", 5.0, 3) for number, account, name in named]
        put(made, "resources", columns, rows)
        pairings = [(1, 1, 5, "x"), (2, 5, 3, "x"), (3, 3, 6, "x"), (4, 4, 6, "x"), (5, 2, 5, "x")]
        put(made, "pairings", "number source target shape", pairings)
        put(made, "packages", "number company name", [(1, 1, "p"), (2, 1, "q")])
        flows = [(n, 1 if n in (1, 5) else 2, f"f{n}", n) for n in range(1, 6)]
        put(made, "flows", "number package name pairing", flows)
        yield made


def with_company(accounts: list[tuple[int, str, str, str | None]]) -> list[tuple[object, ...]]:
    return [(number, 1, *rest) for number, *rest in accounts]


def test_resources_of_one_name_become_one_and_are_read_in_full(connection: Connection) -> None:
    join_accounts(connection, 1, 2)
    assert rows_of(connection, "accounts", "number owner fingerprint") == [
        *((1, "", "F"), (3, "", "B"), (4, "", "C"))
    ]
    assert rows_of(connection, "resources", "number account name cursor full_at") == [
        (1, 1, "Persons", None, None),
        (2, 1, "Firms", "c", 5.0),
        (4, 1, "Items", "c", 5.0),
        (5, 3, "users", "c", 5.0),
        (6, 4, "things", "c", 5.0),
    ]


def test_pairings_of_the_same_resources_become_one_and_the_others_move(
    connection: Connection,
) -> None:
    columns = "number pairing source_id target_id base vanished pinned made_in made_by"
    links = [(1, 1, "p1", "u1"), (2, 2, "u2", "p1"), (3, 2, "u3", "p3"), (4, 3, "p1", "t1")]
    rows = [(*link, '{"name":[["A"],"A"]}', False, False, 1, "rule") for link in links]
    put(connection, "links", columns, rows)
    join_accounts(connection, 1, 2)
    # Those of joined resources look at every record once; the others have missed nothing.
    assert rows_of(connection, "pairings") == [
        *((1, 1, 5, ""), (3, 1, 6, ""), (4, 4, 6, "x"), (5, 2, 5, "x"))
    ]
    assert rows_of(connection, "links", "number pairing source_id target_id base") == [
        (1, 1, "p1", "u1", '{"name":[["A"],"A"]}'),
        (3, 1, "p3", "u3", "{}"),
        (4, 3, "p1", "t1", '{"name":[["A"],"A"]}'),
    ]
    assert rows_of(connection, "candidates") == [(1, "p1", "u2", "{}")]
    assert rows_of(connection, "flows", "name pairing") == [
        *(("f1", 1), ("f2", 1), ("f3", 3), ("f4", 4), ("f5", 5))
    ]


def test_a_record_is_kept_once_and_counts_as_changed_where_the_readings_differ(
    connection: Connection,
) -> None:
    columns = "resource id modified_at edited_at digest properties generation gone"
    rows = [
        (1, "same", "2026", "2025", "d1", '{"a":1}', 3, False),
        (3, "same", "2026", "2026", "d3", '{"b":1}', 3, False),
        (1, "moved", "2027", "2025", "d1", '{"a":1}', 3, False),
        (3, "moved", "2026", "2026", "d3", '{"b":1}', 3, False),
        (1, "undated", "", "", "d1", "{}", 3, False),
        (3, "undated", "", "", "d3", "{}", 3, False),
        (1, "his", "2026", "2026", "d1", "{}", 3, False),
        (3, "hers", "2026", "2025", "d3", "{}", 3, True),
        (6, "hers", "2026", "2025", "d6", "{}", 3, False),
    ]
    put(connection, "records", columns, rows)
    join_accounts(connection, 1, 2)
    found = rows_of(connection, "records", "resource id edited_at digest properties generation")
    assert found == [
        (1, "hers", "2025", "d3", "{}", 0),
        (1, "his", "2026", "d1", "{}", 3),
        (1, "moved", "2025", "", '{"a":1}', 3),
        (1, "same", "2025", "d1", '{"a":1}', 3),
        (1, "undated", "", "", "{}", 3),
        (6, "hers", "2025", "d6", "{}", 3),
    ]


def test_references_and_the_journal_point_to_what_stays(connection: Connection) -> None:
    columns = "resource id modified_at digest properties generation gone"
    rows = [
        *((1, "1", "2026", "d", "{}", 3, False), (3, "1", "2026", "d", "{}", 3, False)),
        *((1, "2", "2027", "d", "{}", 3, False), (3, "2", "2026", "d", "{}", 3, False)),
        (3, "3", "2026", "d", "{}", 3, False),
    ]
    put(connection, "records", columns, rows)
    mentions = [
        *((3, "1", 4, "i"), (1, "1", 4, "i"), (4, "i", 3, "1"), (4, "i", 1, "1")),
        # Of a record that is about to be read anew they may be out of date.
        *((3, "2", 4, "old"), (3, "3", 4, "i"), (4, "k", 3, "3")),
    ]
    put(connection, "mentions", "resource id to_resource to_id", mentions)
    waits = [(3, 1, "t", 3, "1"), (3, 1, "t", 1, "1"), (4, 1, "t", 3, "1")]
    put(connection, "waiting", "pairing side id to_resource to_id", waits)
    put(connection, "runs", "number company packages kind started_at", [(1, 1, "[]", "sync", 1.0)])
    columns = "number run pairing kind resource before after effects state reason"
    entries = [(1, 1, 3, "create", 3, "{}", "{}", "null", "open", "")]
    put(connection, "journal", columns, entries)
    join_accounts(connection, 1, 2)
    assert rows_of(connection, "mentions") == [
        *((1, "1", 4, "i"), (1, "3", 4, "i"), (4, "i", 1, "1"), (4, "k", 1, "3"))
    ]
    assert rows_of(connection, "waiting") == [(3, 1, "t", 1, "1"), (4, 1, "t", 1, "1")]
    assert rows_of(connection, "journal", "pairing resource") == [(3, 1)]


def test_an_account_of_a_package_becomes_its_company_s(connection: Connection) -> None:
    put(connection, "accounts", "number company system owner", [(5, 1, "d", "q")])
    adopt_account(connection, 5)
    assert rows_of(connection, "accounts", "number owner")[-1] == (5, "")
