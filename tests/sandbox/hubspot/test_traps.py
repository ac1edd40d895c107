"""HubSpot's traps at the server: what a naive client makes of each is wrong, what a careful one makes is right.

Numbered as in the notes about the API; those of the connector are in test_connector.
"""

import time
from itertools import pairwise

import httpx
import pytest

from tests.sandbox.hubspot.account import OBJECTS, Account, Row

MAILS = ("ingrid.dahl@fjellheim.example", "aase@bjork.example")


def rows(answer: httpx.Response) -> list[Row]:
    found: list[Row] = answer.raise_for_status().json()["results"]
    return found


def by_mail(account: Account, mail: str) -> Row:
    row: Row = account.call("GET", f"/contacts/{mail}", idProperty="email").json()
    return row


def test_1_no_paging_on_the_last_page_and_a_link_that_leads_elsewhere(account: Account) -> None:
    seen, after = [], "0"
    while after:
        answer = account.call("GET", "/contacts", limit="4", after=after)
        seen += [row["id"] for row in rows(answer)]
        following = answer.json().get("paging")
        after = following["next"]["after"] if following else ""
        if following:
            assert not following["next"]["link"].startswith(account.running.url)
            assert "limit=" not in following["next"]["link"]
    assert "paging" not in answer.json()
    there = [row for row in account.running.records("contacts") if not row["archived"]]
    assert len(seen) == len(set(seen)) == len(there)
    found = account.call("POST", "/contacts/search", {"limit": 200}).json()
    assert (found["total"], "paging" in found) == (len(seen), False)


def test_2_what_is_not_asked_for_is_absent_and_what_is_unset_is_null(account: Account) -> None:
    made = account.make("contacts", firstname="Uten", lastname="Telefon")
    plain = account.call("GET", f"/contacts/{made}").json()["properties"]
    assert "phone" not in plain
    asked = account.call("GET", f"/contacts/{made}", properties="phone,firstname").json()
    assert asked["properties"]["phone"] is None


def test_3_a_misspelt_name_is_silent_when_read_and_refuses_all_when_written(
    account: Account,
) -> None:
    made = account.make("contacts", firstname="Feil", lastname="Stavet")
    read = account.call("GET", f"/contacts/{made}", properties="fristname").json()["properties"]
    assert "fristname" not in read
    sent = {"properties": {"lastname": "Ny", "fristname": "Rett"}}
    refused = account.call("PATCH", f"/contacts/{made}", sent)
    assert refused.status_code == 400
    body = refused.json()
    assert body["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    assert body["message"].startswith('Property values were not valid: [{"isValid": false')
    assert account.values("contacts", made)["lastname"] == "Stavet"


def test_4_values_are_texts_both_ways(account: Account) -> None:
    made = account.make("companies", name="Tallrike AS", numberofemployees="17")
    shown = account.call("GET", f"/companies/{made}", properties="numberofemployees").json()
    assert shown["properties"]["numberofemployees"] == "17"
    sent = {"properties": {"numberofemployees": 18}}
    assert account.call("PATCH", f"/companies/{made}", sent).status_code == 400
    spelt = account.change("companies", made, numberofemployees="1500.00")
    assert spelt["properties"]["numberofemployees"] == "1500.00"


def test_5_an_empty_text_clears_and_reads_null(account: Account) -> None:
    made = account.make("contacts", firstname="Tom", lastname="Mer", phone="1")
    assert account.change("contacts", made, phone="")["properties"]["phone"] is None
    assert account.call("PATCH", f"/contacts/{made}", {"properties": {"phone": None}}).is_error


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("contacts", "lastmodifieddate"),
        ("companies", "hs_lastmodifieddate"),
        ("products", "hs_lastmodifieddate"),
    ],
)
def test_6_the_instant_has_another_name_and_filters_are_texts_of_milliseconds(
    account: Account, kind: str, name: str
) -> None:
    since = str(int(time.time() * 1000) - 1)
    made = account.make(kind, **({"firstname": "Ny"} if kind == "contacts" else {"name": "Ny"}))

    def found(value: object) -> httpx.Response:
        chosen = {"propertyName": name, "operator": "GTE", "value": value}
        return account.call(
            "POST", f"/{kind}/search", {"filterGroups": [{"filters": [chosen]}], "limit": 200}
        )

    assert made in [row["id"] for row in rows(found(since))]
    assert found(int(since)).status_code == 400


def test_8_ten_thousand_are_all_that_a_search_gives(account: Account) -> None:
    beyond = {"limit": 200, "after": "9900"}
    assert account.call("POST", "/contacts/search", beyond).status_code == 400
    assert account.call("POST", "/contacts/search", {"limit": 201}).status_code == 400


def test_11_an_archived_record_is_told_by_its_own_list_alone(account: Account) -> None:
    made = account.make("contacts", firstname="Arkivert")
    before = account.call("GET", f"/contacts/{made}").json()["updatedAt"]
    assert account.call("DELETE", f"/contacts/{made}").status_code == 204
    assert account.call("GET", f"/contacts/{made}").status_code == 404
    found = account.call("POST", "/contacts/search", {"query": "Arkivert"})
    assert rows(found) == []
    (gone,) = [
        row
        for row in rows(account.call("GET", "/contacts", archived="true", limit="100"))
        if row["id"] == made
    ]
    assert (gone["archived"], gone["updatedAt"], "archivedAt" in gone) == (True, before, True)


def test_12_the_holder_of_an_address_is_in_the_text_of_the_conflict_alone(
    account: Account,
) -> None:
    held = by_mail(account, MAILS[0])["id"]
    sent = {"properties": {"email": MAILS[0].upper()}}
    refused = account.call("POST", "/contacts", sent)
    assert refused.status_code == 409
    assert refused.json()["message"] == f"Contact already exists. Existing ID: {held}"
    assert [key for key, value in refused.json().items() if value == held] == []


def test_13_a_batch_is_all_or_nothing_unless_each_row_has_a_mark(account: Account) -> None:
    sent = [{"properties": {"email": mail}} for mail in ("a13@x.example", MAILS[0], MAILS[1])]
    whole = account.call("POST", "/contacts/batch/create", {"inputs": sent})
    assert (whole.status_code, account.call("GET", "/contacts/a13@x.example", idProperty="email").status_code) == (409, 404)  # fmt: skip
    marked = [{**row, "objectWriteTraceId": str(place)} for place, row in enumerate(sent)]
    part = account.call("POST", "/contacts/batch/create", {"inputs": marked})
    assert part.status_code == 207
    assert [row["properties"]["email"] for row in rows(part)] == ["a13@x.example"]
    marks = [one["context"]["objectWriteTraceId"] for one in part.json()["errors"]]
    assert (part.json()["numErrors"], marks) == (2, [["1"], ["2"]])


def test_13_results_come_in_an_order_of_their_own(account: Account) -> None:
    sent = [
        {"properties": {"email": f"o{n}@x.example"}, "objectWriteTraceId": str(n)} for n in "123"
    ]
    made = account.call("POST", "/contacts/batch/create", {"inputs": sent})
    assert [row["objectWriteTraceId"] for row in rows(made)] == ["3", "2", "1"]


def test_14_two_rows_for_one_record_are_refused(account: Account) -> None:
    made = account.make("contacts", firstname="En")
    sent = [{"id": made, "properties": {"phone": "1"}}, {"id": made, "properties": {"fax": "2"}}]
    assert account.call("POST", "/contacts/batch/update", {"inputs": sent}).status_code == 400


def test_15_an_upsert_by_address_empties_what_it_does_not_state(account: Account) -> None:
    made = account.make("contacts", email="hel@x.example", firstname="Hel", phone="1")
    one = {"id": "hel@x.example", "idProperty": "email", "properties": {"firstname": "Halv"}}
    account.call("POST", "/contacts/batch/upsert", {"inputs": [one]}).raise_for_status()
    assert account.values("contacts", made)["phone"] is None
    account.change("contacts", made, specbridge_reference="ref:15", phone="1")
    partial = {"id": "ref:15", "idProperty": "specbridge_reference", "properties": {"fax": "2"}}
    answer = account.call("POST", "/contacts/batch/upsert", {"inputs": [partial]})
    assert rows(answer)[0]["new"] is False
    assert account.values("contacts", made)["phone"] == "1"


def test_16_after_a_merge_both_old_ids_answer_with_a_third(account: Account) -> None:
    first = account.make("contacts", email="f16@x.example", firstname="F", lastname="En")
    second = account.make("contacts", email="s16@x.example", lastname="To", phone="2")
    sent = {"primaryObjectId": first, "objectIdToMerge": second}
    made = account.call("POST", "/contacts/merge", sent).json()["id"]
    assert made not in (first, second)
    for old in (first, second):
        assert account.call("GET", f"/contacts/{old}").json()["id"] == made
    values = account.values("contacts", made)
    assert (values["lastname"], values["phone"]) == ("En", "2")
    assert values["hs_merged_object_ids"] == f"{first};{second}"
    assert values["hs_additional_emails"] == "s16@x.example"
    listed = [row["id"] for row in rows(account.call("GET", "/contacts", limit="100"))]
    assert made in listed
    assert not {first, second} & set(listed)


def test_17_a_firm_s_name_is_no_link_and_the_link_is_never_written(account: Account) -> None:
    company = account.make("companies", name="Lenke AS")
    made = account.make("contacts", firstname="Lenket", company="Lenke AS")
    assert account.values("contacts", made)["associatedcompanyid"] is None
    sent = {"properties": {"associatedcompanyid": company}}
    refused = account.call("PATCH", f"/contacts/{made}", sent)
    assert refused.json()["errors"][0]["code"] == "READ_ONLY_VALUE"
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    pair = {"from": {"id": made}, "to": {"id": company}, "types": types}
    many = "/crm/v4/associations/contacts/companies/batch"
    joined = account.session.post(f"{many}/create", json={"inputs": [pair]})
    assert joined.status_code == 201
    assert account.values("contacts", made)["associatedcompanyid"] == company
    read = account.session.post(f"{many}/read", json={"inputs": [{"id": made}]})
    (to,) = rows(read)[0]["to"]
    assert {one["typeId"] for one in to["associationTypes"]} == {1, 279}
    shown = account.call("GET", f"/contacts/{made}", associations="companies").json()
    # The same company, once for each type.
    ids = [one["id"] for one in shown["associations"]["companies"]["results"]]
    assert ids == [company, company]


def test_18_an_additional_address_is_taken(account: Account) -> None:
    mail = "aase.privat@post.example"
    mails = [row["properties"]["email"] for row in account.running.records("contacts")]
    assert mail not in mails
    refused = account.call("POST", "/contacts", {"properties": {"email": mail}})
    assert (refused.status_code, "Existing ID" in refused.text) == (409, True)


def test_20_a_long_list_of_properties_fits_no_address(account: Account) -> None:
    names = [f"property_with_a_long_name_{number}" for number in range(300)]
    assert account.call("GET", "/contacts", properties=",".join(names)).status_code == 414
    asked = {"properties": ["email", *names], "limit": 1}
    assert account.call("POST", "/contacts/search", asked).status_code == 200


@pytest.mark.parametrize("wrong", ["food_beverages", "Food & Beverages"])
def test_22_an_option_in_other_letters_or_by_its_label_refuses_the_record(
    account: Account, wrong: str
) -> None:
    made = account.make("companies", name="Mat AS", industry="FOOD_BEVERAGES")
    refused = account.call("PATCH", f"/companies/{made}", {"properties": {"industry": wrong}})
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_23_two_companies_may_have_one_domain(account: Account) -> None:
    account.make("companies", name="Tvilling A", domain="tvilling.example")
    account.make("companies", name="Tvilling B", domain="tvilling.example")
    rows_ = account.running.records("companies")
    held = [row for row in rows_ if row["properties"]["domain"] == "tvilling.example"]
    assert len(held) == 2
    assert account.call("POST", "/companies", {"properties": {"city": "Voss"}}).status_code == 400


def test_a_stage_moves_forward_alone_until_it_is_cleared(account: Account) -> None:
    made = account.make("contacts", firstname="Steg", lifecyclestage="customer")
    account.change("contacts", made, lifecyclestage="lead")
    assert account.values("contacts", made)["lifecyclestage"] == "customer"
    account.change("contacts", made, lifecyclestage="")
    account.change("contacts", made, lifecyclestage="lead")
    assert account.values("contacts", made)["lifecyclestage"] == "lead"


def test_who_is_deleted_for_good_leaves_nothing_and_a_blocked_address(account: Account) -> None:
    made = account.make("contacts", email="slettet@x.example", firstname="Slettet")
    gone = account.call("POST", "/contacts/gdpr-delete", {"objectId": made})
    assert gone.status_code == 204
    assert account.call("GET", f"/contacts/{made}", archived="true").status_code == 404
    again = account.call("POST", "/contacts", {"properties": {"email": "slettet@x.example"}})
    assert again.is_error


def test_the_paths_by_date_are_the_same_calls(account: Account) -> None:
    old = rows(account.session.get(f"{OBJECTS}/contacts"))
    new = rows(account.session.get("/crm/objects/2026-03/contacts"))
    assert (old, len(old) > 3) == (new, True)
    assert account.session.get("/account-info/2026-03/details").json()["portalId"]


def test_searches_are_sorted_and_filtered(account: Account) -> None:
    for mail in ("c@sort.example", "a@sort.example", "b@sort.example"):
        account.make("contacts", email=mail, firstname="Sortert")
    chosen = {"propertyName": "firstname", "operator": "EQ", "value": "SORTERT"}
    for sort in ("email", {"propertyName": "email", "direction": "ASCENDING"}):
        asked = {"filterGroups": [{"filters": [chosen]}], "sorts": [sort], "properties": ["email"]}
        found = rows(account.call("POST", "/contacts/search", asked))
        mails = [row["properties"]["email"] for row in found]
        assert all(one < other for one, other in pairwise(mails))
        assert len(mails) == 3
    upper = {"propertyName": "firstname", "operator": "IN", "values": ["SORTERT"]}
    asked = {"filterGroups": [{"filters": [upper]}]}
    # The values of a list must be in lower case.
    assert rows(account.call("POST", "/contacts/search", asked)) == []


def test_the_account_s_properties_can_be_listed_and_made(account: Account) -> None:
    listed = rows(account.session.get("/crm/v3/properties/contacts"))
    known = {one["name"]: one for one in listed}
    assert known["associatedcompanyid"]["modificationMetadata"]["readOnlyValue"] is True
    assert known["specbridge_reference"]["hasUniqueValue"] is True
    asked = {"name": "customer_no", "label": "No", "type": "string", "hasUniqueValue": True}
    assert account.session.post("/crm/v3/properties/contacts", json=asked).status_code == 201
    first = account.make("contacts", firstname="A", customer_no="7")
    refused = account.call(
        "POST", "/contacts", {"properties": {"firstname": "B", "customer_no": "7"}}
    )
    assert (refused.status_code, first in refused.json()["message"]) == (400, True)
