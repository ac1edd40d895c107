"""A store of 0.1 had links of each flow by itself: schema 0003 makes pairings of them, losing none."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.opening.migrating import upgrade_schema
from specbridge.runtime.store.tables.rows import write_json
from specbridge.runtime.store.tables.schema import links
from sqlalchemy import Connection, insert, text
from structlog.testing import capture_logs

from tests.runtime.store.older import (
    PAIRS,
    Row,
    empty_database,
    go_on_after,
    old_store,
    put,
    put_resources,
    rows_of,
)

LINKS = "number flow source_id target_id vanished pinned base made_in made_by"
NAME, MAIL = '{"name":[["Ann"],"Ann"]}', '{"mail":[["a@x"],"a@x"]}'


def link(number: int, flow: int, pair: str, base: str = NAME, *marks: str) -> Row:
    """Return a row of `links`; `marks` are pinned and vanished."""
    source, target = pair.split("-")
    held = "vanished" in marks, "pinned" in marks
    return (number, flow, source, target, *held, base, 1, "rule")


@contextmanager
def full_store(url: str, schema: str) -> Iterator[Connection]:
    """Yield a store of two packages with rows in every table, and repeated, turned and self flows."""
    with empty_database(url) as connection:
        upgrade_schema(connection, schema)
        put(connection, "packages", "number name", [(1, "a_b"), (2, "a_ç")])
        if schema == "0002":
            connection.execute(text("UPDATE packages SET followed = 9 - number"))
        named = [(1, 1, "a", "Persons"), (2, 1, "b", "users"), (3, 1, "b", "groups")]
        put_resources(connection, [*named, (4, 2, "a", "Persons"), (5, 2, "c", "items")])
        stated = [(1, 1, "person", 1, 2), (2, 1, "again", 1, 2), (3, 1, "back", 2, 1)]
        stated += [(4, 1, "self", 1, 1), (5, 2, "item", 4, 5), (6, 1, "group", 1, 3)]
        put(connection, "flows", PAIRS, stated)
        put_records(connection)
        put_pairs(connection)
        put_runs(connection)
        connection.commit()
        yield connection


def put_records(connection: Connection) -> None:
    columns = "resource id modified_at digest properties generation gone"
    rows = [(resource, "1", "2026-01-02", "d", "{}", 2, resource == 3) for resource in range(1, 6)]
    put(connection, "records", columns, rows)
    put(connection, "queue", "resource id", [(2, "1"), (1, "1"), (1, "2")])
    put(connection, "mentions", "resource id to_resource to_id", [(1, "1", 4, "1")])
    keys = [(flow, 0, "1", 0, flow) for flow in range(1, 7)]
    put(connection, "keys", "flow side id rule value", keys)
    waits = [(flow, 0, "1", 2, "7") for flow in range(1, 7)]
    put(connection, "waiting", "flow side id to_resource to_id", waits)
    letters = [(flow, 0, "1", "2", "bad", 1) for flow in range(1, 7)]
    put(connection, "dead_letters", "flow side id other_id reason run", letters)


def put_pairs(connection: Connection) -> None:
    rows = [
        *(link(1, 1, "p1-u1"), link(2, 2, "p1-u2", MAIL)),
        *(link(3, 2, "p2-u3"), link(4, 1, "p3-u4", NAME, "vanished"), link(5, 2, "p3-u5")),
        *(link(6, 1, "p4-u6"), link(7, 2, "p4-u7", NAME, "pinned")),
        # Turned one by one, the second would be taken for the first.
        *(link(8, 3, "7-8"), link(9, 3, "8-9"), link(10, 3, "u1-p1", MAIL)),
        *(link(11, 2, "p6-u9"), link(12, 1, "p6-u9", MAIL)),
        *(link(13, 1, "p7-u10"), link(14, 2, "p8-u11", NAME, "pinned")),
        *(link(15, 4, "p1-p1"), link(16, 5, "P1-i1"), link(17, 6, "p1-g1")),
        # Two that give way and are of one pair: the older one's base is kept.
        *(
            link(18, 1, "p9-u12"),
            link(19, 1, "p10-u13"),
            link(20, 2, "p9-u13"),
            link(21, 3, "u13-p9"),
        ),
    ]
    put(connection, "links", LINKS, rows)
    go_on_after(connection, "links", 30)
    splits = [(2, "p7", "u10"), (1, "p8", "u11"), (3, "u14", "p11"), (4, "p1", "p2")]
    put(connection, "splits", "flow source_id target_id", splits)
    matching = [(1, "p12", "u15"), (1, "p1", "u2"), (2, "p13", "u16"), (4, "p1", "p3")]
    put(connection, "candidates", "flow source_id target_id", [*matching, (5, "P2", "i2")])


def put_runs(connection: Connection) -> None:
    columns = "number package kind started_at report"
    put(connection, "runs", columns, [(1, 1, "sync", 1.0, "{}"), (2, 2, "sync", 2.0, None)])
    columns = "number run flow kind resource record_id before after effects state reason"
    flows = [(1, "done"), (3, "open"), (4, "open"), (4, "done"), (None, "open"), (99, "open")]
    entries = [
        (number, 1, flow, "update", 1, "1", "{}", '{"x":1}', "null", state, "")
        for number, (flow, state) in enumerate(flows, start=1)
    ]
    put(connection, "journal", columns, entries)
    columns = "number run flow source_id target_id unit source_value target_value winner state"
    conflicts = [
        (1, 1, 1, "p1", "u1", "name", "1", "2", None, "open"),
        (2, 1, 2, "p1", "u1", "name", "1", "2", "source", "chosen"),
        (3, 1, 2, "p1", "u2", "name", "1", "2", None, "open"),
        (4, 1, 3, "8", "7", "name", "1", "2", "source", "chosen"),
        (5, 2, 5, "P9", "i9", "name", "1", "2", None, "open"),
        (6, 1, 4, "p1", "p1", "name", "1", "2", None, "open"),
        (7, 1, 1, "p1", "u1", "mail", "1", "2", None, "open"),
    ]
    put(connection, "conflicts", columns, conflicts)
    put(connection, "leases", "package holder expires_at", [("a_b", "host:1", 9e9)])


@pytest.fixture(params=["0001", "0002"])
def migrated(request: pytest.FixtureRequest, url: str) -> Iterator[Connection]:
    """Yield a full store of an older schema after its migration."""
    with full_store(url, request.param):
        pass
    with open_store(url) as store:
        yield store.connection


def test_packages_have_one_company_and_share_no_account_unasked(migrated: Connection) -> None:
    ((number, name, followed),) = rows_of(migrated, "companies", "number name followed")
    assert (name, followed in (0, 7)) == ("", True)
    assert rows_of(migrated, "packages") == [(1, number, "a_b"), (2, number, "a_ç")]
    accounts = rows_of(migrated, "accounts", "system owner fingerprint")
    assert accounts == [("a", "a_b", None), ("a", "a_ç", None), ("b", "", None), ("c", "", None)]
    owned = (
        "SELECT resources.number, owner, resources.name, shape, cursor, full_at, generation "
        "FROM resources JOIN accounts ON accounts.number = account ORDER BY resources.number"
    )
    assert [tuple(row) for row in migrated.execute(text(owned))] == [
        (1, "a_b", "Persons", "", "cursor 1", 5.0, 2),
        (2, "", "users", "", "cursor 2", 5.0, 2),
        (3, "", "groups", "", "cursor 3", 5.0, 2),
        (4, "a_ç", "Persons", "", "cursor 4", 5.0, 2),
        (5, "", "items", "", "cursor 5", 5.0, 2),
    ]


def test_flows_of_the_same_resources_are_one_pairing_and_self_flows_are_none(
    migrated: Connection,
) -> None:
    assert rows_of(migrated, "pairings") == [(1, 1, 2, ""), (5, 4, 5, ""), (6, 1, 3, "")]
    assert rows_of(migrated, "flows", "number package name pairing position reads") == [
        (1, 1, "person", 1, 0, "[]"),
        (2, 1, "again", 1, 1, "[]"),
        (3, 1, "back", 1, 2, "[]"),
        (5, 2, "item", 5, 0, "[]"),
        (6, 1, "group", 6, 3, "[]"),
    ]


def test_of_several_links_of_a_record_the_best_stays(migrated: Connection) -> None:
    found = migrated.execute(text("SELECT number, pairing, source_id, target_id, base FROM links"))
    assert sorted(tuple(row) for row in found) == [
        (1, 1, "p1", "u1", NAME),
        (3, 1, "p2", "u3", NAME),
        (5, 1, "p3", "u5", NAME),
        (7, 1, "p4", "u7", NAME),
        # Of a mirror: turned, to be merged anew.
        (8, 1, "8", "7", "{}"),
        (9, 1, "9", "8", "{}"),
        # What two flows agreed on for the same pair, each about its own rows.
        (11, 1, "p6", "u9", '{"mail":[["a@x"],"a@x"],"name":[["Ann"],"Ann"]}'),
        (14, 1, "p8", "u11", NAME),
        (16, 5, "P1", "i1", NAME),
        (17, 6, "p1", "g1", NAME),
        (18, 1, "p9", "u12", NAME),
        (19, 1, "p10", "u13", NAME),
    ]


def test_what_gives_way_is_kept_apart_with_its_base(migrated: Connection) -> None:
    assert rows_of(migrated, "candidates") == [
        (1, "p1", "u2", MAIL),
        (1, "p12", "u15", None),
        (1, "p3", "u4", NAME),
        (1, "p4", "u6", NAME),
        (1, "p9", "u13", NAME),
        (5, "P2", "i2", None),
    ]
    # One beats a link that nobody pinned; a pinned link beats the other.
    assert rows_of(migrated, "splits") == [(1, "p11", "u14"), (1, "p7", "u10")]


def test_queues_are_the_pairings_in_the_old_order(migrated: Connection) -> None:
    found = rows_of(migrated, "queue")
    assert [row[1:] for row in found] == [
        *((1, 1, "1"), (1, 0, "1"), (6, 0, "1")),
        *((1, 0, "2"), (6, 0, "2")),
    ]
    assert [row[0] for row in found] == [4, 5, 6, 7, 8]


def test_what_is_worked_out_from_records_is_the_oldest_flow_s(migrated: Connection) -> None:
    for table in ("keys", "waiting", "dead_letters"):
        assert [row[0] for row in rows_of(migrated, table)] == [1, 5, 6]
    assert rows_of(migrated, "keys", "pairing value") == [(1, 1), (5, 5), (6, 6)]
    assert rows_of(migrated, "mentions") == [(1, "1", 4, "1")]
    assert rows_of(migrated, "unindexed") == rows_of(migrated, "leases") == []
    records = rows_of(migrated, "records", "resource id modified_at edited_at generation gone")
    assert records[2] == (3, "1", "2026-01-02", "2026-01-02", 2, True)
    assert len(records) == 5


def test_runs_and_the_journal_go_on(migrated: Connection) -> None:
    assert rows_of(migrated, "runs", "number packages kind report") == [
        (1, write_json(["a_b"]), "sync", "{}"),
        (2, write_json(["a_ç"]), "sync", None),
    ]
    # Of a flow that is none any more nobody could ask what became of it; an undo has no flow.
    assert rows_of(migrated, "journal", "number pairing state") == [
        *((1, 1, "done"), (2, 1, "open"), (3, None, "lost"), (4, None, "done")),
        *((5, None, "open"), (6, None, "lost")),
    ]


def test_a_conflict_waits_once_and_for_a_pair_that_is_linked(migrated: Connection) -> None:
    columns = "number pairing source_id target_id source_value target_value winner state"
    assert rows_of(migrated, "conflicts", columns) == [
        (1, 1, "p1", "u1", "1", "2", None, "settled"),
        (2, 1, "p1", "u1", "1", "2", "source", "chosen"),
        (3, 1, "p1", "u2", "1", "2", None, "settled"),
        (4, 1, "7", "8", "2", "1", "target", "settled"),
        (5, 5, "P9", "i9", "1", "2", None, "open"),
        (7, 1, "p1", "u1", "1", "2", None, "open"),
    ]


def test_numbers_go_on_where_they_were(migrated: Connection) -> None:
    values = {"pairing": 1, "source_id": "new", "target_id": "new", "made_in": 2, "made_by": "rule"}
    made = migrated.execute(insert(links).values(**values)).inserted_primary_key
    assert made is not None
    assert made[0] == 31


def test_a_store_without_rows_is_migrated(url: str) -> None:
    with empty_database(url) as connection:
        upgrade_schema(connection, "0002")
        connection.commit()
    with open_store(url) as store:
        assert rows_of(store.connection, "companies", "name followed") == [("", 0)]


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_a_file_is_copied_before_it_is_migrated(
    sqlite_url: str,
) -> None:
    path = path_of(sqlite_url)
    with old_store(sqlite_url, "0002"):
        pass
    path.chmod(0o600)
    taken = path.with_name(f"{path.name}.0002")
    taken.write_text("somebody's own")
    with capture_logs() as told:
        open_store(sqlite_url).close()
    copy = path.with_name(f"{path.name}.0002.1")
    assert sorted(path.parent.iterdir()) == [path, taken, copy]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [entry["copy"] for entry in told] == [str(copy)]
    assert queue_of(copy) == [(1, 1, "x")]
    assert queue_of(path) == [(3, 1, 0, "x")]
    # Once: the store is up to date now.
    open_store(sqlite_url).close()
    assert sorted(path.parent.iterdir()) == [path, taken, copy]
    # The copy is a store like any other.
    open_store(f"sqlite:///{copy}").close()
    assert queue_of(copy) == [(3, 1, 0, "x")]


def queue_of(path: Path) -> list[Row]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute("SELECT * FROM queue"))


def test_a_store_of_a_newer_version_is_not_copied(sqlite_url: str) -> None:
    with old_store(sqlite_url, "0002") as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(StoreError, match="newer specbridge"):
        open_store(sqlite_url)
    assert list(path_of(sqlite_url).parent.iterdir()) == [path_of(sqlite_url)]
