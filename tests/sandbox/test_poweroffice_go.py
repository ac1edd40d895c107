"""PowerOffice Go on loopback does what the vendor's pages say, traps included."""

import httpx
import pytest
from specbridge.sandbox.options import SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox, sign_in

PATCH = {"Content-Type": "application/json-patch+json"}
FJELLHEIM = 10_001


def patch(client: httpx.Client, path: str, *operations: dict[str, object]) -> httpx.Response:
    return client.patch(path, json=list(operations), headers=PATCH)


def replace(path: str, value: object) -> dict[str, object]:
    return {"op": "replace", "path": path, "value": value}


def test_wrong_keys_are_a_400_of_the_token_call(sessions: Sessions) -> None:
    environment = {**sessions.sandbox.environment, "POWEROFFICE_GO_CLIENT_KEY": "wrong"}
    answer = sign_in(environment)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_a_wrong_subscription_key_is_a_401(sessions: Sessions) -> None:
    wrong = {"Ocp-Apim-Subscription-Key": "wrong"}
    assert sessions.poweroffice.get("/Customers", headers=wrong).status_code == 401


def test_a_token_ends(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(token_seconds=60))
    assert sessions.poweroffice.get("/Departments").status_code == 200
    sessions.sandbox.poweroffice.advance(61)
    assert sessions.poweroffice.get("/Departments").status_code == 401


def test_an_empty_page_is_204_without_a_body(sessions: Sessions) -> None:
    answer = sessions.poweroffice.get("/Customers", params={"PageNumber": 2})
    assert (answer.status_code, answer.content) == (204, b"")


def test_pages_and_chosen_properties(sessions: Sessions) -> None:
    query = {"PageSize": "3", "PageNumber": "2", "OrderBy": "Id desc", "Fields": "Id,Name"}
    rows = sessions.poweroffice.get("/Customers", params=query).json()
    assert [row["Id"] for row in rows] == [10_007, 10_006, 10_005]
    assert set(rows[0]) == {"Id", "Name"}


def test_the_change_filter_excludes_the_instant_itself(sessions: Sessions) -> None:
    rows = sessions.poweroffice.get("/Customers").json()
    newest = max(row["LastChangedDateTimeOffset"] for row in rows)
    query = {"lastChangedDateTimeOffsetGreaterThan": newest}
    assert sessions.poweroffice.get("/Customers", params=query).status_code == 204
    before = {"lastChangedDateTimeOffsetGreaterThan": newest[:-2] + "0Z"}
    assert len(newest.partition(".")[2]) == 8  # seven digits and the zone
    assert sessions.poweroffice.get("/Customers", params=before).status_code in (200, 204)


def test_a_patch_matches_names_case_aside_and_stamps_the_record(sessions: Sessions) -> None:
    before = sessions.poweroffice.get(f"/Customers/{FJELLHEIM}").json()
    answer = patch(sessions.poweroffice, f"/Customers/{FJELLHEIM}", replace("/name", "Fjell"))
    assert answer.json()["Name"] == "Fjell"
    assert answer.json()["LastChangedDateTimeOffset"] > before["LastChangedDateTimeOffset"]


@pytest.mark.parametrize(
    ("operations", "status"),
    [
        pytest.param([{"op": "test", "path": "/Name", "value": "else"}], 400, id="test fails"),
        pytest.param([replace("/Id", 1)], 400, id="read-only"),
        pytest.param([replace("/DepartmentCode", "x")], 400, id="post only"),
        pytest.param([replace("/Nonsense", 1)], 400, id="unknown"),
        pytest.param([replace("/Name", None)], 400, id="required"),
        pytest.param([replace("/MailAddress/City", "Oslo")], 200, id="nested"),
        pytest.param([{"op": "remove", "path": "/WebsiteUrl"}], 200, id="remove"),
        pytest.param([{"op": "add", "path": "/ContactGroupIds/-", "value": 7}], 200, id="append"),
        pytest.param(
            [{"op": "test", "path": "/Name", "value": "Fjellheim Kaffe AS"}, replace("/Name", "F")],
            200,
            id="test holds",
        ),
    ],
)
def test_patches(sessions: Sessions, operations: list[dict[str, object]], status: int) -> None:
    answer = patch(sessions.poweroffice, f"/Customers/{FJELLHEIM}", *operations)
    assert answer.status_code == status, answer.text


def test_a_patch_is_applied_whole_or_not_at_all(sessions: Sessions) -> None:
    operations = [replace("/Name", "Half"), replace("/Nonsense", 1)]
    patch(sessions.poweroffice, f"/Customers/{FJELLHEIM}", *operations)
    row = sessions.poweroffice.get(f"/Customers/{FJELLHEIM}").json()
    assert row["Name"] == "Fjellheim Kaffe AS"


def test_external_references_are_unique(sessions: Sessions) -> None:
    sent = {"Name": "Ny", "ExternalImportReference": "ABC123"}
    assert sessions.poweroffice.post("/Customers", json=sent).status_code == 201
    answer = sessions.poweroffice.post("/Customers", json={**sent, "Name": "Ny 2"})
    assert answer.status_code == 400
    assert "already in use" in answer.json()["detail"]
    found = sessions.poweroffice.get("/Customers", params={"externalImportReference": "ABC123"})
    assert [row["Name"] for row in found.json()] == ["Ny"]


def test_a_person_needs_both_names(sessions: Sessions) -> None:
    answer = sessions.poweroffice.post("/Customers", json={"IsPerson": True, "FirstName": "Kari"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "LastName is required.")


def test_contact_persons_live_below_their_contact(sessions: Sessions) -> None:
    client = sessions.poweroffice
    sent = {"FirstName": "Ny", "LastName": "Person"}
    created = client.post(f"/ContactPersons/{FJELLHEIM}", json=sent).json()
    assert created["ContactId"] == FJELLHEIM
    assert client.get(f"/ContactPersons/{FJELLHEIM}/{created['Id']}").status_code == 200
    assert client.get(f"/ContactPersons/{FJELLHEIM + 1}/{created['Id']}").status_code == 404
    assert client.post("/ContactPersons/1", json=sent).status_code == 404


def test_a_department_is_inactive_by_default_and_gives_no_body_back(sessions: Sessions) -> None:
    created = sessions.poweroffice.post("/Departments", json={"Name": "Ny"}).json()
    assert created["IsActive"] is False
    answer = patch(sessions.poweroffice, f"/Departments/{created['Id']}", replace("/Name", "Nyere"))
    assert (answer.status_code, answer.content) == (200, b"")


def test_what_is_in_use_cannot_be_deleted(sessions: Sessions) -> None:
    answer = sessions.poweroffice.delete(f"/Customers/{FJELLHEIM}")
    assert (answer.status_code, answer.json()["title"]) == (409, "Customer conflict")


def test_ten_requests_a_second(start: StartSandbox) -> None:
    client = start(SandboxOptions()).poweroffice
    answers = [client.get("/Departments") for _ in range(12)]
    assert {a.status_code for a in answers[:10]} == {200}
    assert answers[11].status_code == 429
    assert int(answers[11].headers["Retry-After"]) >= 1


def test_the_token_call_is_limited_in_words_of_its_own(start: StartSandbox) -> None:
    sessions = start(SandboxOptions())
    address = sessions.sandbox.environment["POWEROFFICE_GO_TOKEN_URL"]
    answers = [sessions.poweroffice.post(address) for _ in range(12)]
    assert (answers[-1].status_code, answers[-1].json()["statusCode"]) == (429, "429")


@pytest.mark.parametrize(
    ("kind", "sent", "status"),
    [
        ("Suppliers", {"Name": "Lever AS"}, 201),
        ("Employees", {"FirstName": "Eli", "LastName": "Foss"}, 201),
        ("ContactGroups", {"Name": "Gruppe"}, 201),
        ("Products", {"Name": "Vare", "Code": "V1"}, 200),
        ("Projects", {"Name": "Prosjekt", "Code": "P1"}, 201),
    ],
)
def test_other_kinds(sessions: Sessions, kind: str, sent: dict[str, str], status: int) -> None:
    client = sessions.poweroffice
    created = client.post(f"/{kind}", json=sent)
    assert created.status_code == status
    identifier = created.json()["Id"]
    assert client.get(f"/{kind}/{identifier}").json() == created.json()
    assert client.delete(f"/{kind}/{identifier}").status_code == 200
    assert client.get(f"/{kind}/{identifier}").status_code == 404


def test_capitals_in_paths_make_no_difference(sessions: Sessions) -> None:
    assert sessions.poweroffice.get(f"/customers/{FJELLHEIM}").json()["Id"] == FJELLHEIM
