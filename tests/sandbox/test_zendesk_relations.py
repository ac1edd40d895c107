"""Zendesk's records by other records, by words, by links; and those that are gone."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Sessions

Row = dict[str, Any]


def names(answer: httpx.Response, kind: str) -> list[str]:
    return [row["name"] for row in answer.json()[kind]]


def organization_named(sessions: Sessions, name: str) -> Row:
    rows = sessions.sandbox.zendesk.records("organizations")
    return next(row for row in rows if row["name"] == name)


def user_named(sessions: Sessions, name: str) -> Row:
    rows = sessions.sandbox.zendesk.records("users")
    return next(row for row in rows if row["name"] == name)


@pytest.mark.parametrize(
    ("path", "query", "link"),
    [
        pytest.param(
            "/users",
            {"page[size]": "4"},
            lambda page: page["links"]["next"] if page["meta"]["has_more"] else None,
            id="cursor",
        ),
        pytest.param("/users", {"per_page": "4"}, lambda page: page["next_page"], id="offset"),
        pytest.param(
            "/incremental/users/cursor",
            {"start_time": "0", "per_page": "4"},
            lambda page: None if page["end_of_stream"] else page["after_url"],
            id="export",
        ),
    ],
)
def test_links_lead_to_all_rows(
    sessions: Sessions, path: str, query: dict[str, str], link: Callable[[Row], str | None]
) -> None:
    page = sessions.zendesk.get(path, params=query).json()
    seen = [row["id"] for row in page["users"]]
    while following := link(page):
        assert following.startswith(f"{sessions.sandbox.zendesk.url}/api/v2{path}")
        page = sessions.zendesk.get(following).json()
        seen += [row["id"] for row in page["users"]]
    assert sorted(seen) == [row["id"] for row in sessions.sandbox.zendesk.records("users")]


def test_members_and_their_organizations(sessions: Sessions) -> None:
    client = sessions.zendesk
    nordlys = organization_named(sessions, "Nordlys Elektro AS")
    marte = user_named(sessions, "Marte Lunde")
    path = f"/organizations/{nordlys['id']}"
    assert names(client.get(f"{path}/users"), "users") == ["Marte Lunde"]
    rows = client.get(f"{path}/organization_memberships").json()["organization_memberships"]
    assert [row["user_id"] for row in rows] == [marte["id"]]
    answer = client.get(f"/users/{marte['id']}/organizations")
    assert names(answer, "organizations") == ["Nordlys Elektro AS"]


def test_a_deleted_organization_leaves_the_other_default_alone(sessions: Sessions) -> None:
    client = sessions.zendesk
    marte, drift = user_named(sessions, "Marte Lunde"), organization_named(sessions, "Drift")
    sent = {"organization_membership": {"user_id": marte["id"], "organization_id": drift["id"]}}
    client.post("/organization_memberships", json=sent)
    client.delete(f"/organizations/{drift['id']}")
    assert user_named(sessions, "Marte Lunde")["organization_id"] == marte["organization_id"]
    client.delete(f"/organizations/{marte['organization_id']}")
    assert user_named(sessions, "Marte Lunde")["organization_id"] is None


def test_a_domain_puts_new_users_into_its_organization(sessions: Sessions) -> None:
    client = sessions.zendesk
    drift = organization_named(sessions, "Drift")
    sent = {"organization": {"domain_names": ["drift.example"]}}
    client.put(f"/organizations/{drift['id']}", json=sent)
    mapped = client.post("/users", json={"user": {"name": "A", "email": "a@Drift.example"}}).json()
    assert mapped["user"]["organization_id"] == drift["id"]
    chosen = {"name": "B", "email": "b@drift.example", "organization_id": None}
    assert client.post("/users", json={"user": chosen}).json()["user"]["organization_id"] is None
    client.put(f"/organizations/{drift['id']}", json={"organization": {"domain_names": []}})
    late = client.post("/users", json={"user": {"name": "C", "email": "c@drift.example"}}).json()
    assert late["user"]["organization_id"] is None


def test_a_second_phone_becomes_an_identity(sessions: Sessions) -> None:
    client = sessions.zendesk
    path = f"/users/{user_named(sessions, 'Unn Ukjent')['id']}"
    for number in ("+4755500001", "+4755500002"):
        client.put(path, json={"user": {"phone": number}})
    assert client.get(path).json()["user"]["phone"] == "+4755500001"
    query = {"type[]": "phone_number"}
    rows = client.get(f"{path}/identities", params=query).json()["identities"]
    assert [row["value"] for row in rows] == ["+4755500002"]
    client.put(path, json={"user": {"phone": ""}})
    assert client.get(path).json()["user"]["phone"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type:organization drift", ["Drift"]),
        ("type:user email:UNN@elsewhere.example", ["Unn Ukjent"]),
        ('name:"Nordlys Elektro AS"', ["Nordlys Elektro AS"]),
        ("type:organization name:Unn", []),
    ],
)
def test_searches(sessions: Sessions, query: str, found: list[str]) -> None:
    answer = sessions.zendesk.get("/search", params={"query": query})
    assert names(answer, "results") == found
    count = sessions.zendesk.get("/search/count", params={"query": query}).json()
    assert count == {"count": len(found)}


def test_a_search_finds_late_what_a_lookup_finds_at_once(sessions: Sessions) -> None:
    client, query = sessions.zendesk, {"query": "type:organization Nyss"}
    client.post("/organizations", json={"organization": {"name": "Nyss"}})
    assert names(client.get("/search", params=query), "results") == []
    lookup = client.get("/organizations/search", params={"name": "nyss"})
    assert names(lookup, "organizations") == ["Nyss"]
    sessions.sandbox.zendesk.advance(121)
    assert names(client.get("/search", params=query), "results") == ["Nyss"]


def test_a_search_is_bounded_and_an_export_needs_a_kind(sessions: Sessions) -> None:
    client = sessions.zendesk
    assert client.get("/search", params={"query": "a", "page": "11"}).status_code == 422
    assert client.get("/search/export", params={"query": "a"}).status_code == 400
    query = {"query": "", "filter[type]": "user", "page[size]": "3"}
    page = client.get("/search/export", params=query).json()
    assert (len(page["results"]), page["meta"]["has_more"]) == (3, True)


def test_deleted_users_stay_listed_and_lose_what_is_personal(sessions: Sessions) -> None:
    client = sessions.zendesk
    user = user_named(sessions, "Unn Ukjent")
    path = f"/deleted_users/{user['id']}"
    assert client.get(path).status_code == 404
    client.delete(f"/users/{user['id']}")
    assert client.get("/deleted_users/count").json()["count"]["value"] == 1
    assert client.get(path).json()["deleted_user"]["name"] == "Unn Ukjent"
    gone = client.delete(path).json()["deleted_user"]
    assert (gone["name"], gone["email"]) == ("Permanently Deleted User", None)


def test_completion_by_the_start_of_a_name(sessions: Sessions) -> None:
    answer = sessions.zendesk.get("/organizations/autocomplete", params={"name": "nord"})
    assert names(answer, "organizations") == ["Nordlys Elektro AS"]
    answer = sessions.zendesk.get("/users/autocomplete", params={"name": "ingrid"})
    assert names(answer, "users") == ["Ingrid Dahl"]
