"""Zendesk's traps: what a naive client makes of each is wrong, what a careful one makes is right.

Each test plays both against the sandbox, so that it fails where the sandbox is kinder than the vendor.
"""

import time
from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox

MANY = SandboxOptions(records=260, limits=LimitsPlan.OFF)
Row = dict[str, Any]


def body(answer: httpx.Response) -> Row:
    loaded: Row = answer.raise_for_status().json()
    return loaded


def by_cursor(client: httpx.Client, path: str, kind: str, *, trusts_links: bool) -> list[int]:
    """Read a list; who trusts links goes on while there is one, for five more pages at most."""
    found: list[int] = []
    page = body(client.get(path, params={"page[size]": 100}))
    spare = 5
    while True:
        found.extend(row["id"] for row in page[kind])
        more = page["meta"]["has_more"]
        if not more and (not trusts_links or spare == 0 or page["links"]["next"] is None):
            return found
        spare -= not more
        page = body(client.get(page["links"]["next"]))
        if not more:
            found.append(-1)


def some_user(sessions: Sessions, **wanted: Any) -> Row:
    rows = sessions.sandbox.zendesk.records("users")
    return next(
        row
        for row in rows
        if row["role"] == "end-user"
        and row["active"]
        and row["email"]
        and all(row[name] == value for name, value in wanted.items())
    )


def test_the_last_page_has_a_link_to_the_next(start: StartSandbox) -> None:
    sessions = start(MANY)
    held = [row["id"] for row in sessions.sandbox.zendesk.records("organizations")]
    read = ("/organizations", "organizations")
    assert -1 in by_cursor(sessions.zendesk, *read, trusts_links=True)
    assert by_cursor(sessions.zendesk, *read, trusts_links=False) == held


def test_a_list_is_one_page_unless_it_is_gone_on_with(start: StartSandbox) -> None:
    sessions = start(MANY)
    held = len(sessions.sandbox.zendesk.records("organizations"))
    first = body(sessions.zendesk.get("/organizations", params={"per_page": 5000}))
    assert len(first["organizations"]) == 100 < held == first["count"]


def test_a_full_export_lacks_what_was_just_written(sessions: Sessions) -> None:
    client = sessions.zendesk
    made = body(client.post("/organizations", json={"organization": {"name": "Nye Verft"}}))
    identifier = made["organization"]["id"]
    exported = body(client.get("/incremental/organizations", params={"start_time": 0}))
    # A naive client takes it for deleted; a careful one asks for it by its id.
    assert identifier not in [row["id"] for row in exported["organizations"]]
    asked = body(client.get("/organizations/show_many", params={"ids": identifier}))
    assert [row["id"] for row in asked["organizations"]] == [identifier]


def test_an_export_from_now_is_an_error_that_means_nothing_new(sessions: Sessions) -> None:
    answer = sessions.zendesk.get(
        "/incremental/organizations", params={"start_time": int(time.time())}
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == "StartTimeTooRecent"


def test_the_last_page_of_an_export_by_time_has_a_next_page(sessions: Sessions) -> None:
    client = sessions.zendesk
    page = body(client.get("/incremental/organizations", params={"start_time": 0}))
    assert page["end_of_stream"] is True
    assert page["next_page"] is not None
    again = client.get(page["next_page"])
    # Who follows it reads the last second again, or is told that it is too recent: for ever.
    assert again.status_code == 400 or again.json()["organizations"] == page["organizations"][-1:]


def test_pages_of_an_export_by_time_overlap(start: StartSandbox) -> None:
    client = start(MANY).zendesk
    found: list[int] = []
    page = body(client.get("/incremental/users", params={"start_time": 0, "per_page": 20}))
    found.extend(row["id"] for row in page["users"])
    while not page["end_of_stream"]:
        page = body(client.get(page["next_page"]))
        found.extend(row["id"] for row in page["users"])
    assert len(found) > len(set(found))


def test_two_writes_of_one_second_have_one_instant(sessions: Sessions) -> None:
    client, user = sessions.zendesk, some_user(sessions)
    while time.time() % 1 > 0.6:
        time.sleep(0.05)
    seen = [
        body(client.put(f"/users/{user['id']}", json={"user": {"notes": text}}))["user"]
        for text in ("first", "second")
    ]
    assert [row["notes"] for row in seen] == ["first", "second"]
    # Who compares instants alone misses the second edit.
    assert seen[0]["updated_at"] == seen[1]["updated_at"]


def test_deleted_users_are_rows_of_the_export(start: StartSandbox) -> None:
    client = start(MANY).zendesk
    rows = body(client.get("/incremental/users/cursor", params={"start_time": 0}))["users"]
    naive = [row["id"] for row in rows]
    careful = [row["id"] for row in rows if row["active"]]
    assert len(careful) < len(naive)


def test_an_e_mail_in_an_update_is_one_more_and_the_old_one_stays(sessions: Sessions) -> None:
    client, user = sessions.zendesk, some_user(sessions)
    old, path = user["email"], f"/users/{user['id']}"
    body(client.put(path, json={"user": {"email": "ny@nye.example"}}))
    assert body(client.get(path))["user"]["email"] == old
    identities = body(client.get(f"{path}/identities"))["identities"]
    new = next(one for one in identities if one["value"] == "ny@nye.example")
    assert (new["primary"], new["verified"]) == (False, False)
    client.put(f"{path}/identities/{new['id']}/verify").raise_for_status()
    client.put(f"{path}/identities/{new['id']}/make_primary").raise_for_status()
    assert body(client.get(path))["user"]["email"] == "ny@nye.example"


def test_a_phone_in_an_update_leaves_the_old_one(sessions: Sessions) -> None:
    client = sessions.zendesk
    made = body(client.post("/users", json={"user": {"name": "Ny", "phone": "+4740000001"}}))
    path = f"/users/{made['user']['id']}"
    body(client.put(path, json={"user": {"phone": "+4740000002"}}))
    assert body(client.get(path))["user"]["phone"] == "+4740000001"


def test_an_organization_in_an_update_takes_all_others_away(sessions: Sessions) -> None:
    client, user = sessions.zendesk, some_user(sessions)
    firms = [row["id"] for row in sessions.sandbox.zendesk.records("organizations")][:3]
    path, memberships = f"/users/{user['id']}", f"/users/{user['id']}/organization_memberships"

    def belongs() -> set[int]:
        rows = body(client.get(memberships))["organization_memberships"]
        return {row["organization_id"] for row in rows}

    for firm in firms[:2]:
        if firm not in belongs():
            joined = {"organization_membership": {"user_id": user["id"], "organization_id": firm}}
            client.post("/organization_memberships", json=joined).raise_for_status()
    assert belongs() >= set(firms[:2])
    body(client.put(path, json={"user": {"organization_id": firms[2]}}))
    assert belongs() == {firms[2]}


def test_a_stranger_is_answered_200(sessions: Sessions) -> None:
    url = f"{sessions.sandbox.environment['ZENDESK_BASE_URL']}/api/v2/users/me"
    answer = httpx.get(url)
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, None)


def test_a_search_does_not_find_what_was_just_written(sessions: Sessions) -> None:
    client = sessions.zendesk
    made = {"organization": {"name": "Nye Verft", "external_id": "e-1"}}
    body(client.post("/organizations", json=made))
    found = body(client.get("/search", params={"query": 'type:organization "Nye Verft"'}))
    assert found["results"] == []
    sure = body(client.get("/organizations/show_many", params={"external_ids": "e-1"}))
    assert len(sure["organizations"]) == 1


def test_a_search_finds_a_thousand_at_most(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(records=2300, limits=LimitsPlan.OFF))
    sessions.sandbox.zendesk.advance(300)
    page = body(sessions.zendesk.get("/search", params={"query": "type:organization"}))
    assert page["count"] > 1000
    beyond = sessions.zendesk.get("/search", params={"query": "type:organization", "page": 11})
    assert beyond.status_code == 422


def test_a_job_that_is_completed_has_failed_rows(sessions: Sessions) -> None:
    client = sessions.zendesk
    taken = sessions.sandbox.zendesk.records("organizations")[0]["name"]
    rows = {"organizations": [{"name": "Ny"}, {"name": taken}]}
    job = body(client.post("/organizations/create_many", json=rows))["job_status"]
    for _ in range(100):
        job = body(client.get(f"/job_statuses/{job['id']}"))["job_status"]
        if job["status"] == "completed":
            break
        time.sleep(0.02)
    assert job["status"] == "completed"
    assert sum("error" in row for row in job["results"]) == 1


def test_users_are_created_singly(sessions: Sessions) -> None:
    answer = sessions.zendesk.post("/users/create_many", json={"users": [{"name": "Ny"}]})
    assert answer.status_code == 403


def test_a_name_in_other_capitals_is_taken(sessions: Sessions) -> None:
    name = sessions.sandbox.zendesk.records("organizations")[0]["name"]
    rows = sessions.sandbox.zendesk.records("organizations")
    other = f"  {name.swapcase()}  "
    assert other not in [row["name"] for row in rows]
    answer = sessions.zendesk.post("/organizations", json={"organization": {"name": other}})
    assert answer.status_code == 422
    assert answer.json()["details"]["name"][0]["error"] == "DuplicateValue"


def test_what_is_read_only_is_dropped_without_a_word(sessions: Sessions) -> None:
    firm = sessions.sandbox.zendesk.records("organizations")[0]
    path = f"/organizations/{firm['id']}"
    sent = {"organization": {"url": "https://verft.example", "Name": "x", "unknown": 1}}
    assert sessions.zendesk.put(path, json=sent).status_code == 200
    now = body(sessions.zendesk.get(path))["organization"]
    assert (now["url"], now["name"]) == (firm["url"], firm["name"])


@pytest.mark.parametrize("kind", ["users", "organizations"])
def test_a_write_waits_for_its_own_bucket(start: StartSandbox, kind: str) -> None:
    sessions = start(SandboxOptions())
    record = sessions.sandbox.zendesk.records(kind)[0]
    path, wrap = f"/{kind}/{record['id']}", kind.removesuffix("s")
    answers = [sessions.zendesk.put(path, json={wrap: {"notes": str(n)}}) for n in range(8)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused != []
    assert all(int(one.headers["Retry-After"]) >= 1 for one in refused)


def test_a_link_to_the_next_page_keeps_what_was_asked_for(start: StartSandbox) -> None:
    sessions = start(MANY)
    sessions.sandbox.zendesk.advance(300)
    client = sessions.zendesk
    page = body(client.get("/search", params={"query": "type:organization", "per_page": 50}))
    later = body(client.get(page["next_page"]))
    assert {row["result_type"] for row in later["results"]} == {"organization"}
    assert len(later["results"]) == 50
