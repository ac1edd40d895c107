"""PowerOffice Go and Tripletex, by the documents of this repository: first sync, edits on both sides, nothing left.

Tripletex has sessions, versions and addresses with ids of their own, and nothing that could carry our reference.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Running

from tests.acceptance.conftest import ROOT, Done, Office, opened_office
from tests.sandbox.tripletex.conftest import open_session

PACKAGE = str(ROOT / "generated" / "powerofficego_tripletex")
# One for each list: inactive customers and suppliers are listed apart, and countries have codes of their own.
UNCHANGED = {
    "/v2/country": 1,
    "/v2/customer": 2,
    "/v2/contact": 1,
    "/v2/department": 1,
    "/v2/supplier": 2,
    "/v2/employee": 1,
    "/v2/product": 1,
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Both systems with people who are signed in, and a terminal."""

    office: Office
    tripletex: Running
    client: httpx.Client

    def sync(self, *allowed: int) -> Done:
        done = self.office.terminal.run("sync", PACKAGE, "--json")
        assert done.status in (allowed or (0,)), (done.output, done.errors)
        return done

    def row(self, kind: str, **values: object) -> Row:
        rows = self.tripletex.records(kind)
        return next(row for row in rows if all(row[k] == v for k, v in values.items()))

    def put(self, kind: str, row: Mapping[str, Any], **values: object) -> None:
        self.client.put(f"/{kind}/{row['id']}", json=values).raise_for_status()


@contextmanager
def opened_books(directory: Path, *doubts: Doubt) -> Iterator[Books]:
    options = SandboxOptions(
        systems=("tripletex",), limits=LimitsPlan.OFF, otherwise=frozenset(doubts)
    )
    with opened_office(directory, options) as office:
        environment = office.sandbox.environment
        token = open_session(environment).json()["value"]["token"]
        with httpx.Client(base_url=environment["TRIPLETEX_BASE_URL"], auth=("0", token)) as client:
            yield Books(office=office, tripletex=office.sandbox.further["tripletex"], client=client)


def edit_both_sides(books: Books) -> None:
    """Change a customer's parts on either side, move a contact, and rename what has no filter."""
    office = books.office
    firm = office.customer("Granli Bygg AS")
    office.rename_customer(firm, "Granli Tre AS")
    office.patch(f"/Customers/{office.customer('Fjellheim Kaffe AS')['Id']}", "PhoneNumber", "5")
    # Timestamps of Tripletex have whole seconds.
    time.sleep(1)
    held = books.row("customer", name="Granli Bygg AS")
    books.put("customer", held, phoneNumber="33 33 33 33")
    fjellheim = books.row("customer", name="Fjellheim Kaffe AS")
    address = {
        k: fjellheim["postalAddress"][k] for k in ("id", "addressLine1", "postalCode", "country")
    }
    books.put("customer", fjellheim, postalAddress={**address, "city": "Bergen"})
    books.put("contact", books.row("contact", firstName="Berit"), phoneNumberMobile="44 44 44 44")
    books.put("department", books.row("department", name="Drift"), name="Drift og Lager")


def test_edits_cross_and_the_third_run_has_nothing_to_do(tmp_path: Path) -> None:
    with opened_books(tmp_path) as books:
        assert books.sync().writes > 0
        addresses = {row["id"] for row in named_addresses(books)}
        edit_both_sides(books)
        books.sync()
        firm = books.row("customer", name="Granli Tre AS")
        assert firm["phoneNumber"] == "33 33 33 33"
        assert books.office.customer("Granli Tre AS")["PhoneNumber"] == "33 33 33 33"
        fjellheim = books.office.customer("Fjellheim Kaffe AS")
        assert fjellheim["MailAddress"]["City"] == "Bergen"
        assert books.row("customer", name="Fjellheim Kaffe AS")["phoneNumber"] == "5"
        assert books.office.contact("Berit")["PhoneNumber"] == "44 44 44 44"
        departments = books.office.sandbox.poweroffice.records("Departments")
        assert "Drift og Lager" in [row["Name"] for row in departments]
        # None was made anew beside the one that was there.
        assert addresses <= {row["id"] for row in named_addresses(books)}
        books.tripletex.request_log.clear()
        assert books.sync().writes == 0
        entries = books.tripletex.request_log.entries
        paths = [path for method, path, _ in entries if method == "GET" and "whoAmI" not in path]
        assert {path: paths.count(path) for path in paths} == UNCHANGED
        audited = books.office.terminal.run("audit", PACKAGE, "--json")
        assert audited.status == 0, audited.output
        refuse_to_empty(books)


def named_addresses(books: Books) -> list[Row]:
    found = [row["postalAddress"] for row in books.tripletex.records("customer")]
    return [one for one in found if one is not None]


def refuse_to_empty(books: Books) -> None:
    """Have a token lose its rights: nothing is deleted, and nothing made anew."""
    before = books.tripletex.records("contact")
    system: Any = books.tripletex.system
    system.unseen.add("contact")
    books.sync(0, 4)
    system.unseen.clear()
    assert books.tripletex.records("contact") == before
    assert books.sync().writes == 0


def test_what_the_vendor_leaves_open_may_be_otherwise(tmp_path: Path) -> None:
    doubts = (
        Doubt.TX_SINCE_IGNORED,
        Doubt.TX_SINCE_UTC,
        Doubt.TX_INACTIVE_LISTED,
        Doubt.TX_NEWEST_FIRST,
        Doubt.TX_ADDRESSES_MERGED,
        Doubt.TX_NULLS_REFUSED,
        Doubt.TX_ORGANIZATIONS_UNIQUE,
        Doubt.TX_ONE_RECORD,
        Doubt.TX_ENGLISH,
    )
    with opened_books(tmp_path, *doubts) as books:
        assert books.sync().writes > 0
        assert books.sync().writes == 0


def test_lost_answers_leave_no_duplicates(tmp_path: Path) -> None:
    with opened_books(tmp_path) as books:
        # A creation whose answer is lost ends its run: nothing but the next reading tells whether it was made.
        books.tripletex.replace_faults("reset-after-commit=0.2", "429=0.1")
        books.sync(0, 5)
        books.tripletex.replace_faults()
        books.sync()
        assert books.sync().writes == 0
        for kind in ("customer", "product", "supplier", "department"):
            names = [row["name"] for row in books.tripletex.records(kind)]
            assert len(names) == len(set(names)), kind
