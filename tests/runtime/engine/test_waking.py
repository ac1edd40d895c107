"""Records that somebody said have changed: read by id before all else, once, and like any others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from specbridge.errors import RefusedError
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.records import Change, Record
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.seen.wakes import (
    Woken,
    add_wakes,
    hearings,
    note_heard,
    open_hearing,
    remember_event,
    woken_systems,
)
from specbridge.runtime.store.tables.schema import links, records, wakes
from sqlalchemy import func, select
from structlog.testing import capture_logs

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow
from tests.runtime.worlds import WorldConnector


@pytest.fixture
def pair(bench: Bench) -> tuple[str, str]:
    """Return the ids of a person and a user who are linked and equal, with all that a run reads at first."""
    source = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "Phone": "1"})
    target = bench.acme.put("users", {"name": "Ann", "email": "a@x.example", "phone": "1"})
    bench.sync()
    return source, target


def wake(bench: Bench, *ids: str, resource: str = "users", system: str = "acme") -> None:
    with bench.open() as store:
        company = number_company(store.connection, "")
        add_wakes(store.connection, company, [Woken(system, resource, id_) for id_ in ids], 1.0)
        store.commit()


def left(bench: Bench) -> int:
    with bench.open() as store:
        return int(store.connection.execute(select(func.count()).select_from(wakes)).scalar_one())


UNPOLLED = frozenset({"acme"})


def test_a_woken_record_is_read_though_its_system_is_not_listed(
    bench: Bench, pair: tuple[str, str]
) -> None:
    bench.acme.edit("users", pair[1], name="Anne")
    assert bench.sync(unpolled=UNPOLLED).writes == 0
    wake(bench, pair[1])
    assert bench.sync(unpolled=UNPOLLED).writes == 1
    assert bench.ledgerly.records("Persons")[pair[0]].properties["Name"] == "Anne"
    assert left(bench) == 0


def test_a_new_record_that_was_woken_is_created_on_the_other_side(
    bench: Bench, pair: tuple[str, str]
) -> None:
    bench.flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
    new = bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "b@x.example"})
    wake(bench, new, resource="Persons", system="ledgerly")
    bench.sync(unpolled=frozenset({"ledgerly"}))
    assert "Bo" in {one.properties["name"] for one in bench.acme.records("users").values()}


def test_before_anything_was_read_a_wake_makes_no_difference(bench: Bench) -> None:
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    user = bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    wake(bench, user, user)
    report = bench.sync(unpolled=UNPOLLED)
    assert (report.error, report.writes, left(bench)) == (None, 0, 0)


@pytest.mark.parametrize("times", [1, 3])
def test_an_echo_of_our_own_write_writes_nothing(
    bench: Bench, pair: tuple[str, str], times: int
) -> None:
    bench.ledgerly.edit("Persons", pair[0], Name="Anne")
    assert bench.sync().writes == 1
    wake(bench, *[pair[1]] * times)
    assert bench.sync(unpolled=UNPOLLED).writes == 0
    assert left(bench) == 0


def test_a_deleted_record_that_was_woken_is_gone(bench: Bench, pair: tuple[str, str]) -> None:
    bench.acme.remove("users", pair[1])
    wake(bench, pair[1], "990099")
    report = bench.sync(unpolled=UNPOLLED)
    assert (report.writes, left(bench)) == (0, 0)
    with bench.open() as store:
        vanished = store.connection.execute(select(links.c.vanished)).scalars().all()
    assert [bool(one) for one in vanished] == [True]


def test_a_run_that_fails_leaves_the_wakes(bench: Bench, pair: tuple[str, str]) -> None:
    bench.acme.edit("users", pair[1], name="Anne")
    wake(bench, pair[1])
    bench.ledgerly.fail_read = 1
    assert bench.sync(unpolled=UNPOLLED).outcome is RunOutcome.FAILED
    assert bench.sync(unpolled=UNPOLLED).writes == 1


class Refusing(WorldConnector):
    """A system that takes some ids for nonsense, and the whole request with them."""

    def look_again(
        self, resource: str, known: Sequence[Record], names: frozenset[str], *, listed: bool = False
    ) -> Iterator[Change]:
        if "nonsense" in [record.id for record in known]:
            raise RefusedError("400: no such id", 400)
        return super().look_again(resource, known, names, listed=listed)


class RefusingBench(Bench):
    """A bench whose systems refuse nonsense."""

    def edges(self) -> Edges:
        worlds = (self.ledgerly, self.acme)
        return replace(super().edges(), connectors={one.system: Refusing(one) for one in worlds})


def test_an_id_that_its_system_refuses_stops_no_run(url: str) -> None:
    bench = RefusingBench(url)
    user = bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    bench.sync()
    bench.acme.edit("users", user, name="Anne")
    wake(bench, "nonsense", user)
    report = bench.sync(unpolled=UNPOLLED)
    assert (report.error, left(bench)) == (None, 0)
    with bench.open() as store:
        held = store.connection.execute(select(records.c.properties).where(records.c.id == user))
        assert "Anne" in str(held.scalar_one())


def test_records_that_no_package_reads_are_forgotten(bench: Bench, pair: tuple[str, str]) -> None:
    wake(bench, "1", resource="tickets")
    wake(bench, "2", system="nobody")
    bench.sync()
    assert left(bench) == 0


def test_a_plan_takes_nothing(bench: Bench, pair: tuple[str, str]) -> None:
    bench.acme.edit("users", pair[1], name="Anne")
    wake(bench, pair[1])
    assert bench.plan(unpolled=UNPOLLED).writes == 1
    assert left(bench) == 1


def test_an_event_is_remembered_once_for_each_company_and_system(bench: Bench) -> None:
    with bench.open() as store:
        one, other = (number_company(store.connection, name) for name in ("", "acme"))
        asked = [(one, "acme"), (one, "acme"), (other, "acme"), (one, "ledgerly")]
        new = [remember_event(store.connection, *place, "e1\x00", 1.0) for place in asked]
    assert new == [True, False, True, True]


def test_who_watches_hears_of_new_wakes_alone(bench: Bench, pair: tuple[str, str]) -> None:
    wake(bench, pair[1])
    with bench.open() as store:
        systems, last = woken_systems(store.connection, "", 0)
        assert systems == {"acme"}
        assert woken_systems(store.connection, "", last) == (frozenset(), last)
        assert woken_systems(store.connection, "other", 0)[0] == frozenset()


def hear(bench: Bench, *, after: float) -> None:
    with bench.open() as store:
        company = number_company(store.connection, "")
        open_hearing(store.connection, company, "acme", bench.clock() + after)
        store.commit()


def missed(bench: Bench) -> int:
    with bench.open() as store:
        (found,) = hearings(store.connection, number_company(store.connection, ""))
    return found.missed


def test_silence_while_reading_finds_changes_is_told(bench: Bench, pair: tuple[str, str]) -> None:
    hear(bench, after=0.0)
    bench.clock.advance(30)
    bench.acme.edit("users", pair[1], name="Anne")
    with capture_logs() as logs:
        bench.sync()
    (warning,) = [one for one in logs if "no webhook told" in one["event"]]
    assert (warning["system"], warning["changes"], warning["log_level"]) == ("acme", 1, "warning")
    assert missed(bench) == 1
    with bench.open() as store:
        company = number_company(store.connection, "")
        note_heard(store.connection, company, "acme", bench.clock())
        store.commit()
    assert missed(bench) == 0


def test_changes_from_before_webhooks_are_no_silence(bench: Bench, pair: tuple[str, str]) -> None:
    bench.acme.edit("users", pair[1], name="Anne")
    hear(bench, after=30.0)
    with capture_logs() as logs:
        bench.sync()
    assert [one for one in logs if "no webhook told" in one["event"]] == []
    assert missed(bench) == 0


def test_what_was_woken_is_no_silence(bench: Bench, pair: tuple[str, str]) -> None:
    hear(bench, after=0.0)
    bench.clock.advance(30)
    bench.acme.edit("users", pair[1], name="Anne")
    wake(bench, pair[1])
    bench.sync()
    assert missed(bench) == 0
