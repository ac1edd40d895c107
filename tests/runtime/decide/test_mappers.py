"""What mappers and their flows state beyond plain rows: odd records, references as keys, creation only."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import cast

from specbridge.model.values import Direction, Json
from specbridge.runtime.decide.bind import bind_company
from specbridge.runtime.decide.binding import Numbers
from specbridge.runtime.decide.identity.pairings import Stated
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.flow import ALWAYS, AnyFlow, LinkKeys, LinkRule
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.leftover.leftovers import read_dead_letters

from tests.runtime.bench import Bench
from tests.runtime.people import (
    FIRMS,
    PERSON_ROWS,
    PROFILES,
    Properties,
    firm_flow,
    key,
    person_flow,
    resource,
    row,
    unique,
)
from tests.runtime.worlds import Crash


def reasons(bench: Bench) -> list[str]:
    with bench.open() as store:
        return [letter.reason for letter in read_dead_letters(store.connection, [1, 2])]


def shouting(flow: AnyFlow) -> AnyFlow:
    """Return the flow with a mapper that takes names to be texts."""

    def to_target(record: Properties, _: object) -> Properties:
        return {"name": cast("str", record["Name"]).upper(), "email": record.get("Mail")}

    return replace(flow, to_target=to_target)


def test_a_record_of_another_shape_is_a_dead_letter_and_the_others_go_on(bench: Bench) -> None:
    bench.flows = (shouting(person_flow(ALWAYS, rows=PERSON_ROWS[:2])),)
    odd = bench.ledgerly.put("Persons", {"Name": ["secret"], "Mail": "a@x.example"})
    bench.ledgerly.put("Persons", {"Mail": "b@x.example"})
    bench.ledgerly.put("Persons", {"Name": "Cy", "Mail": "c@x.example"})
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.LEFT_OVER, 1)
    first, second = reasons(bench)
    assert first.startswith("to_target, line ")
    assert "AttributeError" in first
    assert "KeyError" in second
    assert "secret" not in first
    bench.ledgerly.edit("Persons", odd, Name="Ann")
    assert bench.sync().writes == 1


def test_a_linked_record_that_loses_its_shape_is_a_dead_letter(bench: Bench) -> None:
    bench.flows = (shouting(person_flow(ALWAYS, rows=PERSON_ROWS[:2])),)
    ann = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    bench.sync()
    bench.ledgerly.edit("Persons", ann, Name=7)
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    bench.ledgerly.edit("Persons", ann, Name="Anna")
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.CLEAN, 1)


def test_a_record_whose_keys_cannot_be_made_is_a_dead_letter_and_not_created(bench: Bench) -> None:
    def source_keys(record: Properties) -> LinkKeys:
        return key(cast("Mapping[str, Json]", record["Mail"])["address"]), None

    bench.flows = (replace(person_flow(ALWAYS), source_keys=source_keys),)
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.LEFT_OVER, 0)
    assert reasons(bench)[0].startswith("source_keys, line ")


def by_firm(flow: AnyFlow) -> AnyFlow:
    """Return the flow with one link rule: the firms that both sides refer to are linked."""
    rule = LinkRule(source=("FirmId",), target=("company_id",), reference=FIRMS)
    return replace(
        flow,
        link_rules=(rule,),
        source_keys=lambda record: (key(record.get("FirmId")),),
        target_keys=lambda record: (key(record.get("company_id")),),
    )


def test_a_rule_over_references_matches_through_the_links(bench: Bench) -> None:
    bench.flows = (firm_flow(), by_firm(person_flow(ALWAYS)))
    alfa = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Firms", {"Name": "Beta"})
    company = bench.acme.put("companies", {"name": "Alfa"})
    person = {"Mail": None, "Phone": None}
    bench.ledgerly.put("Persons", {"Name": "Ann", **person, "FirmId": int(alfa)})
    user = bench.acme.put("users", {"name": "Ann", "company_id": int(company)})
    # An id that is equal by chance is no match.
    bench.acme.put("users", {"name": "Bo", "company_id": int(alfa)})
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert [row["name"] for row in bench.acme.rows("users")] == ["Ann", "Bo"]
    bench.ledgerly.edit("Persons", "3", Name="Anna")
    bench.sync()
    assert bench.acme.records("users")[user].properties["name"] == "Anna"


def test_a_rule_over_references_matches_once_the_other_records_are_linked(bench: Bench) -> None:
    bench.flows = (firm_flow(), by_firm(person_flow()))
    alfa = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Persons", {"Name": "Ann", "FirmId": int(alfa)})
    bench.sync()
    (company,) = bench.acme.records("companies")
    bench.acme.put("users", {"name": "Ann", "company_id": int(company)})
    report = bench.sync()
    assert [flow.tally.linked for flow in report.flows] == [0, 1]


def fixed_phone(create_only: Direction, direction: Direction = Direction.NONE) -> AnyFlow:
    fixed = row("Phone", "phone", direction=direction, create_only=create_only)
    return person_flow(ALWAYS, ALWAYS, rows=(*PERSON_ROWS[:2], fixed))


def test_a_property_for_creation_only_is_given_then_and_not_changed_after(bench: Bench) -> None:
    bench.flows = (fixed_phone(Direction.TO_TARGET),)
    ann = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "Phone": "1"})
    bench.sync()
    (user,) = bench.acme.records("users")
    assert bench.acme.records("users")[user].properties["phone"] == "1"
    bench.ledgerly.edit("Persons", ann, Phone="2")
    assert bench.sync().writes == 0
    assert bench.acme.records("users")[user].properties["phone"] == "1"


def test_a_reference_for_creation_only_holds_the_creation_back_until_it_is_linked(
    bench: Bench,
) -> None:
    fixed = row(
        *("FirmId", "company_id"),
        direction=Direction.TO_SOURCE,
        create_only=Direction.TO_TARGET,
        reference=FIRMS,
    )
    bench.flows = (firm_flow(), person_flow(ALWAYS, rows=(*PERSON_ROWS[:3], fixed)))
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "FirmId": 2})
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.CLEAN, 0)
    assert report.flows[1].standing.waiting == 1
    assert bench.ledgerly.put("Firms", {"Name": "Alfa"}) == "2"
    bench.sync()
    (company,) = bench.acme.records("companies")
    assert [user["company_id"] for user in bench.acme.rows("users")] == [int(company)]
    assert bench.sync(full=True).writes == 0


def test_names_with_dots_are_undone_and_recovered(bench: Bench) -> None:
    dotted = row("First.Name", "first.name")

    def to_target(record: Properties, _: object) -> Properties:
        return {"first.name": record["First.Name"], "email": record["Mail"]}

    def to_source(record: Properties, _: object) -> Properties:
        return {"First.Name": record["first.name"], "Mail": record["email"]}

    flow = person_flow(ALWAYS, rows=(PERSON_ROWS[1], dotted))
    bench.flows = (replace(flow, to_target=to_target, to_source=to_source),)
    ann = bench.ledgerly.put("Persons", {"First.Name": "Ann", "Mail": "a@x.example"})
    bench.sync()
    bench.ledgerly.edit("Persons", ann, **{"First.Name": "Anna"})
    run = bench.sync().run
    with bench.open() as store:
        assert len(undo_run(bench.task, store, bench.edges(), run).restored) == 1
    (user,) = bench.acme.records("users")
    assert bench.acme.records("users")[user].properties["first.name"] == "Ann"
    bench.sync()
    bench.ledgerly.edit("Persons", ann, **{"First.Name": "Berit"})
    bench.acme.crash_after = 0
    with suppress(Crash):
        bench.sync()
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.CLEAN, 0)
    with bench.open() as store:
        states = store.connection.exec_driver_sql("SELECT state FROM journal").scalars().all()
    assert set(states) == {"done"}


def test_every_source_property_of_a_target_is_judged_unique() -> None:
    rows = (row("Name", "name"), row("Nick", "name"), row("Mail", "email"))
    flow = person_flow(rows=rows)
    ledgerly = replace(
        PROFILES["ledgerly"], resources=(resource("Persons", unique(("Nick",)), unique(("Mail",))),)
    )
    numbers = Numbers(
        company=1,
        pairings=[(1, (("ledgerly", "Persons"), ("acme", "users")), [Stated("p", flow)])],
        resources={("ledgerly", "Persons"): 1, ("acme", "users"): 2},
    )
    bound = bind_company("", ["p"], {"ledgerly": ledgerly}, numbers)
    assert [(rule, str(place)) for rule, place in bound.flows[0].unique[SOURCE]] == [
        (-1, "Nick"),
        (-2, "Mail"),
    ]
    found = bound.flows[0].keys(SOURCE, {"Name": "Ann", "Nick": "A"})
    assert [rule for rule, _ in found] == [-1]
