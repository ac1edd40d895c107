"""Traps 13 to 22 of Tripletex's sheet, and 24 and 26: versions, addresses, references, refusals.

Each plays who falls into it against the sandbox, or our connector, which does not.
"""

import pytest
from specbridge.errors import UnreachableError
from specbridge.model.values import Json
from specbridge.runtime.records import Delete, Refused
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call

from tests.sandbox.tripletex.conftest import Company, Start, create, read, record_of, update

ADDRESS = ("postalAddress",)


def test_13_a_stale_version_is_read_again_and_both_edits_kept(company: Company) -> None:
    connector = company.connect()
    row = company.rows("customer")[0]
    assert company.put("customer", row, version=row["version"] - 1, name="x").status_code == 409
    record = read(connector, "Customer", "name", "phoneNumber")[0][str(row["id"])]
    state, meddled = company.system.state, list[bool]()

    def meddle(call: Call, on: object) -> Answer:
        if call.method == "PUT" and not meddled:
            meddled.append(True)
            state.touch_by_hand(state.rows["customer"][row["id"]], phoneNumber="22 22 22 22")
        return company.system.answer(call)

    company.running.place_gateway(meddle)
    outcome = update(connector, "Customer", record, {("name",): "Nytt Navn AS"}, "name")
    assert record_of(outcome).properties["name"] == "Nytt Navn AS"
    held = company.row("customer", id=row["id"])
    assert (held["name"], held["phoneNumber"]) == ("Nytt Navn AS", "22 22 22 22")
    log = company.running.request_log
    assert log.count("PUT", "/v2/customer/", 409) == 2
    assert log.count("PUT", "/v2/customer/", 200) == 1


def test_14_a_put_leaves_what_it_does_not_name(company: Company) -> None:
    row = company.rows("customer")[0]
    company.put("customer", row, description="ny").raise_for_status()
    held = company.row("customer", id=row["id"])
    assert {k for k in row if row[k] != held[k]} == {"description", "version", "changes"}


def test_15_an_address_is_edited_in_its_place(company: Company) -> None:
    connector = company.connect()
    sent = {"addressLine1": "Kaia 1", "postalCode": "5700", "city": "Voss"}
    row = company.add("customer", name="Ny", postalAddress=sent, deliveryAddress=sent)
    record = read(connector, "Customer", *ADDRESS)[0][str(row["id"])]
    city = ("postalAddress", "city")
    record_of(update(connector, "Customer", record, {city: "Bergen"}, *ADDRESS))
    held = company.row("customer", id=row["id"])
    address = held["postalAddress"]
    assert address["id"] == row["postalAddress"]["id"]
    assert [address[k] for k in ("addressLine1", "postalCode", "city")] == [
        "Kaia 1",
        "5700",
        "Bergen",
    ]
    assert held["deliveryAddress"] == row["deliveryAddress"]
    # Without its id it is another one, and without its other parts it is a part of one.
    company.put("customer", row, postalAddress={"city": "Oslo"}).raise_for_status()
    after = company.row("customer", id=row["id"])["postalAddress"]
    assert (after["id"] == address["id"], after["addressLine1"]) == (False, "")


def test_16_a_country_is_an_id_and_an_unknown_one_waits(company: Company) -> None:
    connector = company.connect()
    row = company.rows("customer")[0]
    record = read(connector, "Customer", *ADDRESS)[0][str(row["id"])]
    country, city = ("postalAddress", "country", "id"), ("postalAddress", "city")
    record_of(update(connector, "Customer", record, {country: "SE"}, *ADDRESS))
    assert company.row("customer", id=row["id"])["postalAddress"]["country"] == {"id": 191}
    record = read(connector, "Customer", *ADDRESS)[0][str(row["id"])]
    outcome = update(connector, "Customer", record, {country: "ZZ", city: "Kiruna"}, *ADDRESS)
    assert isinstance(outcome, Refused)
    held = company.row("customer", id=row["id"])["postalAddress"]
    assert (held["city"], held["country"]) == ("Kiruna", {"id": 191})
    made = record_of(
        create(connector, "Customer", {"name": "Ny", "postalAddress": {"country": {"id": "ZZ"}}})
    )
    assert company.row("customer", id=int(made.id))["postalAddress"] is None


def test_17_a_number_is_judged_by_the_country_beside_it(company: Company) -> None:
    connector = company.connect()
    refused = company.client.post("/customer", json={"name": "N", "organizationNumber": "1 2"})
    assert refused.json()["validationMessages"][0]["field"] == "organizationNumber"
    row = company.add("customer", name="Utland", physicalAddress={"country": {"id": 191}})
    # A country that is there already does not count: it must be in the request.
    assert company.put("customer", row, organizationNumber="556000-1234").status_code == 422
    number = ("organizationNumber",)
    record = read(connector, "Customer", *number)[0][str(row["id"])]
    record_of(update(connector, "Customer", record, {number: "556000-1234"}, *number))
    held = company.row("customer", id=row["id"])
    assert held["organizationNumber"] == "556000-1234"
    assert held["physicalAddress"]["id"] == row["physicalAddress"]["id"]


def test_18_a_404_may_be_about_a_reference(company: Company) -> None:
    connector = company.connect()
    nobody = create(connector, "Contact", {"firstName": "Eli", "customer": {"id": 1}})
    assert isinstance(nobody, Refused)
    assert (nobody.status, nobody.gone) == (404, False)
    row = company.rows("contact")[0]
    record = read(connector, "Contact", "customer")[0][str(row["id"])]
    moved = update(connector, "Contact", record, {("customer", "id"): 1}, "customer")
    assert isinstance(moved, Refused)
    assert (moved.status, moved.gone) == (404, False)
    # So is a reference with more than its id.
    more = {"id": company.rows("customer")[0]["id"], "name": "Nordlys Elektro AS"}
    assert company.put("contact", row, customer=more).status_code == 404


@pytest.mark.parametrize("doubts", [(), (Doubt.TX_ENGLISH,)], ids=["norwegian", "english"])
def test_19_a_taken_number_is_told_by_its_field(start: Start, doubts: tuple[Doubt, ...]) -> None:
    company = start(*doubts)
    connector = company.connect()
    taken = company.rows("department")[0]["departmentNumber"]
    refused = create(connector, "Department", {"name": "Ny", "departmentNumber": taken})
    assert isinstance(refused, Refused)
    assert (refused.status, refused.duplicate) == (422, "departmentNumber")
    said = "The number is in use." if doubts else "Nummeret er i bruk."
    assert refused.reason == f"departmentNumber {said}"
    # "1" is in every number: what only holds it is not what was asked for.
    company.add("department", name="Tom", departmentNumber="1")
    found = connector.find_records("Department", ("departmentNumber",), ["1"], frozenset({"name"}))
    assert [one.properties["name"] for one in found] == ["Tom"]


def test_20_an_unknown_property_refuses_its_record_alone(company: Company) -> None:
    refused = company.client.post("/department", json={"name": "Ny", "planet": "Mars"})
    told = refused.json()["validationMessages"][0]
    assert (refused.status_code, told["field"]) == (422, "planet")
    assert company.client.post("/department", json={"name": "Ny"}).status_code == 201


def test_21_a_post_is_not_made_twice(company: Company) -> None:
    connector = company.connect()
    before = len(company.rows("department"))
    read(connector, "Department", "name")
    # It is done, and nobody hears of it: nothing tells whether to make it again.
    company.running.replace_faults("reset-after-commit=1*1")
    with pytest.raises(UnreachableError, match="tripletex"):
        create(connector, "Department", {"name": "Kun Én"})
    assert len(company.rows("department")) == before + 1


def test_22_what_cannot_be_deleted_stays_and_says_why_in_plain_words(company: Company) -> None:
    connector = company.connect()
    kept = company.rows("customer")[0]
    record = read(connector, "Customer", "name")[0][str(kept["id"])]
    (outcome,) = connector.write_records(
        "Customer", [Delete(key="d", current=record)], frozenset({"name"})
    )
    assert isinstance(outcome, Refused)
    assert outcome.status == 422
    assert "<" not in outcome.reason
    assert "fakturaer" in outcome.reason
    assert company.row("customer", id=kept["id"])


def test_24_a_call_that_is_beta_is_refused_and_single_ones_are_not(company: Company) -> None:
    client = company.client
    assert client.post("/customer/list", json=[{"name": "A"}]).status_code == 403
    assert client.post("/customer", json={"name": "A"}).status_code == 201
    assert client.post("/department/list", json=[{"name": "A"}]).status_code == 201
    # The connector never asks for them.
    connector = company.connect()
    for number in range(5):
        record_of(create(connector, "Customer", {"name": f"Ny {number}"}))
    assert company.running.request_log.count("POST", "/v2/customer/list") == 1


def test_26_two_contacts_may_share_an_address(company: Company) -> None:
    connector = company.connect()
    sent = {"firstName": "Eli", "email": "post@felles.example"}
    made = [record_of(create(connector, "Contact", {**sent})) for _ in range(2)]
    assert made[0].id != made[1].id


def test_a_created_record_is_read_only_for_what_its_answer_does_not_show(company: Company) -> None:
    connector = company.connect()
    customer: int = company.rows("customer")[0]["id"]
    log = company.running.request_log
    record_of(create(connector, "Contact", {"firstName": "Eli", "customer": {"id": customer}}))
    assert log.count("GET", "/v2/contact/") == 0
    sent: dict[str, Json] = {"name": "Ny", "postalAddress": {"city": "Voss"}}
    held = record_of(create(connector, "Customer", sent)).properties["postalAddress"]
    assert isinstance(held, dict)
    assert held["city"] == "Voss"
    assert log.count("GET", "/v2/customer/") == 1
