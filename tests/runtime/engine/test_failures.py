"""Failures, crashes and restarts: scenarios S and G (tests/scenarios.md)."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from specbridge.errors import StoreBusyError, StoreError
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.records import Refused, Update, Write
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.history.journal import forget_runs, last_runs
from specbridge.runtime.store.leasing.holders import Holder
from specbridge.runtime.store.leasing.leases import Lease, read_clock, take_lease
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.persons.people import erase_person, export_person, find_person
from specbridge.runtime.store.tables.schema import leases
from sqlalchemy import update

from tests.runtime.bench import Bench
from tests.runtime.kept import KeptStore
from tests.runtime.people import firm_flow, person_flow
from tests.runtime.worlds import Crash, World


def fill(bench: Bench, count: int = 6) -> None:
    bench.flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
    for number in range(count):
        firm = bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})
        bench.ledgerly.put(
            "Persons", {"Name": f"P{number}", "Mail": f"{number}@x.example", "FirmId": int(firm)}
        )
        bench.acme.put("users", {"name": f"U{number}", "email": f"{number + 3}@x.example"})


def shape(bench: Bench) -> list[object]:
    """Return what both systems hold, ids aside."""
    companies = {id_: s.properties["name"] for id_, s in bench.acme.records("companies").items()}
    users = [
        (row["name"], row["email"], companies.get(str(row.get("company_id"))))
        for row in bench.acme.rows("users")
    ]
    persons = [(row["Name"], row["Mail"]) for row in bench.ledgerly.rows("Persons")]
    return [sorted(map(str, part)) for part in (companies.values(), users, persons)]


@pytest.fixture(scope="module")
def kept() -> Iterator[KeptStore]:
    store = KeptStore()
    yield store
    store.close()


def open_bench(kept: KeptStore) -> Bench:
    kept.empty()
    bench = Bench("", kept=kept)
    fill(bench)
    return bench


@pytest.mark.parametrize("system", ["ledgerly", "acme"])
@pytest.mark.parametrize("when", ["crash_before", "crash_after", "fail_before", "fail_after"])
@pytest.mark.parametrize("searchable", [True, False])
def test_g2_s4_a_crash_or_failure_at_any_write_leads_to_the_same_end(
    kept: KeptStore, system: str, when: str, searchable: bool
) -> None:
    whole = open_bench(kept)
    whole.sync()
    whole.sync()
    expected = shape(whole)
    for moment in range(0, 24, 2):
        bench = open_bench(kept)
        bench.ledgerly.searchable = bench.acme.searchable = searchable
        world: World = getattr(bench, system)
        setattr(world, when, moment)
        with suppress(Crash):
            bench.sync()
        bench.sync()
        bench.sync()
        assert shape(bench) == expected, moment
        assert bench.sync(full=True).writes == 0


@pytest.mark.parametrize("people", [1, 1200])
@pytest.mark.parametrize("searchable", [True, False])
def test_g2_an_edit_made_while_a_killed_run_created_is_later_than_what_was_created(
    bench: Bench, searchable: bool, people: int
) -> None:
    """The new records are younger than the edits, but what they hold is older: of each, however many."""
    bench.flows = (person_flow(ALWAYS),)
    bench.acme.searchable = searchable
    ids = [
        bench.ledgerly.put("Persons", {"Name": f"Ann {n}", "Mail": f"a{n}@x.example"})
        for n in range(people)
    ]

    def edit(_write: Write) -> None:
        # With the last write under way, after which the run dies.
        if len(bench.acme.records("users")) == people - 1:
            bench.clock.advance(10)
            for id_ in ids:
                bench.ledgerly.edit("Persons", id_, Name=f"Anna {id_}")
            bench.clock.advance(10)

    bench.acme.meddle, bench.acme.crash_after = edit, people - 1
    with suppress(Crash):
        bench.sync()
    bench.acme.meddle = lambda _write: None
    bench.sync(force=True)
    edited = sorted(f"Anna {id_}" for id_ in ids)
    assert sorted(str(row["Name"]) for row in bench.ledgerly.rows("Persons")) == edited
    assert sorted(str(row["name"]) for row in bench.acme.rows("users")) == edited
    assert bench.sync(full=True).writes == 0


@pytest.mark.parametrize("searchable", [True, False])
def test_g2_what_a_crash_left_open_is_asked_for_together(bench: Bench, searchable: bool) -> None:
    """Two hundred writes are under way: a request for each would take a small account a minute."""
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    bench.acme.searchable = searchable
    for number in range(100):
        bench.ledgerly.put("Persons", {"Name": f"P{number}", "Mail": f"{number}@x.example"})
        bench.acme.put("users", {"name": f"U{number}", "email": f"{number + 1000}@x.example"})
    bench.acme.crash_after = 60
    with suppress(Crash):
        bench.sync()
    _assert_recovered_with_few_requests(bench, people=200)
    for id_ in bench.ledgerly.records("Persons"):
        bench.ledgerly.edit("Persons", id_, Name=f"New {id_}")
    bench.acme.crash_after = 60
    with suppress(Crash):
        bench.sync(force=True)
    _assert_recovered_with_few_requests(bench, people=200)


def _assert_recovered_with_few_requests(bench: Bench, people: int) -> None:
    report = bench.sync(force=True)
    assert report.outcome is RunOutcome.CLEAN
    # Pages of a hundred, and one request for all that was open.
    assert report.requests["acme"].read <= 1 + people // bench.acme.page_size + 1
    names = [row["Name"] for row in bench.ledgerly.rows("Persons")]
    assert len(set(names)) == people
    assert set(names) == {row["name"] for row in bench.acme.rows("users")}


def test_g1_s4_a_write_refused_for_one_record_is_retried_when_it_changes(bench: Bench) -> None:
    fill(bench, 3)
    bench.sync()
    bench.sync()
    first, *_ = bench.ledgerly.records("Persons")
    for id_ in list(bench.ledgerly.records("Persons"))[:2]:
        bench.ledgerly.edit("Persons", id_, Name=f"New {id_}")

    def refuse(write: Write) -> Refused | None:
        new = isinstance(write, Update) and f"New {first}" in write.changes.values()
        return Refused(key=write.key, status=422, reason="too new") if new else None

    bench.acme.refuse = refuse
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.LEFT_OVER, 1)
    bench.acme.refuse = lambda _write: None
    assert bench.sync().writes == 0
    bench.ledgerly.edit("Persons", first, Name="Newest")
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert "Newest" in [row["name"] for row in bench.acme.rows("users")]


def test_the_rest_of_a_run_that_was_cut_short_is_no_surprise_to_the_guard(bench: Bench) -> None:
    for number in range(20):
        mail = f"{number}@x.example"
        bench.ledgerly.put("Persons", {"Name": f"P{number}", "Mail": mail})
        bench.acme.put("users", {"name": f"U{number}", "email": mail})
    bench.acme.crash_before = 3
    with suppress(Crash):
        bench.sync()
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert {row["name"] for row in bench.acme.rows("users")} == {f"P{n}" for n in range(20)}


def test_g2_a_lost_write_of_capitals_alone_is_made_again(bench: Bench) -> None:
    ann = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    bench.sync()
    bench.ledgerly.edit("Persons", ann, Name="ANN")
    bench.acme.crash_before = 0
    with suppress(Crash):
        bench.sync()
    bench.sync()
    assert [row["name"] for row in bench.acme.rows("users")] == ["ANN"]


def test_a_failing_api_is_an_outcome_and_the_next_run_finishes(bench: Bench) -> None:
    fill(bench)
    bench.acme.fail_after = 2
    report = bench.sync()
    assert report.outcome is RunOutcome.FAILED
    assert report.error is not None
    assert bench.sync().outcome is RunOutcome.CLEAN


def test_s3_undo_restores_what_a_run_overwrote_and_leaves_later_edits(bench: Bench) -> None:
    fill(bench, 2)
    bench.sync()
    bench.sync()
    first, second = list(bench.ledgerly.records("Persons"))[:2]
    bench.ledgerly.edit("Persons", first, Name="One")
    bench.ledgerly.edit("Persons", second, Name="Two")
    run = bench.sync().run
    users = {row["name"]: id_ for id_, row in _users(bench).items()}
    bench.acme.edit("users", users["Two"], name="Later")
    with open_store(bench.url) as store:
        report = undo_run(bench.task, store, bench.edges(), run)
    names = sorted(str(row["name"]) for row in bench.acme.rows("users"))
    assert "P0" in names
    assert "Later" in names
    assert "One" not in names
    assert list(report.kept) == [users["Two"]]
    bench.sync()
    assert bench.ledgerly.records("Persons")[first].properties["Name"] == "P0"


def _users(bench: Bench) -> dict[str, dict[str, object]]:
    found = bench.acme.records("users").items()
    return {id_: dict(stored.properties) for id_, stored in found}


def test_a_second_process_is_told_that_the_package_is_busy(bench: Bench) -> None:
    bench.sync()
    elsewhere = Holder(name="elsewhere:1", place="another machine", pid=1)
    with open_store(bench.url) as store:
        # It has expired, but what was sent before may still be under way.
        take_lease(store.connection, Lease(company=1, seconds=-1, drain=90, holder=elsewhere))
        store.commit()
    for run in (bench.sync, bench.plan):
        with pytest.raises(StoreBusyError, match="elsewhere:1"):
            run()
    with open_store(bench.url) as store:
        store.connection.execute(update(leases).values(free_at=read_clock(store.connection)))
        store.commit()
    assert bench.sync().outcome is RunOutcome.CLEAN


def test_the_lease_of_a_dead_process_does_not_block(bench: Bench) -> None:
    bench.sync()
    with open_store(bench.url) as store:
        # Above the kernel's largest process number.
        dead = Holder(name="here:4194999", pid=4_194_999)
        take_lease(store.connection, Lease(company=1, seconds=300, drain=90, holder=dead))
        store.commit()
    assert bench.sync().outcome is RunOutcome.CLEAN


def test_runs_are_forgotten_after_the_retention(bench: Bench) -> None:
    bench.sync()
    bench.clock.advance(100 * 86_400)
    bench.sync()
    with open_store(bench.url) as store:
        assert len(last_runs(store.connection, "ledgerly_acme", 10)) == 1
        assert forget_runs(store.connection, 1, bench.clock.now + 1) == 1


def test_a_persons_data_can_be_exported_and_erased(bench: Bench) -> None:
    fill(bench, 1)
    bench.sync()
    with open_store(bench.url) as store:
        flows = known_flows(store.connection)
        resource = next(f.resources[0] for f in flows if f.name == "person_to_users")
        start = (resource, next(iter(bench.ledgerly.records("Persons"))))
        person = find_person(store.connection, [start])
        before = export_person(store.connection, person)
        erase_person(store.connection, person)
        after = export_person(store.connection, person)
    assert len(person) == 2
    assert "0@x.example" in str(before)
    assert "0@x.example" not in str(after)


def test_a_store_that_cannot_be_opened_says_so(bench: Bench) -> None:
    with pytest.raises(StoreError, match="the store"):
        open_store("sqlite:////nowhere/at/all/store.db")
