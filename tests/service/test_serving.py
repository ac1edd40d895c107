"""Webhooks over real sockets into a real store: what is taken, once, and what is refused."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from specbridge.runtime.store.engine import open_store

from tests.runtime.servers import new_database
from tests.service.conftest import ADDRESS, Service, running
from tests.service.deliveries import (
    OLD_SECRET,
    TEST_SECRET,
    event,
    hubspot,
    post,
    tripletex,
    without,
    zendesk,
)

TAKEN = 204


@pytest.fixture(autouse=True)
def _forget(service: Service) -> Iterator[None]:
    yield
    with open_store(service.url) as store:
        for table in ("wakes", "events"):
            store.connection.exec_driver_sql(f"DELETE FROM {table}")
        store.commit()


def test_an_event_wakes_its_record_within_a_second(service: Service) -> None:
    began = time.monotonic()
    assert post(service.client, "/hooks/zendesk", zendesk(event("e1", "17"))) == TAKEN
    assert time.monotonic() - began < 1
    assert service.woken() == [(1, "zendesk", "Organizations", "17")]


def test_an_event_is_taken_once_however_often_it_comes(service: Service) -> None:
    signed = zendesk(event("e1", "17"))
    for late in (0.0, 5.0, 20.0):
        again = zendesk(event("e1", "17"), late=late)
        assert [post(service.client, "/hooks/zendesk", one) for one in (signed, again)] == [204] * 2
    assert (service.known(), len(service.woken())) == (["e1"], 1)


def test_the_secret_before_holds_during_rotation(service: Service) -> None:
    assert post(service.client, "/hooks/zendesk", zendesk(event("e1", "17"), OLD_SECRET)) == TAKEN


@pytest.mark.parametrize("kind", ["user.identity_changed", "user.organization_membership_created"])
def test_what_belongs_to_a_user_wakes_the_user(service: Service, kind: str) -> None:
    post(service.client, "/hooks/zendesk", zendesk(event("e1", "18", kind)))
    assert service.woken() == [(1, "zendesk", "Users", "18")]


@pytest.mark.parametrize("record", ["0", "", "-1", "x", "1/2", "9" * 30, None])
def test_an_id_that_no_record_has_wakes_nothing(service: Service, record: str | None) -> None:
    body = {**event("e1", "1"), "detail": {"id": record}}
    assert post(service.client, "/hooks/zendesk", zendesk(body)) == TAKEN
    assert service.woken() == []


def test_an_event_of_something_else_is_taken_and_leads_to_nothing(service: Service) -> None:
    body = event("e1", "1", "ticket.created")
    assert post(service.client, "/hooks/zendesk", zendesk(body)) == TAKEN
    assert (service.known(), service.woken()) == (["e1"], [])


def test_nothing_of_a_person_is_kept(service: Service, tmp_path: Path) -> None:
    post(service.client, "/hooks/zendesk", zendesk(event("e1", "18", "user.name_changed")))
    held = Path(service.url.removeprefix("sqlite:///"))
    files = [path.read_bytes() for path in held.parent.glob("store.db*")]
    assert not any(b"Andersson" in found or b"ann@x" in found for found in files)


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param(lambda: zendesk(event("f1", "17"), "another secret"), id="another-secret"),
        pytest.param(lambda: zendesk(event("f1", "17"), TEST_SECRET), id="the-secret-of-tests"),
        pytest.param(
            lambda: zendesk(event("f1", "17"), "the secret of acme alone"), id="of-a-company"
        ),
        pytest.param(lambda: zendesk(event("f1", "17"), late=900), id="old"),
        pytest.param(lambda: zendesk(event("f1", "17"), late=-900), id="of-tomorrow"),
        pytest.param(lambda: (b"{}", {}), id="unsigned"),
    ],
)
def test_what_is_not_signed_just_now_is_refused(
    service: Service, signed: Callable[[], tuple[bytes, dict[str, str]]]
) -> None:
    # Signed now: the tests have been collected long ago.
    content, headers = signed()
    answer = service.client.post("/hooks/zendesk", content=content, headers=headers)
    assert (answer.status_code, answer.text) == (401, "refused\n")
    assert (service.known(), service.woken()) == ([], [])


@pytest.mark.parametrize("name", ["", "-Timestamp"])
def test_a_missing_header_or_one_twice_is_refused(service: Service, name: str) -> None:
    content, headers = zendesk(event("f1", "17"))
    header = f"X-Zendesk-Webhook-Signature{name}"
    assert post(service.client, "/hooks/zendesk", (content, without(headers, header))) == 401
    twice = [*headers.items(), (header, "x")]
    answer = service.client.post("/hooks/zendesk", content=content, headers=twice)
    assert answer.status_code == 401


def test_a_changed_body_is_refused(service: Service) -> None:
    content, headers = zendesk(event("f1", "17"))
    assert post(service.client, "/hooks/zendesk", (content + b" ", headers)) == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"{" * 9000, b'{"id": ""}', b"7"])
def test_a_signed_body_without_an_event_is_refused(service: Service, body: bytes) -> None:
    assert post(service.client, "/hooks/zendesk", zendesk(body)) == 400
    assert service.known() == []


def test_each_company_has_an_address_and_a_secret(service: Service) -> None:
    own = zendesk(event("e1", "17"), "the secret of acme alone")
    assert post(service.client, "/hooks/zendesk/acme", own) == TAKEN
    assert post(service.client, "/hooks/zendesk", zendesk(event("e1", "17"))) == TAKEN
    # One account may be two companies': the same event is each one's.
    assert sorted(row[0] for row in service.woken()) == [1, 2]
    assert post(service.client, "/hooks/zendesk/acme", zendesk(event("e2", "17"))) == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 404),
        ("POST", "/hooks", 404),
        ("POST", "/hooks/zendesk/", 404),
        ("POST", "/hooks/zendesk/nobody", 404),
        ("POST", "/hooks/hubspot/acme", 404),
        ("POST", "/hooks/poweroffice-go", 404),
        ("GET", "/hooks/zendesk", 405),
        ("PUT", "/hooks/zendesk", 405),
        ("DELETE", "/hooks/zendesk/acme", 405),
        ("GET", "/health", 200),
    ],
)
def test_other_addresses_and_methods(service: Service, method: str, path: str, status: int) -> None:
    assert service.client.request(method, path).status_code == status


def test_a_large_body_is_refused_however_it_comes(service: Service) -> None:
    large = zendesk(b"x" * 1_100_000)
    assert post(service.client, "/hooks/zendesk", large) == 413

    def parts() -> Iterator[bytes]:
        yield from (large[0][start : start + 9999] for start in range(0, len(large[0]), 9999))

    # Without a length: it is counted while it comes.
    answer = service.client.post("/hooks/zendesk", content=parts(), headers=large[1])
    assert answer.status_code == 413
    with suppress(httpx.TransportError):
        # What has no end is cut off.
        endless = service.client.post("/hooks/zendesk", content=iter([b"x" * 99_999] * 400))
        assert endless.status_code == 413
    assert post(service.client, "/hooks/zendesk", zendesk(event("e1", "17"))) == TAKEN


def test_a_body_that_lies_about_its_length_stops_nobody(service: Service) -> None:
    host, port = service.client.base_url.host, service.client.base_url.port
    with socket.create_connection((host, port or 80)) as slow:
        slow.sendall(b"POST /hooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        assert post(service.client, "/hooks/zendesk", zendesk(event("e1", "17"))) == TAKEN


def test_hubspot_tells_of_many_records_at_once(service: Service) -> None:
    rows: list[dict[str, object]] = [
        {
            "subscriptionId": 1,
            "eventId": 5,
            "objectId": 7,
            "occurredAt": 1,
            "subscriptionType": kind,
        }
        for kind in ("contact.creation", "company.propertyChange", "deal.creation")
    ]
    rows[1] |= {"eventId": 6, "objectId": 8}
    rows.append({**rows[0], "eventId": 9, "mergedObjectIds": [71, 72], "newObjectId": 73})
    path = "/hooks/hubspot"
    assert post(service.client, path, hubspot(ADDRESS + path, rows)) == TAKEN
    assert post(service.client, path, hubspot(ADDRESS + path, rows)) == TAKEN
    found = [row[2:] for row in service.woken()]
    assert sorted(found) == [
        *(("Companies", "8"), ("Contacts", "7"), ("Contacts", "71")),
        *(("Contacts", "72"), ("Contacts", "73")),
    ]
    assert post(service.client, path, hubspot("https://other.example", rows)) == 401
    assert post(service.client, path, hubspot(ADDRESS + path, rows, late=400)) == 401


def test_tripletex_signs_the_key_of_a_delivery(service: Service) -> None:
    body = {"subscriptionId": 3, "event": "customer.update", "id": 55, "value": {"name": "Ann"}}
    for _ in range(2):
        assert post(service.client, "/hooks/tripletex", tripletex(body, "key-1")) == TAKEN
    gone = {**body, "event": "contact.delete", "id": 56, "value": None}
    assert post(service.client, "/hooks/tripletex", tripletex(gone, "key-2")) == TAKEN
    assert [row[2:] for row in service.woken()] == [("Customer", "55"), ("Contact", "56")]
    content, headers = tripletex(body, "key-3")
    other = {**headers, "idempotency-key": "key-4"}
    assert post(service.client, "/hooks/tripletex", (content, other)) == 401


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'own.db'}"
        return
    with ExitStack() as stack:
        yield stack.enter_context(new_database(request.getfixturevalue("postgresql")))


def test_none_is_lost_and_none_is_taken_twice_when_many_come_at_once(url: str) -> None:
    wanted = [str(number) for number in range(1, 41)]
    with running(url) as served, ThreadPoolExecutor(8) as pool:
        signed = [zendesk(event(f"e{one}", one)) for one in wanted]
        sent = pool.map(lambda one: post(served.client, "/hooks/zendesk", one), signed * 2)
        assert set(sent) == {TAKEN}
        assert sorted((row[3] for row in served.woken()), key=int) == wanted


def test_a_service_that_starts_anew_knows_what_it_took(url: str) -> None:
    for _ in range(2):
        with running(url) as served:
            assert post(served.client, "/hooks/zendesk", zendesk(event("e1", "17"))) == TAKEN
            assert len(served.woken()) == 1


def test_a_store_that_fails_has_its_sender_try_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    with running(url) as served:
        with open_store(url) as store:
            store.connection.exec_driver_sql("ALTER TABLE wakes RENAME TO away")
            store.commit()
        content, headers = zendesk(event("e1", "17"))
        answer = served.client.post("/hooks/zendesk", content=content, headers=headers)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        with open_store(url) as store:
            store.connection.exec_driver_sql("ALTER TABLE away RENAME TO wakes")
            store.commit()
        # The event was not noted without its wake.
        assert post(served.client, "/hooks/zendesk", (content, headers)) == TAKEN
        assert len(served.woken()) == 1
        assert json.dumps(served.known()) == '["e1"]'
