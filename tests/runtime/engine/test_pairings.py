"""Flows between the same two resources: one pairing, one counterpart for each record, nothing made twice."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from specbridge.errors import PackageError
from specbridge.model.values import Direction, Json
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.flow import ALWAYS, NEVER, AnyFlow, Condition, LinkRule
from specbridge.runtime.records import Usage

from tests.runtime.bench import Bench
from tests.runtime.people import (
    FIRMS,
    PERSON_ROWS,
    branch_flow,
    firm_flow,
    key,
    mirror_flow,
    person_flow,
    rename,
    row,
)

CLIENT = Condition(path=("Kind",), value="client")
SUPPLIER = Condition(path=("Kind",), value="supplier")


def person(bench: Bench, name: str, mail: str | None = None, **more: object) -> str:
    values = {"Name": name, "Mail": mail, "Phone": None, "FirmId": None, **more}
    return bench.ledgerly.put("Persons", values)  # type: ignore[arg-type]  # JSON values


def user(bench: Bench, name: str, email: str | None = None) -> str:
    return bench.acme.put(
        "users", {"name": name, "email": email, "phone": None, "company_id": None}
    )


def named(flow: AnyFlow, name: str) -> AnyFlow:
    return replace(flow, name=name)


def every(name: str = "person_to_users") -> AnyFlow:
    """Return the flow of persons that gives every one a user, without any link rule."""
    flow = person_flow(ALWAYS, rows=PERSON_ROWS[:3])
    return replace(
        flow, name=name, link_rules=(), source_keys=lambda _: (), target_keys=lambda _: ()
    )


def mapped(flow: AnyFlow, names: dict[str, str], name: str, **more: object) -> AnyFlow:
    """Return the flow with these rows and no others."""
    back = {there: here for here, there in names.items()}
    return replace(
        flow,
        name=name,
        properties=tuple(row(here, there) for here, there in names.items()),
        to_target=lambda record, _: rename(record, names),
        to_source=lambda record, _: rename(record, back),
        **more,  # type: ignore[arg-type]  # the flow's own fields
    )


REPEATED: dict[str, Sequence[AnyFlow]] = {
    "twice": (every(), every("person_to_users_2")),
    "three times": (every(), every("person_to_users_2"), every("person_to_users_3")),
    "its mirror": (every(), named(mirror_flow(every()), "users_to_person")),
    "both directions": (
        every(),
        named(mirror_flow(replace(every(), create_target=NEVER, create_source=ALWAYS)), "back"),
    ),
}


@pytest.mark.parametrize("flows", REPEATED.values(), ids=REPEATED)
def test_a_record_gets_one_counterpart_however_often_its_pair_is_named(
    bench: Bench, flows: Sequence[AnyFlow]
) -> None:
    bench.flows = flows
    for number in range(5):
        person(bench, f"P{number}", f"p{number}@x.example")
        user(bench, f"U{number}", f"u{number}@x.example")
    bench.sync()
    before = len(bench.ledgerly.rows("Persons")), len(bench.acme.rows("users"))
    # Those that the documents call for, and no others: users get persons where one says so.
    assert before[1] == 10
    assert before[0] in (5, 10)
    assert [bench.sync(full=True).writes for _ in range(3)] == [0, 0, 0]
    assert before == (len(bench.ledgerly.rows("Persons")), len(bench.acme.rows("users")))


@pytest.mark.parametrize("flows", REPEATED.values(), ids=REPEATED)
def test_edits_on_both_sides_arrive_by_whichever_flow(
    bench: Bench, flows: Sequence[AnyFlow]
) -> None:
    bench.flows = flows
    ids = [person(bench, f"P{number}", f"p{number}@x.example") for number in range(4)]
    bench.sync()
    users = {row["email"]: id_ for id_, row in _rows(bench).items()}
    for number, id_ in enumerate(ids):
        if number % 2:
            bench.ledgerly.edit("Persons", id_, Phone=f"1{number}")
        else:
            bench.acme.edit("users", users[f"p{number}@x.example"], phone=f"2{number}")
    assert bench.sync().writes == 4
    phones = {row["Phone"] for row in bench.ledgerly.rows("Persons")}
    assert phones == {row["phone"] for row in bench.acme.rows("users")} == {"20", "11", "22", "13"}
    assert bench.sync(full=True).writes == 0


def _rows(bench: Bench) -> dict[str, dict[str, Json]]:
    return {id_: stored.properties for id_, stored in bench.acme.records("users").items()}


def subset_flows() -> tuple[AnyFlow, AnyFlow]:
    """Return two flows of one pair: clients get users, suppliers are linked only; rows differ."""
    clients = person_flow(ALWAYS, subset=CLIENT)
    suppliers = person_flow(subset=SUPPLIER)
    return (
        mapped(clients, {"Name": "name", "Mail": "email"}, "clients"),
        mapped(suppliers, {"Mail": "email", "Phone": "phone"}, "suppliers"),
    )


@pytest.mark.parametrize("order", list(permutations((0, 1))))
def test_each_flow_is_about_its_own_subset(bench: Bench, order: tuple[int, ...]) -> None:
    flows = subset_flows()
    bench.flows = [flows[number] for number in order]
    person(bench, "Client", "c@x.example", Kind="client", Phone="1")
    person(bench, "Supplier", "s@x.example", Kind="supplier", Phone="2")
    person(bench, "Neither", "n@x.example", Kind="", Phone="3")
    user(bench, "Old name", "s@x.example")
    bench.sync()
    found = {row["email"]: (row["name"], row.get("phone")) for row in bench.acme.rows("users")}
    # The supplier's name is no row of its flow, and the client's phone none of its own.
    assert found == {"s@x.example": ("Old name", "2"), "c@x.example": ("Client", None)}
    assert bench.sync(full=True).writes == 0


def test_the_first_flow_that_has_a_value_supplies_it(bench: Bench) -> None:
    first = mapped(person_flow(ALWAYS), {"Nick": "name"}, "first")
    bench.flows = (first, mapped(person_flow(ALWAYS), {"Name": "name", "Mail": "email"}, "second"))
    person(bench, "Robert", "r@x.example", Nick="Bob")
    person(bench, "Ann", "a@x.example", Nick=None)
    bench.sync()
    assert {row["name"] for row in bench.acme.rows("users")} == {"Bob", "Ann"}
    (bob,) = (id_ for id_, row in _rows(bench).items() if row["name"] == "Bob")
    bench.acme.edit("users", bob, name="Bobby")
    bench.sync()
    # It goes back to what supplies it.
    assert [(r["Name"], r["Nick"]) for r in bench.ledgerly.rows("Persons")] == [
        ("Robert", "Bobby"),
        ("Ann", None),
    ]
    assert bench.sync(full=True).writes == 0


def test_a_flow_s_own_settings_hold_for_its_rows(bench: Bench) -> None:
    first = mapped(person_flow(ALWAYS), {"Name": "name", "Mail": "email"}, "first")
    bench.flows = (first, mapped(person_flow(), {"Phone": "phone"}, "second"))
    policies = {
        "first": FlowPolicy(conflicts=ConflictPolicy.TARGET),
        "second": FlowPolicy(conflicts=ConflictPolicy.SOURCE),
    }
    bench.options = RunOptions(flows=policies)
    id_ = person(bench, "Ann", "a@x.example", Phone="0")
    bench.sync()
    (there,) = _rows(bench)
    bench.ledgerly.edit("Persons", id_, Name="Here", Phone="1")
    bench.acme.edit("users", there, name="There", phone="2")
    bench.sync()
    (mine,), (theirs,) = bench.ledgerly.rows("Persons"), bench.acme.rows("users")
    assert (mine["Name"], mine["Phone"]) == (theirs["name"], theirs["phone"]) == ("There", "1")


def test_a_flow_of_a_resource_to_itself_is_not_run(bench: Bench) -> None:
    flow = every()
    itself = replace(flow, name="person_to_person", target=flow.source)
    bench.flows = (firm_flow(), itself)
    person(bench, "Ann", "a@x.example")
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.sync()
    assert len(bench.ledgerly.rows("Persons")) == 1
    assert len(bench.acme.rows("companies")) == 1
    bench.flows = (itself,)
    with pytest.raises(PackageError, match="no flow that can run"):
        bench.sync()


def test_a_report_says_which_flows_work_as_one(bench: Bench) -> None:
    bench.flows = (firm_flow(), every(), every("person_to_users_2"))
    person(bench, "Ann", "a@x.example")
    report = bench.sync()
    assert [(flow.name, flow.shared) for flow in report.flows] == [
        ("firm_to_companies", ()),
        ("person_to_users", ("person_to_users_2",)),
    ]
    # Whoever names one of them runs all.
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    person(bench, "Bo", "b@x.example")
    only = bench.sync(only=frozenset({"person_to_users_2"}))
    assert [flow.name for flow in only.flows] == ["person_to_users"]
    assert len(bench.acme.rows("users")) == 2
    assert bench.acme.rows("companies") == []


def test_references_are_translated_whichever_way_round_their_resources_are_linked(
    bench: Bench,
) -> None:
    bench.flows = (
        named(mirror_flow(firm_flow(NEVER, ALWAYS)), "companies_to_firm"),
        person_flow(ALWAYS),
    )
    firm = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    company = bench.acme.put("companies", {"name": "Beta"})
    del company
    person(bench, "Ann", "a@x.example", FirmId=int(firm))
    bench.sync()
    bench.sync()
    (found,) = bench.acme.rows("users")
    # Nothing calls for a company of Alfa here, so the reference waits; the rest has gone.
    assert found["name"] == "Ann"


def test_requests_are_those_of_one_flow(bench: Bench) -> None:
    reports = []
    for flows in ((every(),), (every(), every("person_to_users_2"))):
        bench.flows = flows
        person(bench, f"P{len(flows)}", f"p{len(flows)}@x.example")
        bench.sync(full=True)
        reports.append(bench.sync().requests["acme"])
    assert reports[0] == reports[1] == Usage(read=1, write=0)


def test_three_resources_one_counterpart_in_each(bench: Bench) -> None:
    bench.flows = (firm_flow(ALWAYS, NEVER), branch_flow(), named(firm_flow(ALWAYS), "again"))
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Branches", {"Title": "Beta"})
    bench.sync()
    assert sorted(str(row["name"]) for row in bench.acme.rows("companies")) == ["Alfa", "Beta"]
    assert bench.sync(full=True).writes == 0


def test_rows_held_one_way_stay_held_when_their_flow_is_turned(bench: Bench) -> None:
    ahead = mapped(person_flow(ALWAYS), {"Name": "name", "Mail": "email"}, "ahead")
    held = replace(row("Phone", "phone"), direction=Direction.TO_TARGET)
    back = mirror_flow(replace(person_flow(), properties=(held,), name="x"))
    turned = tuple(replace(r, direction=Direction.TO_SOURCE) for r in back.properties)
    bench.flows = (ahead, replace(back, name="back", properties=turned))
    id_ = person(bench, "Ann", "a@x.example", Phone="1")
    bench.sync()
    (there,) = _rows(bench)
    assert _rows(bench)[there]["phone"] == "1"
    bench.acme.edit("users", there, phone="2")
    bench.sync()
    assert bench.ledgerly.records("Persons")[id_].properties["Phone"] == "1"


def test_a_rule_over_references_links_within_its_own_flow_s_subset(bench: Bench) -> None:
    rule = LinkRule(source=("FirmId",), target=("company_id",), reference=FIRMS)
    by_firm = replace(
        person_flow(subset=CLIENT),
        name="by_firm",
        link_rules=(rule,),
        source_keys=lambda record: (key(record.get("FirmId")),),
        target_keys=lambda record: (key(record.get("company_id")),),
    )
    bench.flows = (firm_flow(), by_firm, named(person_flow(subset=SUPPLIER), "by_mail"))
    firms = [bench.ledgerly.put("Firms", {"Name": name}) for name in ("Alfa", "Beta")]
    bench.sync()
    companies = {row["name"]: id_ for id_, row in _companies(bench).items()}
    for name in ("Alfa", "Beta"):
        bench.acme.put("users", {"name": name, "company_id": int(companies[name])})
    client = person(bench, "Client", FirmId=int(firms[0]), Kind="client")
    person(bench, "Supplier", FirmId=int(firms[1]), Kind="supplier")
    bench.sync()
    report = bench.sync()
    (flow,) = (flow for flow in report.flows if flow.name == "by_firm")
    assert flow.standing.links == 1
    bench.ledgerly.edit("Persons", client, Phone="7")
    bench.sync()
    assert [row.get("phone") for row in bench.acme.rows("users")] == ["7", None]


def _companies(bench: Bench) -> dict[str, dict[str, Json]]:
    return {id_: stored.properties for id_, stored in bench.acme.records("companies").items()}
