"""What the documentation leaves open is done one way by default, and the other where it is asked for."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox

Row = dict[str, Any]
PATCH = {"Content-Type": "application/json-patch+json"}
FJELLHEIM = 10_001
DRIFT = "/organizations/search?name=Drift"


def organizations(sessions: Sessions, *rows: Row) -> list[int]:
    client = sessions.zendesk
    return [client.post("/organizations", json={"organization": row}).status_code for row in rows]


def names_with_capitals(sessions: Sessions) -> object:
    return organizations(sessions, {"name": "DRIFT"}), len(
        sessions.zendesk.get(DRIFT).json()["organizations"]
    )


def related_changes(sessions: Sessions) -> object:
    client, user = sessions.zendesk, sessions.sandbox.zendesk.records("users")[-1]
    path = f"/users/{user['id']}"
    sent = {"identity": {"type": "email", "value": "ny@nytt.example"}}
    client.post(f"{path}/identities", json=sent).raise_for_status()
    return bool(client.get(path).json()["user"]["updated_at"] > user["updated_at"])


def silent_deletions(sessions: Sessions) -> object:
    (row,) = sessions.zendesk.get(DRIFT).json()["organizations"]
    sessions.zendesk.delete(f"/organizations/{row['id']}")
    sessions.sandbox.zendesk.advance(61)
    page = sessions.zendesk.get("/incremental/organizations", params={"start_time": 0}).json()
    return [bool(one.get("deleted_at")) for one in page["organizations"]].count(True)


def too_recent(sessions: Sessions) -> object:
    query = {"start_time": int(time.time()) - 5}
    answer = sessions.zendesk.get("/incremental/users", params=query)
    return answer.status_code, answer.json()["error"]


def full_queue(sessions: Sessions) -> object:
    sent = {"organizations": [{"name": "Ny"}]}
    path = "/organizations/create_many"
    answers = [sessions.zendesk.post(path, json=sent) for _ in range(31)]
    return answers[-1].status_code, answers[-1].json()["error"]


def forbidden(sessions: Sessions) -> object:
    answer = sessions.zendesk.post("/users/create_many", json={"users": [{"name": "Ny"}]})
    return answer.status_code, isinstance(answer.json()["error"], str)


def stranger(sessions: Sessions) -> object:
    return httpx.get(f"{sessions.sandbox.zendesk.url}/api/v2/users/me").status_code


def mail_with_capitals(sessions: Sessions) -> object:
    sent = {"user": {"name": "Ny", "email": "Ny@Nytt.example"}}
    created = sessions.zendesk.post("/users", json=sent).json()["user"]["email"]
    sent["user"]["email"] = "ny@nytt.example"
    return created, sessions.zendesk.post("/users", json=sent).status_code


def results_of_a_job(sessions: Sessions) -> object:
    sent = {"organizations": [{"name": f"Ny {number}"} for number in range(3)]}
    job = sessions.zendesk.post("/organizations/create_many", json=sent).json()["job_status"]
    deadline = time.monotonic() + 10
    while job["status"] != "completed" and time.monotonic() < deadline:
        job = sessions.zendesk.get(f"/job_statuses/{job['id']}").json()["job_status"]
    ids = [row["id"] for row in job["results"]]
    return ids == sorted(ids), [row.get("index") for row in job["results"]]


def life_of_a_token(sessions: Sessions) -> object:
    secrets, url = sessions.sandbox.credentials, sessions.sandbox.zendesk.url
    grant = {"grant_type": "client_credentials", "client_id": secrets.client_id}
    sent = {**grant, "client_secret": secrets.client_secret}
    given = httpx.post(f"{url}/oauth/tokens", json=sent).json()
    sessions.sandbox.zendesk.advance(10**8)
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    answer = httpx.get(f"{url}/api/v2/users/count", headers=bearer)
    return given["expires_in"], answer.status_code


def empty_texts(sessions: Sessions) -> object:
    organizations(sessions, {"name": "Ny"})
    row = sessions.sandbox.zendesk.records("organizations")[-1]
    sent = {"organization": {"details": None}}
    after = sessions.zendesk.put(f"/organizations/{row['id']}", json=sent).json()["organization"]
    return row["notes"], after["details"], row["external_id"]


def customers(sessions: Sessions, **query: str) -> object:
    answer = sessions.poweroffice.get("/Customers", params=query)
    return answer.status_code, answer.content[:2]


def create(sessions: Sessions, kind: str, **sent: object) -> httpx.Response:
    return sessions.poweroffice.post(f"/{kind}", json=sent)


def patch(sessions: Sessions, path: str, name: str, value: object) -> httpx.Response:
    operations = [{"op": "replace", "path": f"/{name}", "value": value}]
    return sessions.poweroffice.patch(path, json=operations, headers=PATCH)


def unknown_property(sessions: Sessions) -> object:
    return create(sessions, "Departments", Name="Ny", Planet="Earth").status_code


def address_from_parts(sessions: Sessions) -> object:
    path = f"/Customers/{create(sessions, 'Customers', Name='Ny').json()['Id']}"
    answer = patch(sessions, path, "MailAddress/City", "Voss")
    return answer.status_code, (answer.json().get("MailAddress") or {}).get("City")


def other_capitals(sessions: Sessions) -> object:
    return sessions.poweroffice.get("/customers").status_code


def outer_blanks(sessions: Sessions) -> object:
    return create(sessions, "Departments", Name=" Ny ").json()["Name"]


def page_links(sessions: Sessions) -> object:
    return "X-Pagination" in sessions.poweroffice.get("/Customers").headers


def defaults(sessions: Sessions) -> object:
    sent = {"FirstName": "Eli", "LastName": "Foss", "IsDefault": True}
    for _ in range(2):
        sessions.poweroffice.post(f"/ContactPersons/{FJELLHEIM}", json=sent)
    rows = sessions.sandbox.poweroffice.records("ContactPersons")
    return sum(row["IsDefault"] for row in rows)


def archived(sessions: Sessions) -> object:
    patch(sessions, f"/Customers/{FJELLHEIM}", "IsArchived", True)
    return len(sessions.poweroffice.get("/Customers").json())


def references(sessions: Sessions) -> object:
    answers = [create(sessions, "Suppliers", Name="Ny", ExternalImportReference=t) for t in "aA"]
    return [answer.status_code for answer in answers]


def plain_patch(sessions: Sessions) -> object:
    operations = [{"op": "replace", "path": "/Name", "value": "Ny"}]
    return sessions.poweroffice.patch(f"/Customers/{FJELLHEIM}", json=operations).status_code


def mistyped(sessions: Sessions) -> object:
    answer = create(sessions, "Customers", Name="Ny", EmailAddress="a@b.n0")
    return answer.status_code, answer.content == b""


Observe = Callable[[Sessions], object]
CASES: dict[Doubt, tuple[Observe, object, object]] = {
    Doubt.NAMES_WITH_CAPITALS: (names_with_capitals, ([422], 1), ([201], 2)),
    Doubt.RELATED_CHANGES: (related_changes, False, True),
    Doubt.SILENT_DELETIONS: (silent_deletions, 1, 0),
    Doubt.TOO_RECENT_422: (too_recent, (400, "StartTimeTooRecent"), (422, "InvalidValue")),
    Doubt.FULL_QUEUE_400: (full_queue, (429, "TooManyJobs"), (400, "TooManyJobs")),
    Doubt.FORBIDDEN_IN_WORDS: (forbidden, (403, False), (403, True)),
    Doubt.STRANGERS_401: (stranger, 200, 401),
    Doubt.MAIL_WITH_CAPITALS: (
        mail_with_capitals,
        ("ny@nytt.example", 422),
        ("Ny@Nytt.example", 422),
    ),
    Doubt.SHUFFLED_RESULTS: (
        results_of_a_job,
        (True, [None, None, None]),
        (False, [2, 1, 0]),
    ),
    Doubt.TOKENS_WITHOUT_END: (life_of_a_token, (1800, 401), (None, 200)),
    Doubt.EMPTY_TEXTS: (empty_texts, (None, None, None), ("", "", None)),
    Doubt.LARGE_PAGES_400: (
        lambda sessions: customers(sessions, PageSize="20001"),
        (200, b"[{"),
        (400, b'{"'),
    ),
    Doubt.UNKNOWN_PROPERTIES_400: (unknown_property, 201, 400),
    Doubt.ADDRESS_FROM_PARTS: (address_from_parts, (400, None), (200, "Voss")),
    Doubt.PATHS_WITH_CAPITALS: (other_capitals, 200, 404),
    Doubt.TRIMMED_TEXTS: (outer_blanks, " Ny ", "Ny"),
    Doubt.NO_PAGE_LINKS: (page_links, True, False),
    Doubt.SEVERAL_DEFAULTS: (defaults, 1, 2),
    Doubt.ARCHIVED_HIDDEN: (archived, 10, 9),
    Doubt.EMPTY_LISTS: (
        lambda sessions: customers(sessions, PageNumber="9"),
        (204, b""),
        (200, b"[]"),
    ),
    Doubt.REFERENCES_WITH_CAPITALS: (references, [201, 400], [201, 201]),
    Doubt.PLAIN_PATCHES: (plain_patch, 415, 200),
    Doubt.SPOKEN_REFUSALS: (mistyped, (200, True), (400, False)),
}


# Those of further systems are tried beside their systems' tests.
@pytest.mark.parametrize("doubt", list(CASES), ids=lambda doubt: doubt.value)
def test_both_ways(start: StartSandbox, doubt: Doubt) -> None:
    observe, expected, otherwise = CASES[doubt]
    # Slow jobs, where a queue is to fill up.
    seconds = 1000 if doubt is Doubt.FULL_QUEUE_400 else 0
    options = SandboxOptions(limits=LimitsPlan.OFF, job_seconds=seconds)
    assert observe(start(options)) == expected
    other = SandboxOptions(limits=LimitsPlan.OFF, job_seconds=seconds, otherwise=frozenset({doubt}))
    assert observe(start(other)) == otherwise


def test_every_doubt_of_the_pair_is_tried() -> None:
    pair = {doubt for doubt in Doubt if doubt.value.startswith(("zendesk-", "poweroffice-"))}
    assert set(CASES) == pair


def test_every_doubt_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    told = re.findall(r"\| `((?:zendesk|poweroffice|hubspot|tripletex)-[\w-]+)` \|", page)
    assert sorted(told) == sorted(doubt.value for doubt in Doubt)
