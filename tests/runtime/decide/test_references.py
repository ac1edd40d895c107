"""References in both directions, and records that a system does not let us delete: scenarios R and D."""

from dataclasses import replace
from typing import cast

from specbridge.runtime.decide.options import FlowPolicy
from specbridge.runtime.flow import ALWAYS, NEVER, AnyFlow
from specbridge.runtime.records import Delete, Refused, Write
from specbridge.runtime.references import WAITING, References, translate
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.leftover.handwork import pin_link
from specbridge.runtime.store.packages import known_flows

from tests.runtime.bench import Bench
from tests.runtime.people import Properties, firm_flow, person_flow, row

PEOPLE = ("Persons", "users")


def firm_with_contact() -> AnyFlow:
    """Return the flow of firms, which refer to a person."""

    def to_target(record: Properties, references: References) -> Properties:
        company = {"name": record["Name"]}
        contact = translate(references, PEOPLE, cast("int | None", record.get("ContactId")))
        return company if contact is WAITING else {**company, "contact_id": contact}

    flow = firm_flow()
    contact = row("ContactId", "contact_id", reference=PEOPLE)
    return replace(flow, properties=(*flow.properties, contact), to_target=to_target)


def test_r3_two_new_records_that_refer_to_each_other_settle_in_one_run(bench: Bench) -> None:
    bench.flows = (firm_with_contact(), person_flow(ALWAYS))
    firm = bench.ledgerly.put("Firms", {"Name": "Alfa", "ContactId": 2})
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "FirmId": int(firm)})
    assert bench.sync().outcome is RunOutcome.CLEAN
    ((company, alfa),) = bench.acme.records("companies").items()
    ((user, ann),) = bench.acme.records("users").items()
    assert alfa.properties["contact_id"] == int(user)
    assert ann.properties["company_id"] == int(company)
    assert bench.sync(full=True).writes == 0


def test_a_reference_that_is_written_as_a_number_with_a_point_is_found(bench: Bench) -> None:
    bench.flows = (firm_flow(), person_flow(ALWAYS))
    bench.ledgerly.last_id = 4
    bench.ledgerly.put("Firms", {"Name": "Alfa"})
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "FirmId": 5.0})
    assert bench.sync().outcome is RunOutcome.CLEAN
    (company,) = bench.acme.records("companies")
    assert [user["company_id"] for user in bench.acme.rows("users")] == [int(company)]
    assert bench.sync(full=True).writes == 0


def test_a_unique_number_is_taken_by_its_digits(bench: Bench) -> None:
    bench.flows = (firm_flow(),)
    bench.ledgerly.put("Firms", {"Name": 5.0})
    bench.acme.put("companies", {"name": "5"})
    report = bench.sync()
    assert report.flows[0].tally.linked == 1
    assert len(bench.acme.rows("companies")) == 1


def test_r6_a_reference_that_the_source_cannot_express_is_kept(bench: Bench) -> None:
    bench.flows = (person_flow(),)
    ann = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    user = bench.acme.put("users", {"name": "Ann", "email": "a@x.example", "manager_id": 7})
    bench.sync()
    bench.ledgerly.edit("Persons", ann, Name="Anna")
    assert bench.sync().writes == 1
    held = bench.acme.records("users")[user].properties
    assert (held["name"], held["manager_id"]) == ("Anna", 7)


def test_d2_a_record_that_may_not_be_deleted_is_a_dead_letter_and_its_link_stays_marked(
    bench: Bench,
) -> None:
    def refuse(write: Write) -> Refused | None:
        no = isinstance(write, Delete)
        return Refused(key=write.key, status=403, reason="not allowed") if no else None

    bench.flows = (person_flow(),)
    bench.options = replace(bench.options, policy=FlowPolicy(delete=True))
    bench.acme.refuse = refuse
    ann = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "b@x.example"})
    bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    bench.sync()
    bench.ledgerly.remove("Persons", ann)
    report = bench.sync(full=True)
    assert (report.outcome, report.flows[0].standing.links) == (RunOutcome.LEFT_OVER, 0)
    assert len(bench.acme.rows("users")) == 1


def test_r2_a_reference_waits_for_a_link_made_by_hand_too(bench: Bench) -> None:
    bench.flows = (firm_flow(create_target=NEVER), person_flow(ALWAYS))
    firm = bench.ledgerly.put("Firms", {"Name": "Alfa"})
    company = bench.acme.put("companies", {"name": "Other"})
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "FirmId": int(firm)})
    bench.sync()
    assert [row.get("company_id") for row in bench.acme.rows("users")] == [None]
    with bench.open() as store:
        flows = {flow.name: flow for flow in known_flows(store.connection)}
        pin_link(store.connection, flows["firm_to_companies"], (firm, company))
        store.commit()
    bench.sync()
    assert [row["company_id"] for row in bench.acme.rows("users")] == [int(company)]
