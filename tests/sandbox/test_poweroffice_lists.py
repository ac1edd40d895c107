"""Lists of PowerOffice Go: pages that link to the next, filters with ranges, what is refused."""

import json
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Sessions

Row = dict[str, Any]


def ids(answer: httpx.Response) -> list[int]:
    return [row["Id"] for row in answer.json()] if answer.status_code == 200 else []


def test_links_lead_to_all_rows_of_the_filter(sessions: Sessions) -> None:
    client = sessions.poweroffice
    query = {"customerNos": "10002-10006", "PageSize": "2", "pageNumber": "1", "OrderBy": "Id desc"}
    answer = client.get("/Customers", params=query)
    seen = ids(answer)
    while link := json.loads(answer.headers["X-Pagination"]).get("nextPageLink"):
        answer = client.get(link)
        seen += ids(answer)
    assert seen == [10006, 10005, 10004, 10003, 10002]
    assert link is None


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ("10003", [10003]),
        ("10001-10003", [10001, 10002, 10003]),
        ("10009-", [10009, 10010]),
        (" 10001 , 10004-10005, 10010-", [10001, 10004, 10005, 10010]),
        ("1-5", []),
        (" ", list(range(10001, 10011))),
    ],
)
def test_ranges_of_numbers(sessions: Sessions, numbers: str, found: list[int]) -> None:
    assert ids(sessions.poweroffice.get("/Customers", params={"customerNos": numbers})) == found


@pytest.mark.parametrize(
    ("path", "query"),
    [
        pytest.param("/Customers", {"customerNos": "ten"}, id="no number"),
        pytest.param("/Customers", {"customerNos": "10001-x"}, id="no range"),
        pytest.param("/Customers", {"contactGroupIds": "x"}, id="no id"),
        pytest.param("/Departments", {"isActive": "perhaps"}, id="no boolean"),
        pytest.param("/Products", {"type": "Thing"}, id="no name of an enum"),
        pytest.param("/Customers", {"lastChangedDateTimeOffsetGreaterThan": "soon"}, id="no date"),
        pytest.param("/Customers", {"PageSize": "many"}, id="no size"),
        pytest.param("/Customers", {"OrderBy": "Nonsense"}, id="no property"),
        pytest.param("/Customers", {"$top": "5"}, id="the first version"),
    ],
)
def test_parameters_that_cannot_be_read(sessions: Sessions, path: str, query: Row) -> None:
    answer = sessions.poweroffice.get(path, params=query)
    assert (answer.status_code, answer.json()["title"]) == (400, "Unable to cast object(s)")


def test_an_unknown_contact_group_is_a_404_of_the_list(sessions: Sessions) -> None:
    client = sessions.poweroffice
    answer = client.get("/Customers", params={"contactGroupIds": "5"})
    assert (answer.status_code, answer.json()["title"]) == (404, "Object(s) not found")
    group = client.post("/ContactGroups", json={"Name": "Gruppe"}).json()["Id"]
    created = client.post("/Customers", json={"Name": "Ny", "ContactGroupIds": [group]}).json()
    assert ids(client.get("/Customers", params={"contactGroupIds": str(group)})) == [created["Id"]]


def test_a_reference_may_hold_a_comma_where_only_one_can_be_asked_for(sessions: Sessions) -> None:
    client = sessions.poweroffice
    sent = {"Name": "Ny", "ExternalImportReference": "a,b"}
    created = client.post("/Customers", json=sent).json()
    query = {"externalImportReference": "A,B"}
    assert ids(client.get("/Customers", params=query)) == [created["Id"]]
    client.post("/Departments", json={"Name": "Ny", "Code": "a,b"})
    assert client.get("/Departments", params={"codes": "a,b"}).status_code == 204


def test_names_of_projects_are_found_by_a_part(sessions: Sessions) -> None:
    client = sessions.poweroffice
    client.post("/Projects", json={"Name": "Nytt verft"})
    assert client.get("/Projects", params={"name": "VERFT"}).status_code == 200
    assert client.get("/Departments", params={"name": "Sal"}).status_code == 204


def test_types_are_asked_for_whatever_their_capitals(sessions: Sessions) -> None:
    client = sessions.poweroffice
    client.post("/Products", json={"Name": "Timer", "ProductType": "service"})
    (row,) = client.get("/Products", params={"type": "SERVICE"}).json()
    assert row["ProductType"] == "Service"
