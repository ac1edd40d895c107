"""What Tripletex's pages leave open is done one way by default, and the other where it is asked for."""

from collections.abc import Callable

import httpx
import pytest
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan

from tests.sandbox.tripletex.conftest import Company, Start, open_session

Observe = Callable[[Company], object]
FOREIGN = {"id": 191}


def post(company: Company, kind: str, **sent: object) -> httpx.Response:
    return company.client.post(f"/{kind}", json=sent)


def count(company: Company, kind: str, **query: str) -> int:
    answer = company.client.get(f"/{kind}", params=query)
    return len(answer.json()["values"]) if answer.is_success else -answer.status_code


def wrong_tokens(company: Company) -> object:
    return open_session(company.environment, employeeToken="nobody's").status_code


def language(company: Company) -> object:
    told = post(company, "customer", name=None).json()["validationMessages"][0]["message"]
    user = company.client.get("/token/session/%3EwhoAmI").json()["value"]
    return told, user["language"]


def order(company: Company) -> object:
    ids = [row["id"] for row in company.client.get("/department").json()["values"]]
    return ids == sorted(ids)


def most_rows(company: Company) -> object:
    company.system.most_rows = 1
    return count(company, "contact"), count(company, "department")


def page_size(company: Company) -> object:
    for number in range(1001):
        company.system.state.rows["department"][number] = {
            **company.system.state.rows["department"][80_000_014],
            "id": number,
        }
    return count(company, "department", count="2000")


def since(company: Company) -> object:
    latest = company.rows("customer")[0]["changes"][-1]["timestamp"]
    found = company.client.get(
        "/customer", params={"changedSince": latest, "sorting": "id"}
    ).json()["values"]
    return found[0]["name"] == "Nordlys Elektro AS"


def since_by_which_clock(company: Company) -> object:
    # The first one was changed at nine o'clock in Norway, which is eight by UTC.
    changed = company.rows("customer")[0]["changes"][-1]["timestamp"]
    assert changed.startswith("2024-03-01T09:00:00+01:00")
    found = company.client.get("/customer", params={"changedSince": "2024-03-01T08:30:00"})
    return company.rows("customer")[0]["id"] in [row["id"] for row in found.json()["values"]]


def edited_address(company: Company) -> object:
    row = company.rows("customer")[0]
    address = row["postalAddress"]
    company.put("customer", row, postalAddress={"id": address["id"], "city": "Narvik"})
    held = company.rows("customer")[0]
    same = held["version"] == row["version"]
    return held["postalAddress"]["city"], same, held["postalAddress"]["postalCode"]


def address_without_id(company: Company) -> object:
    row = company.rows("customer")[0]
    company.put("customer", row, postalAddress={"city": "Narvik"})
    held = company.rows("customer")[0]["postalAddress"]
    return held["id"] == row["postalAddress"]["id"]


def emptied(company: Company) -> object:
    row = company.row("customer", name="Tripletex Alene AS")
    answers = [company.put("customer", row, email=value).status_code for value in (None, "")]
    return answers, company.row("customer", id=row["id"])["email"]


def numbers(company: Company) -> object:
    taken = company.rows("supplier")[0]["supplierNumber"]
    return post(company, "supplier", name="Ny", supplierNumber=taken).status_code


def organizations(company: Company) -> object:
    answers = [post(company, "customer", name="Ny", organizationNumber="987654321") for _ in "12"]
    return [answer.status_code for answer in answers]


def id_on_post(company: Company) -> object:
    answer = post(company, "department", name="Ny", id=5)
    return answer.status_code, answer.json()["validationMessages"][0]["field"]


def moved_contact(company: Company) -> object:
    row = company.row("contact", firstName="Marte")
    other = company.rows("customer")[1]["id"]
    return company.put("contact", row, customer={"id": other}).status_code


def both_lists(company: Company) -> object:
    row = company.add("customer", name="Begge Deler AS", isSupplier=True)
    other = company.row("supplier", name="Begge Deler AS")
    company.put("customer", row, phoneNumber="33 33 33 33")
    again = company.row("supplier", name="Begge Deler AS")
    return other["id"] == row["id"], again["phoneNumber"]


def throttled(company: Company) -> object:
    answers = [company.client.get("/country", params={"count": "1"}) for _ in range(230)]
    refused = [one for one in answers if one.status_code == 429]
    return bool(refused), "X-Rate-Limit-Reset" in refused[0].headers


CASES: dict[Doubt, tuple[Observe, object, object]] = {
    Doubt.TX_BAD_TOKENS_422: (wrong_tokens, 401, 422),
    Doubt.TX_ENGLISH: (language, ("Kan ikke være null.", "no"), ("Cannot be null.", "en")),
    Doubt.TX_INACTIVE_LISTED: (lambda company: count(company, "customer"), 7, 8),
    Doubt.TX_NEWEST_FIRST: (order, True, False),
    Doubt.TX_SMALL_PAGES: (page_size, 1003, 1000),
    Doubt.TX_LARGE_RESULTS: (most_rows, (-422, -422), (5, -422)),
    Doubt.TX_EXACT_NAMES: (lambda c: count(c, "customer", customerName="nordlys"), 1, 0),
    Doubt.TX_SINCE_IGNORED: (
        lambda company: count(company, "customer", changedSince="2030-01-01T00:00:00"),
        0,
        7,
    ),
    Doubt.TX_SINCE_INCLUDED: (since, False, True),
    Doubt.TX_SINCE_UTC: (since_by_which_clock, True, False),
    Doubt.TX_ADDRESSES_APART: (edited_address, ("Narvik", False, ""), ("Narvik", True, "")),
    Doubt.TX_ADDRESSES_MERGED: (edited_address, ("Narvik", False, ""), ("Narvik", False, "1000")),
    Doubt.TX_ADDRESSES_FOUND: (address_without_id, False, True),
    Doubt.TX_NULLS_REFUSED: (emptied, ([200, 200], ""), ([422, 200], "")),
    Doubt.TX_NUMBERS_SHARED: (numbers, 422, 201),
    Doubt.TX_ORGANIZATIONS_UNIQUE: (organizations, [201, 201], [201, 422]),
    Doubt.TX_DEPARTMENTS_NUMBERED: (
        lambda company: post(company, "department", name="Ny").status_code,
        201,
        422,
    ),
    Doubt.TX_EHF_ADDRESSED: (
        lambda company: post(company, "customer", name="Ny").status_code,
        201,
        422,
    ),
    Doubt.TX_CONTACTS_STAY: (moved_contact, 200, 422),
    Doubt.TX_ID_ON_POST_400: (id_on_post, (422, "id"), (400, "id")),
    Doubt.TX_LISTS_OPEN: (
        lambda company: company.client.post("/customer/list", json=[{"name": "A"}]).status_code,
        403,
        201,
    ),
    Doubt.TX_ONE_RECORD: (both_lists, (False, ""), (True, "33 33 33 33")),
    Doubt.TX_RESETS_TOLD: (throttled, (True, False), (True, True)),
}


@pytest.mark.parametrize("doubt", list(CASES), ids=lambda doubt: doubt.value)
def test_both_ways(start: Start, doubt: Doubt) -> None:
    observe, expected, otherwise = CASES[doubt]
    limited = doubt is Doubt.TX_RESETS_TOLD
    limits = LimitsPlan.HIGH_VOLUME if limited else LimitsPlan.OFF
    assert observe(start(limits=limits)) == expected
    assert observe(start(doubt, limits=limits)) == otherwise


def test_every_doubt_is_tried() -> None:
    assert set(CASES) == {doubt for doubt in Doubt if doubt.value.startswith("tripletex-")}
