"""HubSpot and PowerOffice Go by their documents: first sync, edits on both sides, a third run without a write."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from specbridge.cli.main import main
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Running

from tests.acceptance.conftest import IMPATIENT, ROOT, Office, opened_office

PACKAGE = ROOT / "generated" / "hubspot_powerofficego"
OBJECTS = "/crm/v3/objects"
OPTIONS = SandboxOptions(
    limits=LimitsPlan.OFF, systems=("hubspot",), token_seconds=10**8, search_delay_seconds=0
)
OURS = frozenset(doubt for doubt in Doubt if doubt.value.startswith("hubspot-"))
PRIMARY = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An office with a HubSpot beside it, and a person's session there."""

    office: Office
    hubspot: Running
    session: httpx.Client
    package: Path = PACKAGE

    def companies(self) -> dict[str, Row]:
        return {r["properties"]["name"]: r for r in self.hubspot.records("companies")}

    def contact(self, mail: str) -> Row:
        rows = self.hubspot.records("contacts")
        return next(row for row in rows if row["properties"]["email"] == mail)

    def customers(self) -> dict[str, Row]:
        rows = self.office.sandbox.poweroffice.records("Customers")
        return {row["Name"]: row for row in rows if row["Name"]}

    def people(self) -> dict[str, Row]:
        rows = self.office.sandbox.poweroffice.records("ContactPersons")
        return {str(row["EmailAddress"]).lower(): row for row in rows}

    def change(self, kind: str, row: Mapping[str, Any], **values: str) -> None:
        sent = {"properties": values}
        self.session.patch(f"{OBJECTS}/{kind}/{row['id']}", json=sent).raise_for_status()

    def new_contact(self) -> str:
        """Make somebody who is nobody's contact person, and return the id."""
        sent = {"properties": {"firstname": "Dobbelt", "lastname": "Ført"}}
        made = self.session.post(f"{OBJECTS}/contacts", json=sent).raise_for_status()
        return str(made.json()["id"])

    def pass_time(self) -> None:
        self.office.pass_time(200)
        self.hubspot.advance(200)

    def run(self, *words: str, status: int | None = 0) -> Any:
        """Return the JSON of a command, which is run in this process; `status` None: any will do."""
        environment = {**IMPATIENT, **self.office.terminal.environment}
        done = CliRunner().invoke(main, [*words, "--json"], env=environment)
        assert status in (None, done.exit_code), done.output
        assert done.stdout, done.output + repr(done.exception)
        return json.loads(done.stdout)

    def sync(self, *words: str) -> int:
        """Synchronize some minutes later; return how many writes there were."""
        self.pass_time()
        report = self.run("sync", str(self.package), *words)
        return sum(usage["write"] for usage in report["requests"].values())

    def audit(self) -> list[str]:
        """Return the statements that do not hold."""
        report = self.run("audit", str(self.package), status=None)
        return [one["text"] for one in report["statements"] if one["fails"]]


@contextmanager
def opened_pair(
    directory: Path, options: SandboxOptions = OPTIONS, package: Path = PACKAGE
) -> Iterator[Pair]:
    with opened_office(directory, options) as office:
        hubspot = office.sandbox.further["hubspot"]
        token = office.sandbox.environment["HUBSPOT_ACCESS_TOKEN"]
        with httpx.Client(
            base_url=hubspot.url, headers={"Authorization": f"Bearer {token}"}
        ) as session:
            yield Pair(office=office, hubspot=hubspot, session=session, package=package)


def edit(pair: Pair) -> None:
    """Edit as people do, on both sides."""
    companies = pair.companies()
    pair.change("companies", companies["Salg"], name="Salg Nord", phone="22 22 22 22")
    firm = companies["Fjellheim Kaffe AS"]["id"]
    sent = {
        "properties": {"email": "ny@fjellheim.example", "firstname": "Ny", "lastname": "Ansatt"},
        "associations": [{"to": {"id": firm}, "types": PRIMARY}],
    }
    pair.session.post(f"{OBJECTS}/contacts", json=sent).raise_for_status()
    pair.change("contacts", pair.contact("berit.moen@granli.example"), jobtitle="Daglig leder")
    pair.change("products", next(iter(pair.hubspot.records("products"))), price="139.00")
    customer = pair.customers()["Nordlys Elektro AS"]
    pair.office.patch(f"/Customers/{customer['Id']}", "WebsiteUrl", "https://nordlys.example")
    person = {"FirstName": "Nye", "LastName": "Folk", "EmailAddress": "nye@nordlys.example"}
    path = f"/ContactPersons/{customer['Id']}"
    pair.office.poweroffice.post(path, json=person).raise_for_status()


def check_edits(pair: Pair) -> None:
    customers, companies, people = pair.customers(), pair.companies(), pair.people()
    assert customers["Salg Nord"]["PhoneNumber"] == "22 22 22 22"
    assert people["berit.moen@granli.example"]["Title"] == "Daglig leder"
    nordlys = companies["Nordlys Elektro AS"]
    assert nordlys["properties"]["website"] == "https://nordlys.example"
    new = pair.contact("nye@nordlys.example")["properties"]
    # The reference crosses as an association, never as a property.
    assert (new["firstname"], new["associatedcompanyid"]) == ("Nye", nordlys["id"])
    prices = {row["Code"]: row["UnitPrice"] for row in products(pair)}
    assert prices["K-1"] == 139.0


def products(pair: Pair) -> list[Row]:
    return pair.office.sandbox.poweroffice.records("Products")


def course(pair: Pair) -> None:
    pair.sync()
    edit(pair)
    pair.sync()
    check_edits(pair)
    assert pair.sync() == 0
    assert pair.sync("--full") == 0
    assert pair.audit() == []


def test_first_sync_edits_and_a_run_that_writes_nothing(tmp_path: Path) -> None:
    with opened_pair(tmp_path) as pair:
        assert pair.run("plan", str(PACKAGE))["requests"]["hubspot"]["write"] == 0
        course(pair)
        # A company without an address is a customer without one, and no refusal.
        assert pair.customers()["Fjellheim Kaffe avd. Voss"]["MailAddress"] is None
        assert sorted(row["Code"] for row in products(pair)) == ["B-1", "K-1", "K-2", "S-1"]
        log = pair.hubspot.request_log
        log.clear()
        assert pair.sync() == 0
        asked = sorted((method, path) for method, path, _ in log.entries)
    kinds = ("companies", "contacts", "products")
    # Once for what changed, and once for what is archived, which no search shows.
    lists = [("GET", f"{OBJECTS}/{kind}") for kind in kinds]
    searches = [("POST", f"{OBJECTS}/{kind}/search") for kind in kinds]
    # The newest rows come again for some minutes, and the companies of their contacts with them.
    again = ("POST", "/crm/v4/associations/contacts/companies/batch/read")
    assert asked == [("GET", "/account-info/v3/details"), *lists, *searches, again]


def test_whatever_is_not_certain_of_hubspot_the_end_is_the_same(tmp_path: Path) -> None:
    options = replace(OPTIONS, otherwise=OURS, search_delay_seconds=120)
    with opened_pair(tmp_path, options) as pair:
        course(pair)


def test_faults_cost_nothing_but_time(tmp_path: Path) -> None:
    with opened_pair(tmp_path) as pair:
        pair.hubspot.replace_faults("500=0.1", "reset-after-commit=0.2")
        for _ in range(2):
            pair.pass_time()
            pair.run("sync", str(PACKAGE), status=None)
        pair.hubspot.replace_faults()
        pair.sync()
        assert pair.sync() == 0
        assert pair.audit() == []
        for kind, name in (("contacts", "email"), ("companies", "specbridge_reference")):
            held = [row["properties"][name] for row in pair.hubspot.records(kind)]
            filled = [value for value in held if value]
            assert len(filled) == len(set(filled))


@pytest.mark.parametrize("otherwise", [frozenset(), OURS], ids=["default", "otherwise"])
def test_a_merge_and_an_archived_record_are_followed(
    tmp_path: Path, otherwise: frozenset[Doubt]
) -> None:
    with opened_pair(tmp_path, replace(OPTIONS, otherwise=otherwise)) as pair:
        pair.sync()
        first = pair.contact("ingrid.dahl@fjellheim.example")
        twin = pair.companies()["Fjellheim Kaffe avd. Voss"]
        sent = {"primaryObjectId": first["id"], "objectIdToMerge": pair.new_contact()}
        merged = pair.session.post(f"{OBJECTS}/contacts/merge", json=sent).json()["id"]
        pair.session.delete(f"{OBJECTS}/companies/{twin['id']}").raise_for_status()
        pair.sync()
        assert pair.sync() == 0
        links = pair.run("links")
    known = {str(link["source"]): link["state"] for link in links}
    assert first["id"] not in known
    assert (known[merged], known[twin["id"]]) == ("linked", "vanished")
