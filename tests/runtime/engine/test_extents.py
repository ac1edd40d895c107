"""Guards on creation: a store that forgets what it has linked makes nothing without end."""

from collections.abc import Iterator

import pytest
from specbridge.errors import GuardError
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.beginning import begin_session
from specbridge.runtime.engine.extents import check_extent
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.reports.report import Report, RunOutcome
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.schema import links
from sqlalchemy import delete

from tests.runtime.identities.drawing import Company, Section
from tests.runtime.identities.playing import Player
from tests.runtime.kept import KeptStore
from tests.runtime.worlds import WorldConnector


@pytest.fixture
def kept(sqlite_url: str) -> Iterator[KeptStore]:
    store = KeptStore(sqlite_url)
    yield store
    store.close()


def begin(kept: KeptStore, *pairs: str) -> Player:
    """Return systems whose documents have records created both ways, by no rule."""
    sections = [Section(source=p[0], target=p[1], forth="always", back="always") for p in pairs]
    systems = ("west", "north", "south", "west")
    return Player(kept, Company(systems=systems, packages=(tuple(sections),)))


def put(player: Player, resource: str, count: int) -> None:
    for number in range(count):
        player.world(resource).put(resource, {f"name{resource}": f"{resource}{number}"})


def count(player: Player, resource: str) -> int:
    return len(player.world(resource).records(resource))


def sync(player: Player, store: Store, *, force: bool = False) -> Report:
    player.clock.advance(60)
    return run_sync(player.task, store, edges_of(player), RunOptions(force=force))


def edges_of(player: Player) -> Edges:
    worlds = player.worlds.items()
    return Edges(connectors={n: WorldConnector(w) for n, w in worlds}, clock=player.clock)


def test_a_run_creates_no_more_than_there_are_records_to_create_them_for(kept: KeptStore) -> None:
    player = begin(kept, "BC")
    put(player, "B", 3)
    with kept.open() as store:
        sync(player, store)
        session = begin_session(player.task, store, edges_of(player), RunOptions(), "sync")
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
    player = begin(kept, "BC")
    with kept.open() as store:
        options = RunOptions(force=True)
        session = begin_session(player.task, store, edges_of(player), options, "sync")
        check_extent(session, session.flows[0], TARGET, 4)


def test_what_another_pairing_creates_may_have_its_counterparts(kept: KeptStore) -> None:
    """B has one record when BC, which creates first, is asked for how many; five come from D."""
    player = begin(kept, "BC", "BD")
    put(player, "B", 1)
    put(player, "D", 5)
    with kept.open() as store:
        report = sync(player, store)
        assert report.outcome is RunOutcome.CLEAN, report.error
        assert [count(player, resource) for resource in "BCD"] == [6, 6, 6]
        assert sync(player, store).writes == 0


def forget(player: Player, store: Store, but: int) -> None:
    """Lose all links above a number, as a store that was restored badly, and what the systems keep of us."""
    for world in player.worlds.values():
        world.references.clear()
    store.connection.execute(delete(links).where(links.c.number > but))
    store.connection.exec_driver_sql("UPDATE pairings SET shape = ''")
    store.commit()


@pytest.mark.parametrize("kept_links", [0, 1])
def test_a_chain_of_creations_is_no_longer_than_there_are_resources(
    kept: KeptStore, kept_links: int
) -> None:
    """Each run's links are lost: what was created last run looks like a new record, which calls for one."""
    player = begin(kept, "BC")
    put(player, "B", 1 + kept_links)
    outcomes, created = [], []
    with kept.open() as store:
        for _ in range(5):
            before = player.writes()
            outcomes.append(sync(player, store).outcome)
            created.append(player.writes() - before)
            forget(player, store, kept_links)
    assert RunOutcome.GUARD in outcomes
    first = outcomes.index(RunOutcome.GUARD)
    # It stops before its first write, and so does every run after it.
    assert set(outcomes[first:]) == {RunOutcome.GUARD}
    assert set(created[first:]) == {0}
    assert first >= 1


def test_a_chain_of_creations_passes_by_force(kept: KeptStore) -> None:
    player = begin(kept, "BC")
    put(player, "B", 1)
    with kept.open() as store:
        for _ in range(4):
            sync(player, store)
            forget(player, store, 0)
        before = player.writes()
        assert sync(player, store).outcome is RunOutcome.GUARD
        assert player.writes() == before
        assert sync(player, store, force=True).outcome is not RunOutcome.GUARD
        assert player.writes() > before
