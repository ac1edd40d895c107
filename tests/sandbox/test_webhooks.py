"""Webhooks as the sandbox sends them: signed, about what Zendesk tells of, and again where nobody answers."""

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.zendesk.system import Zendesk

from tests.runtime.connectors.servers import Received, Reply, serving
from tests.sandbox.conftest import Sessions, StartSandbox

SECRET = "what the sandbox signs with"
HEADER = "x-zendesk-webhook-signature"


@dataclass
class Ear:
    """A server that keeps what it is told, and answers with these statuses first, then 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heard: list[Received] = field(default_factory=list)

    def events(self) -> list[dict[str, object]]:
        return [json.loads(told.text) for told in self.heard]

    def kinds(self) -> set[str]:
        return {str(one["type"]).removeprefix("zen:event-type:") for one in self.events()}

    def answer(self, told: Received) -> Reply:
        self.heard.append(told)
        return Reply(status=self.statuses.pop(0) if self.statuses else 204)


@pytest.fixture
def ear() -> Iterator[Ear]:
    found = Ear()
    with serving(found.answer) as server:
        found.url = f"{server.base_url}/told"
        yield found


def begin(start: StartSandbox, ear: Ear, *faults: str) -> Sessions:
    options = SandboxOptions(
        limits=LimitsPlan.OFF, webhooks=ear.url, webhook_secret=SECRET, faults=faults
    )
    return start(options)


def settle(sessions: Sessions) -> None:
    system = sessions.sandbox.zendesk.system
    assert isinstance(system, Zendesk)
    assert system.deliveries is not None
    assert system.deliveries.settle()


def is_signed(told: Received) -> bool:
    signed = told.headers[f"{HEADER}-timestamp"] + told.text
    made = hmac.digest(SECRET.encode(), signed.encode(), "sha256")
    return b64encode(made).decode() == told.headers[HEADER]


def rename(sessions: Sessions, name: str = "Nordlys Nord AS") -> str:
    rows = sessions.sandbox.zendesk.records("organizations")
    id_ = str(rows[0]["id"])
    body = {"organization": {"name": name, "notes": "told by nobody"}}
    sessions.zendesk.put(f"/organizations/{id_}", json=body).raise_for_status()
    settle(sessions)
    return id_


def test_an_edit_is_told_once_and_signed(start: StartSandbox, ear: Ear) -> None:
    id_ = rename(begin(start, ear))
    (event,) = ear.events()
    assert (event["type"], event["detail"]) == (
        "zen:event-type:organization.name_changed",
        {"id": id_},
    )
    assert all(map(is_signed, ear.heard))


def test_what_zendesk_tells_of_nobody_is_told(start: StartSandbox, ear: Ear) -> None:
    sessions = begin(start, ear)
    rows = sessions.sandbox.zendesk.records("organizations")
    body = {"organization": {"notes": "a note", "details": "more"}}
    sessions.zendesk.put(f"/organizations/{rows[0]['id']}", json=body).raise_for_status()
    settle(sessions)
    assert ear.heard == []


def test_users_are_told_of_with_what_belongs_to_them(start: StartSandbox, ear: Ear) -> None:
    sessions = begin(start, ear)
    organization = sessions.sandbox.zendesk.records("organizations")[0]["id"]
    person = {"name": "Ann", "email": "ann@x.example", "skip_verify_email": True}
    made = sessions.zendesk.post("/users", json={"user": person}).raise_for_status().json()["user"]
    membership = {"user_id": made["id"], "organization_id": organization}
    sessions.zendesk.post("/organization_memberships", json={"organization_membership": membership})
    settle(sessions)
    wanted = {"created", "identity_created", "organization_membership_created"}
    assert ear.kinds() >= {f"user.{what}" for what in wanted}
    assert {str(one["detail"]) for one in ear.events()} == {str({"id": str(made["id"])})}


def test_what_is_deleted_is_told(start: StartSandbox, ear: Ear) -> None:
    sessions = begin(start, ear)
    id_ = sessions.sandbox.zendesk.records("organizations")[0]["id"]
    sessions.zendesk.delete(f"/organizations/{id_}").raise_for_status()
    settle(sessions)
    assert "organization.deleted" in ear.kinds()


@pytest.mark.parametrize("status", [500, 503, 429])
def test_it_comes_again_where_it_was_not_taken(start: StartSandbox, ear: Ear, status: int) -> None:
    ear.statuses = [status]
    rename(begin(start, ear))
    first, second = ear.events()
    assert first["id"] == second["id"]


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_is_not_repeated(start: StartSandbox, ear: Ear, status: int) -> None:
    ear.statuses = [status]
    rename(begin(start, ear))
    assert len(ear.heard) == 1


def test_repeated_and_forged_ones_on_request(start: StartSandbox, ear: Ear) -> None:
    rename(begin(start, ear, "zendesk:webhook-repeated=1", "zendesk:webhook-forged=1"))
    genuine = [told for told in ear.heard if is_signed(told)]
    assert (len(ear.heard), len(genuine)) == (3, 2)
    assert genuine[0].text == genuine[1].text


def test_some_are_overtaken_on_request(start: StartSandbox, ear: Ear) -> None:
    sessions = begin(start, ear, "zendesk:webhook-reordered=1*1")
    for number in range(3):
        body = {"organization": {"name": f"New {number}"}}
        sessions.zendesk.post("/organizations", json=body).raise_for_status()
    settle(sessions)
    ids = [str(one["id"]) for one in ear.events()]
    assert (len(ids), ids[-1]) == (3, min(ids))


def test_the_webhooks_are_listed(start: StartSandbox, ear: Ear) -> None:
    rows = begin(start, ear).zendesk.get("/webhooks").raise_for_status().json()["webhooks"]
    assert [(row["endpoint"], row["status"]) for row in rows] == [(ear.url, "active")]


def test_an_address_that_is_none_is_refused(start: StartSandbox) -> None:
    with pytest.raises(ValueError, match="no address"):
        begin(start, Ear(url="ftp://x"))
