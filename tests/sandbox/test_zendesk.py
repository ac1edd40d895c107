"""Zendesk on loopback does what the vendor's pages say, traps included."""

import time
from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import UNLIMITED, Sessions, StartSandbox

Row = dict[str, Any]


def user_named(client: httpx.Client, name: str) -> Row:
    users: list[Row] = client.get("/users").json()["users"]
    return next(user for user in users if user["name"] == name)


def emails_of(client: httpx.Client, user: Row) -> list[tuple[str, bool]]:
    rows = client.get(f"/users/{user['id']}/identities").json()["identities"]
    return [(row["value"], row["primary"]) for row in rows]


def organizations_of(client: httpx.Client, user: Row) -> list[int]:
    path = f"/users/{user['id']}/organization_memberships"
    rows = client.get(path).json()["organization_memberships"]
    return [row["organization_id"] for row in rows]


def wait_for(client: httpx.Client, answer: httpx.Response) -> Row:
    """Poll a job until it ends; a job of the tests takes 50 milliseconds at most."""
    job: Row = answer.json()["job_status"]
    deadline = time.monotonic() + 10
    while job["status"] in ("queued", "working") and time.monotonic() < deadline:
        job = client.get(f"/job_statuses/{job['id']}").json()["job_status"]
    return job


def test_the_first_request_without_credentials_is_a_401(sessions: Sessions) -> None:
    answer = httpx.get(f"{sessions.sandbox.zendesk.url}/api/v2/organizations")
    assert (answer.status_code, answer.json()) == (401, {"error": "Couldn't authenticate you"})


def test_me_without_credentials_is_anonymous(sessions: Sessions) -> None:
    answer = httpx.get(f"{sessions.sandbox.zendesk.url}/api/v2/users/me.json")
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, None)


def test_api_tokens_and_granted_tokens_work(sessions: Sessions) -> None:
    url, secrets = sessions.sandbox.zendesk.url, sessions.sandbox.credentials
    basic = (f"{secrets.email}/token", secrets.api_token)
    assert httpx.get(f"{url}/api/v2/organizations", auth=basic).status_code == 200
    grant = {
        "grant_type": "client_credentials",
        "client_id": secrets.client_id,
        "client_secret": secrets.client_secret,
        "expires_in": 600,
    }
    token = httpx.post(f"{url}/oauth/tokens", json=grant).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{url}/api/v2/organizations", headers=bearer).status_code == 200
    sessions.sandbox.zendesk.advance(601)
    assert httpx.get(f"{url}/api/v2/organizations", headers=bearer).status_code == 401


def test_cursor_pages_end_on_has_more_though_links_are_filled(sessions: Sessions) -> None:
    client, seen, query = sessions.zendesk, 0, {"page[size]": "4"}
    while True:
        page = client.get("/users", params=query).json()
        seen += len(page["users"])
        assert page["meta"]["after_cursor"]
        assert page["links"]["next"]
        assert "count" not in page
        if not page["meta"]["has_more"]:
            break
        query["page[after]"] = page["meta"]["after_cursor"]
    assert seen == len(sessions.sandbox.zendesk.records("users"))


def test_offset_pages_have_a_count(sessions: Sessions) -> None:
    page = sessions.zendesk.get("/users", params={"per_page": 4, "page": 3}).json()
    assert (page["count"], len(page["users"]), page["next_page"]) == (10, 2, None)
    deep = sessions.zendesk.get("/users", params={"page": 101})
    assert (deep.status_code, deep.json()["errors"][0]["code"]) == (400, "InvalidPaginationDepth")


@pytest.mark.parametrize("name", ["Nordlys Elektro AS", "  NORDLYS elektro as "])
def test_names_of_organizations_are_unique(sessions: Sessions, name: str) -> None:
    answer = sessions.zendesk.post("/organizations", json={"organization": {"name": name}})
    assert answer.status_code == 422
    assert answer.json()["details"]["name"][0]["error"] == "DuplicateValue"


def test_url_is_dropped_silently(sessions: Sessions) -> None:
    row = sessions.zendesk.get("/organizations").json()["organizations"][0]
    sent = {"organization": {"url": "https://mine.example", "notes": "x"}}
    changed = sessions.zendesk.put(f"/organizations/{row['id']}", json=sent).json()["organization"]
    assert (changed["url"], changed["notes"]) == (row["url"], "x")


def test_a_put_of_email_adds_a_secondary_address(sessions: Sessions) -> None:
    client = sessions.zendesk
    user = user_named(client, "Ingrid Dahl")
    client.put(f"/users/{user['id']}", json={"user": {"email": "new@fjellheim.example"}})
    assert user_named(client, "Ingrid Dahl")["email"] == "ingrid.dahl@fjellheim.example"
    assert emails_of(client, user) == [
        ("ingrid.dahl@fjellheim.example", True),
        ("new@fjellheim.example", False),
    ]


def test_a_new_primary_address_in_four_steps(sessions: Sessions) -> None:
    client = sessions.zendesk
    user = user_named(client, "Ingrid Dahl")
    path = f"/users/{user['id']}/identities"
    old = client.get(path).json()["identities"][0]
    sent = {"identity": {"type": "email", "value": "New@fjellheim.example"}}
    new = client.post(path, json=sent).json()["identity"]
    assert client.delete(f"{path}/{old['id']}").status_code == 422
    client.put(f"{path}/{new['id']}/verify")
    client.put(f"{path}/{new['id']}/make_primary")
    assert client.delete(f"{path}/{old['id']}").status_code == 204
    assert emails_of(client, user) == [("new@fjellheim.example", True)]
    assert user_named(client, "Ingrid Dahl")["email"] == "new@fjellheim.example"


def test_an_address_belongs_to_one_user(sessions: Sessions) -> None:
    sent = {"user": {"name": "Other", "email": "INGRID.dahl@fjellheim.example"}}
    answer = sessions.zendesk.post("/users", json=sent)
    assert answer.status_code == 422
    assert answer.json()["details"]["email"][0]["error"] == "DuplicateValue"


def test_a_put_of_the_organization_wipes_the_other_memberships(sessions: Sessions) -> None:
    client = sessions.zendesk
    user = user_named(client, "Marte Lunde")
    rows = client.get("/organizations").json()["organizations"]
    for row in rows[1:3]:
        sent = {"organization_membership": {"user_id": user["id"], "organization_id": row["id"]}}
        assert client.post("/organization_memberships", json=sent).status_code == 201
        assert client.post("/organization_memberships", json=sent).status_code == 422
    assert len(organizations_of(client, user)) == 3
    client.put(f"/users/{user['id']}", json={"user": {"organization_id": rows[3]["id"]}})
    assert organizations_of(client, user) == [rows[3]["id"]]


def test_a_membership_becomes_the_default_without_a_new_instant(sessions: Sessions) -> None:
    client = sessions.zendesk
    user = user_named(client, "Marte Lunde")
    other = client.get("/organizations").json()["organizations"][3]
    sent = {"organization_membership": {"user_id": user["id"], "organization_id": other["id"]}}
    client.post("/organization_memberships", json=sent)
    assert user_named(client, "Marte Lunde")["organization_id"] == user["organization_id"]
    client.put(f"/users/{user['id']}/organizations/{other['id']}/make_default")
    after = user_named(client, "Marte Lunde")
    assert (after["organization_id"], after["updated_at"]) == (other["id"], user["updated_at"])


def test_a_job_completes_though_a_row_fails(sessions: Sessions) -> None:
    rows = [{"name": "Ny", "external_id": "a"}, {"name": "drift"}, {"name": "Ny 2"}]
    answer = sessions.zendesk.post("/organizations/create_many", json={"organizations": rows})
    assert answer.json()["job_status"]["status"] == "queued"
    job = wait_for(sessions.zendesk, answer)
    assert job["status"] == "completed"
    assert [result.get("status") for result in job["results"]] == ["Created", None, "Created"]
    assert job["results"][1]["error"] == "OrganizationCreateFailed"
    assert job["results"][1]["index"] == 1


def test_a_half_done_job_fails_and_leaves_half(start: StartSandbox) -> None:
    options = SandboxOptions(faults=("half-done-job=1",), limits=LimitsPlan.OFF)
    sessions = start(options)
    rows = [{"name": f"Ny {number}"} for number in range(10)]
    answer = sessions.zendesk.post("/organizations/create_many", json={"organizations": rows})
    assert wait_for(sessions.zendesk, answer)["status"] == "failed"
    assert len(sessions.sandbox.zendesk.records("organizations")) == 4 + 5


def test_bulk_calls_are_bounded(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(job_seconds=1000, limits=LimitsPlan.OFF))
    client = sessions.zendesk
    many = {"organizations": [{"name": str(number)} for number in range(101)]}
    assert client.post("/organizations/create_many", json=many).json()["max_count"] == 100
    one = {"organizations": [{"name": "one"}]}
    for _ in range(30):
        assert client.post("/organizations/create_many", json=one).status_code == 200
    answer = client.post("/organizations/create_many", json=one)
    assert (answer.status_code, answer.json()["error"]) == (429, "TooManyJobs")


def test_bulk_import_of_users_is_closed_unless_opened(start: StartSandbox) -> None:
    sent = {"users": [{"name": "Ny"}]}
    assert start(UNLIMITED).zendesk.post("/users/create_many", json=sent).status_code == 403
    opened = start(SandboxOptions(bulk_users=True)).zendesk
    assert wait_for(opened, opened.post("/users/create_many", json=sent))["status"] == "completed"


def test_an_upsert_never_finds_by_name(sessions: Sessions) -> None:
    sent = {"organization": {"name": "Drift"}}
    assert sessions.zendesk.post("/organizations/create_or_update", json=sent).status_code == 422


def test_the_time_export_overlaps_and_shows_what_is_gone(sessions: Sessions) -> None:
    client = sessions.zendesk
    path = "/incremental/organizations"
    first = client.get(path, params={"start_time": 0, "per_page": 2}).json()
    assert (first["count"], first["end_of_stream"]) == (2, False)
    second = client.get(path, params={"start_time": first["end_time"], "per_page": 1000}).json()
    assert second["organizations"][0] == first["organizations"][-1]
    assert (second["count"], second["end_of_stream"]) == (3, True)
    gone = second["organizations"][-1]
    client.delete(f"/organizations/{gone['id']}")
    sessions.sandbox.zendesk.advance(61)
    rows = client.get(path, params={"start_time": 0}).json()["organizations"]
    assert [row["id"] for row in rows if row.get("deleted_at")] == [gone["id"]]


def test_the_cursor_export_resumes_strictly_behind_its_cursor(sessions: Sessions) -> None:
    client, path = sessions.zendesk, "/incremental/users/cursor"
    page = client.get(path, params={"start_time": 0, "per_page": 6}).json()
    rest = client.get(path, params={"cursor": page["after_cursor"]}).json()
    assert (len(page["users"]), len(rest["users"]), rest["end_of_stream"]) == (6, 4, True)
    again = client.get(path, params={"cursor": rest["after_cursor"]}).json()
    assert (again["users"], again["after_cursor"]) == ([], rest["after_cursor"])
    deleted = rest["users"][-1]
    client.delete(f"/users/{deleted['id']}")
    sessions.sandbox.zendesk.advance(61)
    changed = client.get(path, params={"cursor": rest["after_cursor"]}).json()["users"]
    assert [(row["id"], row["active"]) for row in changed] == [(deleted["id"], False)]


def test_a_start_within_the_last_minute_is_too_recent(sessions: Sessions) -> None:
    query = {"start_time": int(time.time()) - 5}
    answer = sessions.zendesk.get("/incremental/organizations", params=query)
    assert (answer.status_code, answer.json()["error"]) == (400, "StartTimeTooRecent")


def test_the_newest_minute_is_withheld_from_exports(sessions: Sessions) -> None:
    path, query = "/incremental/organizations", {"start_time": 0}
    old = sessions.zendesk.get("/organizations").json()["organizations"][0]
    sessions.zendesk.post("/organizations", json={"organization": {"name": "Ny"}})
    sessions.zendesk.put(f"/organizations/{old['id']}", json={"organization": {"notes": "x"}})
    # What was edited just now is missing, too, however long it has been there.
    rows = sessions.zendesk.get(path, params=query).json()["organizations"]
    assert (len(rows), old["id"] in {row["id"] for row in rows}) == (3, False)
    sessions.sandbox.zendesk.advance(61)
    assert sessions.zendesk.get(path, params=query).json()["count"] == 5


def test_the_newest_minute_can_be_shown(start: StartSandbox) -> None:
    client = start(SandboxOptions(withhold_seconds=0)).zendesk
    client.post("/organizations", json={"organization": {"name": "Ny"}})
    page = client.get("/incremental/organizations", params={"start_time": 0}).json()
    assert page["count"] == 5


def test_limits_are_stated_and_kept(start: StartSandbox) -> None:
    client = start(SandboxOptions(limits=LimitsPlan.ENTERPRISE)).zendesk
    path, query = "/incremental/organizations", {"start_time": 0}
    answers = [client.get(path, params=query) for _ in range(11)]
    assert answers[0].headers["ratelimit-limit"] == "700"
    assert answers[0].headers["zendesk-ratelimit-incremental-exports"].startswith("total=10")
    assert [a.status_code for a in answers] == [200] * 10 + [429]
    assert int(answers[10].headers["Retry-After"]) >= 1


def test_a_user_is_updated_once_a_second(start: StartSandbox) -> None:
    client = start(SandboxOptions()).zendesk
    user = user_named(client, "Unn Ukjent")
    sent = {"user": {"notes": "x"}}
    statuses = [client.put(f"/users/{user['id']}", json=sent).status_code for _ in range(2)]
    assert statuses == [200, 429]


def test_lookups_leave_out_what_is_not_there(sessions: Sessions) -> None:
    client = sessions.zendesk
    row = client.get("/organizations").json()["organizations"][0]
    query = {"ids": f"{row['id']},1"}
    assert client.get("/organizations/show_many", params=query).json()["organizations"] == [row]
    found = client.get("/organizations/search", params={"name": "nordlys elektro as"}).json()
    assert found["organizations"] == [row]
    assert client.get("/nonsense").json()["error"] == "InvalidEndpoint"
