"""What the closest engine of others was seen to fail at, against real servers (scenarios G1 to G8).

The flows are those of the repository's own package, and of a document with two properties.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Done, Office

DOCUMENT = """\
Powerofficego to Zendesk Dataflow
=================================

Powerofficego Contactperson to Zendesk Users
--------------------------------------------
A Powerofficego Contactperson will merge with a Zendesk Users if one of the following property combinations match:

.. list-table::
   :header-rows: 1

   * - Powerofficego Contactperson Property
     - Zendesk Users Property
   * - emailAddress
     - email

The following properties are synchronized between a Powerofficego Contactperson and a Zendesk Users:

.. list-table::
   :header-rows: 1

   * - Powerofficego Contactperson Property
     - Zendesk Users Property
     - Zendesk Data Type
   * - emailAddress
     - email
     - "string"
   * - Title
     - notes
     - "string"
"""


class Notes:
    """Syncs contact persons' titles with users' notes, for Ingrid Dahl of both systems."""

    def __init__(self, office: Office) -> None:
        self.office = office
        directory = office.terminal.directory
        (directory / "powerofficego-zendesk.rst").write_text(DOCUMENT, encoding="utf-8")
        done = office.terminal.run("generate", "powerofficego-zendesk.rst", "-o", "made")
        assert done.status == 0, done.errors
        (made,) = [path.parent for path in Path(directory, "made").glob("*/manifest.json")]
        self.package = made
        self.contact, self.user = office.contact("Ingrid"), office.user("Ingrid Dahl")

    def sync(self, *words: str) -> Done:
        return self.office.terminal.run("sync", str(self.package), "--json", *words)

    def edit_contact(self, name: str, value: str) -> None:
        self.office.pass_time()
        path = f"/ContactPersons/{self.contact['ContactId']}/{self.contact['Id']}"
        self.office.patch(path, name, value)

    def edit_user(self, **changes: str | None) -> None:
        self.office.pass_time()
        sent = {"user": changes}
        path = f"/users/{self.user['id']}"
        self.office.zendesk.put(path, json=sent).raise_for_status()

    def held(self) -> tuple[str | None, str | None]:
        contact, user = self.office.contact("Ingrid"), self.office.user("Ingrid Dahl")
        return contact["Title"] or None, user["notes"] or None


@pytest.fixture
def notes(office: Office) -> Notes:
    return Notes(office)


def letters(done: Done) -> int:
    return sum(int(flow["dead_letters"]) for flow in done.answer["flows"])


def conflicts(done: Done) -> int:
    return sum(int(flow["conflicts"]) for flow in done.answer["flows"])


def create_organization(office: Office, name: str) -> Mapping[str, Any]:
    sent = {"organization": {"name": name}}
    answer = office.zendesk.post("/organizations", json=sent).raise_for_status()
    made: Mapping[str, Any] = answer.json()["organization"]
    return made


def test_g1_a_refused_edit_is_kept_and_carried_out_once_it_can_be(office: Office) -> None:
    before = letters(office.terminal.sync())
    taken = create_organization(office, "Granli Eiendom AS")
    office.pass_time()
    office.rename_customer(office.customer("Granli Bygg AS"), "Granli Eiendom AS")
    refused = office.terminal.sync()
    assert (refused.status, letters(refused)) == (3, before + 1)
    assert office.organization("Granli Bygg AS")
    office.pass_time()
    office.rename_organization(taken, "Another Name AS")
    office.terminal.run("dead-letters", "retry")
    done = office.terminal.sync()
    assert letters(done) == before
    assert office.organization("Granli Eiendom AS")["external_id"]
    assert office.terminal.sync().writes == 0


def test_g1_an_edit_whose_write_fails_is_carried_out_by_the_next_run(notes: Notes) -> None:
    notes.sync()
    notes.edit_contact("Title", "Director")
    notes.office.sandbox.zendesk.replace_faults("500=1")
    assert notes.sync().status == 5
    notes.office.sandbox.zendesk.replace_faults()
    notes.sync()
    assert notes.held() == ("Director", "Director")


@pytest.mark.parametrize("fault", ["zendesk:reset-after-commit=1", "zendesk:half-done-job=1"])
def test_g2_an_insert_whose_answer_is_lost_is_not_made_twice(office: Office, fault: str) -> None:
    office.sandbox.zendesk.replace_faults(f"{fault}*6")
    office.terminal.sync(SPECBRIDGE_PATIENCE="0")
    office.sandbox.zendesk.replace_faults()
    office.terminal.sync()
    rows = office.sandbox.zendesk.records("organizations")
    assert len(rows) == len({row["name"].casefold() for row in rows}) == 11
    references = [row["external_id"] for row in rows if row["external_id"]]
    assert len(references) == len(set(references))
    assert office.terminal.sync().writes == 0


def test_g3_different_properties_edited_on_both_sides_both_survive(notes: Notes) -> None:
    notes.sync()
    notes.edit_user(notes="Ask for her", details="unmapped")
    notes.edit_contact("EmailAddress", "ingrid@fjellheim.example")
    done = notes.sync()
    assert conflicts(done) == 0
    assert notes.held() == ("Ask for her", "Ask for her")
    user = notes.office.user("Ingrid Dahl")
    assert user["details"] == "unmapped"
    assert notes.office.emails(user) == [("ingrid@fjellheim.example", True)]
    assert notes.sync().writes == 0


@pytest.mark.parametrize("later", ["contact", "user"])
def test_g4_one_property_edited_on_both_sides_is_decided_and_reported(
    notes: Notes, later: str
) -> None:
    notes.sync()
    edits = [("contact", "Boss"), ("user", "Chief")]
    for side, value in edits if later == "user" else reversed(edits):
        if side == "contact":
            notes.edit_contact("Title", value)
        else:
            notes.edit_user(notes=value)
    done = notes.sync()
    kept = dict(edits)[later]
    assert notes.held() == (kept, kept)
    assert conflicts(done) == 1
    lost = notes.office.terminal.run("conflicts", "--all", "--json").output
    assert "Boss" in lost
    assert "Chief" in lost


def test_g5_ambiguous_records_are_reported_and_nothing_is_created(office: Office) -> None:
    before = len(office.sandbox.zendesk.records("users"))
    done = office.terminal.sync()
    assert len(office.sandbox.zendesk.records("users")) == before
    found = [item for item in done.answer["ambiguities"] if item["side"] == "target"]
    assert [len(item["candidates"]) for item in found] == [2]
    assert office.user("Havblikk")["organization_id"] is None


def test_g6_linked_at_first_contact_with_different_values_converges_by_rule(notes: Notes) -> None:
    notes.edit_contact("Title", "Boss")
    notes.edit_user(notes="Chief")
    done = notes.sync()
    assert notes.held() == ("Chief", "Chief")
    assert conflicts(done) == 1
    assert notes.sync("--full").writes == 0


def test_g7_the_same_made_on_both_sides_becomes_one(office: Office) -> None:
    office.terminal.sync()
    office.pass_time()
    create_organization(office, "Fersk Fisk AS")
    sent = {"Name": "Fersk Fisk AS", "IsPerson": False}
    office.poweroffice.post("/Customers", json=sent).raise_for_status()
    done = office.terminal.sync()
    for side, kind, name in (
        ("poweroffice", "Customers", "Name"),
        ("zendesk", "organizations", "name"),
    ):
        rows = getattr(office.sandbox, side).records(kind)
        assert [row[name] for row in rows].count("Fersk Fisk AS") == 1, side
    assert sum(flow["created"]["target"] for flow in done.answer["flows"]) == 0
    assert office.terminal.sync().writes == 0


@pytest.mark.parametrize(("setting", "held"), [("keep", "Director"), ("propagate", None)])
def test_g8_whether_an_emptied_property_is_filled_or_followed_is_declared(
    notes: Notes, setting: str, held: str | None
) -> None:
    settings = notes.office.terminal.directory / "pyproject.toml"
    settings.write_text(f'[tool.specbridge]\nempty = "{setting}"\n', encoding="utf-8")
    notes.edit_contact("Title", "Director")
    notes.sync()
    assert notes.held() == ("Director", "Director")
    notes.edit_user(notes="")
    done = notes.sync()
    assert notes.held() == (held, held)
    assert conflicts(done) == (1 if held else 0)
