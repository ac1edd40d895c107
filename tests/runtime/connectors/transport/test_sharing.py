"""What the store is told of a shared limit, and what of its own a process still keeps."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event, Timer
from time import monotonic

import pytest
from specbridge.model.profile import Limit, Profile
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.transport.clock import system_clock
from specbridge.runtime.connectors.transport.environment import read_shared
from specbridge.runtime.connectors.transport.limits import Scheduler
from specbridge.runtime.connectors.transport.sharing import (
    Departure,
    Shared,
    share_limits,
    terms_of,
)
from specbridge.runtime.store.limits.turns import StoreTurns
from specbridge.runtime.turns import Terms

POWEROFFICE, ZENDESK = (load_profiles()[name] for name in ("poweroffice-go", "zendesk"))
CLOCK = system_clock(Event())
KEY = {"POWEROFFICE_GO_SUBSCRIPTION_KEY": "s3cret-key"}


def shared_terms(profile: Profile, **environment: str) -> Terms:
    limit = profile.limits[0]
    return terms_of(profile, limit, read_shared(profile, limit.shared_by, environment))


def schedulers(url: str, *limits: Limit, number: int = 2) -> list[Scheduler]:
    """Return what so many processes keep of these limits."""
    profile = replace(POWEROFFICE, limits=limits)
    shared = [share_limits(profile, KEY, StoreTurns(url), CLOCK) for _ in range(number)]
    return [Scheduler(limits, CLOCK, one) for one in shared]


def test_who_has_the_same_credential_shares_whatever_else_is_its_own() -> None:
    one = shared_terms(POWEROFFICE, **KEY, POWEROFFICE_GO_CLIENT_KEY="a")
    assert one == shared_terms(POWEROFFICE, **KEY, POWEROFFICE_GO_CLIENT_KEY="b")
    assert one.key != shared_terms(POWEROFFICE, POWEROFFICE_GO_SUBSCRIPTION_KEY="other").key
    assert one.key != shared_terms(ZENDESK, ZENDESK_BASE_URL="s3cret-key").key
    assert one.key == shared_terms(replace(POWEROFFICE, version=2), **KEY).key


def test_limits_of_one_credential_are_told_apart() -> None:
    keys = {
        terms_of(ZENDESK, one, "https://acme.example").key
        for one in ZENDESK.limits
        if one.shared_by
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("environment", "shared"),
    [
        ({"HUBSPOT_ACCESS_TOKEN": "a", "HUBSPOT_BASE_URL": "u"}, "a\0"),
        ({"HUBSPOT_REFRESH_TOKEN": "b", "HUBSPOT_BASE_URL": "u"}, "\0b"),
        ({"HUBSPOT_BASE_URL": "u"}, "u"),
    ],
)
def test_what_is_not_set_shares_nothing(environment: dict[str, str], shared: str) -> None:
    profile = load_profiles()["hubspot"]
    assert read_shared(profile, profile.limits[0].shared_by, environment) == shared


def test_the_store_knows_no_credential(tmp_path: Path) -> None:
    (scheduler,) = schedulers(f"sqlite:///{tmp_path}/s.db", *POWEROFFICE.limits, number=1)
    assert scheduler.wait_turn("GET", "/x") == 0.0
    found = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"CREATE TABLE" in found
    assert b"s3cret" not in found


def test_limits_of_a_request_are_all_kept(sqlite_url: str) -> None:
    """The account's, one by the second for such calls, and one for each record, which nobody shares."""
    account = Limit(requests=100, seconds=60.0, shared_by="{SUBSCRIPTION_KEY}")
    each = Limit(requests=2, seconds=0.5, path="/u/{id}", shared_by="{SUBSCRIPTION_KEY}")
    record = Limit(requests=1, seconds=0.7, path="/u/{id}", per_record=True)
    one, another = schedulers(sqlite_url, account, each, record)
    starts = []
    for number in range(6):
        (one, another)[number % 2].wait_turn("PUT", f"/u/{number}")
        starts.append(monotonic())
    assert all(later - first >= 0.5 for first, later in zip(starts, starts[2:], strict=False))
    began = monotonic()
    one.wait_turn("PUT", "/u/4")
    assert monotonic() - began > 0.4
    assert one.wait_turn("GET", "/else") == 0.0


def test_requests_take_as_many_turns_as_they_cost(sqlite_url: str) -> None:
    read = Limit(
        requests=6, seconds=1.2, method="GET", bucket="points", shared_by="{SUBSCRIPTION_KEY}"
    )
    write = replace(read, method="POST", cost=3)
    one, another = schedulers(sqlite_url, read, write)
    starts = []
    for scheduler, method in ((one, "POST"), (another, "POST"), (one, "GET"), (another, "POST")):
        scheduler.wait_turn(method, "/x")
        starts.append(monotonic())
    gaps = [later - start for start, later in pairwise(starts)]
    assert gaps[0] < 0.5
    assert gaps[1] > 0.9


def test_who_was_answered_late_may_have_arrived_late_and_counts_so(sqlite_url: str) -> None:
    paced = Limit(requests=3, seconds=1.0, shared_by="{SUBSCRIPTION_KEY}")
    one, another = schedulers(sqlite_url, paced)
    starts = []
    for number in range(5):
        departure = Departure()
        (one if number < 2 else another).wait_turn("GET", "/x", departure=departure)
        starts.append(monotonic())
        # The first is the quickest, the second is thought to have been on its way for so much longer.
        departure.answer(starts[-1] + (0.15 if number == 1 else 0.0))
    assert starts[4] - starts[1] >= 1.0 + 0.15


def test_a_wait_beyond_patience_is_not_waited_for_by_anybody(sqlite_url: str) -> None:
    limit = Limit(requests=10, seconds=60.0, header="X-Limit", shared_by="{SUBSCRIPTION_KEY}")
    one, another = schedulers(sqlite_url, limit)
    assert one.wait_turn("GET", "/x", 5.0) == 0.0
    one.observe("GET", "/x", {"x-limit": "9", "x-remaining": "0", "x-reset": "500"})
    began = monotonic()
    assert another.wait_turn("GET", "/x", 5.0) == pytest.approx(500.0, abs=1.0)
    assert monotonic() - began < 1.0


def test_who_waits_already_is_let_go_by_a_larger_limit_that_another_heard_of(
    sqlite_url: str,
) -> None:
    limit = Limit(requests=2, seconds=60.0, header="x-limit", shared_by="{SUBSCRIPTION_KEY}")
    one, another = schedulers(sqlite_url, limit)
    for _ in range(2):
        one.wait_turn("GET", "/x")
    hearing = Timer(0.3, one.observe, ("GET", "/x", {"x-limit": "700"}))
    began = monotonic()
    hearing.start()
    another.wait_turn("GET", "/x")
    hearing.join()
    assert 0.3 < monotonic() - began < 3.0


def test_without_a_place_for_turns_a_process_keeps_limits_alone() -> None:
    limits = (Limit(requests=1, seconds=0.3, shared_by="{SUBSCRIPTION_KEY}"),)
    profile = replace(POWEROFFICE, limits=limits)
    shared = share_limits(profile, KEY, StoreTurns("sqlite:////nowhere/at/all.db"), CLOCK)
    assert isinstance(shared, Shared)
    scheduler = Scheduler(limits, CLOCK, shared)
    began = monotonic()
    for _ in range(3):
        scheduler.wait_turn("GET", "/x")
    assert 0.6 < monotonic() - began < 2.0
    assert share_limits(profile, KEY, None, CLOCK) is None
