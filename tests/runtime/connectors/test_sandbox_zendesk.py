"""The connector and Zendesk as its API describes it: exports, jobs, identities, memberships."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import httpx
import pytest
from specbridge.model.values import Json, Path
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.records import (
    Connector,
    Create,
    Delete,
    Outcome,
    Record,
    Refused,
    Update,
    Write,
    Written,
)
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.running import Sandbox

from tests.runtime.connectors.conftest import QUICK, Connect
from tests.runtime.connectors.reads import (
    NAMES,
    find,
    read_all,
    read_cursor,
    read_tombstones,
)

EMAIL: Path = ("email",)
ORGANIZATION: Path = ("organization_id",)
WITHHELD = 61
"""Seconds after which an export shows what was written."""


def write(connector: Connector, resource: str, *writes: Write) -> dict[str, Outcome]:
    outcomes = {one.key: one for one in connector.write_records(resource, writes, NAMES)}
    assert set(outcomes) == {one.key for one in writes}
    return outcomes


def update(connector: Connector, resource: str, record: Record, path: Path, value: Json) -> Outcome:
    one = Update(key="u", current=record, changes={path: value})
    return write(connector, resource, one)["u"]


def organization(number: int, name: str = "") -> Create:
    properties: dict[str, Json] = {"name": name or f"Neu {number}"}
    return Create(key=f"k{number}", properties=properties, external_reference=f"ref:{number}")


def emails_of(sandbox: Sandbox, user: str) -> list[tuple[str, bool]]:
    return [
        (row["value"], row["primary"])
        for row in sandbox.zendesk.records("identities")
        if str(row["user_id"]) == user and row["type"] == "email"
    ]


def memberships_of(sandbox: Sandbox, user: str) -> dict[int, bool]:
    return {
        row["organization_id"]: bool(row["default"])
        for row in sandbox.zendesk.records("organization_memberships")
        if str(row["user_id"]) == user
    }


@pytest.mark.parametrize("resource", ["Users", "Organizations"])
def test_reads_everything_in_one_request(
    sandbox: Sandbox, zendesk: Connector, resource: str
) -> None:
    records = read_all(zendesk, resource)
    assert len(records) == len(sandbox.zendesk.records(resource.lower()))
    assert zendesk.usage.read == 1


@pytest.mark.parametrize("resource", ["Users", "Organizations"])
def test_an_unchanged_system_costs_one_request_without_rows(
    zendesk: Connector, resource: str
) -> None:
    cursor = read_cursor(zendesk, resource)
    before = zendesk.usage.read
    assert read_all(zendesk, resource, cursor) == []
    assert zendesk.usage.read == before + 1


@pytest.mark.parametrize("resource", ["Users", "Organizations"])
def test_too_recent_a_start_means_nothing_new(zendesk: Connector, resource: str) -> None:
    cursor = "2999-01-01T00:00:00Z"
    assert read_all(zendesk, resource, cursor) == []
    assert read_cursor(zendesk, resource, cursor) == cursor


def test_a_change_is_read_once_more_only(sandbox: Sandbox, zendesk: Connector) -> None:
    cursor = read_cursor(zendesk, "Organizations")
    record = find(zendesk, "Organizations", "name", "Drift")
    update(zendesk, "Organizations", record, ("name",), "Drift AS")
    sandbox.zendesk.advance(WITHHELD)
    (changed,) = read_all(zendesk, "Organizations", cursor)
    assert changed.properties["name"] == "Drift AS"


@pytest.mark.parametrize("seconds", [1, 30, WITHHELD])
def test_what_was_withheld_is_read_later(
    sandbox: Sandbox, zendesk: Connector, seconds: int
) -> None:
    """However the reads fall into the minute that an export holds back, none of it is lost."""
    cursor = read_cursor(zendesk, "Organizations")
    record = find(zendesk, "Organizations", "name", "Drift")
    update(zendesk, "Organizations", record, ("name",), "Drift AS")
    names: list[Json] = []
    for _ in range(WITHHELD // seconds + 1):
        names += [row.properties["name"] for row in read_all(zendesk, "Organizations", cursor)]
        cursor = read_cursor(zendesk, "Organizations", cursor)
        sandbox.zendesk.advance(seconds)
    names += [row.properties["name"] for row in read_all(zendesk, "Organizations", cursor)]
    assert set(names) == {"Drift AS"}


def test_a_record_that_was_just_edited_is_not_gone(sandbox: Sandbox, zendesk: Connector) -> None:
    record = find(zendesk, "Organizations", "name", "Drift")
    update(zendesk, "Organizations", record, ("notes",), "x")
    assert record.id not in {one.id for one in read_all(zendesk, "Organizations")}
    (shown,) = zendesk.read_records("Organizations", [record.id], NAMES)
    assert shown.id == record.id


def test_deleted_records_are_tombstones(sandbox: Sandbox, zendesk: Connector) -> None:
    cursors = {name: read_cursor(zendesk, name) for name in ("Organizations", "Users")}
    gone = {
        "Organizations": find(zendesk, "Organizations", "name", "Drift"),
        "Users": find(zendesk, "Users", "name", "Unn Ukjent"),
    }
    for resource, record in gone.items():
        write(zendesk, resource, Delete(key="d", current=record))
        sandbox.zendesk.advance(WITHHELD)
        assert read_tombstones(zendesk, resource, cursors[resource]) == {record.id}
        assert list(zendesk.read_records(resource, [record.id], NAMES)) == []
        again = write(zendesk, resource, Delete(key="d", current=record))["d"]
        assert again == Written(key="d", id=record.id, record=None)


def test_organizations_are_created_by_jobs_within_the_budget(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    writes = [organization(number) for number in range(450)]
    outcomes = write(zendesk, "Organizations", *writes)
    assert all(isinstance(one, Written) for one in outcomes.values())
    names = {str(row["id"]): row["name"] for row in sandbox.zendesk.records("organizations")}
    for one in writes:
        outcome = outcomes[one.key]
        assert isinstance(outcome, Written)
        assert names[outcome.id] == one.properties["name"]
    log = sandbox.zendesk.request_log
    assert log.count("POST") == zendesk.usage.write == 5
    assert log.count("GET") <= 2 * 5


def test_a_job_s_refusals_reach_the_right_writes(zendesk: Connector) -> None:
    taken = {3: "Drift", 7: "drift ", 11: "Gamle Kunder"}
    writes = [organization(number, taken.get(number, "")) for number in range(20)]
    outcomes = write(zendesk, "Organizations", *writes)
    refused = {key: one for key, one in outcomes.items() if isinstance(one, Refused)}
    assert set(refused) == {"k3", "k7", "k11"}
    for one in refused.values():
        assert one.duplicate == "name"
        assert "Drift" not in one.reason
        assert "Kunder" not in one.reason


def test_a_single_refusal_is_told_like_a_job_s(zendesk: Connector) -> None:
    (outcome,) = write(zendesk, "Organizations", organization(1, "GAMLE KUNDER")).values()
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.duplicate) == (422, "name")
    assert "KUNDER" not in outcome.reason


def test_records_of_an_earlier_attempt_are_adopted(sandbox: Sandbox, zendesk: Connector) -> None:
    writes = [organization(number) for number in range(30)]
    first = write(zendesk, "Organizations", *writes[:10])
    second = write(zendesk, "Organizations", *writes)
    assert all(isinstance(one, Written) for one in second.values())
    assert {key: one.id for key, one in first.items() if isinstance(one, Written)} == {
        key: one.id for key, one in second.items() if isinstance(one, Written) and key in first
    }
    assert len(sandbox.zendesk.records("organizations")) == 4 + 30


@pytest.mark.parametrize(
    "fault",
    [
        "half-done-job=1*2",
        "half-done-job=0.5",
        "reset-after-commit=1*1",
        "reset=1*1",
        "500=1*2",
        "429=1*1",
        "malformed=1*1",
    ],
)
@pytest.mark.parametrize("count", [1, 250])
def test_faults_neither_lose_nor_double_a_create(
    sandbox: Sandbox, zendesk: Connector, fault: str, count: int
) -> None:
    sandbox.zendesk.replace_faults(fault)
    outcomes = write(zendesk, "Organizations", *(organization(n) for n in range(count)))
    assert all(isinstance(one, Written) for one in outcomes.values())
    names = [row["name"] for row in sandbox.zendesk.records("organizations")]
    assert len(names) == len(set(names)) == 4 + count


@pytest.mark.parametrize("fault", ["half-done-job=0.5", "reset-after-commit=0.2", "500=0.2"])
def test_faults_do_not_stop_updates(sandbox: Sandbox, zendesk: Connector, fault: str) -> None:
    created = write(zendesk, "Organizations", *(organization(n) for n in range(120)))
    records = [one.record for one in created.values() if isinstance(one, Written) and one.record]
    sandbox.zendesk.replace_faults(fault)
    updates = [
        Update(key=record.id, current=record, changes={("name",): f"Umbenannt {record.id}"})
        for record in records
    ]
    outcomes = write(zendesk, "Organizations", *updates)
    assert all(isinstance(one, Written) for one in outcomes.values())
    names = {str(row["id"]): row["name"] for row in sandbox.zendesk.records("organizations")}
    assert all(names[record.id] == f"Umbenannt {record.id}" for record in records)


def test_updates_go_by_jobs_and_stale_ones_are_refused(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    created = write(zendesk, "Organizations", *(organization(n) for n in range(10)))
    records = [one.record for one in created.values() if isinstance(one, Written) and one.record]
    update(zendesk, "Organizations", records[0], ("name",), "Schneller")
    write(zendesk, "Organizations", Delete(key="d", current=records[1]))
    sandbox.zendesk.request_log.clear()
    updates = [
        Update(key=record.id, current=record, changes={("name",): f"Später {record.id}"})
        for record in records
    ]
    outcomes = write(zendesk, "Organizations", *updates)
    first, second = outcomes[records[0].id], outcomes[records[1].id]
    assert isinstance(first, Refused)
    assert first.stale
    assert isinstance(second, Refused)
    assert second.gone
    assert sum(isinstance(one, Written) for one in outcomes.values()) == 8
    assert sandbox.zendesk.request_log.count("PUT") == 1
    assert sandbox.zendesk.request_log.count("PUT", "/api/v2/organizations/update_many") == 1


def test_a_job_s_refused_update_is_told(zendesk: Connector) -> None:
    created = write(zendesk, "Organizations", *(organization(n) for n in range(6)))
    records = [one.record for one in created.values() if isinstance(one, Written) and one.record]
    names = ["Drift", *(f"Frei {n}" for n in range(5))]
    updates = [
        Update(key=str(n), current=record, changes={("name",): names[n]})
        for n, record in enumerate(records)
    ]
    outcomes = write(zendesk, "Organizations", *updates)
    refused = outcomes["0"]
    assert isinstance(refused, Refused)
    assert refused.duplicate == "name"
    assert sum(isinstance(one, Written) for one in outcomes.values()) == 5


def test_more_jobs_than_the_account_allows_take_turns(sandbox: Sandbox, connect: Connect) -> None:
    zendesk = connect("zendesk")
    outcomes = write(zendesk, "Organizations", *(organization(n) for n in range(3500)))
    assert all(isinstance(one, Written) for one in outcomes.values())
    assert zendesk.usage.throttled == 0


def test_the_primary_address_is_changed_and_stays_the_only_one(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    user = find(zendesk, "Users", "name", "Ingrid Dahl")
    outcome = update(zendesk, "Users", user, EMAIL, "ingrid.ny@fjellheim.example")
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    assert outcome.record.properties["email"] == "ingrid.ny@fjellheim.example"
    assert emails_of(sandbox, user.id) == [("ingrid.ny@fjellheim.example", True)]


@pytest.mark.parametrize("fault", ["", "reset-after-commit=1*1", "500=0.3"])
def test_a_server_that_keeps_an_identity_s_value_gets_another_identity(
    sandbox: Sandbox, fault: str
) -> None:
    profile = load_profiles()["zendesk"]
    users = next(one for one in profile.resources if one.name == "Users")
    calls = users.strategy_calls["primary-identity"]
    nowhere = {**calls, "change": replace(calls["change"], path="/api/v2/nowhere/{identity}")}
    changed = replace(users, strategy_calls={**users.strategy_calls, "primary-identity": nowhere})
    profile = replace(profile, resources=(changed,), limits=())
    zendesk = build_connector(profile, sandbox.environment, QUICK)
    try:
        user = find(zendesk, "Users", "name", "Ingrid Dahl")
        sandbox.zendesk.replace_faults(*([fault] if fault else []))
        outcome = update(zendesk, "Users", user, EMAIL, "ingrid.ny@fjellheim.example")
    finally:
        zendesk.close()
    assert isinstance(outcome, Written)
    assert emails_of(sandbox, user.id) == [("ingrid.ny@fjellheim.example", True)]


def test_a_second_address_becomes_the_primary_one(sandbox: Sandbox, zendesk: Connector) -> None:
    user = find(zendesk, "Users", "name", "Åse Bjørk")
    outcome = update(zendesk, "Users", user, EMAIL, "Aase.Privat@post.example")
    assert isinstance(outcome, Written)
    assert emails_of(sandbox, user.id) == [("aase.privat@post.example", True)]


def test_a_first_address_is_given(sandbox: Sandbox, zendesk: Connector) -> None:
    user = find(zendesk, "Users", "name", "Ringte Inn")
    assert isinstance(update(zendesk, "Users", user, EMAIL, "ringte@post.example"), Written)
    assert emails_of(sandbox, user.id) == [("ringte@post.example", True)]


def test_an_address_of_another_user_is_a_duplicate(sandbox: Sandbox, zendesk: Connector) -> None:
    user = find(zendesk, "Users", "name", "Ingrid Dahl")
    outcome = update(zendesk, "Users", user, EMAIL, "marte.lunde@nordlys.example")
    assert isinstance(outcome, Refused)
    assert outcome.duplicate == "email"
    assert "marte" not in outcome.reason
    assert emails_of(sandbox, user.id) == [("ingrid.dahl@fjellheim.example", True)]


def test_an_address_that_somebody_changed_is_stale(zendesk: Connector) -> None:
    user = find(zendesk, "Users", "name", "Ingrid Dahl")
    update(zendesk, "Users", user, EMAIL, "first@fjellheim.example")
    outcome = update(zendesk, "Users", user, EMAIL, "second@fjellheim.example")
    assert isinstance(outcome, Refused)
    assert outcome.stale


def test_what_a_crash_left_over_is_deleted_by_the_same_write(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    user = find(zendesk, "Users", "name", "Åse Bjørk")
    sandbox.zendesk.replace_faults()
    steps = Update(key="u", current=user, changes={EMAIL: "aase.privat@post.example"})
    # The crash: made primary, the old address not deleted yet.
    _make_primary(sandbox, user.id, "aase.privat@post.example")
    outcome = write(zendesk, "Users", steps)["u"]
    assert isinstance(outcome, Written)
    assert emails_of(sandbox, user.id) == [("aase.privat@post.example", True)]


def test_an_emptied_address_is_removed(sandbox: Sandbox, zendesk: Connector) -> None:
    user = find(zendesk, "Users", "name", "Ingrid Dahl")
    assert isinstance(update(zendesk, "Users", user, EMAIL, None), Written)
    assert emails_of(sandbox, user.id) == []


@pytest.mark.parametrize("fault", ["reset-after-commit=0.5", "500=0.5", "reset=1*2"])
def test_faults_leave_one_address(sandbox: Sandbox, zendesk: Connector, fault: str) -> None:
    user = find(zendesk, "Users", "name", "Ringte Inn")
    sandbox.zendesk.replace_faults(fault)
    assert isinstance(update(zendesk, "Users", user, EMAIL, "ringte@post.example"), Written)
    assert emails_of(sandbox, user.id) == [("ringte@post.example", True)]


def test_an_organization_is_joined_and_the_others_stay(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    user = find(zendesk, "Users", "name", "Marte Lunde")
    target = int(find(zendesk, "Organizations", "name", "Gamle Kunder").id)
    old = user.properties["organization_id"]
    assert isinstance(old, int)
    outcome = update(zendesk, "Users", user, ORGANIZATION, target)
    assert isinstance(outcome, Written)
    assert outcome.record is not None
    assert outcome.record.properties["organization_id"] == target
    assert memberships_of(sandbox, user.id) == {old: False, target: True}
    back = update(zendesk, "Users", outcome.record, ORGANIZATION, old)
    assert isinstance(back, Written)
    assert memberships_of(sandbox, user.id) == {old: True, target: False}
    assert sandbox.zendesk.request_log.count("PUT", f"/api/v2/users/{user.id}") == 1


def test_an_emptied_organization_ends_the_default_membership(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    user = find(zendesk, "Users", "name", "Marte Lunde")
    assert isinstance(update(zendesk, "Users", user, ORGANIZATION, None), Written)
    assert memberships_of(sandbox, user.id) == {}


def test_an_organization_that_is_not_there_is_refused(zendesk: Connector) -> None:
    user = find(zendesk, "Users", "name", "Marte Lunde")
    outcome = update(zendesk, "Users", user, ORGANIZATION, 999_999_999)
    assert isinstance(outcome, Refused)
    assert not outcome.gone


@pytest.mark.parametrize("fault", ["reset-after-commit=0.5", "500=0.5"])
def test_faults_leave_one_membership(sandbox: Sandbox, zendesk: Connector, fault: str) -> None:
    user = find(zendesk, "Users", "name", "Ingrid Dahl")
    target = int(find(zendesk, "Organizations", "name", "Drift").id)
    sandbox.zendesk.replace_faults(fault)
    assert isinstance(update(zendesk, "Users", user, ORGANIZATION, target), Written)
    assert memberships_of(sandbox, user.id) == {target: True}


def test_many_users_change_in_every_way_at_once(sandbox: Sandbox, zendesk: Connector) -> None:
    target = int(find(zendesk, "Organizations", "name", "Drift").id)
    users = [user for user in read_all(zendesk, "Users") if user.properties["email"]][:6]
    writes = [
        Update(
            key=user.id,
            current=user,
            changes={
                ("name",): f"Ny {user.id}",
                EMAIL: f"ny{user.id}@post.example",
                ORGANIZATION: target,
            },
        )
        for user in users
    ]
    outcomes = write(zendesk, "Users", *writes)
    for user in users:
        outcome = outcomes[user.id]
        assert isinstance(outcome, Written)
        assert outcome.record is not None
        assert outcome.record.properties == {
            "name": f"Ny {user.id}",
            "email": f"ny{user.id}@post.example",
            "organization_id": target,
            "notes": None,
        }
    assert sandbox.zendesk.request_log.count("PUT", "/api/v2/users/update_many") == 1


def test_a_user_is_created_with_address_and_organization(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    target = int(find(zendesk, "Organizations", "name", "Drift").id)
    create = Create(
        key="c",
        properties={"name": "Ny", "email": "ny@post.example", "organization_id": target},
        external_reference="ref:u",
    )
    outcome = write(zendesk, "Users", create)["c"]
    assert isinstance(outcome, Written)
    assert emails_of(sandbox, outcome.id) == [("ny@post.example", True)]
    assert memberships_of(sandbox, outcome.id) == {target: True}


@pytest.mark.parametrize(
    ("resource", "path", "values", "found"),
    [
        ("Organizations", ("name",), ["drift", "Nobody"], ["Drift"]),
        ("Organizations", ("external_id",), ["REF:1", "ref:2"], ["Neu 1", "Neu 2"]),
    ],
)
def test_records_are_found_by_value(
    zendesk: Connector, resource: str, path: Path, values: list[str], found: list[str]
) -> None:
    write(zendesk, "Organizations", organization(1), organization(2))
    assert zendesk.can_find(resource, path)
    records = list(zendesk.find_records(resource, path, values, NAMES))
    assert sorted(str(record.properties["name"]) for record in records) == found


def test_records_are_read_by_the_hundred(sandbox: Sandbox, zendesk: Connector) -> None:
    outcomes = write(zendesk, "Organizations", *(organization(n) for n in range(150)))
    ids = [one.id for one in outcomes.values() if isinstance(one, Written)]
    before = zendesk.usage.read
    assert len(list(zendesk.read_records("Organizations", [*ids, "1"], NAMES))) == 150
    assert zendesk.usage.read == before + 2


def test_without_verifying_one_request_does(sandbox: Sandbox, connect: Connect) -> None:
    plain = ConnectorOptions(retry=QUICK.retry, verify=False)
    zendesk = connect("zendesk", plain)
    record = find(zendesk, "Organizations", "name", "Drift")
    before = zendesk.usage.read
    assert isinstance(update(zendesk, "Organizations", record, ("notes",), "x"), Written)
    assert zendesk.usage.read == before


def test_doctor_finds_all_well(zendesk: Connector) -> None:
    findings = list(zendesk.diagnose())
    assert [one.subject for one in findings if one.well] == [
        "reachability",
        "credentials",
        "privileges",
        "scopes of Organizations",
        "scopes of Users",
        "scopes of OrganizationMemberships",
        "clock",
    ]


def _make_primary(sandbox: Sandbox, user: str, value: str) -> None:
    """Make an address primary as another client would."""
    base, token = sandbox.zendesk.url, sandbox.environment["ZENDESK_OAUTH_TOKEN"]
    identity = next(
        row["id"] for row in sandbox.zendesk.records("identities") if row["value"] == value
    )
    answer = httpx.put(
        f"{base}/api/v2/users/{user}/identities/{identity}/make_primary",
        headers={"Authorization": f"Bearer {token}"},
    )
    answer.raise_for_status()


@pytest.mark.parametrize("stays_verified", [True, False])
def test_an_address_stays_verified_without_that_being_sent(
    sandbox: Sandbox, zendesk: Connector, stays_verified: bool
) -> None:
    sent: list[tuple[str, str, bytes]] = []

    def gateway(call: Call, on: Callable[[Call], Answer]) -> Answer:
        answer = on(call)
        if call.method == "GET" or "/identities/" not in call.path:
            return answer
        sent.append((call.method, call.path.rpartition("/")[2], call.body))
        body = cast("dict[str, dict[str, Json]]", answer.body)
        changed = {**body.get("identity", {}), "verified": stays_verified}
        return replace(answer, body={**body, "identity": changed}) if len(sent) == 1 else answer

    user = find(zendesk, "Users", "name", "Ingrid Dahl")
    sandbox.zendesk.place_gateway(gateway)
    assert isinstance(update(zendesk, "Users", user, EMAIL, "ingrid.ny@fjellheim.example"), Written)
    assert [word for _, word, _ in sent[1:]] == ([] if stays_verified else ["verify"])
    assert not any(b"verified" in body for _, _, body in sent)
