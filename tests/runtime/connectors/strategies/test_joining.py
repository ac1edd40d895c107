"""Many users put into organizations at once: few requests, and the right organization whatever fails."""

import pytest
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.records import Connector, Create, Outcome, Record, Refused, Update, Written
from specbridge.sandbox.running import Sandbox

from tests.runtime.connectors.conftest import QUICK, Connect
from tests.runtime.connectors.reads import NAMES, find

ORGANIZATION = ("organization_id",)
MANY = 120


def create_users(connector: Connector, count: int) -> list[Record]:
    writes = [
        Create(
            key=str(number),
            properties={"name": f"Bruker {number}", "email": f"b{number}@post.example"},
            external_reference=f"ref:{number}",
        )
        for number in range(count)
    ]
    outcomes = list(connector.write_records("Users", writes, NAMES))
    return [one.record for one in outcomes if isinstance(one, Written) and one.record]


def organization(connector: Connector, name: str) -> int:
    return int(find(connector, "Organizations", "name", name).id)


def join(connector: Connector, users: list[Record], target: int) -> dict[str, Outcome]:
    writes = [Update(key=u.id, current=u, changes={ORGANIZATION: target}) for u in users]
    outcomes = list(connector.write_records("Users", writes, NAMES))
    assert sorted(one.key for one in outcomes) == sorted(user.id for user in users)
    return {one.key: one for one in outcomes}


def updated(outcomes: dict[str, Outcome]) -> list[Record]:
    return [one.record for one in outcomes.values() if isinstance(one, Written) and one.record]


def memberships(sandbox: Sandbox, user: Record) -> dict[int, bool]:
    return {
        row["organization_id"]: bool(row["default"])
        for row in sandbox.zendesk.records("organization_memberships")
        if str(row["user_id"]) == user.id
    }


def assert_joined(sandbox: Sandbox, outcomes: dict[str, Outcome], target: int) -> None:
    records = updated(outcomes)
    assert len(records) == len(outcomes)
    assert {record.properties["organization_id"] for record in records} == {target}
    rows = sandbox.zendesk.records("organization_memberships")
    joined = [str(row["user_id"]) for row in rows if row["organization_id"] == target]
    assert set(outcomes) <= set(joined)
    assert len(joined) == len(set(joined))


def test_users_without_an_organization_cost_a_few_requests(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    users, target = create_users(zendesk, MANY), organization(zendesk, "Drift")
    sandbox.zendesk.request_log.clear()
    assert_joined(sandbox, join(zendesk, users, target), target)
    log = sandbox.zendesk.request_log
    assert log.count("POST") == 2
    assert log.count("GET", "/api/v2/job_statuses") <= 2 * 2
    assert log.count("GET", "/api/v2/users/show_many") == 4
    assert log.count() <= 10


def test_users_with_an_organization_keep_it_beside_the_new_one(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    first, second = organization(zendesk, "Drift"), organization(zendesk, "Gamle Kunder")
    users = updated(join(zendesk, create_users(zendesk, 20), first))
    sandbox.zendesk.request_log.clear()
    assert_joined(sandbox, join(zendesk, users, second), second)
    assert memberships(sandbox, users[0]) == {first: False, second: True}
    log = sandbox.zendesk.request_log
    assert (log.count("POST"), log.count("PUT")) == (1, 20)
    assert log.count("GET") <= 6


def test_users_come_back_to_an_organization_of_theirs(sandbox: Sandbox, zendesk: Connector) -> None:
    first, second = organization(zendesk, "Drift"), organization(zendesk, "Gamle Kunder")
    users = updated(join(zendesk, create_users(zendesk, 6), first))
    users = updated(join(zendesk, users, second))
    assert_joined(sandbox, join(zendesk, users, first), first)
    assert memberships(sandbox, users[0]) == {first: True, second: False}


@pytest.mark.parametrize(
    "fault",
    [
        "half-done-job=1*1",
        "half-done-job=1",
        "reset-after-commit=1*1",
        "reset-after-commit=0.3",
        "500=0.3",
        "429=1*2",
        "malformed=1*1",
    ],
)
def test_faults_neither_lose_nor_double_a_membership(
    sandbox: Sandbox, zendesk: Connector, fault: str
) -> None:
    users, target = create_users(zendesk, 30), organization(zendesk, "Drift")
    sandbox.zendesk.replace_faults(fault)
    assert_joined(sandbox, join(zendesk, users, target), target)


def test_the_same_writes_after_a_crash_change_nothing(sandbox: Sandbox, zendesk: Connector) -> None:
    users, target = create_users(zendesk, 10), organization(zendesk, "Drift")
    join(zendesk, users[:7], target)
    sandbox.zendesk.request_log.clear()
    assert_joined(sandbox, join(zendesk, users, target), target)
    assert sandbox.zendesk.request_log.count("POST") == 1
    assert sandbox.zendesk.request_log.count("PUT") == 0


def test_what_somebody_else_chose_meanwhile_stands(sandbox: Sandbox, zendesk: Connector) -> None:
    users = create_users(zendesk, 8)
    theirs, ours = organization(zendesk, "Gamle Kunder"), organization(zendesk, "Drift")
    join(zendesk, users[:2], theirs)
    outcomes = join(zendesk, users, ours)
    stale = {key for key, one in outcomes.items() if isinstance(one, Refused) and one.stale}
    assert stale == {user.id for user in users[:2]}
    assert memberships(sandbox, users[0]) == {theirs: True}


def test_each_refusal_says_why_and_the_others_go_on(sandbox: Sandbox, zendesk: Connector) -> None:
    users, target = create_users(zendesk, 8), organization(zendesk, "Drift")
    targets = {user.id: target for user in users} | {users[3].id: 999_999_999}
    writes = [
        Update(key=user.id, current=user, changes={ORGANIZATION: targets[user.id]})
        for user in users
    ]
    outcomes = {one.key: one for one in zendesk.write_records("Users", writes, NAMES)}
    refused = outcomes.pop(users[3].id)
    assert isinstance(refused, Refused)
    assert not refused.gone
    assert_joined(sandbox, outcomes, target)


def test_an_organization_and_an_address_are_both_written(
    sandbox: Sandbox, zendesk: Connector
) -> None:
    users, target = create_users(zendesk, 6), organization(zendesk, "Drift")
    writes = [
        Update(
            key=user.id,
            current=user,
            changes={ORGANIZATION: target, ("email",): f"ny{user.id}@post.example"},
        )
        for user in users
    ]
    outcomes = {one.key: one for one in zendesk.write_records("Users", writes, NAMES)}
    assert_joined(sandbox, outcomes, target)
    emails = {record.properties["email"] for record in updated(outcomes)}
    assert emails == {f"ny{user.id}@post.example" for user in users}


def test_three_users_go_singly(sandbox: Sandbox, zendesk: Connector) -> None:
    users, target = create_users(zendesk, 3), organization(zendesk, "Drift")
    sandbox.zendesk.request_log.clear()
    assert_joined(sandbox, join(zendesk, users, target), target)
    assert sandbox.zendesk.request_log.count("POST", "/api/v2/organization_memberships") == 3


def test_without_verifying_nothing_is_read_first(sandbox: Sandbox, connect: Connect) -> None:
    zendesk = connect("zendesk", ConnectorOptions(retry=QUICK.retry, verify=False))
    users, target = create_users(zendesk, 10), organization(zendesk, "Drift")
    sandbox.zendesk.request_log.clear()
    assert_joined(sandbox, join(zendesk, users, target), target)
    assert sandbox.zendesk.request_log.count("GET", "/api/v2/users/show_many") == 1
