"""What goes wrong and heals once its cause is gone, on the sandbox's servers."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from specbridge.sandbox.messages import Answer, Call

from tests.acceptance.healing import Ward, opened_ward
from tests.acceptance.kills_worlds import ORGANIZATIONS, PHONES, title
from tests.acceptance.test_identity import CUSTOMERS, USERS, every, state_section

TWINS = 2
"""Dead letters of the sandbox's own records: two names are taken twice."""


Opening = Callable[..., AbstractContextManager[Ward]]


@pytest.fixture
def open_ward(tmp_path: Path, server: str | None) -> Opening:
    return partial(opened_ward, tmp_path, server)


@pytest.fixture
def ward(open_ward: Opening) -> Iterator[Ward]:
    with open_ward() as ward:
        yield ward


def test_a_complete_reading_right_after_a_first_sync_stops_at_no_guard(
    open_ward: Opening,
) -> None:
    """Zendesk's exports withhold the newest minute, and the first sync made most of the records."""
    with open_ward(records=60, withhold_seconds=60) as ward:
        ward.sync()
        made = len(ward.office.sandbox.zendesk.records("organizations"))
        report = ward.sync(full=True)
        assert report.error is None
        assert report.writes == 0
        assert len(ward.office.sandbox.zendesk.records("organizations")) == made > 40


def test_a_row_that_failed_in_a_job_is_asked_singly_before_it_is_a_dead_letter(
    open_ward: Opening,
) -> None:
    def spoil(call: Call, on: Callable[[Call], Answer]) -> Answer:
        """Have each job refuse its first row, though nothing is wrong with the record."""
        if not call.path.endswith("/organizations/create_many"):
            return on(call)
        rows = json.loads(call.body)["organizations"]
        rows[0] = {"external_id": rows[0]["external_id"]}
        return on(replace(call, body=json.dumps({"organizations": rows}).encode()))

    with open_ward(records=60) as ward:
        ward.office.sandbox.zendesk.place_gateway(spoil)
        ward.sync()
        assert len(ward.letters()) == TWINS
        assert ward.sync().writes == 0


def rename(ward: Ward, old: str, new: str) -> None:
    ward.office.rename_customer(ward.office.customer(old), new)


def test_a_refused_rename_names_the_record_that_has_the_name_and_goes_on_once_it_is_given_up(
    ward: Ward,
) -> None:
    ward.sync()
    stranger = ward.office.organization("Gamle Kunder")
    rename(ward, "Granli Bygg AS", "Gamle Kunder")
    ward.sync()
    reason = next(reason for reason in ward.letters() if str(stranger["id"]) in reason)
    assert "which is not linked" in reason
    ward.office.pass_time()
    ward.office.rename_organization(stranger, "Gamle Kunder (arkiv)")
    ward.sync()
    assert len(ward.letters()) == TWINS
    assert ward.office.organization("Gamle Kunder")["id"] != stranger["id"]
    assert ward.sync().writes == 0


def test_a_refused_rename_goes_on_once_the_holder_of_the_name_is_deleted(ward: Ward) -> None:
    ward.sync()
    stranger = ward.office.organization("Gamle Kunder")
    rename(ward, "Granli Bygg AS", "GAMLE KUNDER")
    ward.sync()
    assert len(ward.letters()) == TWINS + 1
    ward.office.pass_time()
    ward.office.zendesk.delete(f"/organizations/{stranger['id']}").raise_for_status()
    ward.sync()
    assert len(ward.letters()) == TWINS
    assert ward.office.organization("GAMLE KUNDER")


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_names_settles_in_one_run(ward: Ward, backwards: bool) -> None:
    ward.sync()
    names = ["Granli Bygg AS", "Fjellheim Kaffe AS", "Bjørk & Sønner ANS", "Kystfisk AS"]
    customers = [ward.office.customer(name) for name in sorted(names, reverse=backwards)]
    old = [customer["Name"] for customer in customers]
    for customer, new in zip(customers, ["Først AS", *old[:-1]], strict=True):
        ward.office.rename_customer(customer, new)
    report = ward.sync()
    assert sum(sum(flow.tally.updated) for flow in report.flows) == len(names)
    assert len(ward.letters()) == TWINS
    assert ward.office.organization(old[0])
    assert report.requests["zendesk"].write == len(names)
    assert ward.sync().writes == 0


def test_a_swap_of_names_is_said_by_name_and_settles_as_it_says(ward: Ward) -> None:
    ward.sync()
    one, two = (ward.office.customer(name) for name in ("Granli Bygg AS", "Kystfisk AS"))
    ids = [str(ward.office.organization(row["Name"])["id"]) for row in (one,)]
    ward.office.rename_customer(one, "Midt AS")
    ward.office.rename_customer(two, "Granli Bygg AS")
    ward.office.rename_customer(one, "Kystfisk AS")
    ward.sync()
    told = [reason for reason in ward.letters() if "swap" in reason]
    assert len(told) == 2
    assert all(ids[0] in reason for reason in told)
    ward.office.rename_customer(one, "Midt AS")
    ward.sync()
    assert len(ward.letters()) == TWINS
    ward.office.rename_customer(one, "Kystfisk AS")
    ward.sync()
    assert len(ward.letters()) == TWINS
    assert str(ward.office.organization("Kystfisk AS")["id"]) == ids[0]


def test_an_address_that_another_user_has_as_a_second_one_is_taken_over_once_it_is_free(
    ward: Ward,
) -> None:
    ward.sync()
    holder = ward.office.user("Åse Bjørk")
    contact = ward.office.contact("Ingrid")
    ward.office.patch(
        f"/ContactPersons/{contact['ContactId']}/{contact['Id']}",
        "EmailAddress",
        "aase.privat@post.example",
    )
    ward.sync()
    assert len(ward.letters()) == TWINS + 1
    path = f"/users/{holder['id']}/identities"
    rows = ward.office.zendesk.get(path).json()["identities"]
    second = next(row for row in rows if row["value"] == "aase.privat@post.example")
    ward.office.zendesk.delete(f"{path}/{second['id']}").raise_for_status()
    ward.sync()
    assert len(ward.letters()) == TWINS
    assert ward.office.emails(ward.office.user("Ingrid Dahl")) == [
        ("aase.privat@post.example", True)
    ]


@pytest.mark.parametrize("later", ["customer", "organization"])
@pytest.mark.parametrize("records", [None, 60])
def test_what_was_created_is_merged_as_at_first_contact_after_the_store_was_lost(
    open_ward: Opening, later: str, records: int | None
) -> None:
    """It is found by its external reference: one at a time, or (of many) by a job."""
    with open_ward(records=records) as ward:
        ward.sync()
        office, made = ward.office, len(ward.office.sandbox.zendesk.records("organizations"))
        customer, organization = office.customer("Granli Bygg AS"), office.organization(
            "Granli Bygg AS"
        )
        deeds = {
            "customer": lambda: office.rename_customer(customer, "Granli Kunde AS"),
            "organization": lambda: office.rename_organization(organization, "Granli Hjelp AS"),
        }
        office.pass_time()
        for deed in sorted(deeds, key=lambda name: name == later):
            deeds[deed]()
            office.pass_time()
        ward.lose_store()
        ward.sync()
        name = {"customer": "Granli Kunde AS", "organization": "Granli Hjelp AS"}[later]
        assert office.organization(name)["id"] == organization["id"]
        assert office.customer(name)["Id"] == customer["Id"]
        assert len(office.sandbox.zendesk.records("organizations")) == made
        assert ward.sync().writes == 0
        assert len(ward.letters()) == TWINS


def keep(call: Call, on: Callable[[Call], Answer]) -> Answer:
    """Refuse to change an address in place, and verify none by itself, as some of the vendor's pages say."""
    if call.method == "PUT" and re.search(r"/identities/\d+$", call.path):
        return Answer(status=422, body={"error": "RecordInvalid", "description": "value"})
    if call.method == "POST" and call.path.endswith("/identities"):
        sent = {"value": json.loads(call.body)["identity"]["value"], "type": "email"}
        return on(replace(call, body=json.dumps({"identity": sent}).encode()))
    return on(call)


def distrust(call: Call, on: Callable[[Call], Answer]) -> Answer:
    """Take an address that is changed in place for one that nobody has verified."""
    if call.method == "PUT" and re.search(r"/identities/\d+$", call.path):
        sent = {**json.loads(call.body)["identity"], "verified": False}
        return on(replace(call, body=json.dumps({"identity": sent}).encode()))
    return on(call)


DEATHS = {
    "create": ("POST", r"/identities", keep),
    "verify": ("PUT", r"/verify", keep),
    "promote": ("PUT", r"/make_primary", keep),
    "delete": ("DELETE", r"/identities/\d+", keep),
    "change": ("PUT", r"/identities/\d+", distrust),
    "verify-changed": ("PUT", r"/verify", distrust),
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("death", list(DEATHS))
def test_a_new_primary_address_leaves_none_behind_wherever_the_run_dies(
    ward: Ward, death: str, after: bool
) -> None:
    ward.sync()
    contact = ward.office.contact("Ingrid")
    path = f"/ContactPersons/{contact['ContactId']}/{contact['Id']}"
    ward.office.patch(path, "EmailAddress", "ingrid@fjellheim.example")
    method, end, behind = DEATHS[death]
    assert ward.sync_killed(method, end, after=after, behind=behind)
    ward.sync()
    user = ward.office.user("Ingrid Dahl")
    assert ward.office.emails(user) == [("ingrid@fjellheim.example", True)]
    identities = ward.office.sandbox.zendesk.records("identities")
    assert all(row["verified"] for row in identities if row["user_id"] == user["id"])
    assert ward.sync().writes == 0
    assert len(ward.letters()) == TWINS


def test_a_contact_person_who_moved_is_recognised_in_the_same_run(ward: Ward) -> None:
    """PowerOffice moves one only by a new record, and tells of no deletion."""
    ward.sync()
    office, contact = ward.office, ward.office.contact("Ingrid")
    user = office.user("Ingrid Dahl")
    customer = office.customer("Granli Bygg AS")
    names = ("FirstName", "LastName", "EmailAddress")
    office.pass_time()
    sent = {name: contact[name] for name in names}
    office.poweroffice.post(f"/ContactPersons/{customer['Id']}", json=sent).raise_for_status()
    ward.sync()
    path = f"/ContactPersons/{contact['ContactId']}/{contact['Id']}"
    office.poweroffice.delete(path).raise_for_status()
    ward.sync()
    moved = office.organization("Granli Bygg AS")["id"]
    assert office.user("Ingrid Dahl")["organization_id"] == moved
    assert office.user("Ingrid Dahl")["id"] == user["id"]
    assert ward.sync().writes == 0
    new = office.contact("Ingrid")
    office.patch(
        f"/ContactPersons/{new['ContactId']}/{new['Id']}", "EmailAddress", "i.dahl@granli.example"
    )
    ward.sync()
    assert office.emails(office.user("Ingrid Dahl")) == [("i.dahl@granli.example", True)]
    assert len(ward.letters()) == TWINS


@pytest.mark.parametrize("between", [False, True], ids=["at-once", "with-a-sync-between"])
def test_a_counterpart_deleted_and_made_anew_under_its_name_is_found_again(
    ward: Ward, between: bool
) -> None:
    ward.sync()
    office, old = ward.office, ward.office.organization("Granli Bygg AS")
    office.pass_time()
    office.zendesk.delete(f"/organizations/{old['id']}").raise_for_status()
    if between:
        ward.sync()
        office.pass_time()
    sent = {"organization": {"name": "GRANLI BYGG AS"}}
    new = office.zendesk.post("/organizations", json=sent).raise_for_status().json()["organization"]
    ward.sync()
    office.rename_customer(office.customer("GRANLI BYGG AS"), "Granli Bygg og Eiendom AS")
    ward.sync()
    assert office.organization("Granli Bygg og Eiendom AS")["id"] == new["id"]
    assert office.user("Berit Moen")["organization_id"] == new["id"]
    assert ward.sync().writes == 0
    assert len(ward.letters()) == TWINS


@pytest.mark.parametrize("between", [False, True], ids=["at-once", "with-a-sync-between"])
def test_what_is_made_anew_under_its_name_is_found_again_by_all_flows_of_a_circle(
    ward: Ward, between: bool
) -> None:
    """No rule links by names here: the new one is known by the name that it alone must have."""
    pairs = [(CUSTOMERS, ORGANIZATIONS), (ORGANIZATIONS, USERS), (CUSTOMERS, USERS)]
    sections = (
        state_section(*ends, every(*ends), *zip(PHONES[ends[0]], PHONES[ends[1]], strict=True))
        for ends in pairs
    )
    ward.state(title("Powerofficego to Zendesk Dataflow", *sections))
    ward.sync()
    office, old = ward.office, ward.office.organization("Granli Bygg AS")
    counts = [len(office.sandbox.zendesk.records(kind)) for kind in ("organizations", "users")]
    letters, customer = len(ward.letters()), office.customer("Granli Bygg AS")
    office.pass_time()
    office.zendesk.delete(f"/organizations/{old['id']}").raise_for_status()
    if between:
        ward.sync()
        office.pass_time()
    sent = {"organization": {"name": "GRANLI BYGG AS"}}
    new = office.zendesk.post("/organizations", json=sent).raise_for_status().json()["organization"]
    ward.sync()
    ward.sync()
    office.pass_time()
    office.rename_customer(customer, "Granli Bygg og Eiendom AS")
    ward.sync()
    assert office.organization("Granli Bygg og Eiendom AS")["id"] == new["id"]
    assert office.user("Granli Bygg og Eiendom AS")
    assert ward.sync().writes == 0
    assert len(ward.letters()) == letters
    after = [len(office.sandbox.zendesk.records(kind)) for kind in ("organizations", "users")]
    assert after == counts
