"""Of several links of a record one stays, whatever order they are looked at in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.runtime.decide.identity.choosing import Rival, choose_links


def link(number: int, pair: str, *, pinned: bool = False, vanished: bool = False) -> Rival:
    source, target = pair.split("-")
    return Rival(number, source, target, pinned, vanished)


@pytest.mark.parametrize(
    ("rivals", "kept"),
    [
        ([], []),
        ([link(1, "a-x"), link(2, "b-y")], [1, 2]),
        ([link(2, "a-x"), link(1, "a-y")], [1]),
        ([link(1, "a-x", vanished=True), link(2, "a-y")], [2]),
        ([link(1, "a-x"), link(2, "b-x", pinned=True)], [2]),
        ([link(1, "a-x"), link(2, "a-y", pinned=True, vanished=True)], [2]),
        # What lost to a better one is in nobody's way.
        ([link(1, "a-x"), link(2, "a-y"), link(3, "b-y")], [1, 3]),
        ([link(1, "a-x"), link(2, "a-x"), link(3, "a-x")], [1]),
    ],
    ids=[
        *("none", "apart", "the oldest", "whole", "pinned", "pinned before whole"),
        *("a loser is in no way", "the same pair"),
    ],
)
def test_the_best_stays(rivals: list[Rival], kept: list[int]) -> None:
    assert choose_links(rivals)[0] == kept


IDS = st.sampled_from("abcd")
RIVALS = st.lists(st.tuples(IDS, IDS, st.booleans(), st.booleans()), max_size=12).map(
    lambda rows: [Rival(number, *row) for number, row in enumerate(rows)]
)


@given(rivals=RIVALS, data=st.data())
def test_order_decides_nothing_and_each_loser_has_a_better_rival(
    rivals: list[Rival], data: st.DataObject
) -> None:
    kept, given_up = choose_links(rivals)
    assert choose_links(data.draw(st.permutations(rivals))) == (kept, given_up)
    assert sorted(kept + given_up) == [rival.number for rival in rivals]
    staying = [rivals[number] for number in kept]
    for side in ("source_id", "target_id"):
        ids = [getattr(rival, side) for rival in staying]
        assert len(ids) == len(set(ids))
    for number in given_up:
        assert any(is_better(one, rivals[number]) for one in staying)


def is_better(one: Rival, other: Rival) -> bool:
    """Return whether a link goes before another one that it shares a record with."""
    meets = one.source_id == other.source_id or one.target_id == other.target_id
    ranks = [(not rival.pinned, rival.vanished, rival.number) for rival in (one, other)]
    return meets and ranks[0] < ranks[1]
