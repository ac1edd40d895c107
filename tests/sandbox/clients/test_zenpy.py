"""zenpy, somebody else's client of Zendesk, against the sandbox: its own ways get all rows and only those.

It is installed with the packages for tests; where it is not, all of this is skipped.
"""

import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions

from tests.sandbox.conftest import Sessions, StartSandbox

zenpy = pytest.importorskip(
    "zenpy", reason="zenpy is not installed: the sandbox was not asked by it"
)
requests = pytest.importorskip("requests", reason="zenpy is not installed without it")

objects: Any = pytest.importorskip("zenpy.lib.api_objects")
errors: Any = pytest.importorskip("zenpy.lib.exception")

ADDRESS = "sandbox.zendesk.com"
MANY = SandboxOptions(records=260, limits=LimitsPlan.OFF, withhold_seconds=0)


class ToSandbox(requests.adapters.HTTPAdapter):  # type: ignore[name-defined,misc]  # found at run time
    """Sends what is meant for Zendesk's address to the sandbox."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.there = urlsplit(url).netloc

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        meant = urlsplit(request.url)._replace(scheme="https", netloc=ADDRESS)
        request.url = meant._replace(scheme="http", netloc=self.there).geturl()
        request.headers["Host"] = ADDRESS
        answer = super().send(request, *args, **kwargs)
        # It knows a record's kind by the address that answered.
        answer.url = request.url = meant.geturl()
        return answer


def client_of(sessions: Sessions) -> Any:
    environment = sessions.sandbox.environment
    session = requests.Session()
    session.mount("https://", ToSandbox(environment["ZENDESK_BASE_URL"]))
    # The host of the links that answers hold.
    session.mount("http://", ToSandbox(environment["ZENDESK_BASE_URL"]))
    token = environment["ZENDESK_OAUTH_TOKEN"]
    return zenpy.Zenpy(subdomain="sandbox", oauth_token=token, session=session, disable_cache=True)


@pytest.fixture
def many(start: StartSandbox) -> tuple[Any, Sessions]:
    sessions = start(MANY)
    return client_of(sessions), sessions


def ids(rows: Iterable[Any]) -> list[int]:
    return [row.id for row in rows]


def held(sessions: Sessions, kind: str) -> set[int]:
    rows = sessions.sandbox.zendesk.records(kind)
    return {row["id"] for row in rows if row.get("active", True)}


@pytest.mark.parametrize("kind", ["users", "organizations", "organization_memberships"])
@pytest.mark.parametrize("size", [7, 100])
def test_lists_by_cursor(many: tuple[Any, Sessions], kind: str, size: int) -> None:
    client, sessions = many
    found = ids(getattr(client, kind)(cursor_pagination=size))
    assert len(found) == len(set(found))
    assert set(found) == held(sessions, kind)


@pytest.mark.parametrize("kind", ["users", "organizations", "organization_memberships"])
def test_lists_by_number_of_page(many: tuple[Any, Sessions], kind: str) -> None:
    client, sessions = many
    found = ids(getattr(client, kind)(cursor_pagination=False, per_page=30))
    assert len(found) == len(set(found))
    assert set(found) == held(sessions, kind)


def test_a_list_by_role_stays_with_it_on_every_page(many: tuple[Any, Sessions]) -> None:
    client, sessions = many
    rows = sessions.sandbox.zendesk.records("users")
    wanted = {row["id"] for row in rows if row["active"] and row["role"] == "end-user"}
    assert set(ids(client.users(role="end-user", cursor_pagination=9))) == wanted
    assert set(ids(client.users(role="end-user", cursor_pagination=False, per_page=9))) == wanted


def test_a_search_for_organizations_finds_no_user_on_later_pages(
    many: tuple[Any, Sessions],
) -> None:
    client, sessions = many
    sessions.sandbox.zendesk.advance(300)
    found = list(client.search(type="organization"))
    assert {type(row).__name__ for row in found} == {"Organization"}
    assert len(found) == len(set(ids(found)))
    assert set(ids(found)) == held(sessions, "organizations")
    assert client.search.count(type="organization") == len(found) > 100


def test_a_search_export_gives_all(many: tuple[Any, Sessions]) -> None:
    client, sessions = many
    sessions.sandbox.zendesk.advance(300)
    for kind, word in (("organizations", "organization"), ("users", "user")):
        found = ids(client.search_export(type=word, cursor_pagination=20))
        assert len(found) == len(set(found))
        assert set(found) == held(sessions, kind)


@pytest.mark.parametrize("kind", ["users", "organizations"])
def test_an_export_by_time_gives_all(many: tuple[Any, Sessions], kind: str) -> None:
    client, sessions = many
    found = {row.id for row in getattr(client, kind).incremental(start_time=0, per_page=40)}
    assert found >= held(sessions, kind)
    known = {row["id"] for row in sessions.sandbox.zendesk.records(kind)}
    assert found <= known


def test_an_export_gives_what_was_changed_alone(many: tuple[Any, Sessions]) -> None:
    client, sessions = many
    changed = sorted(held(sessions, "users"))[:3]
    began = int(time.time()) - 61
    for identifier in changed:
        user = client.users(id=identifier)
        user.notes = "changed"
        client.users.update(user)
    assert {row.id for row in client.users.incremental(start_time=began)} == set(changed)


def test_a_record_is_made_changed_found_and_deleted(many: tuple[Any, Sessions]) -> None:
    client, _ = many
    made = client.organizations.create(objects.Organization(name="Nye Verft", external_id="x-1"))
    assert made.id in ids(client.organizations(cursor_pagination=50))
    made.notes = "later"
    assert client.organizations.update(made).notes == "later"
    assert client.organizations(id=made.id).name == "Nye Verft"
    client.organizations.delete(made)
    with pytest.raises(errors.RecordNotFoundException):
        client.organizations(id=made.id)


def test_identities_and_memberships_of_a_user(many: tuple[Any, Sessions]) -> None:
    client, sessions = many
    rows = sessions.sandbox.zendesk.records("identities")
    owner = next(row["user_id"] for row in rows if row["type"] == "email")
    wanted = {row["id"] for row in rows if row["user_id"] == owner}
    assert set(ids(client.users.identities(id=owner))) == wanted
    members = sessions.sandbox.zendesk.records("organization_memberships")
    member = members[0]["user_id"]
    theirs = {row["id"] for row in members if row["user_id"] == member}
    assert set(ids(client.users.organization_memberships(member))) == theirs
    firm = members[0]["organization_id"]
    inside = {row["user_id"] for row in members if row["organization_id"] == firm}
    assert set(ids(client.organizations.users(firm))) == inside


def test_jobs_are_waited_for_and_tell_of_each_row(many: tuple[Any, Sessions]) -> None:
    client, sessions = many
    taken = sessions.sandbox.zendesk.records("organizations")[0]["name"]
    names = [*(f"Firma {number}" for number in range(20)), taken]
    job = client.organizations.create([objects.Organization(name=name) for name in names])
    for _ in range(100):
        if job.status in ("completed", "failed"):
            break
        time.sleep(0.05)
        job = client.job_status(id=job.id)
    assert job.status == "completed"
    told = job.results
    assert (
        sum("error" in row.to_dict() if hasattr(row, "to_dict") else "error" in row for row in told)
        == 1
    )
    assert len(told) == len(names)


def test_refusals_are_zenpy_s_own_errors(many: tuple[Any, Sessions]) -> None:
    client, sessions = many
    taken = sessions.sandbox.zendesk.records("organizations")[0]["name"]
    with pytest.raises(errors.APIException, match=r"RecordInvalid|Record validation errors"):
        client.organizations.create(objects.Organization(name=taken))
    with pytest.raises(errors.RecordNotFoundException):
        client.users(id=1)
    with pytest.raises(errors.TooManyValuesException):
        client.organizations.create([objects.Organization(name=f"n{n}") for n in range(101)])
    with pytest.raises(errors.APIException):
        client.users.create(objects.User(name=""))


def test_upserts_change_and_do_not_double(many: tuple[Any, Sessions]) -> None:
    client, _ = many
    first = client.users.create_or_update(
        objects.User(name="Ny", email="ny@nye.example", external_id="e-9")
    )
    again = client.users.create_or_update(objects.User(name="Nyere", external_id="E-9"))
    assert (again.id, again.name) == (first.id, "Nyere")
