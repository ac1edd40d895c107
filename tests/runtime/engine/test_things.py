"""Things: records that links of several pairings join are one, and nothing is created for what a thing has."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.reports.report import Report, RunOutcome
from specbridge.runtime.store.tables.schema import links, splits
from sqlalchemy import Row as Found
from sqlalchemy import insert, select

from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Row, Section
from tests.runtime.kept import KeptStore

NAME, NOTE, ONE, TWO = (Row(field) for field in ("name", "note", "one", "two"))


@pytest.fixture
def kept(url: str) -> Iterator[KeptStore]:
    store = KeptStore(url)
    yield store
    store.close()


def section(pair: str, **more: object) -> Section:
    """Return a section about two resources, which copies names unless it says otherwise."""
    return Section(source=pair[0], target=pair[1], **more)  # type: ignore[arg-type]  # its own fields


def begin(kept: KeptStore, *sections: Section) -> Firm:
    """Return three empty systems A, B and C, with a package for each section."""
    firm = Firm(kept, {})
    firm.state(*sections)
    return firm


def sync(firm: Firm, *, full: bool = False) -> Report:
    return firm.sync(options=RunOptions(full=full))


def held(firm: Firm, resource: str) -> list[str]:
    """Return the names of a resource's records, sorted."""
    return sorted(map(str, firm.held(resource)))


def stored_links(firm: Firm) -> Sequence[Found[tuple[object, ...]]]:
    with firm.kept.open() as store:
        return store.connection.execute(select(links).order_by(links.c.number)).all()


def withheld(report: Report) -> list[tuple[str, str]]:
    """Return for which records nothing was created, and why."""
    kept = [action for action in report.actions or [] if action.kind == "withheld"]
    assert sum(flow.tally.withheld for flow in report.flows) == len(kept)
    return [(action.id or "", action.reason or "") for action in kept]


def at_rest(firm: Firm) -> None:
    """Check that further runs write nothing."""
    before = firm.writes()
    for full in (False, True):
        assert sync(firm, full=full).outcome is RunOutcome.CLEAN
    assert firm.writes() == before


ALWAYS = {"forth": "always", "back": "always"}


@pytest.mark.parametrize("pairs", [("AB", "BC", "AC"), ("AC", "BC", "AB"), ("CA", "BC", "BA")])
def test_creation_never_comes_back_round_a_triangle(kept: KeptStore, pairs: Sequence[str]) -> None:
    firm = begin(kept, *(section(pair, **ALWAYS) for pair in pairs))
    for resource in "ABC":
        firm.put(resource, name=f"of {resource}")
    sync(firm)
    sync(firm)
    for resource in "ABC":
        assert held(firm, resource) == ["of A", "of B", "of C"]
    assert len(stored_links(firm)) == 9
    at_rest(firm)


LINKED = (section("AB", rule="one"), section("BC", rule="two"))


def linked_chain(firm: Firm) -> tuple[str, str, str]:
    """Have a record of A be linked with one of B, and that with one of C; return their ids."""
    chain = (
        firm.put("A", one="x", name="Ann"),
        firm.put("B", one="x", two="p", name="Ann"),
        firm.put("C", two="p", name="Ann"),
    )
    # Others, so that no resource reads empty where one of the three is deleted.
    for resource in "ABC":
        firm.put(resource, name=f"another {resource}")
    firm.state(*LINKED)
    assert sync(firm).outcome is RunOutcome.CLEAN
    assert len(stored_links(firm)) == 2
    return chain


def test_a_thing_that_has_the_wanted_record_is_linked_with_it_and_merged(kept: KeptStore) -> None:
    firm = begin(kept, *LINKED)
    a, _, c = linked_chain(firm)
    firm.edit("A", a, note="from A")
    firm.state(*LINKED, section("AC", forth="client", rows=(NAME, NOTE)))
    report = sync(firm)
    link = stored_links(firm)[-1]
    assert (link.source_id, link.target_id, link.made_by) == (a, c, "thing")
    # Nothing was agreed on before: an empty note takes the other's, and both are the base now.
    assert firm.held("C", "note")[0] == "from A"
    assert '"from A"' in link.base
    assert sum(sum(flow.tally.created) for flow in report.flows) == 0
    at_rest(firm)


def test_nothing_is_created_where_the_things_record_has_vanished(kept: KeptStore) -> None:
    firm = begin(kept, *LINKED)
    a, _, c = linked_chain(firm)
    firm.world("C").remove("C", c)
    sync(firm, full=True)
    firm.state(*LINKED, section("AC", forth="always"))
    report = sync(firm)
    assert withheld(report) == [(a, f"its counterpart {c} has vanished")]
    # The one that is in no thing got its counterpart.
    assert held(firm, "C") == ["another A", "another C"]
    at_rest(firm)


def test_nothing_is_created_where_the_things_record_was_split_off(kept: KeptStore) -> None:
    firm = begin(kept, *LINKED)
    a, _, c = linked_chain(firm)
    always = section("AC", forth="always")
    # A store of an earlier version may hold both: such a split said nothing of other links.
    firm.state(*LINKED, section("AC"))
    sync(firm)
    with kept.open() as store:
        pairing = max(stored.pairing for stored in stored_links(firm))
        store.connection.execute(links.delete().where(links.c.made_by == "thing"))
        store.connection.execute(insert(splits).values(pairing=pairing, source_id=a, target_id=c))
        store.commit()
    firm.state(*LINKED, always)
    assert withheld(sync(firm)) == [(a, f"it was split from its counterpart {c}")]
    assert held(firm, "C") == ["Ann", "another A", "another C"]


def test_nothing_is_created_where_the_things_record_is_outside_the_subset(kept: KeptStore) -> None:
    firm = begin(kept, *LINKED)
    a, _, c = linked_chain(firm)
    firm.edit("C", c, kind="supplier")
    firm.state(*LINKED, section("AC", forth="always", within=("", "client")))
    report = sync(firm)
    assert (a, f"its counterpart {c} is outside the subset") in withheld(report)
    assert held(firm, "C").count("Ann") == 1


CROWD = (
    section("AB", rule="one", back="always"),
    section("BC", rule="two", **ALWAYS),
    section("AC", rule="one", back="always"),
)


@pytest.mark.parametrize("order", list(permutations(CROWD)))
def test_matches_that_would_join_two_of_one_resource_are_all_ambiguous(
    kept: KeptStore, order: Sequence[Section]
) -> None:
    firm = begin(kept, *order)
    firm.put("A", one="x", name="first")
    firm.put("A", one="y", name="second")
    firm.put("B", one="x", two="p", name="b")
    firm.put("C", one="y", two="p", name="c")
    report = sync(firm)
    assert stored_links(firm) == []
    assert [flow.standing.ambiguous for flow in report.flows] == [1, 1, 1]
    assert [len(held(firm, resource)) for resource in "ABC"] == [2, 1, 1]
    assert firm.writes() == 0
    at_rest(firm)


def test_links_that_are_there_stay_where_a_new_match_would_crowd_their_thing(
    kept: KeptStore,
) -> None:
    firm = begin(kept, *CROWD)
    firm.put("A", one="x", name="first")
    firm.put("B", one="x", two="p", name="first")
    firm.put("C", two="p", name="first")
    sync(firm)
    before = [(x.pairing, x.source_id, x.target_id) for x in stored_links(firm)]
    assert len(before) == 3
    firm.edit("C", next(iter(firm.world("C").records("C"))), one="y")
    firm.put("A", one="y", name="second")
    report = sync(firm)
    assert [(x.pairing, x.source_id, x.target_id) for x in stored_links(firm)][:3] == before
    assert [len(held(firm, resource)) for resource in "ABC"] == [2, 1, 1]
    assert sum(flow.standing.ambiguous for flow in report.flows) == 1
    assert report.outcome is RunOutcome.CLEAN
    at_rest(firm)


def test_one_that_takes_the_place_of_a_vanished_record_takes_it_in_the_whole_thing(
    kept: KeptStore,
) -> None:
    sections = (*LINKED, section("AC", forth="always"))
    firm = begin(kept, *LINKED)
    a, b, c = linked_chain(firm)
    firm.state(*sections)
    sync(firm)
    firm.world("C").remove("C", c)
    sync(firm, full=True)
    again = firm.put("C", two="p", name="Ann")
    sync(firm)
    sync(firm)
    of_a = {(x.source_id, x.target_id) for x in stored_links(firm) if a in (x.source_id,)}
    assert (a, again) in of_a
    assert (a, c) not in of_a
    assert not [x for x in stored_links(firm) if x.vanished]
    at_rest(firm)
    assert b


def test_what_a_pairing_created_is_matched_by_the_next_one_before_it_creates(
    kept: KeptStore,
) -> None:
    # Both call for a record of B, and each knows of the other's by the rule alone.
    carried = {"rows": (NAME, ONE), "rule": "one", "forth": "always"}
    firm = begin(kept, section("AB", **carried), section("CB", **carried))
    firm.put("A", one="x", name="Ann")
    firm.put("C", one="x", name="Ann")
    firm.put("C", one="y", name="Bea")
    report = sync(firm)
    assert held(firm, "B") == ["Ann", "Bea"]
    assert report.outcome is RunOutcome.CLEAN
    assert len(stored_links(firm)) == 3
    at_rest(firm)
