"""Records of both systems after syncs: linked, created, merged, and left alone."""

import json
from collections import Counter

from tests.acceptance.conftest import PACKAGE, Office


def external_references(office: Office) -> Counter[str]:
    rows = office.sandbox.zendesk.records("organizations")
    return Counter(row["external_id"] for row in rows if row["external_id"])


def test_the_first_sync_links_and_creates_every_company_and_department_once(office: Office) -> None:
    before = office.sandbox.zendesk.records("users")
    done = office.terminal.sync()
    # Two names are taken twice in PowerOffice and must be unique in Zendesk: two dead letters.
    assert (done.status, done.answer["outcome"]) == (3, "left_over")
    assert sum(flow["dead_letters"] for flow in done.answer["flows"]) == 2
    names = Counter(row["name"] for row in office.sandbox.zendesk.records("organizations"))
    companies = {
        row["Name"] for row in office.sandbox.poweroffice.records("Customers") if row["Name"]
    }
    departments = {row["Name"] for row in office.sandbox.poweroffice.records("Departments")}
    assert names == Counter(companies | departments | {"Gamle Kunder"})
    assert len(office.sandbox.zendesk.records("users")) == len(before)


def test_names_that_are_given_apart_are_created_by_the_next_sync(office: Office) -> None:
    office.terminal.sync()
    twins = [
        r
        for r in office.sandbox.poweroffice.records("Customers")
        if "Havblikk" in (r["Name"] or "")
    ]
    salg = next(r for r in office.sandbox.poweroffice.records("Departments") if r["Name"] == "Salg")
    office.rename_customer(twins[1], "Havblikk Regnskap Larvik AS")
    office.patch(f"/Departments/{salg['Id']}", "Name", "Salgsavdelingen")
    done = office.terminal.sync()
    assert (done.status, done.answer["outcome"]) == (0, "clean")
    assert office.organization("Havblikk Regnskap Larvik AS")
    assert office.organization("Salgsavdelingen")
    assert office.organization("Salg")


def test_a_name_that_is_no_text_at_all_goes_across_and_back(office: Office) -> None:
    """JSON may hold half of a surrogate pair as an escape; UTF-8 may not."""
    office.terminal.sync()
    customer = office.customer("Granli Bygg AS")
    body = json.dumps([{"op": "replace", "path": "/Name", "value": "Granli \ud83d Bygg"}])
    media_type = {"Content-Type": "application/json-patch+json"}
    path = f"/Customers/{customer['Id']}"
    office.poweroffice.patch(path, content=body, headers=media_type).raise_for_status()
    for shown in ("--json",), ():
        planned = office.terminal.run("plan", str(PACKAGE), *shown)
        assert planned.status == 3, planned.errors
    done = office.terminal.sync()
    assert done.status == 3, done.errors
    assert office.organization("Granli \ud83d Bygg")
    assert office.terminal.run("audit", str(PACKAGE), "--html", "a.html").status == 3
    assert office.terminal.run("conflicts", "--all", "--json").status == 0
    assert office.terminal.sync().writes == 0


def test_contact_persons_are_linked_by_email_and_carry_their_organization(office: Office) -> None:
    office.terminal.sync()
    for first, company in (
        ("Ingrid", "Fjellheim Kaffe AS"),  # created in the same run
        ("Jonas", "Fjellheim Kaffe AS"),  # in other capitals
        ("Marte", "Nordlys Elektro AS"),  # linked
        ("Berit", "Granli Bygg AS"),  # was with another organization
    ):
        contact = office.contact(first)
        user = office.user(f"{first} {contact['LastName']}")
        assert user["organization_id"] == office.organization(company)["id"], first
    assert office.user("Havblikk")["organization_id"] is None  # two contact persons have its e-mail


def test_a_membership_of_before_is_not_wiped(office: Office) -> None:
    office.terminal.sync()
    berit = office.user("Berit Moen")
    memberships = office.sandbox.zendesk.records("organization_memberships")
    held = {row["organization_id"] for row in memberships if row["user_id"] == berit["id"]}
    assert held == {office.organization(name)["id"] for name in ("Granli Bygg AS", "Gamle Kunder")}


def test_a_new_email_becomes_the_primary_one_and_the_only_one(office: Office) -> None:
    office.terminal.sync()
    contact = office.contact("Ingrid")
    office.pass_time()
    path = f"/ContactPersons/{contact['ContactId']}/{contact['Id']}"
    office.patch(path, "EmailAddress", "ingrid@fjellheim.example")
    office.terminal.sync()
    assert office.emails(office.user("Ingrid Dahl")) == [("ingrid@fjellheim.example", True)]


def test_an_email_changed_in_zendesk_reaches_the_contact_person(office: Office) -> None:
    office.terminal.sync()
    user = office.user("Ingrid Dahl")
    office.pass_time()
    path = f"/users/{user['id']}/identities"
    identity = office.zendesk.get(path).json()["identities"][0]
    sent = {"identity": {"value": "ingrid.new@fjellheim.example"}}
    office.zendesk.put(f"{path}/{identity['id']}", json=sent).raise_for_status()
    office.zendesk.put(f"/users/{user['id']}", json={"user": {"notes": "moved"}}).raise_for_status()
    office.terminal.sync()
    assert office.contact("Ingrid")["EmailAddress"] == "ingrid.new@fjellheim.example"


def test_a_renamed_organization_renames_the_customer_by_json_patch(office: Office) -> None:
    office.terminal.sync()
    office.pass_time()
    office.rename_organization(office.organization("Granli Bygg AS"), "Granli Bygg og Eiendom AS")
    office.sandbox.poweroffice.request_log.clear()
    office.terminal.sync()
    assert office.customer("Granli Bygg og Eiendom AS")
    assert office.sandbox.poweroffice.request_log.count("PATCH", "/v2/Customers/", 200) == 1


def test_the_later_of_two_edits_stays_and_the_other_is_journalled(office: Office) -> None:
    office.terminal.sync()
    customer, organization = office.customer("Granli Bygg AS"), office.organization(
        "Granli Bygg AS"
    )
    office.pass_time()
    office.rename_organization(organization, "Granli Early")
    office.pass_time()
    office.rename_customer(customer, "Granli Late")
    done = office.terminal.sync()
    assert sum(flow["conflicts"] for flow in done.answer["flows"]) == 1
    assert office.organization("Granli Late")
    assert office.customer("Granli Late")
    listed = office.terminal.run("conflicts", "--all", "--json")
    assert "Granli Early" in listed.output


def test_a_further_sync_writes_nothing_and_reads_each_resource_once(office: Office) -> None:
    office.terminal.sync()
    office.pass_time()
    office.rename_organization(office.organization("Granli Bygg AS"), "Granli Bygg og Eiendom AS")
    office.terminal.sync()
    done = office.terminal.sync()
    assert done.writes == 0
    # Three resources and two; and each system is asked once whose data it has.
    assert {name: usage["read"] for name, usage in done.answer["requests"].items()} == {
        "poweroffice-go": 4,
        "zendesk": 3,
    }


def test_a_website_is_held_both_ways(office: Office) -> None:
    office.terminal.sync()
    customer = office.customer("Fjellheim Kaffe AS")
    assert customer["WebsiteUrl"] == "https://fjellheim.example"
    assert "sandbox.zendesk.example" in office.organization("Fjellheim Kaffe AS")["url"]


def test_a_plan_writes_nothing_anywhere(office: Office) -> None:
    before = office.sandbox.zendesk.records("organizations")
    done = office.terminal.run("plan", str(PACKAGE), "--json")
    assert done.writes == 0
    kinds = Counter((action["kind"], action["side"]) for action in done.answer["actions"])
    assert kinds["create", "target"] >= 7
    assert office.sandbox.zendesk.records("organizations") == before
    assert list(office.terminal.directory.iterdir()) == []


def test_the_audit_holds_once_names_are_given_apart(office: Office) -> None:
    office.terminal.sync()
    failing = office.terminal.run("audit", str(PACKAGE), "--json")
    assert (failing.status, failing.answer["outcome"]) == (3, "fails")
    test_names_that_are_given_apart_are_created_by_the_next_sync(office)
    done = office.terminal.run("audit", str(PACKAGE), "--json")
    assert (done.status, done.answer["outcome"]) == (0, "holds")
    held = {s["text"] for s in done.answer["statements"] if s["held"]}
    assert any("WebsiteUrl" in text for text in held)
    checked = [s for s in done.answer["statements"] if not s["held"]]
    assert all(s["fails"] == 0 for s in checked)
    assert sum(s["checked"] for s in checked) > 20
