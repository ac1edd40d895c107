"""The servers' real limits, kept ahead by the profiles' own; what happens in spite of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

import pytest
from specbridge.errors import (
    ApiError,
    AuthenticationError,
    MalformedResponseError,
    ServerError,
    ThrottledError,
    UnreachableError,
)
from specbridge.model.profile import Profile, Resource
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Connector, Create, Update, Written
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Sandbox, running_sandbox

from tests.runtime.connectors.conftest import QUICK, Connect
from tests.runtime.connectors.reads import NAMES, find, read_all, read_cursor

SYSTEMS = {"zendesk": "Users", "poweroffice-go": "Customers"}


@contextmanager
def connected(environment: Mapping[str, str], profile: Profile) -> Iterator[Connector]:
    connector = build_connector(profile, environment, QUICK)
    try:
        yield connector
    finally:
        connector.close()


def test_ten_requests_a_second_are_reached_without_a_429() -> None:
    """Forty writes at the pace of the profile; the goal is 95 % of it with under 1 % of 429s."""
    count = 40
    with running_sandbox(SandboxOptions()) as sandbox:
        profile = load_profiles()["poweroffice-go"]
        with connected(sandbox.environment, profile) as connector:
            writes = [
                Create(key=f"k{n}", properties={"Name": f"Kunde {n}"}, external_reference=f"r{n}")
                for n in range(count)
            ]
            list(connector.diagnose())
            began = monotonic()
            outcomes = list(connector.write_records("Customers", writes, NAMES))
            elapsed = monotonic() - began
            assert sum(isinstance(one, Written) for one in outcomes) == count
            # A machine that is busy with other tests may bunch two requests up.
            assert connector.usage.throttled <= 1
            assert count / elapsed >= 9.5 or connector.usage.throttled


def test_the_account_s_limits_are_learned_from_its_answers() -> None:
    """The profile plans for the smallest account; a larger one is not slowed down by that."""
    with (
        running_sandbox(SandboxOptions(limits=LimitsPlan.HIGH_VOLUME)) as sandbox,
        connected(sandbox.environment, load_profiles()["zendesk"]) as connector,
    ):
        began = monotonic()
        for _ in range(25):
            read_all(connector, "Organizations")
            read_all(connector, "Users")
        assert monotonic() - began < 30
        assert connector.usage.throttled == 0


def test_updates_of_users_keep_to_one_a_second() -> None:
    with (
        running_sandbox(SandboxOptions()) as sandbox,
        connected(sandbox.environment, load_profiles()["zendesk"]) as connector,
    ):
        users = read_all(connector, "Users")[:3]
        writes = [Update(key=u.id, current=u, changes={("notes",): "x"}) for u in users]
        outcomes = list(connector.write_records("Users", writes, NAMES))
        assert all(isinstance(one, Written) for one in outcomes)
        assert connector.usage.throttled == 0


@pytest.mark.parametrize("system", list(SYSTEMS))
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("500=1", ServerError),
        ("reset=1", UnreachableError),
        ("malformed=1", MalformedResponseError),
        ("429=1", ThrottledError),
    ],
)
def test_trouble_without_end_is_told_and_the_next_read_works(
    sandbox: Sandbox, connect: Connect, system: str, fault: str, error: type[ApiError]
) -> None:
    impatient = replace(QUICK, retry=replace(QUICK.retry, attempts=2))
    connector = connect(system, impatient)
    list(connector.diagnose())
    running = sandbox.zendesk if system == "zendesk" else sandbox.poweroffice
    running.replace_faults(fault)
    with pytest.raises(error, match=f"^{system}: GET /"):
        read_all(connector, SYSTEMS[system])
    running.replace_faults()
    assert read_all(connector, SYSTEMS[system])


@pytest.mark.parametrize("system", list(SYSTEMS))
def test_wrong_keys_are_told(sandbox: Sandbox, system: str) -> None:
    wrong = {
        name: value if name.endswith("_URL") else "wr0ng"
        for name, value in sandbox.environment.items()
    }
    with connected(wrong, load_profiles()[system]) as connector:
        with pytest.raises(AuthenticationError, match=f"^{system}: ") as caught:
            read_all(connector, SYSTEMS[system])
        assert "wr0ng" not in str(caught.value)
        findings = {one.subject: one.well for one in connector.diagnose()}
        assert findings["reachability"]
        assert not findings["credentials"]


@pytest.mark.parametrize(
    "variables",
    [("ZENDESK_CLIENT_ID", "ZENDESK_CLIENT_SECRET"), ("ZENDESK_EMAIL", "ZENDESK_API_TOKEN")],
)
def test_every_way_to_sign_in_works(sandbox: Sandbox, variables: tuple[str, str]) -> None:
    secrets = sandbox.credentials
    given = {
        "ZENDESK_BASE_URL": sandbox.environment["ZENDESK_BASE_URL"],
        "ZENDESK_CLIENT_ID": secrets.client_id,
        "ZENDESK_CLIENT_SECRET": secrets.client_secret,
        "ZENDESK_EMAIL": secrets.email,
        "ZENDESK_API_TOKEN": secrets.api_token,
    }
    environment = {name: given[name] for name in ("ZENDESK_BASE_URL", *variables)}
    with connected(environment, load_profiles()["zendesk"]) as connector:
        assert read_all(connector, "Users")


def test_a_token_that_expires_is_replaced() -> None:
    with (
        running_sandbox(SandboxOptions(token_seconds=1, limits=LimitsPlan.OFF)) as sandbox,
        connected(sandbox.environment, load_profiles()["poweroffice-go"]) as connector,
    ):
        for _ in range(15):
            assert read_all(connector, "Departments")
        assert sandbox.poweroffice.request_log.count("POST", "/OAuth/Token") >= 2


@pytest.mark.parametrize("system", list(SYSTEMS))
def test_pages_are_continued_to_their_end(sandbox: Sandbox, system: str) -> None:
    profile = load_profiles()[system]
    name = SYSTEMS[system]
    resources = tuple(_with_pages_of(2, one) for one in profile.resources)
    small = replace(profile, resources=resources, limits=(), paging=replace(profile.paging, size=2))
    with connected(sandbox.environment, small) as connector:
        records = read_all(connector, name)
        assert len({record.id for record in records}) == 10
        assert connector.usage.read >= 5


@pytest.mark.parametrize("skew", [-90.0, 90.0])
@pytest.mark.parametrize("system", list(SYSTEMS))
def test_a_server_whose_clock_is_off_loses_no_change(
    sandbox: Sandbox, connect: Connect, system: str, skew: float
) -> None:
    running = sandbox.zendesk if system == "zendesk" else sandbox.poweroffice
    running.advance(skew)
    connector = connect(system)
    resource, name = ("Organizations", "name") if system == "zendesk" else ("Departments", "Name")
    cursor = None
    for number in range(3):
        cursor = read_cursor(connector, resource, cursor)
        record = find(connector, resource, name, "Drift" if not number else f"Drift {number - 1}")
        change = Update(key="u", current=record, changes={(name,): f"Drift {number}"})
        (outcome,) = connector.write_records(resource, [change], NAMES)
        assert isinstance(outcome, Written)
        # Zendesk's exports withhold the newest minute.
        running.advance(61)
        seen = [one.properties[name] for one in read_all(connector, resource, cursor)]
        assert f"Drift {number}" in seen


def test_what_is_written_during_a_full_read_is_read_next_time(sandbox: Sandbox) -> None:
    profile = load_profiles()["poweroffice-go"]
    small = replace(profile, limits=(), paging=replace(profile.paging, size=2))
    with (
        connected(sandbox.environment, small) as connector,
        connected(sandbox.environment, small) as somebody,
    ):
        pages = connector.read_changes("Customers", None, NAMES)
        next(pages)
        record = read_all(somebody, "Customers")[0]
        change = Update(key="u", current=record, changes={("Name",): "Midt i lesingen"})
        list(somebody.write_records("Customers", [change], NAMES))
        *_, last = pages
        names = [one.properties["Name"] for one in read_all(connector, "Customers", last.cursor)]
        assert names == ["Midt i lesingen"]


def test_twenty_percent_of_trouble_reads_the_same(sandbox: Sandbox, connect: Connect) -> None:
    calm = {system: read_all(connect(system), name) for system, name in SYSTEMS.items()}
    for running in (sandbox.zendesk, sandbox.poweroffice):
        running.replace_faults("500=0.2", "reset=0.2", "reset-after-commit=0.1", "malformed=0.05")
    for system, name in SYSTEMS.items():
        for _ in range(5):
            assert read_all(connect(system), name) == calm[system]


def _with_pages_of(size: int, resource: Resource) -> Resource:
    """Return the resource with its export's pages made small."""
    call = resource.incremental
    if call is None or call.paging is None:
        return resource
    return replace(resource, incremental=replace(call, paging=replace(call.paging, size=size)))


def test_a_large_account_is_not_slowed_down_by_the_smallest_plan_s_limit() -> None:
    """A thousand requests at once, where the profile plans for 200 a minute and the server for 2,500."""
    with (
        running_sandbox(SandboxOptions()) as sandbox,
        connected(sandbox.environment, load_profiles()["zendesk"]) as connector,
    ):
        began = monotonic()
        creates = [
            Create(key=str(n), properties={"name": f"Bruker {n}"}, external_reference="")
            for n in range(1000)
        ]
        outcomes = list(connector.write_records("Users", creates, NAMES))
        assert sum(isinstance(one, Written) for one in outcomes) == 1000
        assert connector.usage.throttled == 0
        assert monotonic() - began < 30
