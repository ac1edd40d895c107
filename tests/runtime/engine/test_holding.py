"""Leases: one writer at a time, whatever stands still, dies or shares its name."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Thread

import pytest
from specbridge.errors import StoreBusyError
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.connectors.transport.leave import ask_leave, asking, writing_by
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.holding import FRESH, Hold, held
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store, open_store
from specbridge.runtime.store.leasing.holders import LIVE, Holder, own_place
from specbridge.runtime.store.leasing.leases import (
    Lease,
    check_lease,
    read_clock,
    renew_lease,
    seconds_left,
    take_lease,
)
from specbridge.runtime.store.tables.schema import companies, leases
from sqlalchemy import select, update

from tests.runtime.bench import Bench

ELSEWHERE = Holder(name="elsewhere:1", place="another machine", pid=1)


@contextmanager
def opened_holding(url: str, seconds: float = 60) -> Iterator[tuple[Store, Lease, Hold]]:
    """Give a store of a company whose lease this process holds."""
    with open_store(url) as store:
        company = number_company(store.connection, "")
        store.commit()
        lease = Lease(company=company, seconds=seconds, drain=1)
        with held(store, lease) as hold:
            yield store, lease, hold


def take_over(url: str, lease: Lease) -> None:
    """Have another machine take a lease over, as it may once time has passed."""
    with open_store(url) as store:
        store.connection.execute(update(leases).values(free_at=read_clock(store.connection)))
        take_lease(store.connection, replace(lease, holder=ELSEWHERE))
        store.commit()


def test_a_run_that_lost_its_lease_neither_sends_nor_commits(url: str) -> None:
    with ExitStack() as stack:
        store, lease, hold = stack.enter_context(opened_holding(url))
        stack.enter_context(writing_by(hold.check))
        with asking(writes=True):
            ask_leave()
        take_over(url, lease)
        assert FRESH < 1
        hold._confirmed -= FRESH  # what was asked is old by now
        with pytest.raises(StoreBusyError, match="taken over"), asking(writes=True):
            pytest.fail("a write was let through")
        # Reading harms nobody.
        with asking(writes=False):
            ask_leave()
        store.connection.execute(update(companies).values(followed=99))
        with pytest.raises(StoreBusyError, match="taken over"):
            store.commit()
    with open_store(url) as after:
        assert after.connection.execute(select(companies.c.followed)).scalar_one() == 0
        # Nor was the other's lease given back.
        with pytest.raises(StoreBusyError, match="elsewhere:1"):
            check_lease(after.connection, lease.company)


def test_a_run_that_stood_still_has_lost_its_lease_though_nobody_took_it(url: str) -> None:
    with opened_holding(url, seconds=60) as (store, lease, hold):
        hold._longest_gap = 61.0
        with pytest.raises(StoreBusyError, match="stood still for 61 s"):
            hold.check()
        with pytest.raises(StoreBusyError, match="stood still"):
            store.commit()
        assert seconds_left(store.connection, lease) > 0
        store.rollback()


def test_a_lease_is_renewed_while_a_run_waits(url: str) -> None:
    with opened_holding(url, seconds=2) as (store, lease, hold):
        # Longer than the lease: a 429 or a job can take as long.
        assert not hold._end.wait(3.5)
        hold.check()
        assert 0 < seconds_left(store.connection, lease) <= 2
        store.rollback()


def test_a_run_that_keeps_the_store_s_lock_for_longer_than_its_lease_has_not_stood_still(
    url: str,
) -> None:
    with opened_holding(url, seconds=1) as (store, lease, hold):
        # SQLite's heartbeat cannot write as long as this is not committed.
        store.connection.execute(update(companies).values(followed=7))
        assert not hold._end.wait(2.0)
        store.commit()
        hold.check()
        assert 0 < seconds_left(store.connection, lease) <= 1
        store.rollback()


def test_a_lease_that_expired_unseen_is_renewed_with_the_commit(url: str) -> None:
    with opened_holding(url) as (store, lease, _):
        expired = read_clock(store.connection) - 1
        store.connection.execute(update(leases).values(expires_at=expired))
        store.commit()
        assert seconds_left(store.connection, lease) > lease.seconds / 2
        store.rollback()


def test_of_two_threads_one_runs(bench: Bench) -> None:
    bench.ledgerly.put("Firms", {"Name": "Firm"})
    refused: list[str] = []

    def run_too(_subject: str, _count: int) -> None:
        def run() -> None:
            try:
                bench.sync()
            except StoreBusyError as error:
                refused.append(str(error))

        if not refused:
            thread = Thread(target=run)
            thread.start()
            thread.join()

    with open_store(bench.url) as store:
        edges = replace(bench.edges(), progress=run_too)
        outcome = run_sync(bench.task, store, edges, RunOptions()).outcome
    assert outcome is RunOutcome.CLEAN
    assert refused
    assert f":{os.getpid()} is working" in refused[0]
    assert bench.sync().outcome is RunOutcome.CLEAN


@pytest.mark.parametrize(
    ("holder", "dead"),
    [
        (Holder(token="ours"), False),
        (Holder(token="of a run that has ended"), True),
        (Holder(pid=os.getppid()), False),
        # Above the kernel's largest process number.
        (Holder(pid=4_194_999), True),
        (Holder(pid=4_194_999, place="another machine"), False),
        (Holder(pid=4_194_999, place=""), False),
    ],
    ids=["own", "own, ended", "alive", "dead", "elsewhere", "unknown"],
)
def test_who_is_dead(holder: Holder, dead: bool) -> None:
    assert holder.is_dead({*LIVE, "ours"}) is dead


ASKING_AFTER = """
import sys
from specbridge.runtime.store.leasing.holders import Holder
print(Holder(pid=int(sys.argv[1]), place=sys.argv[2]).is_dead())
"""


def test_processes_of_other_namespaces_are_not_taken_for_dead() -> None:
    words = ("unshare", "-rpf", "--mount-proc")
    allowed = shutil.which("unshare") and subprocess.run(
        [*words, "true"], capture_output=True, check=False
    )
    if not allowed or allowed.returncode != 0:
        pytest.skip("NO NAMESPACES: containers were not told apart")
    # There our number is nobody's: by name and number alone, this living process would be dead.
    for before, dead in (((), "False"), (words, "False")):
        done = subprocess.run(
            [*before, sys.executable, "-c", ASKING_AFTER, str(os.getpid()), own_place()],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == dead


def test_an_expired_lease_is_not_taken_before_its_requests_have_ended(url: str) -> None:
    lease = Lease(company=1, seconds=-1, drain=30, holder=ELSEWHERE)
    with open_store(url) as store:
        number_company(store.connection, "")
        take_lease(store.connection, lease)
        mine = Lease(company=1, seconds=60, drain=30)
        with pytest.raises(StoreBusyError, match=r"if it has died, others may in (28|29) s"):
            take_lease(store.connection, mine)
        # Late, and not lost: it goes on where nobody has taken over.
        renew_lease(store.connection, lease)
        take_lease_when_free = replace(lease, seconds=-40)
        renew_lease(store.connection, take_lease_when_free)
        take_lease(store.connection, mine)
        with pytest.raises(StoreBusyError, match="taken over"):
            renew_lease(store.connection, lease)


def test_a_successor_waits_for_the_longest_request() -> None:
    assert RunOptions().drain > ConnectorOptions().deadline + 1
