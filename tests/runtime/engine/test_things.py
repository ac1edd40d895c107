"""Things: records that links of several pairings join are one, and nothing is created for what a thing has."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from specbridge.model.values import Json
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.reports.report import Report, RunOutcome
from specbridge.runtime.store.schema import links, splits
from sqlalchemy import Row as Found
from sqlalchemy import insert, select

from tests.runtime.identities.drawing import Company, Row, Section
from tests.runtime.identities.playing import Player
from tests.runtime.identities.stating import property_name, state_documents
from tests.runtime.kept import KeptStore
from tests.runtime.worlds import WorldConnector

NAME, NOTE, ONE, TWO = (Row(field) for field in ("name", "note", "one", "two"))


@pytest.fixture
def kept(url: str) -> Iterator[KeptStore]:
    store = KeptStore(url)
    yield store
    store.close()


def section(pair: str, **more: object) -> Section:
    """Return a section about two resources, which copies names unless it says otherwise."""
    return Section(source=pair[0], target=pair[1], **more)  # type: ignore[arg-type]  # its own fields


def company(*sections: Section) -> Company:
    """Return the three systems A, B and C, with a package for each section."""
    return Company(
        systems=("north", "south", "west", "west"), packages=tuple((one,) for one in sections)
    )


def begin(kept: KeptStore, *sections: Section) -> Player:
    """Return three empty systems, in which no two records have the same id."""
    player = Player(kept, company(*sections))
    for number, world in enumerate(player.worlds.values(), start=1):
        world.last_id = 1000 * number
    return player


def state(player: Player, *sections: Section) -> None:
    """Have documents say something else from now on."""
    player.documents = state_documents(company(*sections))


def put(player: Player, resource: str, **fields: Json) -> str:
    """Add a record as a person would; all its fields are there."""
    values = {"one": "", "two": "", "kind": "", "name": "", "note": "", "rank": "", **fields}
    named = {property_name(field, resource): value for field, value in values.items()}
    return player.world(resource).put(resource, named)


def sync(player: Player, *, full: bool = False) -> Report:
    """Run all packages, and list what is done."""
    player.clock.advance(60)
    worlds = player.worlds.items()
    edges = Edges(connectors={n: WorldConnector(w) for n, w in worlds}, clock=player.clock)
    with player.kept.open() as store:
        return run_sync(player.task, store, edges, RunOptions(full=full), actions=True)


def held(player: Player, resource: str, field: str = "name") -> list[Json]:
    """Return what a resource's records hold in a field, sorted."""
    rows = player.world(resource).rows(resource)
    return sorted((row[property_name(field, resource)] for row in rows), key=str)


def stored_links(player: Player) -> Sequence[Found[tuple[object, ...]]]:
    with player.kept.open() as store:
        return store.connection.execute(select(links).order_by(links.c.number)).all()


def withheld(report: Report) -> list[tuple[str, str]]:
    """Return for which records nothing was created, and why."""
    kept = [action for action in report.actions or [] if action.kind == "withheld"]
    assert sum(flow.tally.withheld for flow in report.flows) == len(kept)
    return [(action.id or "", action.reason or "") for action in kept]


def at_rest(player: Player) -> None:
    """Check that further runs write nothing."""
    before = player.writes()
    for full in (False, True):
        assert sync(player, full=full).outcome is RunOutcome.CLEAN
    assert player.writes() == before


ALWAYS = {"forth": "always", "back": "always"}


@pytest.mark.parametrize("pairs", [("AB", "BC", "AC"), ("AC", "BC", "AB"), ("CA", "BC", "BA")])
def test_creation_never_comes_back_round_a_triangle(kept: KeptStore, pairs: Sequence[str]) -> None:
    player = begin(kept, *(section(pair, **ALWAYS) for pair in pairs))
    for resource in "ABC":
        put(player, resource, name=f"of {resource}")
    sync(player)
    sync(player)
    for resource in "ABC":
        assert held(player, resource) == ["of A", "of B", "of C"]
    assert len(stored_links(player)) == 9
    at_rest(player)


LINKED = (section("AB", rule="one"), section("BC", rule="two"))


def linked_chain(player: Player) -> tuple[str, str, str]:
    """Have a record of A be linked with one of B, and that with one of C; return their ids."""
    chain = (
        put(player, "A", one="x", name="Ann"),
        put(player, "B", one="x", two="p", name="Ann"),
        put(player, "C", two="p", name="Ann"),
    )
    # Others, so that no resource reads empty where one of the three is deleted.
    for resource in "ABC":
        put(player, resource, name=f"another {resource}")
    state(player, *LINKED)
    assert sync(player).outcome is RunOutcome.CLEAN
    assert len(stored_links(player)) == 2
    return chain


def test_a_thing_that_has_the_wanted_record_is_linked_with_it_and_merged(kept: KeptStore) -> None:
    player = begin(kept, *LINKED)
    a, _, c = linked_chain(player)
    player.world("A").edit("A", a, noteA="from A")
    state(player, *LINKED, section("AC", forth="client", rows=(NAME, NOTE)))
    report = sync(player)
    link = stored_links(player)[-1]
    assert (link.source_id, link.target_id, link.made_by) == (a, c, "thing")
    # Nothing was agreed on before: an empty note takes the other's, and both are the base now.
    assert player.value(("C", c), "note") == "from A"
    assert '"from A"' in link.base
    assert sum(sum(flow.tally.created) for flow in report.flows) == 0
    at_rest(player)


def test_nothing_is_created_where_the_things_record_has_vanished(kept: KeptStore) -> None:
    player = begin(kept, *LINKED)
    a, _, c = linked_chain(player)
    player.world("C").remove("C", c)
    sync(player, full=True)
    state(player, *LINKED, section("AC", forth="always"))
    report = sync(player)
    assert withheld(report) == [(a, f"its counterpart {c} has vanished")]
    # The one that is in no thing got its counterpart.
    assert held(player, "C") == ["another A", "another C"]
    at_rest(player)


def test_nothing_is_created_where_the_things_record_was_split_off(kept: KeptStore) -> None:
    player = begin(kept, *LINKED)
    a, _, c = linked_chain(player)
    always = section("AC", forth="always")
    # A store of an earlier version may hold both: such a split said nothing of other links.
    state(player, *LINKED, section("AC"))
    sync(player)
    with kept.open() as store:
        pairing = max(stored.pairing for stored in stored_links(player))
        store.connection.execute(links.delete().where(links.c.made_by == "thing"))
        store.connection.execute(insert(splits).values(pairing=pairing, source_id=a, target_id=c))
        store.commit()
    state(player, *LINKED, always)
    assert withheld(sync(player)) == [(a, f"it was split from its counterpart {c}")]
    assert held(player, "C") == ["Ann", "another A", "another C"]


def test_nothing_is_created_where_the_things_record_is_outside_the_subset(kept: KeptStore) -> None:
    player = begin(kept, *LINKED)
    a, _, c = linked_chain(player)
    player.world("C").edit("C", c, kindC="supplier")
    state(player, *LINKED, section("AC", forth="always", within=("", "client")))
    report = sync(player)
    assert (a, f"its counterpart {c} is outside the subset") in withheld(report)
    assert held(player, "C").count("Ann") == 1


CROWD = (
    section("AB", rule="one", back="always"),
    section("BC", rule="two", **ALWAYS),
    section("AC", rule="one", back="always"),
)


@pytest.mark.parametrize("order", list(permutations(CROWD)))
def test_matches_that_would_join_two_of_one_resource_are_all_ambiguous(
    kept: KeptStore, order: Sequence[Section]
) -> None:
    player = begin(kept, *order)
    put(player, "A", one="x", name="first")
    put(player, "A", one="y", name="second")
    put(player, "B", one="x", two="p", name="b")
    put(player, "C", one="y", two="p", name="c")
    report = sync(player)
    assert stored_links(player) == []
    assert [flow.standing.ambiguous for flow in report.flows] == [1, 1, 1]
    assert [len(held(player, resource)) for resource in "ABC"] == [2, 1, 1]
    assert player.writes() == 0
    at_rest(player)


def test_links_that_are_there_stay_where_a_new_match_would_crowd_their_thing(
    kept: KeptStore,
) -> None:
    player = begin(kept, *CROWD)
    put(player, "A", one="x", name="first")
    put(player, "B", one="x", two="p", name="first")
    put(player, "C", two="p", name="first")
    sync(player)
    before = [(x.pairing, x.source_id, x.target_id) for x in stored_links(player)]
    assert len(before) == 3
    player.world("C").edit("C", next(iter(player.world("C").records("C"))), oneC="y")
    put(player, "A", one="y", name="second")
    report = sync(player)
    assert [(x.pairing, x.source_id, x.target_id) for x in stored_links(player)][:3] == before
    assert [len(held(player, resource)) for resource in "ABC"] == [2, 1, 1]
    assert sum(flow.standing.ambiguous for flow in report.flows) == 1
    assert report.outcome is RunOutcome.CLEAN
    at_rest(player)


def test_one_that_takes_the_place_of_a_vanished_record_takes_it_in_the_whole_thing(
    kept: KeptStore,
) -> None:
    sections = (*LINKED, section("AC", forth="always"))
    player = begin(kept, *LINKED)
    a, b, c = linked_chain(player)
    state(player, *sections)
    sync(player)
    player.world("C").remove("C", c)
    sync(player, full=True)
    again = put(player, "C", two="p", name="Ann")
    sync(player)
    sync(player)
    of_a = {(x.source_id, x.target_id) for x in stored_links(player) if a in (x.source_id,)}
    assert (a, again) in of_a
    assert (a, c) not in of_a
    assert not [x for x in stored_links(player) if x.vanished]
    at_rest(player)
    assert b


def test_what_a_pairing_created_is_matched_by_the_next_one_before_it_creates(
    kept: KeptStore,
) -> None:
    # Both call for a record of B, and each knows of the other's by the rule alone.
    carried = {"rows": (NAME, ONE), "rule": "one", "forth": "always"}
    player = begin(kept, section("AB", **carried), section("CB", **carried))
    put(player, "A", one="x", name="Ann")
    put(player, "C", one="x", name="Ann")
    put(player, "C", one="y", name="Bea")
    report = sync(player)
    assert held(player, "B") == ["Ann", "Bea"]
    assert report.outcome is RunOutcome.CLEAN
    assert len(stored_links(player)) == 3
    at_rest(player)
