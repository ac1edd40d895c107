"""A store of 0.1 had links of each flow by itself: they become the pairing's, and nothing is made twice."""

from dataclasses import replace

import pytest
from specbridge.runtime.flow import ALWAYS, AnyFlow
from specbridge.runtime.store.absorbing import absorb_flow
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.handwork import list_splits
from specbridge.runtime.store.packages import known_flows, register_package
from specbridge.runtime.store.schema import flows, links, splits
from sqlalchemy import Connection, insert, select

from tests.runtime.bench import Bench
from tests.runtime.people import mirror_flow, person_flow

LINK = {"vanished": False, "pinned": False, "base": '{"name": [["Ann"], "Ann"]}', "made_in": 0}


def add_flow(connection: Connection, like: int, name: str, *, turned: bool = False) -> int:
    """Store a second flow between the same resources, as 0.1 did."""
    row = connection.execute(select(flows).where(flows.c.number == like)).one()
    ends = (row.target, row.source) if turned else (row.source, row.target)
    statement = insert(flows).values(package=row.package, name=name, source=ends[0], target=ends[1])
    made = connection.execute(statement).inserted_primary_key
    assert made is not None
    return int(made[0])


def add_link(connection: Connection, flow: int, source: str, target: str, **more: object) -> None:
    values = {**LINK, "made_by": "create", **more, "flow": flow}
    connection.execute(insert(links).values(source_id=source, target_id=target, **values))


def pairs(connection: Connection, flow: int) -> list[tuple[str, str]]:
    chosen = select(links.c.source_id, links.c.target_id).where(links.c.flow == flow)
    return sorted((row.source_id, row.target_id) for row in connection.execute(chosen))


def test_of_several_links_of_a_record_the_best_stays_and_the_others_are_kept_apart(
    bench: Bench,
) -> None:
    with open_store(bench.url) as store:
        connection = store.connection
        numbers = register_package(connection, "p", [person_flow(ALWAYS)])
        first = numbers.pairings[0][0]
        second = add_flow(connection, first, "again")
        add_link(connection, first, "1", "11")
        add_link(connection, second, "1", "12")  # the younger one gives way
        add_link(connection, second, "2", "21")  # the only one of its records
        add_link(connection, first, "3", "31", vanished=True)
        add_link(connection, second, "3", "32")  # whole before vanished
        add_link(connection, first, "4", "41")
        add_link(connection, second, "4", "42", pinned=True)  # pinned before others
        connection.execute(insert(splits).values(flow=second, source_id="9", target_id="91"))
        absorb_flow(connection, first, second, turned=False)
        assert pairs(connection, first) == [("1", "11"), ("2", "21"), ("3", "32"), ("4", "42")]
        (flow,) = known_flows(connection, "p")
        assert list_splits(connection, flow) == [
            ("1", "12"),
            ("3", "31"),
            ("4", "41"),
            ("9", "91"),
        ]


def test_a_mirror_s_links_are_turned_and_merged_anew(bench: Bench) -> None:
    with open_store(bench.url) as store:
        connection = store.connection
        numbers = register_package(connection, "p", [person_flow(ALWAYS)])
        first = numbers.pairings[0][0]
        second = add_flow(connection, first, "back", turned=True)
        add_link(connection, second, "11", "1")
        absorb_flow(connection, first, second, turned=True)
        (row,) = connection.execute(select(links).where(links.c.flow == first)).all()
        assert (row.source_id, row.target_id, row.base) == ("1", "11", "{}")


@pytest.mark.parametrize("turned", [False, True])
def test_a_store_of_two_flows_goes_on_as_one_pairing(bench: Bench, turned: bool) -> None:
    flow = replace(person_flow(ALWAYS), properties=person_flow().properties[:3])
    again: AnyFlow = replace(mirror_flow(flow) if turned else flow, name="again")
    bench.flows = (flow,)
    values = {"Name": "Ann", "Mail": "a@x.example", "Phone": None}
    id_ = bench.ledgerly.put("Persons", values)
    bench.sync()
    double = bench.acme.put("users", {"name": "Ann", "email": "other@x.example", "phone": None})
    with open_store(bench.url) as store:
        (known,) = known_flows(store.connection)
        second = add_flow(store.connection, known.number, "again", turned=turned)
        ends = (double, id_) if turned else (id_, double)
        add_link(store.connection, second, *ends)
        store.commit()
    bench.flows = (flow, again)
    bench.sync()
    bench.ledgerly.edit("Persons", id_, Name="Anne")
    bench.sync()
    # The first link goes on; the double is left alone, and gets no person of its own.
    assert [row["name"] for row in bench.acme.rows("users")] == ["Anne", "Ann"]
    assert len(bench.ledgerly.rows("Persons")) == 1
    assert bench.sync(full=True).writes == 0
    with open_store(bench.url) as store:
        (known,) = known_flows(store.connection)
        assert known.name == "person_to_users"
        assert list_splits(store.connection, known) == [(id_, double)]
