"""`latest` over three resources: the later edit of people stays, whoever wrote what in between."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from specbridge.model.values import Json
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.tables.schema import conflicts
from sqlalchemy import select

from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Row, Section
from tests.runtime.identities.stating import name_flow
from tests.runtime.kept import KeptStore

NAME, NOTE = Row("name"), Row("note")

CONTACTS = Section(source="A", target="C", rule="one", rows=(NAME,))
CUSTOMERS = Section(source="B", target="C", rule="one", rows=(NAME, NOTE))
"""Contact persons and person customers, who feed one user."""

ORDERS = [
    ((CONTACTS, CUSTOMERS),),
    ((CUSTOMERS, CONTACTS),),
    ((CONTACTS,), (CUSTOMERS,)),
    ((CUSTOMERS,), (CONTACTS,)),
]
"""One document with either section first, or one document each."""


@pytest.fixture
def kept(sqlite_url: str) -> Iterator[KeptStore]:
    store = KeptStore(sqlite_url)
    yield store
    store.close()


@pytest.fixture(params=ORDERS, ids=["AC,BC", "BC,AC", "AC BC", "BC AC"])
def firm(request: pytest.FixtureRequest, kept: KeptStore) -> Firm:
    """Return a contact person, a customer and a user who are linked and agree."""
    packages = {f"package_{number}": own for number, own in enumerate(request.param)}
    made = Firm(kept, packages, systems=("north", "north", "south", "west"))
    for resource in "ABC":
        made.put(resource, one="x", name="Ann", note="old")
    made.clock.advance(60)
    assert made.sync().outcome is RunOutcome.CLEAN
    assert held(made) == ["Ann", "Ann", "Ann"]
    return made


def edit(firm: Firm, resource: str, **fields: Json) -> None:
    """Change the resource's record as a person would, ten seconds after what was before."""
    (id_,) = firm.world(resource).records(resource)
    firm.edit(resource, id_, **fields)


def held(firm: Firm, field: str = "name") -> list[Json]:
    return [firm.held(resource, field)[0] for resource in "ABC"]


def only(firm: Firm, section: Section) -> frozenset[str]:
    """Return the name of a section's flow, to be run alone."""
    for number, package in enumerate(firm.sections.values()):
        if section in package:
            return frozenset({name_flow(section, number, package.index(section))})
    raise AssertionError


def losers(firm: Firm) -> set[str]:
    """Return the values that lost a conflict, as the journal has them."""
    with firm.kept.open() as store:
        rows = store.connection.execute(select(conflicts)).all()
    return {str(value) for row in rows for value in (row.source_value, row.target_value)}


def rest(firm: Firm) -> list[Json]:
    """Run until nothing is left; return the names."""
    for _ in range(2):
        assert firm.sync().outcome is RunOutcome.CLEAN
    before = firm.writes()
    firm.sync(options=RunOptions(full=True))
    assert firm.writes() == before
    return held(firm)


@pytest.mark.parametrize("order", list(permutations("ABC")))
def test_the_last_of_three_edits_stays_everywhere_and_the_others_are_kept(
    firm: Firm, order: Sequence[str]
) -> None:
    for resource in order:
        edit(firm, resource, name=f"by {resource}")
    last = f"by {order[-1]}"
    assert rest(firm) == [last, last, last]
    kept_values = "".join(losers(firm))
    # C meets both others. What A and B said of one another met there as well, through it.
    assert all(f"by {resource}" in kept_values for resource in order[:-1])


def test_what_we_wrote_is_as_old_as_the_edit_that_it_received(firm: Firm) -> None:
    edit(firm, "A", name="earlier")
    edit(firm, "B", name="later")
    # The user gets the contact person's name, at an instant after both edits.
    firm.sync(only=only(firm, CONTACTS))
    assert held(firm) == ["earlier", "later", "earlier"]
    assert rest(firm) == ["later", "later", "later"]


def test_what_we_wrote_of_a_later_edit_stays(firm: Firm) -> None:
    edit(firm, "B", name="earlier")
    edit(firm, "A", name="later")
    firm.sync(only=only(firm, CONTACTS))
    assert held(firm) == ["later", "earlier", "later"]
    assert rest(firm) == ["later", "later", "later"]


def test_a_new_instant_without_a_change_is_nobodys_edit(firm: Firm) -> None:
    edit(firm, "C", name="earlier")
    # The user is read, though not for the contact person's flow.
    firm.sync(only=only(firm, CUSTOMERS))
    edit(firm, "A", name="later")
    edit(firm, "C")
    assert rest(firm) == ["later", "later", "later"]


def test_an_edit_of_another_property_in_between_counts_as_one_of_the_record(
    firm: Firm,
) -> None:
    # Systems state one instant for a record: who edited it last edited all of it.
    edit(firm, "A", name="earlier")
    edit(firm, "C", name="from C", note="new")
    assert rest(firm) == ["from C", "from C", "from C"]
    assert held(firm, "note")[1:] == ["new", "new"]
