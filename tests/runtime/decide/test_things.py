"""Things: which matches may be linked together, what a record's counterpart is, and in what order pairings create."""

from dataclasses import replace
from itertools import permutations

from specbridge.runtime.decide.bind import bind_company, resource_keys
from specbridge.runtime.decide.binding import Numbers
from specbridge.runtime.decide.identity.pairings import Stated, ends_of
from specbridge.runtime.decide.identity.things import (
    Match,
    Moved,
    Place,
    Things,
    by_resource,
    counterpart_of,
    move_to_successors,
    sift_matches,
    successor_of,
    ways_between,
)
from specbridge.runtime.flow import AnyFlow, LinkRule

from tests.runtime.people import PROFILES, branch_flow, firm_flow, person_flow, row

A1, A2, A3 = ((1, id_) for id_ in ("a1", "a2", "a3"))
B1, B2 = ((2, id_) for id_ in ("b1", "b2"))
C1, C2 = ((3, id_) for id_ in ("c1", "c2"))

AB, BC, AC = 12, 23, 13


def match(source: Place, target: Place) -> Match:
    return Match(source[0] * 10 + target[0], source, target)


# Matches


def test_matches_of_records_that_nothing_joins_may_all_be_linked() -> None:
    matches = [match(A1, B1), match(A2, B2), match(B1, C1)]
    assert sift_matches(matches, []) == matches


def test_matches_that_together_would_join_two_records_of_a_resource_are_all_left_out() -> None:
    rivals = [match(A1, B1), match(B1, C1), match(A2, C1)]
    sure = match(A3, C2)
    for order in permutations([*rivals, sure]):
        assert sift_matches(order, []) == [sure]


def test_a_match_that_would_crowd_a_linked_thing_is_left_out_and_no_other_one() -> None:
    # A1 and C1 are one thing already: B1 would bring A2 into it.
    assert sift_matches([match(B1, C1), match(A2, B2)], [(A1, C1), (A2, B1)]) == []
    assert sift_matches([match(A3, B2)], [(A1, C1), (A2, B1)]) == [match(A3, B2)]


def test_a_match_that_closes_a_circle_round_one_thing_is_linked() -> None:
    assert sift_matches([match(A1, C1)], [(A1, B1), (B1, C1)]) == [match(A1, C1)]


def test_matches_that_would_join_what_is_to_stay_apart_are_left_out() -> None:
    matches = [match(B1, C1), match(A2, B2)]
    assert sift_matches(matches, [(A1, B1)], apart=[(A1, C1)]) == [match(A2, B2)]
    # Joined by other links already: whoever split them may split those too, and no new one is made.
    assert sift_matches([match(B1, C1)], [(A1, B1)], apart=[(A2, C1)]) == [match(B1, C1)]


def test_a_record_that_is_gone_crowds_nobody_out() -> None:
    links = [(A1, B1), (B1, C1)]
    assert sift_matches([match(A2, C1)], links) == []
    assert sift_matches([match(A2, C1)], links, gone={A1}) == [match(A2, C1)]
    # Two that are there are too many, whoever else is gone.
    both = [match(A2, C1), match(A3, B1)]
    assert sift_matches(both, links, gone={A1}) == []


# Things


def test_a_thing_is_what_links_join_directly_or_through_others() -> None:
    things = Things([(A1, B1), (C1, B1), (A2, B2)])
    assert sorted(things.members(A1)) == [A1, B1, C1]
    assert things.root(C1) == things.root(A1) != things.root(A2)
    assert list(things.members(C2)) == [C2]


def test_the_order_of_links_decides_nothing() -> None:
    for order in permutations([(A1, B1), (B1, C1), (C1, (4, "d")), (A2, B2)]):
        things = Things(order)
        assert {frozenset(things.members(place)) for place in (A1, B1, C1, A2)} == {
            frozenset({A1, B1, C1, (4, "d")}),
            frozenset({A2, B2}),
        }


def test_a_counterpart_is_the_things_record_of_the_resource() -> None:
    things = Things([(A1, B1), (B1, C1)])
    assert counterpart_of(things, A1, 3, ()) == C1
    assert counterpart_of(things, C1, 1, ()) == A1
    assert counterpart_of(things, A1, 4, ()) is None
    assert counterpart_of(things, A2, 3, ()) is None


def test_of_two_counterparts_one_that_is_there_comes_first() -> None:
    things = Things([(B1, C1), (B1, A1), (C1, A2)])
    assert counterpart_of(things, B1, 1, {A1}) == A2
    assert counterpart_of(things, B1, 1, {A2}) == A1
    # Where all are gone one is named all the same: nothing is created in its place.
    assert counterpart_of(things, B1, 1, {A1, A2}) == A1


def test_a_record_is_succeeded_by_another_one_of_its_resource_that_is_there() -> None:
    things = Things([(A1, B1), (B1, C1), (A2, C1)])
    assert successor_of(things, A1, {A1}) == A2
    assert successor_of(things, A1, {A1, A2}) == A1
    assert successor_of(things, A1, ()) == A1
    assert successor_of(things, B1, {B1}) == B1


def test_a_successor_takes_over_the_links_of_the_record_that_is_gone() -> None:
    # A2 comes to C1, with which A1 was linked, and B1 was joined by A1 alone.
    links = [match(A1, B1), Match(AC, A1, C1)]
    made = [Match(AC, A2, C1)]
    assert move_to_successors(made, links, {A1}) == [Moved(0, (A2, B1)), Moved(1, None)]
    # Nobody gives way who is there.
    assert move_to_successors(made, links, ()) == []


def test_a_successor_takes_over_what_has_vanished_with_its_predecessor() -> None:
    links = [match(A1, B1), Match(AC, A1, C1)]
    made = [Match(AC, A2, C1)]
    assert Moved(0, (A2, B1)) in move_to_successors(made, links, {A1, B1})


def test_a_successor_with_a_counterpart_of_its_own_takes_over_none() -> None:
    # B2 has taken the place of B1, as A2 has that of A1: their own link stays.
    links = [match(A1, B1), match(A2, B2), Match(BC, B1, C1)]
    made = [Match(BC, B2, C1)]
    moved = move_to_successors(made, links, {A1, B1})
    assert moved == [Moved(0, None), Moved(2, None)]


def test_who_finds_the_successor_taken_keeps_its_link_to_the_record_that_is_gone() -> None:
    # B1 and B2 are both there: neither can be the counterpart of the other's.
    links = [match(A1, B1), match(A2, B2), Match(AC, A1, C1)]
    assert move_to_successors([Match(AC, A2, C1)], links, {A1}) == [Moved(2, None)]


def test_nothing_moves_that_would_bring_two_of_a_resource_together() -> None:
    # C1 hangs on B1 and C2 on A2.
    links = [match(A1, B1), Match(BC, B1, C1), Match(AC, A2, C2), Match(14, A1, (4, "d"))]
    assert move_to_successors([Match(14, A2, (4, "d"))], links, {A1}) == [Moved(3, None)]


def test_a_successor_takes_over_nothing_that_it_was_split_from() -> None:
    links = [match(A1, B1), Match(AC, A1, C1)]
    made = [Match(AC, A2, C1)]
    assert move_to_successors(made, links, {A1}, [(A2, B1)]) == [Moved(1, None)]
    # Others' splits are no reason.
    assert Moved(0, (A2, B1)) in move_to_successors(made, links, {A1}, [(A3, B1)])


def test_two_links_that_come_to_lead_to_the_same_records_are_one() -> None:
    links = [match(A1, B2), match(A2, B1), Match(BC, B1, C1)]
    moved = move_to_successors([Match(BC, B2, C1)], links, {A1, B1})
    assert moved == [Moved(0, (A2, B2)), Moved(1, None), Moved(2, None)]


def test_ways_take_no_link_twice_and_all_of_them_count() -> None:
    links = [(A1, B1), (B1, C1), (A1, C1), (B1, (4, "d")), (A2, B2)]
    assert ways_between(links, A1, C1) == {0, 1, 2}
    # A dead end is on no way.
    assert ways_between(links, A1, B1) == {0, 1, 2}
    assert ways_between(links[:2], A1, C1) == {0, 1}
    assert ways_between(links, A1, A2) == frozenset()


def test_ids_of_records_by_resource_stand_once_each() -> None:
    assert by_resource([A1, B1, A2, A1]) == {1: ["a1", "a2"], 2: ["b1"]}


# The order of creation


def order_of(*flows: AnyFlow) -> list[str]:
    """Return the flows' names in the order in which their pairings create."""
    keys = {key: number for number, key in enumerate(resource_keys(flows))}
    pairings = [(n, ends_of(flow), [Stated("p", flow)]) for n, flow in enumerate(flows)]
    numbers = Numbers(company=1, pairings=pairings, resources=keys)
    return [flow.name for flow in bind_company("", ["p"], PROFILES, numbers).flows]


def test_pairings_create_after_those_that_they_refer_to_then_by_name() -> None:
    # Firms before persons, who refer to them; branches by their name.
    for flows in permutations([person_flow(), firm_flow(), branch_flow()]):
        assert order_of(*flows) == ["branch_to_companies", "firm_to_companies", "person_to_users"]


def test_a_reference_goes_before_names() -> None:
    # By name branches come first; here they refer to persons, and those to firms.
    named = replace(
        branch_flow(), properties=(row("OwnerId", "owner", reference=("Persons", "users")),)
    )
    for flows in permutations([person_flow(), firm_flow(), named]):
        assert order_of(*flows) == ["firm_to_companies", "person_to_users", "branch_to_companies"]


def test_a_reference_of_a_link_rule_counts_too() -> None:
    rule = LinkRule(
        source=("OwnerId",), target=("owner",), reference=("Persons", "users"), statement="owner"
    )
    named = replace(branch_flow(), link_rules=(rule,))
    for flows in permutations([person_flow(), firm_flow(), named]):
        assert order_of(*flows) == ["firm_to_companies", "person_to_users", "branch_to_companies"]


def test_where_references_go_round_the_names_decide() -> None:
    circular = replace(
        firm_flow(), properties=(row("OwnerId", "owner", reference=("Persons", "users")),)
    )
    for flows in permutations([person_flow(), circular, branch_flow()]):
        assert order_of(*flows) == ["branch_to_companies", "firm_to_companies", "person_to_users"]


def test_a_reference_to_its_own_pairing_keeps_nobody_waiting() -> None:
    own = replace(
        branch_flow(), properties=(row("ParentId", "parent", reference=("Branches", "companies")),)
    )
    assert order_of(person_flow(), own, firm_flow())[0] == "branch_to_companies"
