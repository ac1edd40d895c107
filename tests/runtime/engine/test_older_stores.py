"""A store of 0.1 goes on: what its flows had linked, each by itself, nothing makes again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.flow import ALWAYS, AnyFlow
from specbridge.runtime.store.opening.migrating import upgrade_schema
from specbridge.runtime.store.tables.schema import accounts, candidates, links
from sqlalchemy import select

from tests.runtime.bench import Bench
from tests.runtime.people import mirror_flow, person_flow
from tests.runtime.store.older import PAIRS, empty_database, put, put_resources

FLOW = replace(person_flow(ALWAYS), properties=person_flow().properties[:3])
BASE = '{"name":[["Ann"],"Ann"],"email":[["a@x.example"],"a@x.example"]}'
Link = tuple[int, str, str]


def leave_store(
    bench: Bench, flows: Sequence[tuple[int, int, str, int, int]], pairs: Sequence[Link]
) -> None:
    """Leave what 0.1 would have: packages 1 and 2 with resources 1 to 4, flows and links, nothing read."""
    columns = "number flow source_id target_id vanished pinned base made_in made_by"
    with empty_database(bench.url) as connection:
        upgrade_schema(connection, "0002")
        put(connection, "packages", "number name", [(1, "ledgerly_acme"), (2, "other")])
        named = [(1, 1, "ledgerly", "Persons"), (2, 1, "acme", "users")]
        named += [(3, 2, "ledgerly", "Persons"), (4, 2, "acme", "users")]
        put_resources(connection, named if any(flow[1] == 2 for flow in flows) else named[:2])
        put(connection, "flows", PAIRS, flows)
        rows = [(n, *pair, False, False, BASE, 1, "create") for n, pair in enumerate(pairs, 1)]
        put(connection, "links", columns, rows)
        connection.commit()


def add_user(bench: Bench, mail: str) -> str:
    return bench.acme.put("users", {"name": "Ann", "email": mail, "phone": None})


def linked(bench: Bench) -> list[tuple[str, str]]:
    with bench.open() as store:
        chosen = select(links.c.source_id, links.c.target_id)
        return sorted((one, other) for one, other in store.connection.execute(chosen))


@pytest.mark.parametrize("turned", [False, True])
def test_a_store_of_two_flows_goes_on_as_one_pairing(bench: Bench, turned: bool) -> None:
    again: AnyFlow = replace(mirror_flow(FLOW) if turned else FLOW, name="again")
    bench.flows = (FLOW, again)
    id_ = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "Phone": None})
    user, double = add_user(bench, "a@x.example"), add_user(bench, "b@x.example")
    ends = (2, 1) if turned else (1, 2)
    pair = (double, id_) if turned else (id_, double)
    leave_store(
        bench, [(1, 1, FLOW.name, 1, 2), (2, 1, "again", *ends)], [(1, id_, user), (2, *pair)]
    )
    assert bench.sync().writes == 0
    bench.ledgerly.edit("Persons", id_, Name="Anne")
    bench.sync()
    # The first link goes on; the double is left alone, and gets no person of its own.
    assert [row["name"] for row in bench.acme.rows("users")] == ["Anne", "Ann"]
    assert len(bench.ledgerly.rows("Persons")) == 1
    assert bench.sync(full=True).writes == 0
    assert linked(bench) == [(id_, user)]
    with bench.open() as store:
        kept = store.connection.execute(select(candidates.c.target_id)).scalars().all()
        assert kept == [double]


def test_two_packages_of_one_account_go_on_as_one(bench: Bench) -> None:
    bench.flows = (FLOW,)
    ids = [
        bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": mail, "Phone": None})
        for mail in ("a@x.example", "b@x.example")
    ]
    users = [add_user(bench, mail) for mail in ("a@x.example", "b@x.example")]
    flows = [(1, 1, FLOW.name, 1, 2), (2, 2, FLOW.name, 3, 4)]
    leave_store(bench, flows, [(1, ids[0], users[0]), (2, ids[0], users[0]), (2, ids[1], users[1])])
    bench.clock.advance()
    task = replace(bench.task, others={"other": (FLOW,)})
    with bench.open() as store:
        assert run_sync(task, store, bench.edges(), bench.options).writes == 0
    assert linked(bench) == list(zip(ids, users, strict=True))
    with bench.open() as store:
        owners = select(accounts.c.system, accounts.c.owner).order_by(accounts.c.system)
        assert store.connection.execute(owners).all() == [("acme", ""), ("ledgerly", "")]
    assert len(bench.acme.rows("users")) == len(bench.ledgerly.rows("Persons")) == 2
