"""A property that rows of two pairings write one way: the later edit stays, and nothing goes to and fro."""

from collections.abc import Iterator

import pytest
from specbridge.model.values import Direction
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.tables.schema import conflicts
from sqlalchemy import select

from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Row, Section, turn_row
from tests.runtime.kept import KeptStore

FORTH = Row("name", direction=Direction.TO_TARGET)
CONTACTS = Section(source="A", target="C", rule="one", rows=(FORTH,))
CUSTOMERS = Section(source="B", target="C", rule="one", rows=(FORTH,))
CUSTOMERS_TURNED = Section(source="C", target="B", rule="one", rows=(turn_row(FORTH),))


@pytest.fixture(
    params=[(CONTACTS, CUSTOMERS), (CUSTOMERS, CONTACTS), (CUSTOMERS_TURNED, CONTACTS)],
    ids=["AC,BC", "BC,AC", "CB,AC"],
)
def firm(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Firm]:
    """Return a contact person, a customer and a user who are linked and agree."""
    kept = KeptStore(sqlite_url)
    made = Firm(kept, {"all": request.param}, systems=("north", "north", "south", "west"))
    for resource in "ABC":
        made.put(resource, one="x", name="Ann")
    assert made.sync().outcome is RunOutcome.CLEAN
    yield made
    kept.close()


def edit(firm: Firm, resource: str, name: str) -> None:
    (id_,) = firm.world(resource).records(resource)
    firm.edit(resource, id_, name=name)


def names(firm: Firm) -> list[object]:
    """Run until nothing is left, by a run that reads everything too; return the three names."""
    assert firm.sync().outcome is RunOutcome.CLEAN
    assert firm.sync().writes == 0
    assert firm.sync(options=RunOptions(full=True)).writes == 0
    return [firm.held(resource, "name")[0] for resource in "ABC"]


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_of_two_records_that_feed_one_the_later_edit_stays(firm: Firm, order: str) -> None:
    for resource in order:
        edit(firm, resource, f"by {resource}")
    assert names(firm) == ["by A", "by B", f"by {order[-1]}"]
    with firm.kept.open() as store:
        lost = {
            str(row.source_value) + str(row.target_value)
            for row in store.connection.execute(select(conflicts))
        }
    assert any(f"by {order[0]}" in text for text in lost)


def test_an_edit_in_a_run_of_its_own_stays_until_the_next_one(firm: Firm) -> None:
    edit(firm, "A", "first")
    assert names(firm) == ["first", "Ann", "first"]
    edit(firm, "B", "second")
    assert names(firm) == ["first", "second", "second"]
    edit(firm, "A", "third")
    assert names(firm) == ["third", "second", "third"]


def test_where_one_record_alone_feeds_another_its_value_is_restored(sqlite_url: str) -> None:
    kept = KeptStore(sqlite_url)
    firm = Firm(kept, {"all": [CONTACTS]}, systems=("north", "north", "south", "west"))
    for resource in "AC":
        firm.put(resource, one="x", name="Ann")
    firm.sync()
    edit(firm, "C", "by C")
    firm.sync()
    assert firm.held("C", "name") == ["Ann"]
    kept.close()


@pytest.mark.parametrize("turned", [False, True])
def test_a_tie_goes_to_the_source_of_the_flow_that_states_the_row(
    sqlite_url: str, turned: bool
) -> None:
    """The store keeps a pairing as it was stated first; a document may be turned later."""
    kept, rows = KeptStore(sqlite_url), (Row("name"),)
    first = Section(source="A", target="C", rule="one", rows=rows)
    firm = Firm(kept, {"all": [first]}, systems=("north", "north", "south", "west"))
    ids = {resource: firm.put(resource, one="x", name="Ann") for resource in "AC"}
    firm.sync()
    if turned:
        firm.state(Section(source="C", target="A", rule="one", rows=rows))
        firm.sync()
    firm.clock.advance(10)
    for resource, id_ in ids.items():
        firm.world(resource).edit(resource, id_, **{f"name{resource}": f"by {resource}"})
    firm.sync()
    assert firm.held("A", "name") == firm.held("C", "name") == ["by C" if turned else "by A"]
    kept.close()
