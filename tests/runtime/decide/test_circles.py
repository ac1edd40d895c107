"""Rows of pairings that close a circle: the same ones whatever order and side they are stated in."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.model.values import Direction
from specbridge.runtime.decide.identity.circles import Stated, find_closing_rows, state_rows
from specbridge.runtime.decide.identity.pairings import ends_of, turn_flow
from specbridge.runtime.flow import Condition, PropertyMapping

from tests.runtime.people import person_flow, row

A, B, C = (("one", "Firms"), ("two", "companies"), ("three", "accounts"))
PERSON = Condition(path=("kind",), value="P")
COMPANY = Condition(path=("kind",), value="P", negate=True)


def converting(source: str, target: str, **more: object) -> PropertyMapping:
    return row(source, target, converts=True, **more)


def ring(last: PropertyMapping, *more: PropertyMapping) -> list[Stated]:
    """Return three pairings of which the last row is given: name, title and label are one value."""
    return [
        Stated(ends=(A, B), rows=[row("code", "number"), row("name", "title")]),
        Stated(ends=(B, C), rows=[row("title", "label")]),
        Stated(ends=(C, A), rows=[*more, last]),
    ]


def test_the_row_that_converts_is_held_and_told_with_its_circle() -> None:
    pairings = ring(converting("label", "name"), row("rank", "number"))
    assert find_closing_rows(pairings) == {(2, 1): ((1, 0), (0, 1))}


@pytest.mark.parametrize(
    "last",
    [
        row("label", "name"),
        converting("label", "code"),
        converting("label", "name", direction=Direction.NONE),
        converting("label", "name", reference=("Firms", "companies")),
    ],
    ids=["copies", "elsewhere", "held both ways", "translated ids"],
)
def test_nothing_is_held_where_no_circle_converts(last: PropertyMapping) -> None:
    assert not find_closing_rows(ring(last))


@pytest.mark.parametrize("direction", [Direction.TO_TARGET, Direction.TO_SOURCE])
def test_a_row_of_one_direction_closes_a_circle_too(direction: Direction) -> None:
    assert set(find_closing_rows(ring(converting("label", "name", direction=direction)))) == {
        (2, 0)
    }


def test_rows_about_other_records_of_a_resource_close_none() -> None:
    first, second, last = ring(converting("label", "name"))
    persons = replace(first, subsets=(PERSON, None))
    assert find_closing_rows([persons, second, last])
    assert not find_closing_rows([persons, second, replace(last, subsets=(None, COMPANY))])
    guarded = converting("label", "name", target_conditions=(COMPANY,))
    assert not find_closing_rows([persons, second, replace(last, rows=[guarded])])


def test_a_flow_states_its_ends_rows_and_subsets() -> None:
    flow = person_flow(subset=PERSON)
    here = state_rows(flow)
    assert here == Stated(ends=ends_of(flow), rows=flow.properties, subsets=(PERSON, None))
    there = state_rows(turn_flow(flow))
    assert (there.ends, there.subsets) == (here.ends[::-1], (None, PERSON))


NAMES = st.sampled_from(["x", "x", "y"])
ROWS = st.lists(
    st.builds(lambda one, other, how: row(one, other, converts=how), NAMES, NAMES, st.booleans()),
    max_size=3,
)


def turn(pairing: Stated) -> Stated:
    rows = [replace(one, source=one.target, target=one.source) for one in pairing.rows]
    return Stated(ends=pairing.ends[::-1], rows=rows)


def held(pairings: Sequence[Stated]) -> set[frozenset[object]]:
    """Return the held rows by what they say, whichever way round."""
    found: set[frozenset[object]] = set()
    for pairing, index in find_closing_rows(pairings):
        ends, one = pairings[pairing].ends, pairings[pairing].rows[index]
        found.add(frozenset([(ends[0], one.source), (ends[1], one.target)]))
    return found


@given(st.lists(ROWS, min_size=3, max_size=3), st.data())
def test_the_order_and_sides_of_pairings_and_rows_decide_nothing(
    tables: list[list[PropertyMapping]], data: st.DataObject
) -> None:
    pairs = [(A, B), (B, C), (C, A)]
    pairings = [Stated(ends=e, rows=r) for e, r in zip(pairs, tables, strict=True)]
    moved = [
        replace(one, rows=data.draw(st.permutations(one.rows)))
        for one in data.draw(st.permutations(pairings))
    ]
    turned = [turn(one) if data.draw(st.booleans()) else one for one in moved]
    assert held(turned) == held(pairings)
