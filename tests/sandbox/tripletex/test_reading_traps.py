"""Traps 1 to 12 of Tripletex's sheet, and 23 and 25: sessions, lists and what has changed.

Each plays who falls into it against the sandbox, or our connector, which does not.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from specbridge.errors import AuthenticationError, RefusedError
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.tripletex.access import OSLO

from tests.sandbox.tripletex.conftest import (
    SESSION,
    Company,
    Start,
    open_session,
    read,
    record_of,
    until,
    update,
)


def sessions_made(company: Company) -> int:
    return company.running.request_log.count("POST", f"/v2{SESSION}")


def test_1_a_session_ends_at_norwegian_midnight(company: Company) -> None:
    token = open_session(company.environment, expirationDate=until(2)).json()["value"]
    day = datetime.fromisoformat(token["expirationDate"]).replace(tzinfo=OSLO)
    left = (day - datetime.now(UTC)).total_seconds()
    base = company.environment["TRIPLETEX_BASE_URL"]
    with httpx.Client(base_url=base, auth=("0", token["token"])) as client:
        company.running.advance(left - 60)
        assert client.get("/department").status_code == 200
        company.running.advance(120)
        assert client.get("/department").status_code == 401


def test_1_a_session_that_ended_is_renewed_once_in_mid_run(company: Company) -> None:
    connector = company.connect()
    read(connector, "Department", "name")
    before = sessions_made(company)
    company.system.access.end_all()
    found, _ = read(connector, "Department", "name")
    assert len(found) == len(company.rows("department"))
    assert sessions_made(company) == before + 1


def test_2_the_tokens_are_not_swapped_and_not_told(company: Company) -> None:
    environment = company.environment
    consumer, employee = (
        environment["TRIPLETEX_CONSUMER_TOKEN"],
        environment["TRIPLETEX_EMPLOYEE_TOKEN"],
    )
    # As the description has it, which says of each what the other one is.
    swapped = open_session(environment, consumerToken=employee, employeeToken=consumer)
    assert swapped.status_code == 401
    connector = company.connect()
    told = [f"{one}" for one in connector.diagnose()] + [
        repr(connector),
        repr(company.system.access),
    ]
    assert not any(secret in text for secret in (consumer, employee) for text in told)


def test_3_a_401_after_the_renewal_ends_it(company: Company) -> None:
    connector = company.connect()
    read(connector, "Department", "name")
    before = sessions_made(company)

    def bar(call: Call, on: object) -> Answer:
        return company.system.answer(call) if SESSION in call.path else Answer(status=401)

    company.running.place_gateway(bar)
    with pytest.raises(AuthenticationError):
        read(connector, "Department", "name")
    assert sessions_made(company) == before + 1


def test_4_no_object_is_opened_unasked(company: Company) -> None:
    naive = company.client.get("/customer", params={"fields": "*"}).json()["values"][0]
    assert set(naive["postalAddress"]) == {"id", "url"}
    found, _ = read(company.connect(), "Customer", "name", "postalAddress")
    address: Any = found[str(naive["id"])].properties["postalAddress"]
    assert (address["city"], address["country"]["id"]) == ("Tromsø", "NO")


def test_5_empty_texts_and_zeros_are_nothing(company: Company) -> None:
    connector = company.connect()
    supplier = company.rows("supplier")[0]
    assert (supplier["phoneNumber"], supplier["customerNumber"]) == ("", 0)
    names = ("phoneNumber", "customerNumber", "email")
    found, _ = read(connector, "Supplier", *names)
    record = found[str(supplier["id"])]
    assert (record.properties["phoneNumber"], record.properties["customerNumber"]) == (None, None)
    cleared = record_of(update(connector, "Supplier", record, {("email",): None}, *names))
    assert cleared.properties["email"] is None
    assert company.rows("supplier")[0]["email"] == ""
    assert read(connector, "Supplier", *names)[0][record.id].properties == cleared.properties


def test_6_a_full_page_is_not_the_last_one(company: Company) -> None:
    count = len(company.rows("contact"))
    page = company.client.get("/contact", params={"count": 2}).json()
    assert page["fullResultSize"] != count
    found, _ = read(company.connect(page=count), "Contact", "firstName")
    assert len(found) == count
    assert company.running.request_log.count("GET", "/v2/contact") == 1 + 2


def test_7_more_rows_than_a_result_may_have_are_told(company: Company) -> None:
    company.system.most_rows = 3
    with pytest.raises(RefusedError, match=r"422: Result set too large\. Limit of 3 reached"):
        read(company.connect(), "Contact", "firstName")


def test_8_inactive_customers_are_no_deleted_ones(company: Company) -> None:
    inactive = company.row("customer", isInactive=True)
    naive = [row["id"] for row in company.client.get("/customer").json()["values"]]
    assert inactive["id"] not in naive
    found, _ = read(company.connect(), "Customer", "name")
    assert str(inactive["id"]) in found
    assert len(found) == len(company.rows("customer"))


def test_9_a_filter_that_is_ignored_gives_what_is_known(start: Start) -> None:
    company = start(Doubt.TX_SINCE_IGNORED)
    rows = company.client.get("/customer", params={"changedSince": "2030-01-01T00:00:00"})
    assert rows.json()["count"] > 0
    connector = company.connect()
    first, cursor = read(connector, "Customer", "name")
    again, _ = read(connector, "Customer", "name", cursor=cursor)
    assert again == first


@pytest.mark.parametrize("doubts", [(), (Doubt.TX_SINCE_UTC,)], ids=["local", "utc"])
@pytest.mark.parametrize(
    ("cursor", "minutes"),
    [("2026-10-25T02:30:00+02:00", 40), ("2026-10-25T02:10:00+01:00", 5)],
    ids=["from summer", "from winter"],
)
def test_10_nothing_is_lost_in_the_hour_that_comes_twice(
    start: Start, doubts: tuple[Doubt, ...], cursor: str, minutes: int
) -> None:
    company = start(*doubts)
    edit = datetime.fromisoformat(cursor) + timedelta(minutes=minutes)
    company.running.advance((edit - datetime.now(UTC)).total_seconds())
    edited = company.system.state.rows["customer"][company.rows("customer")[0]["id"]]
    company.system.state.touch_by_hand(edited, name="Om Natten AS")
    assert edited["changes"][-1]["timestamp"].endswith("+01:00")
    found, _ = read(company.connect(), "Customer", "name", cursor=cursor)
    assert found[str(edited["id"])].properties["name"] == "Om Natten AS"


def test_11_an_edited_contact_is_found_without_a_filter(company: Company) -> None:
    connector = company.connect()
    first, cursor = read(connector, "Contact", "firstName")
    row = company.rows("contact")[0]
    company.put("contact", row, firstName="Inga").raise_for_status()
    again, _ = read(connector, "Contact", "firstName", cursor=cursor)
    assert {one for one in again if again[one].properties != first[one].properties} == {
        str(row["id"])
    }


def test_11_a_digest_that_still_holds_is_a_304(company: Company) -> None:
    client = company.client
    digest = client.get("/contact", headers={"If-None-Match": "any"}).json()["versionDigest"]
    assert client.get("/contact", headers={"If-None-Match": digest}).status_code == 304
    company.put("contact", company.rows("contact")[0], firstName="Inga").raise_for_status()
    assert client.get("/contact", headers={"If-None-Match": digest}).status_code == 200


def test_12_a_digest_that_nobody_asked_for_is_a_sentence(company: Company) -> None:
    client = company.client
    text = client.get("/department").json()["versionDigest"]
    assert "If-None-Match" in text
    # Who keeps it, and sends it back, gets the whole list for ever.
    assert client.get("/department", headers={"If-None-Match": text}).status_code == 200


def test_23_a_429_without_a_reset_is_waited_for(company: Company) -> None:
    connector = company.connect()
    read(connector, "Department", "name")
    company.running.replace_faults("429=1*2")
    assert company.client.get("/department").headers.keys().isdisjoint({"x-rate-limit-reset"})
    company.running.replace_faults("429=1*2")
    found, _ = read(connector, "Department", "name")
    assert len(found) == len(company.rows("department"))


def test_25_what_a_token_may_not_see_is_left_out_in_silence(company: Company) -> None:
    connector = company.connect()
    known, cursor = read(connector, "Contact", "firstName")
    company.system.unseen.add("contact")
    assert company.client.get("/contact").json()["values"] == []
    found, _ = read(connector, "Contact", "firstName", cursor=cursor)
    assert found == {}
    # Nothing says that they are gone: asked for alone, each of them is there.
    again = list(connector.look_again("Contact", list(known.values()), frozenset({"firstName"})))
    assert {one.id: one for one in again} == known


def test_a_day_of_a_session_lies_ahead(company: Company) -> None:
    today = datetime.now(OSLO).date().isoformat()
    assert open_session(company.environment, expirationDate=today).status_code == 422
    assert open_session(company.environment, expirationDate="soon").status_code == 422
