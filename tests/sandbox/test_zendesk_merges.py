"""Merges of users and organizations, and what a client sees of them; cursors that end."""

from typing import Any

import pytest

from tests.sandbox.conftest import Sessions

Row = dict[str, Any]


def two_users(sessions: Sessions) -> tuple[Row, Row]:
    rows = sessions.sandbox.zendesk.records("users")
    found = [row for row in rows if row["role"] == "end-user" and row["active"] and row["email"]]
    return found[0], found[1]


def test_a_merged_user_is_gone_and_the_other_has_all(sessions: Sessions) -> None:
    client = sessions.zendesk
    loser, winner = two_users(sessions)
    addresses = {loser["email"], winner["email"]}
    answer = client.put(f"/users/{loser['id']}/merge", json={"user": {"id": winner["id"]}})
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, winner["id"])
    identities = client.get(f"/users/{winner['id']}/identities").json()["identities"]
    assert {one["value"] for one in identities if one["type"] == "email"} >= addresses
    assert [one["value"] for one in identities if one["primary"]] == [winner["email"]]
    gone = client.get(f"/users/{loser['id']}").json()["user"]
    assert (gone["active"], gone["email"]) == (False, None)
    assert loser["id"] in [
        row["id"] for row in client.get("/deleted_users").json()["deleted_users"]
    ]
    # The address is the winner's now: nobody else can take it.
    taken = client.post("/users", json={"user": {"name": "Ny", "email": loser["email"]}})
    assert taken.status_code == 422


def test_a_merge_needs_two_end_users(sessions: Sessions) -> None:
    client = sessions.zendesk
    loser, _ = two_users(sessions)
    agents = [row for row in sessions.sandbox.zendesk.records("users") if row["role"] != "end-user"]
    for other in (loser["id"], agents[0]["id"]):
        sent = {"user": {"id": other}}
        assert client.put(f"/users/{loser['id']}/merge", json=sent).status_code == 422
    assert client.put(f"/users/{loser['id']}/merge", json={"user": {"id": 1}}).status_code == 404


def test_a_merged_organization_is_gone_and_its_users_move(sessions: Sessions) -> None:
    client = sessions.zendesk
    memberships = sessions.sandbox.zendesk.records("organization_memberships")
    loser = memberships[0]["organization_id"]
    firms = [row["id"] for row in sessions.sandbox.zendesk.records("organizations")]
    winner = next(one for one in firms if one != loser)
    moved = {row["user_id"] for row in memberships if row["organization_id"] == loser}
    sent = {"organization_merge": {"winner_id": winner}}
    answer = client.post(f"/organizations/{loser}/merge", json=sent)
    merge = answer.json()["organization_merge"]
    assert (answer.status_code, merge["status"]) == (202, "new")
    shown = client.get(f"/organization_merges/{merge['id']}").json()["organization_merge"]
    assert (shown["status"], shown["loser_id"], shown["winner_id"]) == ("complete", loser, winner)
    assert client.get(f"/organizations/{loser}").status_code == 404
    users = client.get(f"/organizations/{winner}/users").json()["users"]
    assert {row["id"] for row in users} >= moved
    assert all(row["organization_id"] != loser for row in users)
    assert client.get(f"/organizations/{winner}/merges").json()["count"] == 1


@pytest.mark.parametrize(("later", "status"), [(3590, 200), (3610, 400)])
def test_a_cursor_of_a_search_export_lives_an_hour(
    sessions: Sessions, later: float, status: int
) -> None:
    sessions.sandbox.zendesk.advance(300)
    asked = {"query": "", "filter[type]": "organization", "page[size]": "1"}
    page = sessions.zendesk.get("/search/export", params=asked).json()
    sessions.sandbox.zendesk.advance(later)
    answer = sessions.zendesk.get(page["links"]["next"])
    assert answer.status_code == status
    if status == 400:
        assert "expired" in answer.json()["errors"][0]["title"]
