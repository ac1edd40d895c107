"""Pages of Zendesk's lists: links keep what was asked, orders are the vendor's, nothing is lost."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox

Row = dict[str, Any]
Link = Callable[[Row], str | None]


def next_of_cursor(page: Row) -> str | None:
    return page["links"]["next"] if page["meta"]["has_more"] else None


def next_of_export(page: Row) -> str | None:
    return None if page["end_of_stream"] else page.get("after_url") or page["next_page"]


def next_of_numbers(page: Row) -> str | None:
    link: str | None = page["next_page"]
    return link


def follow(client: httpx.Client, path: str, query: Row, kind: str, link: Link) -> list[Row]:
    """Read a list as a client does that knows nothing but links."""
    page = client.get(path, params=query).json()
    rows: list[Row] = page[kind]
    while following := link(page):
        page = client.get(following).json()
        rows = [*rows, *page[kind]]
    return rows


def add_organizations(sessions: Sessions, count: int) -> None:
    rows = [{"organization": {"name": f"Verft {number}"}} for number in range(count)]
    for row in rows:
        sessions.zendesk.post("/organizations", json=row).raise_for_status()
    sessions.sandbox.zendesk.advance(180)


@pytest.mark.parametrize(
    ("path", "query", "kind", "link"),
    [
        pytest.param(
            "/search",
            {"query": "type:organization verft", "per_page": "2"},
            "results",
            next_of_numbers,
            id="search",
        ),
        pytest.param(
            "/search/export",
            {"query": "verft", "filter[type]": "organization", "page[size]": "2"},
            "results",
            next_of_cursor,
            id="search export",
        ),
    ],
)
def test_links_of_a_search_stay_within_it(
    sessions: Sessions, path: str, query: Row, kind: str, link: Link
) -> None:
    add_organizations(sessions, 5)
    rows = follow(sessions.zendesk, path, query, kind, link)
    assert sorted(row["name"] for row in rows) == [f"Verft {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "link"),
    [
        pytest.param({"page[size]": "2"}, next_of_cursor, id="cursor"),
        pytest.param({"per_page": "2"}, next_of_numbers, id="numbers"),
    ],
)
def test_links_keep_every_role(sessions: Sessions, query: Row, link: Link) -> None:
    client = sessions.zendesk
    for number in range(3):
        sent = {"user": {"name": f"Agent {number}", "role": "agent"}}
        client.post("/users", json=sent).raise_for_status()
    roles = {"role[]": ["admin", "agent"]}
    rows = follow(client, "/users", {**query, **roles}, "users", link)
    assert [row["role"] for row in rows] == ["admin", "agent", "agent", "agent"]
    count = client.get("/users/count", params=roles).json()["count"]["value"]
    assert count == len(rows)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/incremental/organizations", "organizations"), ("/incremental/users/cursor", "users")],
)
def test_links_of_exports_keep_the_size(sessions: Sessions, path: str, kind: str) -> None:
    query: Row = {"start_time": 0, "per_page": 2}
    first = sessions.zendesk.get(path, params=query).json()
    link = next_of_export(first)
    assert link is not None
    assert len(sessions.zendesk.get(link).json()[kind]) == 2
    rows = follow(sessions.zendesk, path, query, kind, next_of_export)
    assert {row["id"] for row in rows} == {r["id"] for r in sessions.sandbox.zendesk.records(kind)}


def test_the_page_before_is_linked(sessions: Sessions) -> None:
    second = sessions.zendesk.get("/users", params={"per_page": 4, "page": 2}).json()
    first = sessions.zendesk.get(second["previous_page"]).json()
    assert (len(first["users"]), first["previous_page"]) == (4, None)
    assert sessions.zendesk.get(first["next_page"]).json() == second


def test_cursors_lead_back(sessions: Sessions) -> None:
    first = sessions.zendesk.get("/users", params={"page[size]": 4}).json()
    second = sessions.zendesk.get(first["links"]["next"]).json()
    back = sessions.zendesk.get(second["links"]["prev"]).json()
    assert (back["users"], back["meta"]["has_more"]) == (first["users"], False)


def test_a_cursor_goes_on_behind_a_row_that_is_gone(sessions: Sessions) -> None:
    client = sessions.zendesk
    first = client.get("/organizations", params={"page[size]": 2}).json()
    client.delete(f"/organizations/{first['organizations'][-1]['id']}")
    rest = client.get(first["links"]["next"]).json()["organizations"]
    assert [row["name"] for row in rest] == ["Drift", "Gamle Kunder"]


def test_job_statuses_come_in_pages_the_newest_first(start: StartSandbox) -> None:
    sessions = start(SandboxOptions(job_seconds=0, limits=LimitsPlan.OFF))
    client = sessions.zendesk
    started = [
        client.post("/organizations/create_many", json={"organizations": [{"name": f"Ny {n}"}]})
        for n in range(5)
    ]
    expected = [answer.json()["job_status"]["id"] for answer in reversed(started)]
    query = {"page[size]": "2"}
    rows = follow(client, "/job_statuses", query, "job_statuses", next_of_cursor)
    assert [row["id"] for row in rows] == expected
    assert "count" not in client.get("/job_statuses").json()


def test_the_default_membership_comes_first_then_the_names(sessions: Sessions) -> None:
    client = sessions.zendesk
    organizations = {r["name"]: r["id"] for r in sessions.sandbox.zendesk.records("organizations")}
    user = next(r for r in sessions.sandbox.zendesk.records("users") if r["name"] == "Marte Lunde")
    for name in ("KYSTFISK AS", "Gamle Kunder", "Drift"):
        sent = {"user_id": user["id"], "organization_id": organizations[name]}
        client.post("/organization_memberships", json={"organization_membership": sent})
    path = f"/users/{user['id']}/organization_memberships"
    sent = {"name": "Aldri Mer"}
    client.put(f"/organizations/{organizations['Gamle Kunder']}", json={"organization": sent})
    rows = follow(client, path, {"page[size]": 2}, "organization_memberships", next_of_cursor)
    names = [row["organization_name"] for row in rows]
    assert names == ["Nordlys Elektro AS", "Aldri Mer", "Drift", "KYSTFISK AS"]


def test_the_two_calls_for_a_default_answer_differently(sessions: Sessions) -> None:
    client = sessions.zendesk
    row = sessions.sandbox.zendesk.records("organization_memberships")[0]
    path = f"/users/{row['user_id']}"
    by_organization = f"{path}/organizations/{row['organization_id']}/make_default"
    one = client.put(by_organization).json()["organization_membership"]
    by_membership = f"{path}/organization_memberships/{row['id']}/make_default"
    assert client.put(by_membership).json()["organization_memberships"] == [one]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/users/me", 200),
        ("GET", "/organizations/1", 404),
        ("GET", "/nonsense", 404),
        ("POST", "/users/create_many", 403),
        ("POST", "/organizations", 400),
    ],
)
def test_every_answer_states_the_limits(
    start: StartSandbox, method: str, path: str, status: int
) -> None:
    answer = start(SandboxOptions()).zendesk.request(method, path)
    assert (answer.status_code, answer.headers["ratelimit-limit"]) == (status, "2500")
    assert int(answer.headers["x-rate-limit-remaining"]) < 2500
