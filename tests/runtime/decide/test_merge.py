"""The merge of one unit: a table of situations, and laws that hold for all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.runtime.decide.equality import (
    MISSING,
    Value,
    equal_identifiers,
    equal_values,
    is_empty,
)
from specbridge.runtime.decide.instants import compare_instants
from specbridge.runtime.decide.merge import (
    SOURCE,
    TARGET,
    Base,
    Decision,
    Terms,
    Verdict,
    View,
    merge_unit,
)
from specbridge.runtime.decide.options import ConflictPolicy

TERMS = Terms(
    same=equal_values, to_target=True, to_source=True, policy=ConflictPolicy.LATEST, later=SOURCE
)
FED = replace(TERMS, to_source=False, fed=True)
ACROSS, BACK = Verdict.TO_TARGET, Verdict.TO_SOURCE


def view(source: Value, target: Value, base: Base | None = None) -> View:
    """Return the view of a property that is copied as it is, both ways."""
    return View(
        sources=(source,),
        target=target,
        supplied=source,
        forward=source,
        backward=target,
        base=base,
    )


BASE: Base = (("a",), "a")
GAINED = View(
    sources=(MISSING, "b"), target="a", supplied="b", forward="b", backward="a", base=BASE
)
"""A second row was stated since the two agreed, and the first is not about the pair any more."""


@pytest.mark.parametrize(
    ("seen", "terms", "verdict", "loser"),
    [
        pytest.param(GAINED, TERMS, ACROSS, None, id="row-gained"),
        pytest.param(view("a", "c", BASE), FED, Verdict.KEPT, None, id="fed-by-another"),
        pytest.param(view("b", "a", BASE), FED, ACROSS, None, id="fed-source-changed"),
        pytest.param(view("b", "c", BASE), FED, ACROSS, TARGET, id="fed-both-source-later"),
        pytest.param(
            view("b", "c", BASE),
            replace(FED, later=TARGET),
            Verdict.KEPT,
            SOURCE,
            id="fed-both-target-later",
        ),
        pytest.param(view("a", "", BASE), FED, ACROSS, TARGET, id="fed-emptied"),
        pytest.param(
            view("a", "c", BASE),
            replace(FED, to_target=False, to_source=True),
            BACK,
            None,
            id="fed-back",
        ),
        pytest.param(
            view("c", "a", BASE),
            replace(FED, to_target=False, to_source=True),
            Verdict.KEPT,
            None,
            id="fed-back-by-another",
        ),
        pytest.param(view("a", "a"), TERMS, Verdict.AGREED, None, id="equal"),
        pytest.param(view("", None), TERMS, Verdict.AGREED, None, id="both-empty"),
        pytest.param(view("a", None), TERMS, ACROSS, None, id="new-target-empty"),
        pytest.param(view(None, "a"), TERMS, BACK, None, id="new-source-empty"),
        pytest.param(view("  ", "a"), TERMS, BACK, None, id="new-source-blank"),
        pytest.param(view("a", " "), TERMS, ACROSS, None, id="new-target-blank"),
        pytest.param(view("a", "b"), TERMS, ACROSS, TARGET, id="new-both"),
        pytest.param(view("a", "b"), replace(TERMS, later=TARGET), BACK, SOURCE, id="new-later"),
        pytest.param(view("b", "a", BASE), TERMS, ACROSS, None, id="source-changed"),
        pytest.param(view("a", "b", BASE), TERMS, BACK, None, id="target-changed"),
        pytest.param(view("b", "c", BASE), TERMS, ACROSS, TARGET, id="both-changed"),
        pytest.param(view("b", "b", BASE), TERMS, Verdict.AGREED, None, id="both-to-the-same"),
        pytest.param(view("", "a", BASE), TERMS, BACK, SOURCE, id="source-emptied"),
        pytest.param(view("a", "", BASE), TERMS, ACROSS, TARGET, id="target-emptied"),
        pytest.param(view("a", " ", BASE), TERMS, ACROSS, TARGET, id="target-blanked"),
        pytest.param(
            view("", "a", BASE), replace(TERMS, empty_wins=True), ACROSS, None, id="propagated"
        ),
        pytest.param(view(MISSING, "a", BASE), TERMS, Verdict.NOTHING, None, id="source-absent"),
        pytest.param(
            view("b", "c", BASE),
            replace(TERMS, policy=ConflictPolicy.MANUAL),
            Verdict.OPEN,
            None,
            id="manual",
        ),
        pytest.param(
            view("b", "c", BASE),
            replace(TERMS, policy=ConflictPolicy.MANUAL, chosen=TARGET),
            BACK,
            SOURCE,
            id="chosen",
        ),
        pytest.param(
            view("a", "b", BASE), replace(TERMS, to_source=False), ACROSS, TARGET, id="one-way"
        ),
        pytest.param(
            view(None, "b"), replace(TERMS, to_source=False), Verdict.NOTHING, None, id="no-way"
        ),
        pytest.param(
            View(sources=(3.7,), target=3, supplied=3.7, forward=3, backward=3.0, base=None),
            TERMS,
            Verdict.AGREED,
            None,
            id="lossy-forward-agrees",
        ),
        pytest.param(
            View(sources=(5,), target=None, supplied=5, forward=MISSING, backward=None, base=None),
            replace(TERMS, reference=True),
            Verdict.WAIT,
            None,
            id="reference-waits",
        ),
    ],
)
def test_a_situation_has_one_outcome(
    seen: View, terms: Terms, verdict: Verdict, loser: int | None
) -> None:
    assert merge_unit(seen, terms) == Decision(verdict=verdict, loser=loser)


VALUES = st.sampled_from(["a", "b", "c", "", None])
BASES = st.one_of(st.none(), st.builds(lambda value: ((value,), value), VALUES))


@given(source=VALUES, target=VALUES, base=BASES, empty_wins=st.booleans())
def test_swapping_the_sides_mirrors_the_result(
    source: Value, target: Value, base: Base | None, empty_wins: bool
) -> None:
    terms = replace(TERMS, empty_wins=empty_wins)
    there = merge_unit(view(source, target, base), terms)
    back = merge_unit(view(target, source, base), replace(terms, later=TARGET))
    mirror = {ACROSS: BACK, BACK: ACROSS}
    assert back.verdict is mirror.get(there.verdict, there.verdict)
    assert back.loser == (None if there.loser is None else 1 - there.loser)


@given(source=VALUES, target=VALUES, base=BASES, later=st.sampled_from([SOURCE, TARGET]))
def test_what_is_written_agrees_afterwards(
    source: Value, target: Value, base: Base | None, later: int
) -> None:
    decision = merge_unit(view(source, target, base), replace(TERMS, later=later))
    if decision.verdict is ACROSS:
        target = source
    elif decision.verdict is BACK:
        source = target
    elif decision.verdict is Verdict.NOTHING:
        return
    assert merge_unit(view(source, target, base), TERMS).verdict is Verdict.AGREED


@given(source=VALUES, base=VALUES)
def test_a_change_of_one_side_wins_unless_it_empties(source: Value, base: Value) -> None:
    decision = merge_unit(view(source, base, ((base,), base)), TERMS)
    if equal_values(source, base):
        assert decision.verdict is Verdict.AGREED
    elif is_empty(source):
        assert decision == Decision(verdict=BACK, loser=SOURCE)
    else:
        assert decision == Decision(verdict=ACROSS)


@pytest.mark.parametrize(
    ("left", "right", "fold", "same"),
    [
        pytest.param(None, "", False, True, id="empty-kinds"),
        pytest.param(" \t", "", False, True, id="blank-text"),
        pytest.param(" \u00a0", None, False, True, id="blank-and-null"),
        pytest.param(" a", "a", False, False, id="a-blank-at-the-edge"),
        pytest.param([], None, False, True, id="empty-list"),
        pytest.param(1, 1.0, False, True, id="numbers"),
        pytest.param(1, True, False, False, id="number-and-boolean"),
        pytest.param(False, None, False, False, id="false-is-a-value"),
        pytest.param(0, None, False, False, id="zero-is-a-value"),
        pytest.param("A", "a", False, False, id="capitals"),
        pytest.param("Straße", "STRAßE", True, True, id="capitals-aside"),
        pytest.param("Straße", "STRASSE", True, False, id="sharp-s"),
        pytest.param([{"a": 1}], [{"a": 1, "b": None}], False, True, id="nested"),
        pytest.param([1], [1, 2], False, False, id="longer"),
        pytest.param("1", 1, False, False, id="text-and-number"),
    ],
)
def test_equality(left: Value, right: Value, fold: bool, same: bool) -> None:
    assert equal_values(left, right, fold=fold) is same
    assert equal_values(right, left, fold=fold) is same


def test_ids_are_compared_by_their_digits() -> None:
    assert equal_identifiers(5, "5")
    assert equal_identifiers(5.0, "5")
    assert not equal_identifiers(5.5, 5)


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        pytest.param("2023-10-19T11:05:00.1234567Z", "2023-10-19T11:05:00.1234568Z", -1, id="7"),
        pytest.param("2023-10-19T11:05:00.9Z", "2023-10-19T11:05:00Z", 0, id="coarser"),
        pytest.param("2023-10-19T13:05:00+02:00", "2023-10-19T11:05:00Z", 0, id="zone"),
        pytest.param("2021-09-25 08:03:00.12 -00:00", "2021-09-25T08:03:01Z", -1, id="blank"),
        pytest.param("1697713500", "2023-10-19T11:05:00Z", 0, id="epoch"),
        pytest.param("", "2023-10-19T11:05:00Z", 0, id="none"),
        pytest.param("yesterday", "", 0, id="rubbish"),
        pytest.param("2023-13-45T00:00:00Z", "2023-10-19T11:05:00Z", 0, id="no-such-day"),
    ],
)
def test_instants_are_compared_at_the_coarser_precision(left: str, right: str, order: int) -> None:
    assert compare_instants(left, right) == order
    assert compare_instants(right, left) == -order
