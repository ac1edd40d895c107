"""What Zendesk refuses changes nothing, whoever sends it and however wrong it is."""

from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox

Row = dict[str, Any]
TAKEN = "anne@helpdesk.example"


def everything(sessions: Sessions) -> Row:
    url = f"{sessions.sandbox.zendesk.url}/_sandbox/world"
    world: Row = httpx.get(url).json()
    return world


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({"name": "Ny", "email": "nonsense"}, 422, id="malformed address"),
        pytest.param({"name": "Ny", "email": TAKEN.upper()}, 422, id="address taken"),
        pytest.param({"name": "Ny", "organization_id": 5}, 404, id="unknown organization"),
        pytest.param({"name": "Ny", "role": "king"}, 422, id="unknown role"),
        pytest.param({"name": " "}, 422, id="no name"),
        pytest.param({"name": "Ny", "external_id": "REF"}, 422, id="reference taken"),
        pytest.param("Ny", 400, id="no object"),
    ],
)
def test_refused_users(sessions: Sessions, sent: object, status: int) -> None:
    client = sessions.zendesk
    client.post("/users", json={"user": {"name": "First", "external_id": "ref"}})
    before = everything(sessions)
    assert client.post("/users", json={"user": sent}).status_code == status
    user = next(row for row in before["users"] if row["name"] == "Ingrid Dahl")
    changed = client.put(f"/users/{user['id']}", json={"user": sent}).status_code
    assert (changed, everything(sessions)) == (status, before)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"name": "Free", "external_id": "REF"}, id="reference taken"),
        pytest.param({"name": "drift", "external_id": "free"}, id="name taken"),
        pytest.param({"name": "a|b"}, id="forbidden sign"),
        pytest.param({"name": ""}, id="no name"),
    ],
)
def test_refused_organizations_leave_their_values_free(sessions: Sessions, sent: Row) -> None:
    client = sessions.zendesk
    client.post("/organizations", json={"organization": {"name": "First", "external_id": "ref"}})
    before = everything(sessions)
    row = before["organizations"][0]
    for answer in (
        client.post("/organizations", json={"organization": sent}),
        client.put(f"/organizations/{row['id']}", json={"organization": sent}),
    ):
        assert answer.status_code == 422
    assert everything(sessions) == before
    free = {"organization": {"name": "Free", "external_id": "free"}}
    assert client.post("/organizations", json=free).status_code == 201


def test_a_new_spelling_keeps_a_value_taken(sessions: Sessions) -> None:
    client = sessions.zendesk
    for kind, single in (("organizations", "organization"), ("users", "user")):
        row = client.post(f"/{kind}", json={single: {"name": "Ny", "external_id": "a"}}).json()
        sent = {single: {"external_id": "A"}}
        assert client.put(f"/{kind}/{row[single]['id']}", json=sent).status_code == 200
        again = client.post(f"/{kind}", json={single: {"name": "Ny 2", "external_id": "a"}})
        assert again.status_code == 422


def test_a_row_that_is_no_object_fails_alone(start: StartSandbox) -> None:
    client = start(SandboxOptions(job_seconds=0, limits=LimitsPlan.OFF)).zendesk
    rows = ["nonsense", {"name": "Ny"}, None]
    job = client.post("/organizations/create_many", json={"organizations": rows}).json()
    shown = client.get(f"/job_statuses/{job['job_status']['id']}").json()["job_status"]
    assert shown["status"] == "completed"
    assert [row.get("error") for row in shown["results"]] == [
        "OrganizationCreateFailed",
        None,
        "OrganizationCreateFailed",
    ]


def test_jobs_are_readable_for_a_day(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(job_seconds=0, limits=LimitsPlan.OFF))
    sent = {"organizations": [{"name": "Ny"}]}
    job = sessions.zendesk.post("/organizations/create_many", json=sent).json()["job_status"]
    assert sessions.zendesk.get(f"/job_statuses/{job['id']}").status_code == 200
    sessions.sandbox.zendesk.advance(24 * 60 * 60)
    assert sessions.zendesk.get(f"/job_statuses/{job['id']}").status_code == 404


@pytest.mark.parametrize("path", ["/users/{}", "/users/{}.json"])
def test_a_suffix_does_not_escape_the_limits(start: StartSandbox, path: str) -> None:
    sessions = start(SandboxOptions())
    user = sessions.sandbox.zendesk.records("users")[0]
    sent = {"user": {"notes": "x"}}
    address = path.format(user["id"])
    statuses = [sessions.zendesk.put(address, json=sent).status_code for _ in range(2)]
    assert statuses == [200, 429]


@pytest.mark.parametrize(
    ("scope", "read", "write"),
    [
        ("read write", 200, 201),
        ("read", 200, 403),
        ("organizations:read organizations:write", 200, 201),
        ("users:read users:write", 403, 403),
        ("everything", 403, 403),
    ],
)
def test_scopes(sessions: Sessions, scope: str, read: int, write: int) -> None:
    url, secrets = sessions.sandbox.zendesk.url, sessions.sandbox.credentials
    grant = {
        "grant_type": "client_credentials",
        "client_id": secrets.client_id,
        "client_secret": secrets.client_secret,
        "scope": scope,
    }
    token = httpx.post(f"{url}/oauth/tokens", json=grant).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    path = f"{url}/api/v2/organizations"
    assert httpx.get(path, headers=bearer).status_code == read
    sent = {"organization": {"name": "Ny"}}
    assert httpx.post(path, headers=bearer, json=sent).status_code == write


def test_identities_take_plain_scopes_only(sessions: Sessions) -> None:
    url, secrets = sessions.sandbox.zendesk.url, sessions.sandbox.credentials
    grant = {
        "grant_type": "client_credentials",
        "client_id": secrets.client_id,
        "client_secret": secrets.client_secret,
        "scope": "users:read",
    }
    token = httpx.post(f"{url}/oauth/tokens", json=grant).json()["access_token"]
    user = sessions.sandbox.zendesk.records("users")[1]
    path = f"{url}/api/v2/users/{user['id']}"
    bearer = {"Authorization": f"Bearer {token}"}
    assert httpx.get(path, headers=bearer).status_code == 200
    assert httpx.get(f"{path}/identities", headers=bearer).status_code == 403
