"""Identities of Zendesk's users: made with the user, verified, primary; and who is gone for good."""

from typing import Any

import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox

Row = dict[str, Any]


def identities_of(sessions: Sessions, user: Row) -> list[Row]:
    rows = sessions.zendesk.get(f"/users/{user['id']}/identities").json()["identities"]
    return [{n: row[n] for n in ("type", "value", "primary", "verified")} for row in rows]


def identity(kind: str, value: str, primary: bool = False, verified: bool = False) -> Row:
    return {"type": kind, "value": value, "primary": primary, "verified": verified}


def test_identities_are_made_with_the_user(sessions: Sessions) -> None:
    sent = {
        "name": "Ny",
        "email": "Ny@nytt.example",
        "skip_verify_email": True,
        "identities": [
            {"type": "email", "value": "andre@nytt.example"},
            {"type": "phone_number", "value": "+4755500001"},
        ],
    }
    user = sessions.zendesk.post("/users", json={"user": sent}).json()["user"]
    assert (user["email"], user["restricted_agent"]) == ("ny@nytt.example", False)
    assert identities_of(sessions, user) == [
        identity("email", "ny@nytt.example", primary=True, verified=True),
        identity("email", "andre@nytt.example"),
        identity("phone_number", "+4755500001"),
    ]


@pytest.mark.parametrize("value", ["anne@helpdesk.example", "nonsense", "NY@nytt.example"])
def test_a_user_with_a_refused_identity_is_not_made(sessions: Sessions, value: str) -> None:
    others = [{"type": "email", "value": value}]
    sent = {"user": {"name": "Ny", "email": "ny@nytt.example", "identities": others}}
    before = sessions.sandbox.zendesk.records("users")
    assert sessions.zendesk.post("/users", json=sent).status_code == 422
    assert sessions.sandbox.zendesk.records("users") == before
    sent["user"].pop("identities")
    assert sessions.zendesk.post("/users", json=sent).status_code == 201


def test_members_of_an_identity(sessions: Sessions) -> None:
    client = sessions.zendesk
    path = f"/users/{sessions.sandbox.zendesk.records('users')[1]['id']}/identities"
    sent = {"identity": {"type": "email", "value": "ny@nytt.example"}}
    row = client.post(path, json=sent).json()["identity"]
    assert (row["verification_method"], row["verified_at"]) == ("none", None)
    assert (row["deliverable_state"], row["undeliverable_count"]) == ("deliverable", 0)
    one = f"{path}/{row['id']}"
    sent = {"identity": {"verification_method": "low"}}
    verified = client.put(one, json=sent).json()["identity"]
    assert (verified["verified"], verified["verified_at"] is not None) == (True, True)
    # Deprecated, and obeyed all the same.
    undone = client.put(one, json={"identity": {"verified": False}}).json()["identity"]
    assert (undone["verification_method"], undone["verified_at"]) == ("none", None)
    answer = client.put(f"{one}/request_verification")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_new_identity_may_be_primary_at_once(sessions: Sessions) -> None:
    client = sessions.zendesk
    user = sessions.sandbox.zendesk.records("users")[1]
    sent = {"identity": {"type": "email", "value": "ny@nytt.example", "primary": True}}
    client.post(f"/users/{user['id']}/identities", json=sent)
    assert client.get(f"/users/{user['id']}").json()["user"]["email"] == "ny@nytt.example"


def test_exports_say_who_is_gone_for_good(sessions: Sessions) -> None:
    client = sessions.zendesk
    gone, deleted = sessions.sandbox.zendesk.records("users")[-2:]
    for user in (gone, deleted):
        client.delete(f"/users/{user['id']}")
    client.delete(f"/deleted_users/{gone['id']}")
    sessions.sandbox.zendesk.advance(61)
    rows = client.get("/incremental/users/cursor", params={"start_time": 0}).json()["users"]
    shown = {row["id"]: (row["active"], row["permanently_deleted"]) for row in rows}
    assert (shown[gone["id"]], shown[deleted["id"]]) == ((False, True), (False, False))
    assert sum(active for active, _ in shown.values()) == 8


def test_the_only_organization_keeps_its_membership(sessions: Sessions) -> None:
    client = sessions.zendesk
    before = sessions.sandbox.zendesk.records("organization_memberships")[0]
    sent = {"user": {"organization_id": before["organization_id"]}}
    client.put(f"/users/{before['user_id']}", json=sent)
    assert sessions.sandbox.zendesk.records("organization_memberships")[0] == before


def test_tokens_are_created(sessions: Sessions) -> None:
    secrets, url = sessions.sandbox.credentials, sessions.sandbox.zendesk.url
    grant = {"grant_type": "client_credentials", "client_id": secrets.client_id}
    sent = {**grant, "client_secret": secrets.client_secret}
    assert sessions.zendesk.post(f"{url}/oauth/tokens", json=sent).status_code == 201


def test_generated_records_have_users_who_are_gone(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(records=60, limits=LimitsPlan.OFF))
    rows = sessions.zendesk.get("/incremental/users/cursor", params={"start_time": 0}).json()
    gone = [row for row in rows["users"] if not row["active"]]
    people = sessions.sandbox.poweroffice.records("ContactPersons")
    addresses = {person["EmailAddress"] for person in people}
    assert gone
    assert {row["email"] for row in gone} <= addresses
    # Their addresses are free again.
    sent = {"user": {"name": "Ny", "email": gone[0]["email"]}}
    assert sessions.zendesk.post("/users", json=sent).status_code == 201


def test_a_user_belongs_to_three_hundred_organizations(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(limits=LimitsPlan.OFF, job_seconds=0))
    client, user = sessions.zendesk, sessions.sandbox.zendesk.records("users")[-1]["id"]
    for start_at in range(0, 301, 100):
        names = [{"name": f"Ny {number}"} for number in range(start_at, start_at + 100)]
        client.post("/organizations/create_many", json={"organizations": names})
        client.get("/users/count")
    organizations = [row["id"] for row in sessions.sandbox.zendesk.records("organizations")]
    rows = [{"user_id": user, "organization_id": one} for one in organizations[:301]]
    jobs = [
        client.post(
            "/organization_memberships/create_many",
            json={"organization_memberships": rows[start_at : start_at + 100]},
        ).json()["job_status"]["id"]
        for start_at in range(0, 301, 100)
    ]
    last = client.get(f"/job_statuses/{jobs[-1]}").json()["job_status"]["results"]
    assert [row.get("error") for row in last] == ["OrganizationMembershipFailed"]
