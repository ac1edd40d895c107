"""PowerOffice Go's traps: what a naive client makes of each is wrong, what a careful one makes is right.

Each test plays both against the sandbox, so that it fails where the sandbox is kinder than the vendor.
"""

import json
from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox

PATCH = {"Content-Type": "application/json-patch+json"}
SINCE = "lastChangedDateTimeOffsetGreaterThan"
CHANGED = "LastChangedDateTimeOffset"


def patch(client: httpx.Client, path: str, *operations: dict[str, Any]) -> httpx.Response:
    return client.patch(path, content=json.dumps(operations), headers=PATCH)


def customers(sessions: Sessions) -> list[dict[str, Any]]:
    return sessions.sandbox.poweroffice.records("Customers")


def firm(sessions: Sessions) -> dict[str, Any]:
    return next(row for row in customers(sessions) if not row["IsPerson"])


def test_no_rows_are_no_json(sessions: Sessions) -> None:
    answer = sessions.poweroffice.get("/Customers", params={SINCE: "2199-01-01T00:00:00Z"})
    assert answer.status_code == 204
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


def test_a_page_in_a_parameter_that_there_is_not_is_the_first(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(records=60, limits=LimitsPlan.OFF))

    def page(**words: object) -> list[int]:
        answer = sessions.poweroffice.get(
            "/Customers", params={k: str(v) for k, v in words.items()}
        )
        return [row["Id"] for row in answer.json()]

    generated = {"resourceParameter[PageNumber]": 2, "resourceParameter[PageSize]": 20}
    assert len(page(**generated)) == 60
    assert (
        page(PageNumber=2, PageSize=20, OrderBy="Id")
        == [row["Id"] for row in customers(sessions)][20:40]
    )


def test_the_instant_that_is_asked_from_is_left_out_and_has_seven_digits(
    sessions: Sessions,
) -> None:
    client = sessions.poweroffice
    newest = max(customers(sessions), key=lambda row: str(row[CHANGED]))
    at = str(newest[CHANGED])
    assert client.get("/Customers", params={SINCE: at}).status_code == 204
    # Cut to six digits it comes again; rounded up, what came in the same microsecond would be lost.
    cut = f"{at[:-2]}Z" if at[-2] != "0" else f"{at[:19]}Z"
    assert newest["Id"] in [
        row["Id"] for row in client.get("/Customers", params={SINCE: cut}).json()
    ]
    second, fraction = at.rstrip("Z").split(".")
    assert len(fraction) == 7
    up = f"{second[:17]}{int(second[17:19]):02d}.9999999Z"
    assert client.get("/Customers", params={SINCE: up}).status_code == 204


def test_an_edited_address_is_seen_by_no_filter(sessions: Sessions) -> None:
    client, row = sessions.poweroffice, firm(sessions)
    newest = max(str(one[CHANGED]) for one in customers(sessions))
    address = {"op": "add", "path": "/MailAddress", "value": {"City": "Bergen", "ZipCode": "5003"}}
    patch(client, f"/Customers/{row['Id']}", address).raise_for_status()
    patch(
        client,
        f"/Customers/{row['Id']}",
        {"op": "replace", "path": "/MailAddress/City", "value": "Voss"},
    ).raise_for_status()
    changed = client.get("/Customers", params={SINCE: newest})
    # What a run that only asks for changes sees; the whole list shows the edit.
    seen = [] if changed.status_code == 204 else [one["Id"] for one in changed.json()]
    assert row["Id"] not in seen
    now = next(one for one in client.get("/Customers").json() if one["Id"] == row["Id"])
    assert now["MailAddress"]["City"] == "Voss"


def test_a_deletion_is_told_by_nothing(sessions: Sessions) -> None:
    client = sessions.poweroffice
    made = client.post("/Customers", json={"Name": "Kort Liv AS"}).raise_for_status().json()
    newest = max(str(one[CHANGED]) for one in customers(sessions))
    client.delete(f"/Customers/{made['Id']}").raise_for_status()
    assert client.get("/Customers", params={SINCE: newest}).status_code == 204
    assert made["Id"] not in [row["Id"] for row in client.get("/Customers").json()]
    assert client.get(f"/Customers/{made['Id']}").status_code == 404


def test_a_404_is_not_always_a_record_that_is_gone(sessions: Sessions) -> None:
    client = sessions.poweroffice
    assert client.get("/Customers", params={"contactGroupIds": "424242"}).status_code == 404
    sent = {"Name": "Ny AS", "DepartmentCode": "nowhere"}
    refused = client.post("/Customers", json=sent)
    assert refused.status_code == 404
    assert "Department with code" in refused.json()["detail"]


def test_a_patch_is_no_plain_json(sessions: Sessions) -> None:
    client, row = sessions.poweroffice, firm(sessions)
    path = f"/Customers/{row['Id']}"
    assert client.patch(path, json={"PhoneNumber": "1"}).status_code in (400, 415)
    change = {"op": "replace", "path": "/phonenumber", "value": "22 22 22 22"}
    assert patch(client, path, change).json()["PhoneNumber"] == "22 22 22 22"


def test_a_property_that_a_patch_does_not_know_refuses_all_of_it(sessions: Sessions) -> None:
    client, row = sessions.poweroffice, firm(sessions)
    path = f"/Customers/{row['Id']}"
    known = {"op": "replace", "path": "/PhoneNumber", "value": "33 33 33 33"}
    unknown = {"op": "replace", "path": "/DepartmentCode", "value": "10"}
    assert patch(client, path, known, unknown).status_code == 400
    assert client.get(path).json()["PhoneNumber"] == row["PhoneNumber"]


def test_a_part_of_an_address_that_is_not_there_cannot_be_patched(sessions: Sessions) -> None:
    client = sessions.poweroffice
    made = client.post("/Customers", json={"Name": "Uten Adresse AS"}).json()
    path = f"/Customers/{made['Id']}"
    part = {"op": "replace", "path": "/MailAddress/City", "value": "Voss"}
    assert patch(client, path, part).status_code == 400
    whole = {"op": "replace", "path": "/MailAddress", "value": {"City": "Voss", "ZipCode": "5700"}}
    assert patch(client, path, whole).json()["MailAddress"]["City"] == "Voss"


def test_an_address_needs_city_and_zip_code(sessions: Sessions) -> None:
    sent = {"Name": "Halv Adresse AS", "MailAddress": {"City": "Voss"}}
    assert sessions.poweroffice.post("/Customers", json=sent).status_code == 400


def test_a_department_is_inactive_unless_it_is_said(sessions: Sessions) -> None:
    client = sessions.poweroffice
    naive = client.post("/Departments", json={"Name": "Nytt", "Code": "90"}).json()
    careful = client.post("/Departments", json={"Name": "Nyere", "Code": "91", "IsActive": True})
    assert (naive["IsActive"], careful.json()["IsActive"]) == (False, True)


def test_a_hidden_value_reads_as_a_word(sessions: Sessions) -> None:
    client = sessions.poweroffice
    sent = {
        "IsPerson": True,
        "FirstName": "Ny",
        "LastName": "Person",
        "NationalIdNumber": "01019912345",
    }
    made = client.post("/Customers", json=sent).raise_for_status().json()
    # Who writes back what was read writes this word over the number.
    assert made["NationalIdNumber"] == "hidden"


def test_a_person_has_no_name_and_a_firm_has_one(sessions: Sessions) -> None:
    client = sessions.poweroffice
    assert (
        client.post("/Customers", json={"IsPerson": True, "Name": "Ny Person"}).status_code == 400
    )
    assert client.post("/Customers", json={"FirstName": "Ny", "LastName": "P"}).status_code == 400


def test_a_duplicate_is_a_400(sessions: Sessions) -> None:
    client = sessions.poweroffice
    sent = {"Name": "Ny AS", "ExternalImportReference": "ref-1"}
    assert client.post("/Customers", json=sent).status_code == 201
    again = client.post("/Customers", json=sent)
    assert again.status_code == 400
    assert "already in use" in again.json()["detail"]


def test_wrong_keys_are_a_400_at_the_token_call(sessions: Sessions) -> None:
    environment = sessions.sandbox.environment
    answer = httpx.post(
        environment["POWEROFFICE_GO_TOKEN_URL"],
        data={"grant_type": "client_credentials"},
        auth=("wrong", "keys"),
        headers={"Ocp-Apim-Subscription-Key": environment["POWEROFFICE_GO_SUBSCRIPTION_KEY"]},
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_eleven_requests_in_a_second_are_one_too_many(start: StartSandbox) -> None:
    client = start(SandboxOptions()).poweroffice
    statuses = [client.get("/Departments").status_code for _ in range(25)]
    assert 429 in statuses


def test_a_comma_cannot_be_asked_for(sessions: Sessions) -> None:
    client = sessions.poweroffice
    sent = {"Name": "Komma, og mer", "Code": "A,B", "IsActive": True}
    client.post("/Departments", json=sent).raise_for_status()
    assert client.get("/Departments", params={"codes": "A,B"}).status_code == 204
    assert "A,B" in [row["Code"] for row in client.get("/Departments").json()]


def test_an_empty_success_means_that_nothing_was_written(sessions: Sessions) -> None:
    client, row = sessions.poweroffice, firm(sessions)
    path = f"/Customers/{row['Id']}"
    answer = patch(
        client, path, {"op": "replace", "path": "/EmailAddress", "value": "per@gmail.c0m"}
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.get(path).json()["EmailAddress"] == row["EmailAddress"]


def test_a_contact_person_stays_with_its_customer(sessions: Sessions) -> None:
    person = sessions.sandbox.poweroffice.records("ContactPersons")[0]
    other = next(row["Id"] for row in customers(sessions) if row["Id"] != person["ContactId"])
    client = sessions.poweroffice
    path = f"/ContactPersons/{person['ContactId']}/{person['Id']}"
    move = {"op": "replace", "path": "/ContactId", "value": other}
    assert patch(client, path, move).status_code == 400
    # Reading one needs both ids.
    assert client.get(f"/ContactPersons/{other}/{person['Id']}").status_code == 404
