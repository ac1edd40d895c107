"""A described system refuses what its profile says that it refuses."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from specbridge.profiles.load import built_in_texts, read_profile
from specbridge.sandbox.anysystem.serving import Described, running_profiles

from tests.acceptance.strangers import CRM_PROFILE
from tests.sandbox.described import STYLES

LIMITED = """
[[limits]]
requests = 3
seconds = 60.0
method = "POST"
path = "/people"
header = "x-rate-limit"
"""


@pytest.fixture
def served() -> Iterator[Described]:
    text = STYLES["link-field, merge"].profile("alpha")
    with running_profiles([read_profile(text, "alpha.toml")], records=5) as described:
        yield described


@pytest.fixture
def client(served: Described) -> Iterator[httpx.Client]:
    environment = served.environment
    headers = {"Authorization": f"Bearer {environment['ALPHA_TOKEN']}"}
    with httpx.Client(base_url=environment["ALPHA_BASE_URL"], headers=headers) as client:
        yield client


def person(**values: Any) -> dict[str, Any]:
    return {"person": values}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "name must be there"),
        ({"name": 5}, "name cannot be 5"),
        ({"name": "n", "state": 3}, "state cannot be 3"),
        ({"name": "n", "state": "open"}, "state cannot be 'open'"),
        ({"name": "n", "origin": "x" * 121}, "origin is too long"),
        ({"name": "n", "address": "Oslo"}, "address cannot be 'Oslo'"),
    ],
)
def test_a_creation_is_refused(client: httpx.Client, values: dict[str, Any], told: str) -> None:
    before = len(client.get("/people").json()["rows"])
    answer = client.post("/people", json=person(**values))
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]
    assert len(client.get("/people").json()["rows"]) == before


def test_a_unique_value_is_taken_capitals_aside(client: httpx.Client) -> None:
    email = client.get("/people").json()["rows"][0]["email"]
    answer = client.post("/people", json=person(name="n", email=email.upper()))
    assert (answer.status_code, "email" in answer.json()["error"]["message"]) == (422, True)


def test_what_the_system_sets_itself_stays(client: httpx.Client) -> None:
    made = client.post(
        "/people", json=person(name="n", id=1, changed="1999-01-01T00:00:00Z")
    ).json()
    assert made["person"]["id"] > 1000
    assert made["person"]["changed"] > "2020"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/people/1", 404), ("GET", "/boats", 404), ("PUT", "/people/1001", 404)],
)
def test_what_is_not_there(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, "message" in answer.json()["error"]) == (status, True)


def test_nobody_without_credentials(client: httpx.Client) -> None:
    answer = client.get("/people", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_a_deleted_record_is_a_tombstone_in_lists_and_gone_alone(client: httpx.Client) -> None:
    assert client.delete("/people/1002").status_code == 204
    assert client.get("/people/1002").status_code == 404
    rows = {row["id"]: row["gone"] for row in client.get("/people").json()["rows"]}
    assert (rows[1002], rows[1001]) == (True, False)
    assert client.get("/people", params={"origin": "x"}).json()["rows"] == []


def test_limits_are_kept() -> None:
    text = (
        STYLES["after-row, merge"]
        .profile("alpha")
        .replace("[[expectations]]", f"{LIMITED}\n[[expectations]]")
    )
    with running_profiles([read_profile(text, "alpha.toml")], records=0) as described:
        base = described.environment["ALPHA_BASE_URL"]
        statuses = [
            httpx.post(f"{base}/people", json=person(name=f"n{n}")).status_code for n in range(4)
        ]
        last = httpx.post(f"{base}/people", json=person(name="n"))
    assert statuses == [201, 201, 201, 429]
    assert int(last.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("style", "headers", "sent", "status"),
    [
        ("short, etag", {}, {"name": "n"}, 428),
        ("short, etag", {"If-Match": '"77"'}, {"name": "n"}, 412),
        ("cursor-flag, version", {}, {"name": "n"}, 428),
        ("cursor-flag, version", {}, {"name": "n", "version": 77}, 409),
        ("cursor-null, version-header", {"If-Match": "77"}, {"name": "n"}, 412),
        ("pages-total, json-patch", {}, {"name": "n"}, 415),
    ],
)
def test_updates_say_what_they_were_made_on(
    style: str, headers: dict[str, str], sent: dict[str, Any], status: int
) -> None:
    text = STYLES[style].profile("alpha")
    profile = read_profile(text.replace(STYLES[style].auth, ""), "alpha.toml")
    update = profile.resources[0].update
    assert update is not None
    with running_profiles([profile], records=2) as described:
        url = f"{described.environment['ALPHA_BASE_URL']}/people/1001"
        answer = httpx.request(update.method, url, json=person(**sent), headers=headers)
    assert answer.status_code == status


def test_a_search_that_is_not_as_the_profile_says_is_refused() -> None:
    with running_profiles([read_profile(CRM_PROFILE, "crm.toml")], records=6) as described:
        environment = described.environment
        filters = [{"name": "updated", "operator": "GTE", "value": "0"}]
        right = {"filters": filters, "sorts": ["updated"], "limit": "2"}
        wrong = {**right, "sorts": ["name"]}
        url = f"{environment['CRM_BASE_URL']}/contacts/search"
        key = {"key": environment["CRM_API_KEY"]}
        assert len(httpx.post(url, params=key, json=right).json()["results"]) == 2
        assert httpx.post(url, params=key, json=wrong).status_code in (400, 404)


def test_what_is_not_served_is_told() -> None:
    profile = read_profile(built_in_texts()["zendesk.toml"], "zendesk.toml")
    with running_profiles([profile], records=1) as described:
        assert any("Users is not served" in note for note in described.notes)
        assert "itself" in described.notes[0]


def test_one_to_which_people_sign_in_is_refused() -> None:
    text = STYLES["after-row, merge"].profile("alpha")
    signed = (
        '[[auth]]\nstyle = "authorization-code"\nuser = "{CLIENT}"\n'
        'authorize_url = "{BASE_URL}/authorize"\ntoken_url = "{BASE_URL}/token"\n'
    )
    profile = read_profile(text.replace("[[expectations]]", f"{signed}\n[[expectations]]"), "a")
    with pytest.raises(ValueError, match="people sign in"), running_profiles([profile]):
        pass
