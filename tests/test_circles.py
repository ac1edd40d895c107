"""Circles: edges that lie on one, and ties that close one, against readings that try everything."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.circles import (
    End,
    Tie,
    Want,
    circles_of,
    find_closing_ties,
    find_returning_ties,
    make_end,
    on_circles,
)

Edge = tuple[int, int]
EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14)
RESOURCES = [("s", name) for name in "ABCD"]
PERSON = Want(("kind",), "P")
COMPANY = Want(("kind",), "P", negate=True)


def reach(edges: Sequence[Edge], start: int) -> set[int]:
    found = {start}
    for _ in edges:
        found |= {b for edge in edges for a, b in (edge, edge[::-1]) if a in found}
    return found


def lies_on_circle(edges: Sequence[Edge], index: int) -> bool:
    one, other = edges[index]
    return other in reach([*edges[:index], *edges[index + 1 :]], one)


@given(EDGES)
def test_an_edge_lies_on_a_circle_where_its_ends_meet_without_it(edges: list[Edge]) -> None:
    expected = {index for index in range(len(edges)) if lies_on_circle(edges, index)}
    assert on_circles(edges) == expected


@given(EDGES)
def test_circles_that_meet_are_one_part(edges: list[Edge]) -> None:
    around = [index for index in range(len(edges)) if lies_on_circle(edges, index)]
    left = [edges[index] for index in around]
    expected = {
        frozenset(one for one in around if edges[one][0] in reach(left, edges[index][0]))
        for index in around
    }
    parts = circles_of(edges)
    assert set(parts) == expected
    assert len(parts) == len(expected)
    assert [min(part) for part in parts] == sorted(min(part) for part in parts)


def test_a_long_ring_with_a_tail_needs_no_recursion() -> None:
    ring = [(number, (number + 1) % 20_000) for number in range(20_000)]
    tail = [(number, number + 1) for number in range(20_000, 40_000)]
    assert circles_of([*ring, (0, 20_000), *tail]) == [frozenset(range(20_000))]


def tie(one: str, other: str, *, converts: bool = True, wants: Sequence[Want] = ()) -> Tie:
    """Return the tie of two properties written as resource and name: `Ax`; both want the same."""
    ends = [make_end(("s", text[0]), (text[1:],), wants) for text in (one, other)]
    return Tie((ends[0], ends[1]), converts=converts)


def copy(one: str, other: str) -> Tie:
    return tie(one, other, converts=False)


@pytest.mark.parametrize(
    ("ties", "held"),
    [
        ([tie("Ax", "Bx"), tie("Bx", "Cx"), tie("Ax", "Cx")], {1: (0, 2)}),
        ([copy("Ax", "Bx"), copy("Bx", "Cx"), copy("Ax", "Cx")], {}),
        ([tie("Ax", "Bx"), copy("Bx", "Cx"), copy("Ax", "Cx")], {0: (2, 1)}),
        ([tie("Ax", "Bx"), tie("Bx", "Cx"), tie("Cx", "Ay")], {}),
        ([tie("Ax", "Bx"), tie("Ax", "By"), tie("Ay", "Bx"), tie("Ay", "By")], {}),
        # Twice through A: both rows of a pairing feed one property, which is preference.
        ([tie("Ax", "Bx"), tie("Ay", "Bx"), tie("Ay", "Cx"), tie("Ax", "Cx")], {}),
        (
            [tie("Ax", "Bx"), tie("Bx", "Cx"), tie("Cx", "Dx"), tie("Dx", "Ax")],
            {2: (1, 0, 3)},
        ),
    ],
    ids=["ring", "all copy", "one converts", "open", "two resources", "twice", "four"],
)
def test_ties_that_close_a_circle(ties: list[Tie], held: dict[int, tuple[int, ...]]) -> None:
    assert find_closing_ties(ties) == held


def test_rows_about_records_of_other_kinds_make_no_circle() -> None:
    ring = [copy("Ax", "Bx"), copy("Bx", "Cx"), tie("Ax", "Cx")]
    assert find_closing_ties(ring)
    one, other = (make_end(("s", "A"), ("x",), [want]) for want in (PERSON, COMPANY))
    first = replace(ring[0], ends=(one, ring[0].ends[1]))
    assert find_closing_ties([first, ring[1], replace(ring[2], ends=(one, ring[2].ends[1]))])
    assert not find_closing_ties([first, ring[1], replace(ring[2], ends=(other, ring[2].ends[1]))])


def test_the_phone_at_home_is_not_the_one_at_work() -> None:
    home, work = (
        make_end(("s", "A"), ("phones[]", "number"), [Want(("phones[]", "kind"), kind)])
        for kind in ("home", "work")
    )
    here, there = make_end(("s", "B"), ("x",)), make_end(("s", "C"), ("x",))
    ring = [Tie((home, here)), Tie((here, there))]
    assert not find_closing_ties([*ring, Tie((there, work), converts=True)])
    assert find_closing_ties([*ring, Tie((there, home), converts=True)])


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (Want(("a",), "x"), Want(("a",), "y"), False),
        (Want(("a",), "x"), Want(("b",), "y"), True),
        (Want(("a",), "x"), Want(("a",), "x"), True),
        (Want(("a",), 1), Want(("a",), 2), False),
        (Want(("a",), 1), Want(("a",), True), True),
        (Want(("a",), ""), Want(("a",), " "), True),
        (Want(("a",), None), Want(("a",), ""), True),
        (Want(("a",), ["x"]), Want(("a",), ["y"]), True),
        (Want(("a",), "x"), Want(("a",), "x", negate=True), False),
        (Want(("a",), "x"), Want(("a",), "y", negate=True), True),
        (Want(("a",), "x", negate=True), Want(("a",), "x", negate=True), True),
    ],
    ids=repr,
)
def test_conditions_exclude_each_other_only_where_that_is_sure(
    one: Want, other: Want, agree: bool
) -> None:
    ends = [make_end(("s", "A"), ("x",), [want]) for want in (one, other)]
    here, there = make_end(("s", "B"), ("x",)), make_end(("s", "C"), ("x",))
    ring = [Tie((ends[0], here)), Tie((here, there)), Tie((there, ends[1]), converts=True)]
    assert bool(find_closing_ties(ring)) is agree


@st.composite
def _ends(draw: st.DrawFn) -> tuple[End, End]:
    pair = draw(st.lists(st.sampled_from(RESOURCES), min_size=2, max_size=2, unique=True))
    made = [
        make_end(
            resource,
            (draw(st.sampled_from("xxy")),),
            draw(st.sampled_from([(), (), (), (PERSON,), (COMPANY,)])),
        )
        for resource in pair
    ]
    return made[0], made[1]


TIES = st.lists(st.builds(Tie, _ends(), converts=st.booleans()), min_size=6, max_size=9)


def agreeing(one: End, other: End) -> bool:
    return one.spot == other.spot and {PERSON, COMPANY} - {*one.wants, *other.wants} != set()


def closes(ties: Sequence[Tie], order: Sequence[int]) -> bool:
    """Return whether the first tie's ends are joined by the others, each resource visited once."""
    here, goal = ties[order[0]].ends
    seen = [here.resource]
    for number in order[1:]:
        one, other = ties[number].ends
        fit = [ends for ends in ((one, other), (other, one)) if agreeing(here, ends[0])]
        if not fit:
            return False
        here = fit[0][1]
        seen.append(here.resource)
    return agreeing(here, goal) and len(set(seen)) == len(order)


def circles_with(ties: Sequence[Tie], among: Sequence[int], number: int) -> Iterator[set[int]]:
    """Yield every circle that a tie makes with some of the others."""
    others = [one for one in among if one != number]
    for size in range(2, len(RESOURCES)):
        for chosen in permutations(others, size):
            if closes(ties, (number, *chosen)):
                yield {number, *chosen}


@given(TIES)
def test_what_is_held_closes_a_circle_and_what_is_left_closes_none(ties: list[Tie]) -> None:
    closing = find_closing_ties(ties)
    left = [number for number in range(len(ties)) if number not in closing]
    for number in range(len(ties)):
        if not ties[number].converts:
            assert number not in closing
        elif number in closing:
            assert {number, *closing[number]} in list(circles_with(ties, left, number))
            assert closes(ties, (number, *closing[number]))
        else:
            assert not any(circles_with(ties, left, number))


WAYS = st.sampled_from([(True, True), (True, False), (False, True)])


def leads_back(ties: Sequence[Tie], number: int, others: Sequence[int]) -> bool:
    """Return whether a value that a tie gives comes back by the others, the one way or the other."""
    for start in (0, 1):
        order = [(number, start)]
        here = ties[number].ends[1 - start]
        for one in others:
            fit = [s for s in (0, 1) if ties[one].ways[s] and agreeing(here, ties[one].ends[s])]
            order += [(one, s) for s in fit[:1]]
            here = ties[one].ends[1 - fit[0]] if fit else here
        seen = {ties[one].ends[s].resource for one, s in order}
        whole = len(order) == len(seen) == len(others) + 1
        if whole and ties[number].ways[start] and agreeing(here, ties[number].ends[start]):
            return True
    return False


@given(st.lists(st.builds(Tie, _ends(), ways=WAYS), min_size=4, max_size=8))
def test_values_come_back_by_ties_that_go_round_their_way(ties: list[Tie]) -> None:
    expected = {
        number
        for number in range(len(ties))
        for size in range(2, len(RESOURCES))
        for others in permutations([one for one in range(len(ties)) if one != number], size)
        if leads_back(ties, number, others)
    }
    assert find_returning_ties(ties) == expected


def test_a_ring_that_one_tie_goes_against_brings_nothing_back() -> None:
    ring = [replace(copy(*ends), ways=(True, False)) for ends in (("Ax", "Bx"), ("Bx", "Cx"))]
    back = replace(copy("Cx", "Ax"), ways=(True, False))
    assert find_returning_ties([*ring, back]) == {0, 1, 2}
    assert find_returning_ties([*ring, replace(back, ways=(False, True))]) == frozenset()
    assert find_returning_ties([*ring, replace(back, ways=(True, True))]) == {0, 1, 2}


@given(TIES, st.data())
def test_neither_order_nor_sides_decide(ties: list[Tie], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(ties))))
    turned = [data.draw(st.booleans()) for _ in ties]
    moved = [
        replace(ties[one], ends=ties[one].ends[::-1]) if turned[one] else ties[one] for one in order
    ]
    assert {order[one] for one in find_closing_ties(moved)} == set(find_closing_ties(ties))


def test_fifty_pairings_of_two_hundred_rows_are_no_work() -> None:
    names = [f"R{number}" for number in range(11)]
    pairs = [(a, b) for n, a in enumerate(names) for b in names[n + 1 :]]
    ties = [
        Tie((make_end(("s", a), (f"p{row}",)), make_end(("s", b), (f"p{row}",))), converts=True)
        for a, b in pairs
        for row in range(200)
    ]
    # Of each property's net a tree is left.
    assert len(find_closing_ties(ties)) == 200 * (len(pairs) - 10)


def test_a_ring_of_many_resources_is_closed_once_by_each_row() -> None:
    ends = [[make_end(("s", f"{n:03}"), (f"p{row}",)) for n in range(50)] for row in range(200)]
    ties = [Tie((row[n], row[(n + 1) % 50]), converts=True) for n in range(50) for row in ends]
    closing = find_closing_ties(ties)
    assert len(closing) == 200
    assert {len(circle) for circle in closing.values()} == {49}


def test_a_row_within_one_resource_closes_nothing() -> None:
    ring = [tie("Ax", "Bx"), copy("Bx", "Cx"), copy("Ax", "Cx")]
    assert set(find_closing_ties([*ring, tie("Ax", "Ax"), tie("Ax", "Ay")])) == {0}


def test_a_tangle_holds_its_row_in_bounded_time() -> None:
    names = "CDEFGHIJKL"
    spots = [f"{name}{number}" for name in names for number in range(4)]
    tangle = [copy(one, other) for one in spots for other in spots if one[0] < other[0]]
    # Every way to the goal leads through D twice; only trying all of them would show it.
    detour = [copy("D0", "Es"), copy("Es", "Dq"), copy("Dq", "Bv")]
    ties = [*tangle, *(copy("Au", spot) for spot in spots), *detour, tie("Au", "Bv")]
    assert find_closing_ties(ties) == {len(ties) - 1: ()}
