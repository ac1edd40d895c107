"""What PowerOffice Go takes and refuses: types, enums, lengths, codes; addresses; who is default."""

from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Sessions

Row = dict[str, Any]
FJELLHEIM = 10_001
SOLBERG = 10_009  # a person
PATCH = {"Content-Type": "application/json-patch+json"}


def patch(client: httpx.Client, path: str, *operations: Row) -> httpx.Response:
    return client.patch(path, json=list(operations), headers=PATCH)


def replace(path: str, value: object) -> Row:
    return {"op": "replace", "path": path, "value": value}


REFUSED = [
    pytest.param({"Name": 5}, 400, id="a number for a text"),
    pytest.param({"IsVatFree": "true"}, 400, id="a text for a boolean"),
    pytest.param({"DepartmentId": "x"}, 400, id="a text for a number"),
    pytest.param({"Number": True}, 400, id="a boolean for a number"),
    pytest.param({"CustomerSince": "yesterday"}, 400, id="no day"),
    pytest.param({"CustomerSince": "2024-02-30"}, 400, id="no day of the year"),
    pytest.param({"ContactGroupIds": [True, "x"]}, 400, id="no list of ids"),
    pytest.param({"MailAddress": "Voss"}, 400, id="no address"),
    pytest.param({"InvoiceDeliveryType": "Pigeon"}, 400, id="unknown name of an enum"),
    pytest.param({"ExternalImportReference": "x" * 51}, 400, id="too long a reference"),
    pytest.param({"CurrencyCode": "kroner"}, 400, id="no currency"),
    pytest.param({"InvoiceEmailAddressCC": "a@b.example;" * 11}, 400, id="eleven copies"),
    pytest.param({"Number": 17}, 400, id="not in the series"),
    pytest.param({"EmailAddress": "nonsense"}, 400, id="no e-mail"),
]


@pytest.mark.parametrize(("sent", "status"), REFUSED)
def test_refused_values(sessions: Sessions, sent: Row, status: int) -> None:
    client = sessions.poweroffice
    before = sessions.sandbox.poweroffice.records("Customers")
    assert client.post("/Customers", json={"Name": "Ny", **sent}).status_code == status
    operations = [replace(f"/{name}", value) for name, value in sent.items()]
    answer = patch(client, f"/Customers/{FJELLHEIM}", replace("/Name", "Ny"), *operations)
    assert (answer.status_code, answer.json()["title"]) == (400, "Customer validation error(s)")
    assert sessions.sandbox.poweroffice.records("Customers") == before


@pytest.mark.parametrize(
    "sent",
    [
        {"ExternalImportReference": "x" * 50},
        {"InvoiceDeliveryType": "pdfbyemail"},
        {"CustomerSince": "2024-02-29"},
        {"Allowance": 5},
        {"Number": 12_345},
    ],
)
def test_taken_values(sessions: Sessions, sent: Row) -> None:
    answer = sessions.poweroffice.post("/Customers", json={"Name": "Ny", **sent})
    assert answer.status_code == 201
    (name, value), *_ = sent.items()
    assert str(answer.json()[name]).lower() == str(value)


@pytest.mark.parametrize("verb", ["POST", "PATCH"])
def test_a_mistyped_address_is_refused_by_an_empty_200(sessions: Sessions, verb: str) -> None:
    client = sessions.poweroffice
    before = sessions.sandbox.poweroffice.records("Customers")
    sent = {"Name": "Ny", "EmailAddress": "post@havblikk.n0"}
    if verb == "POST":
        answer = client.post("/Customers", json=sent)
    else:
        path = f"/Customers/{FJELLHEIM}"
        answer = patch(client, path, replace("/EmailAddress", sent["EmailAddress"]))
    assert (answer.status_code, answer.content) == (200, b"")
    assert sessions.sandbox.poweroffice.records("Customers") == before


def test_a_code_gives_the_id_and_an_unknown_one_is_a_404(sessions: Sessions) -> None:
    client = sessions.poweroffice
    department = client.post("/Departments", json={"Name": "Ny", "Code": "N1"}).json()["Id"]
    created = client.post("/Customers", json={"Name": "A", "DepartmentCode": "N1"}).json()
    assert (created["DepartmentId"], created["DepartmentCode"]) == (department, "N1")
    answer = client.post("/Customers", json={"Name": "B", "DepartmentCode": "Avdeling10"})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "Department with code = 'Avdeling10' not found."
    both = {"Name": "C", "DepartmentCode": "Avdeling10", "DepartmentId": department}
    assert client.post("/Customers", json=both).status_code == 201


def test_a_number_series_is_taken_and_never_answered(sessions: Sessions) -> None:
    series = "f575b4b0-55be-4b56-b01f-44b204df82c5"
    sent = {"Name": "Ny", "SubLedgerNumberSeriesId": series}
    created = sessions.poweroffice.post("/Customers", json=sent)
    assert created.status_code == 201
    assert "SubLedgerNumberSeriesId" not in created.json()
    wrong = {**sent, "SubLedgerNumberSeriesId": "one"}
    assert sessions.poweroffice.post("/Customers", json=wrong).status_code == 400


def test_a_national_number_is_hidden_from_whoever_reads_it(sessions: Sessions) -> None:
    client = sessions.poweroffice
    path = f"/Customers/{SOLBERG}"
    assert client.get(path).json()["NationalIdNumber"] is None
    answer = patch(client, path, replace("/NationalIdNumber", "01017012345"))
    assert answer.json()["NationalIdNumber"] == "hidden"


def test_an_edited_address_moves_its_own_instant_only(sessions: Sessions) -> None:
    client = sessions.poweroffice
    path = f"/Customers/{FJELLHEIM}"
    before = client.get(path).json()
    after = patch(client, path, replace("/mailAddress/addressLine1", "Kaia 1")).json()
    old, new = before["MailAddress"], after["MailAddress"]
    assert after["LastChangedDateTimeOffset"] == before["LastChangedDateTimeOffset"]
    assert (new["Id"], new["AddressLine1"]) == (old["Id"], "Kaia 1")
    assert new["LastChangedDateTimeOffset"] > old["LastChangedDateTimeOffset"]
    query = {"lastChangedDateTimeOffsetGreaterThan": before["LastChangedDateTimeOffset"]}
    rows = client.get("/Customers", params=query).json()
    assert FJELLHEIM not in {row["Id"] for row in rows}
    both = patch(client, path, replace("/MailAddress/City", "Bergen"), replace("/Name", "Ny"))
    assert both.json()["LastChangedDateTimeOffset"] > before["LastChangedDateTimeOffset"]


def test_members_of_addresses(sessions: Sessions) -> None:
    client = sessions.poweroffice
    sent = {"City": "Voss", "ZipCode": "5700", "ExternalCode": "a1", "Planet": "Earth"}
    created = client.post("/Customers", json={"Name": "Ny", "MailAddress": sent}).json()
    stamps = {"Id", "LastChangedDateTimeOffset"}
    parts = {"AddressLine1", "AddressLine2", "City", "CountryCode", "ExternalCode", "ZipCode"}
    assert set(created["MailAddress"]) == parts | stamps
    assert created["MailAddress"]["CountryCode"] == "NO"
    person = {"FirstName": "Eli", "LastName": "Foss", "MailAddress": sent}
    shown = client.post(f"/ContactPersons/{FJELLHEIM}", json=person).json()["MailAddress"]
    assert set(shown) == parts - {"ExternalCode"}
    again = client.post("/Customers", json={"Name": "Ny 2", "MailAddress": sent})
    assert (again.status_code, "ExternalCode is already in use" in again.text) == (400, True)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ({"City": "Voss"}, 400),
        ({"City": "Voss", "ZipCode": "5700", "CountryCode": "NOR"}, 400),
        ({"City": "x" * 101, "ZipCode": "5700"}, 400),
        ({"city": "Voss", "zipCode": "5700", "CountryCode": "SE"}, 200),
        (None, 200),
    ],
)
def test_a_whole_address(sessions: Sessions, address: Row | None, status: int) -> None:
    client, path = sessions.poweroffice, f"/Customers/{FJELLHEIM}"
    assert patch(client, path, replace("/MailAddress", address)).status_code == status


@pytest.mark.parametrize("path", ["/MailAddress/Id", "/MailAddress/Planet", "/Name/First"])
def test_paths_that_lead_nowhere(sessions: Sessions, path: str) -> None:
    answer = patch(sessions.poweroffice, f"/Customers/{FJELLHEIM}", replace(path, "x"))
    assert (answer.status_code, "was not found" in answer.json()["detail"]) == (400, True)


def test_persons_have_no_contact_persons(sessions: Sessions) -> None:
    sent = {"FirstName": "Eli", "LastName": "Foss"}
    answer = sessions.poweroffice.post(f"/ContactPersons/{SOLBERG}", json=sent)
    assert answer.status_code == 400


def test_a_customer_has_one_default_contact_person(sessions: Sessions) -> None:
    client = sessions.poweroffice
    first, second, *_ = sessions.sandbox.poweroffice.records("ContactPersons")
    for row in (first, second):
        patch(client, f"/ContactPersons/{FJELLHEIM}/{row['Id']}", replace("/IsDefault", True))
    rows = client.get("/ContactPersons", params={"contactIds": str(FJELLHEIM)}).json()
    assert {row["Id"]: row["IsDefault"] for row in rows} == {
        first["Id"]: False,
        second["Id"]: True,
    }


def test_groups_are_put_in_and_taken_out(sessions: Sessions) -> None:
    client, path = sessions.poweroffice, f"/Customers/{FJELLHEIM}"
    add = {"op": "add", "path": "/ContactGroupIds/-"}
    answer = patch(client, path, {**add, "value": "3"}, {**add, "value": 5})
    assert answer.json()["ContactGroupIds"] == [3, 5]
    answer = patch(client, path, {"op": "remove", "path": "/ContactGroupIds/-"})
    assert answer.json()["ContactGroupIds"] == [3]
