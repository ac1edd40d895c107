"""Two companies that share a Zendesk, and whose records have the same names: neither touches the other's."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from specbridge.runtime.decide.owning import names_other, shorten_reference

from tests.acceptance.conftest import sign_in
from tests.companies.office import Companies

Rows = Mapping[int, Mapping[str, Any]]


def rows(companies: Companies, kind: str) -> Rows:
    return {row["id"]: row for row in companies.zendesk.zendesk.records(kind)}


def linked(companies: Companies, company: str) -> set[str]:
    """Return the ids of the shared system's records that a company has links with."""
    done = companies.run("links", "--company", company, "--json")
    return {row["target"] for row in json.loads(done.output) if row["state"] == "linked"}


def test_neither_touches_the_other_s_records(companies: Companies) -> None:
    companies.sync("acme", expect=3)
    before = {kind: rows(companies, kind) for kind in ("organizations", "users")}
    mine = linked(companies, "acme")
    assert len(mine) > 10
    # The same names, numbers and addresses stand in nord's ledger: nothing of them is taken.
    report = companies.sync("nord", expect=3)
    after = {kind: rows(companies, kind) for kind in ("organizations", "users")}
    for kind, known in before.items():
        for id_, row in known.items():
            assert after[kind][id_] == row
    theirs = linked(companies, "nord")
    assert not mine & theirs
    assert sum(flow["updated"]["target"] for flow in report["flows"]) == 0
    letters = companies.run("dead-letters", "--company", "nord").output
    assert "which is another company's" in letters


def test_edits_travel_within_each_company_alone(companies: Companies) -> None:
    with sign_in(companies.environments["nord"]) as ledger:
        made = ledger.post("/Customers", json={"Name": "Nordavind AS", "IsPerson": False})
        number = made.raise_for_status().json()["Id"]
        companies.sync("nord", expect=3)
        companies.sync("acme", expect=3)
        (organization,) = (
            row
            for row in rows(companies, "organizations").values()
            if row["name"] == "Nordavind AS"
        )
        assert organization["external_id"].startswith("specbridge:nord:")
        # Nobody made a customer of it at acme, and acme knows nothing of it.
        names = [row["Name"] for row in companies.acme.sandbox.poweroffice.records("Customers")]
        assert "Nordavind AS" not in names
        assert str(organization["id"]) not in linked(companies, "acme")
        companies.acme.rename_organization(organization, "Nordavind Norge AS")
        companies.acme.pass_time()
        companies.sync("acme", expect=3)
        companies.sync("nord", expect=3)
        assert ledger.get(f"/Customers/{number}").json()["Name"] == "Nordavind Norge AS"
        names = [row["Name"] for row in companies.acme.sandbox.poweroffice.records("Customers")]
        assert "Nordavind Norge AS" not in names


def test_who_links_a_record_without_reference_first_has_it(companies: Companies) -> None:
    """What people made in the shared system is anybody's, until one company links it."""
    made = companies.acme.zendesk.post(
        "/organizations", json={"organization": {"name": "Fellesgods AS"}}
    )
    id_ = made.raise_for_status().json()["organization"]["id"]
    for company in ("acme", "nord"):
        with sign_in(companies.environments[company]) as ledger:
            ledger.post("/Customers", json={"Name": "Fellesgods AS", "IsPerson": False})
    # nord reads it before acme links it: what it remembers must not count either.
    companies.run("pause", "--company", "nord")
    companies.sync("nord", expect=3)
    companies.run("resume", "--company", "nord")
    companies.sync("acme", expect=3)
    companies.sync("nord", expect=3)
    assert str(id_) in linked(companies, "acme")
    assert str(id_) not in linked(companies, "nord")
    assert rows(companies, "organizations")[id_]["external_id"] is None
    # A second one, after nord has read it without linking it.
    plan = companies.run("plan", "--company", "nord", "--json", expect=None)
    assert str(id_) not in plan.output


@pytest.mark.parametrize("companies", ["postgresql"], indirect=True)
def test_two_first_runs_at_once_share_no_record(companies: Companies) -> None:
    words = ("sync", "--json", "--wait", "60", "--company")
    with (
        companies.terminal.begun(*words, "acme") as one,
        companies.terminal.begun(*words, "nord") as other,
    ):
        # A database that both wait for may be busy for one of them: then the next run goes on.
        assert {one.wait(120), other.wait(120)} <= {0, 3, 5}
    for company in ("acme", "nord", "acme", "nord"):
        companies.sync(company, expect=3)
    mine, theirs = linked(companies, "acme"), linked(companies, "nord")
    assert mine | theirs
    assert not mine & theirs
    names = [row["name"] for row in rows(companies, "organizations").values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("companies", ["sqlite"], indirect=True)
def test_a_link_with_another_s_record_does_not_last(companies: Companies) -> None:
    companies.sync("acme", expect=3)
    companies.sync("nord", expect=3)
    flow, pair = "customers_to_organizations", companies.acme.organization("Kystfisk AS")
    customer = next(
        row
        for row in companies.ledger.poweroffice.records("Customers")
        if row["Name"] == "Kystfisk AS"
    )
    before = rows(companies, "organizations")
    words = ("links", "--company", "nord", "pin", flow, str(customer["Id"]), str(pair["id"]))
    companies.run(*words, expect=None)
    companies.sync("nord", expect=3)
    assert str(pair["id"]) not in linked(companies, "nord")
    assert rows(companies, "organizations") == before


@pytest.mark.parametrize(
    ("reference", "theirs"),
    [
        ("specbridge:nord:poweroffice-go:Customers:1", True),
        ("specbridge:acme:poweroffice-go:Customers:1", False),
        ("SpecBridge:ACME:poweroffice-go:customers:1", False),
        ("specbridge::poweroffice-go:Customers:1", False),
        ("specbridge:powerofficego_zendesk:customers_to_organizations:Customers:1", False),
        (shorten_reference("specbridge:nord:" + "x" * 60, "nord", 50), True),
        (shorten_reference("specbridge:acme:" + "x" * 60, "acme", 50), False),
        (shorten_reference("specbridge::" + "x" * 60, "", 50), False),
        ("4711", False),
        ("specbridge:", False),
        ("specbridge:nord", False),
        ("somebody:nord:poweroffice-go:Customers:1", False),
        ("", False),
    ],
)
def test_references_tell_whose_a_record_is(reference: str, theirs: bool) -> None:
    assert names_other("acme", reference) is theirs


def test_references_fit_and_tell_companies_apart() -> None:
    texts = {
        shorten_reference(f"specbridge:{name}:poweroffice-go:Customers:1{'0' * 40}", name, 50)
        for name in ("acme", "nord", "")
    }
    assert len(texts) == 3
    assert all(len(text) <= 50 for text in texts)
