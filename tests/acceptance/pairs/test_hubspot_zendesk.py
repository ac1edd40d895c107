"""HubSpot and Zendesk by their documents: companies and organizations, contacts and users."""

from pathlib import Path

from tests.acceptance.conftest import ROOT
from tests.acceptance.pairs.test_hubspot_poweroffice import OBJECTS, OPTIONS, Pair, opened_pair

PACKAGE = ROOT / "generated" / "hubspot_zendesk"


def edit(pair: Pair) -> None:
    """Edit as people do, on both sides."""
    company = pair.companies()["Granli Bygg AS"]
    pair.change("companies", company, name="Granli Tre AS", description="Trelast")
    new = pair.session.post(f"{OBJECTS}/companies", json={"properties": {"name": "Nytt Firma AS"}})
    new.raise_for_status()
    organization = pair.office.organization("Gamle Kunder")
    pair.office.rename_organization(organization, "Tidligere Kunder")
    user = pair.office.user("Ingrid Dahl")
    sent = {"user": {"details": "Innkjøp"}}
    pair.office.zendesk.put(f"/users/{user['id']}", json=sent).raise_for_status()


def check_edits(pair: Pair) -> None:
    organization = pair.office.organization("Granli Tre AS")
    assert organization["details"] == "Trelast"
    assert pair.office.organization("Nytt Firma AS")
    assert "Tidligere Kunder" in pair.companies()
    # Zendesk's default organization, HubSpot's primary company.
    linked = pair.companies()["Fjellheim Kaffe AS"]["id"]
    ingrid = pair.contact("ingrid.dahl@fjellheim.example")["properties"]
    assert (ingrid["associatedcompanyid"], ingrid["jobtitle"]) == (linked, "Innkjøp")
    user = pair.office.user("Ingrid Dahl")
    names = {row["id"]: row["name"] for row in pair.office.sandbox.zendesk.records("organizations")}
    assert names[user["organization_id"]] == "Fjellheim Kaffe AS"


def test_first_sync_edits_and_a_run_that_writes_nothing(tmp_path: Path) -> None:
    with opened_pair(tmp_path, OPTIONS, PACKAGE) as pair:
        pair.sync()
        edit(pair)
        pair.sync()
        check_edits(pair)
        assert pair.sync() == 0
        assert pair.audit() == []
