"""`source` and `target` in a flow's settings are the flow's own, whichever way round its pairing is stored."""

from collections.abc import Iterator

import pytest
from specbridge.model.values import Json
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions

from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Row, Section
from tests.runtime.kept import KeptStore

AHEAD = Section(source="A", target="B", rule="one", rows=(Row("name"),))
BACK = Section(source="B", target="A", rule="one", rows=(Row("note"),))
SIDES = [(ConflictPolicy.SOURCE, 0), (ConflictPolicy.TARGET, 1)]


@pytest.fixture
def kept(sqlite_url: str) -> Iterator[KeptStore]:
    store = KeptStore(sqlite_url)
    yield store
    store.close()


def contest(firm: Firm, policy: ConflictPolicy, field: str) -> tuple[Json, Json]:
    """Have both sides edited, A last, and decide by a policy of all flows; return what they hold then."""
    (a,), (b,) = firm.world("A").records("A"), firm.world("B").records("B")
    firm.edit("B", b, **{field: "of B"})
    firm.edit("A", a, **{field: "of A"})
    firm.sync(options=RunOptions(policy=FlowPolicy(conflicts=policy)))
    return firm.held("A", field)[0], firm.held("B", field)[0]


def begin(kept: KeptStore, *sections: Section) -> Firm:
    """Return a firm of one package, in which a record of A and one of B are linked."""
    firm = Firm(kept, {"p": sections})
    firm.put("A", one="x", name="n", note="n")
    firm.put("B", one="x", name="n", note="n")
    firm.sync()
    return firm


@pytest.mark.parametrize(("policy", "side"), SIDES)
def test_of_a_document_that_was_turned_round_its_own_sides_count(
    kept: KeptStore, policy: ConflictPolicy, side: int
) -> None:
    firm = begin(kept, BACK)
    # The pairing stays as it was first stored; the document says it the other way by now.
    firm.sections = {"p": [AHEAD]}
    firm.sync()
    winner = ("of A", "of B")[side]
    assert contest(firm, policy, "name") == (winner, winner)


@pytest.mark.parametrize(("policy", "side"), SIDES)
@pytest.mark.parametrize("sections", [(AHEAD, BACK), (BACK, AHEAD)])
def test_flows_of_one_pairing_have_each_their_own_sides(
    kept: KeptStore, sections: tuple[Section, Section], policy: ConflictPolicy, side: int
) -> None:
    firm = begin(kept, *sections)
    ahead, back = ("of A", "of B")[side], ("of B", "of A")[side]
    assert contest(firm, policy, "name") == (ahead, ahead)
    assert contest(firm, policy, "note") == (back, back)
