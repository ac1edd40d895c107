"""Guards on creation: a store that forgets what it has linked makes nothing without end."""

from collections.abc import Iterator

import pytest
from specbridge.errors import GuardError
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.beginning import begin_session
from specbridge.runtime.engine.changing.extents import check_extent
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.leftover.handwork import pin_link
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.tables.schema import links
from sqlalchemy import delete, select

from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Section
from tests.runtime.kept import KeptStore


@pytest.fixture
def kept(sqlite_url: str) -> Iterator[KeptStore]:
    store = KeptStore(sqlite_url)
    yield store
    store.close()


def begin(kept: KeptStore, *pairs: str) -> Firm:
    """Return systems whose documents have records created both ways, by no rule."""
    sections = [Section(source=p[0], target=p[1], forth="always", back="always") for p in pairs]
    # By the names of systems BC comes before BD.
    return Firm(kept, {"all": sections}, systems=("west", "north", "south", "west"))


def put(firm: Firm, resource: str, count: int) -> None:
    for number in range(count):
        firm.put(resource, name=f"{resource}{number}")


def count(firm: Firm, resource: str) -> int:
    return len(firm.world(resource).records(resource))


def test_a_run_creates_no_more_than_there_are_records_to_create_them_for(kept: KeptStore) -> None:
    firm = begin(kept, "BC")
    put(firm, "B", 3)
    firm.sync()
    with kept.open() as store:
        session = begin_session(firm.task(), store, firm.edges(), RunOptions(), "sync")
        flow, made = session.flows[0], session.tallies[session.flows[0].number].created
        check_extent(session, flow, TARGET, 3)
        with pytest.raises(GuardError, match="create 4 C, though there are 3 B to create them for"):
            check_extent(session, flow, TARGET, 4)
        # What this run has created counts, and calls for none itself.
        made[TARGET] = 2
        check_extent(session, flow, TARGET, 1)
        with pytest.raises(GuardError, match="would create 4 C"):
            check_extent(session, flow, TARGET, 2)
        with pytest.raises(GuardError, match="create 2 B, though there are 1 C to create them for"):
            check_extent(session, flow, SOURCE, 2)
        check_extent(session, flow, SOURCE, 1)


def test_force_passes_that_guard(kept: KeptStore) -> None:
    firm = begin(kept, "BC")
    with kept.open() as store:
        options = RunOptions(force=True)
        session = begin_session(firm.task(), store, firm.edges(), options, "sync")
        check_extent(session, session.flows[0], TARGET, 4)


def test_what_another_pairing_creates_may_have_its_counterparts(kept: KeptStore) -> None:
    """B has one record when BC, which creates first, is asked for how many; five come from D."""
    firm = begin(kept, "BC", "BD")
    put(firm, "B", 1)
    put(firm, "D", 5)
    report = firm.sync()
    assert report.outcome is RunOutcome.CLEAN, report.error
    assert [count(firm, resource) for resource in "BCD"] == [6, 6, 6]
    assert firm.sync().writes == 0


def forget(firm: Firm, but: int) -> None:
    """Lose all links above a number, as a store that was restored badly, and what the systems keep of us."""
    for world in firm.worlds.values():
        world.references.clear()
    with firm.kept.open() as store:
        store.connection.execute(delete(links).where(links.c.number > but))
        store.connection.exec_driver_sql("UPDATE pairings SET shape = ''")
        store.commit()


@pytest.mark.parametrize("kept_links", [0, 1])
def test_a_chain_of_creations_is_no_longer_than_there_are_resources(
    kept: KeptStore, kept_links: int
) -> None:
    """Each run's links are lost: what was created last run looks like a new record, which calls for one."""
    firm = begin(kept, "BC")
    put(firm, "B", 1 + kept_links)
    outcomes, created = [], []
    for _ in range(5):
        before = firm.writes()
        outcomes.append(firm.sync().outcome)
        created.append(firm.writes() - before)
        forget(firm, kept_links)
    assert RunOutcome.GUARD in outcomes
    first = outcomes.index(RunOutcome.GUARD)
    # It stops before its first write, and so does every run after it.
    assert set(outcomes[first:]) == {RunOutcome.GUARD}
    assert set(created[first:]) == {0}
    assert first >= 1


def test_a_chain_of_creations_passes_by_force(kept: KeptStore) -> None:
    firm = begin(kept, "BC")
    put(firm, "B", 1)
    for _ in range(4):
        firm.sync()
        forget(firm, 0)
    before = firm.writes()
    assert firm.sync().outcome is RunOutcome.GUARD
    assert firm.writes() == before
    forced = firm.sync(options=RunOptions(force=True))
    assert forced.outcome is not RunOutcome.GUARD
    assert firm.writes() > before


def partner(firm: Firm, side: int, id_: str) -> str:
    """Return the record that is linked with the one on a side of BC."""
    with firm.kept.open() as store:
        pairs = [(x.source_id, x.target_id) for x in store.connection.execute(select(links))]
    return str(next(pair[1 - side] for pair in pairs if pair[side] == id_))


def test_a_chain_ends_where_a_person_has_parted_two_records(kept: KeptStore) -> None:
    """Whom a pin frees gets a counterpart of its own, however often: no run makes that without end."""
    firm = begin(kept, "BC")
    origin, side = firm.put("B", name="first"), SOURCE
    firm.sync()
    for turn in range(4):
        made = partner(firm, side, origin)
        stray = firm.put("CB"[side], name=f"stray {turn}")
        assert firm.sync().outcome is RunOutcome.CLEAN
        with firm.kept.open() as store:
            pair = (origin, stray) if side == SOURCE else (stray, origin)
            pin_link(store.connection, known_flows(store.connection)[0], pair)
            store.commit()
        report = firm.sync()
        assert report.outcome is RunOutcome.CLEAN, report.error
        # Who was made for the origin is the origin of the next one.
        origin, side = made, 1 - side
        assert partner(firm, side, origin)
