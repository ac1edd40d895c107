"""Random companies in which one record of each resource is one thing, whose values go round."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import strategies as st
from specbridge.model.values import Direction

from tests.runtime.identities.drawing import RESOURCES, Company, Deed, Row, Section, Story

APART = ("north", "south", "west", "east")

_ways = st.sampled_from([Direction.BOTH, Direction.BOTH, Direction.TO_TARGET, Direction.TO_SOURCE])
_fields = st.sampled_from([("name",), ("name", "note")])


@st.composite
def rings(draw: st.DrawFn) -> Story:
    """Draw a ring of three resources or four, sometimes with pairs across, and what people do."""
    ring = draw(st.permutations(RESOURCES))[: draw(st.sampled_from([3, 4, 4, 4]))]
    pairs = list(pairwise([*ring, ring[0]]))
    if len(ring) == len(RESOURCES):
        across = [(ring[0], ring[2]), (ring[1], ring[3])]
        pairs += draw(st.lists(st.sampled_from(across), unique=True))
    sections = tuple(draw(_sections(pair)) for pair in pairs)
    added = [Deed("add", one, keys=("x", ""), blank=draw(st.booleans())) for one in ring]
    deeds = [*draw(st.permutations(added)), Deed("run")]
    deeds += draw(st.lists(_later(ring), max_size=10))
    return Story(
        company=Company(systems=APART, packages=(sections,)),
        deeds=tuple(deeds),
        hurried=draw(st.booleans()),
    )


@st.composite
def _sections(draw: st.DrawFn, pair: tuple[str, str]) -> Section:
    source, target = draw(st.permutations(pair))
    rows = tuple(Row(field, direction=draw(_ways)) for field in draw(_fields))
    return Section(source=source, target=target, rows=rows, rule="one")


def _later(ring: Sequence[str]) -> st.SearchStrategy[Deed]:
    fields = st.sampled_from(("name", "name", "note", "rank"))
    edits = st.builds(Deed, st.just("edit"), st.sampled_from(ring), field=fields)
    emptied = st.builds(Deed, st.just("empty"), st.sampled_from(ring))
    runs = st.builds(Deed, st.just("run"), index=st.sampled_from([0, 0, 0, 1, 2]))
    return st.one_of(edits, edits, edits, edits, emptied, runs)
