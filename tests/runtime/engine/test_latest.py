"""`latest` over three resources: the later edit of people stays, whoever wrote what in between."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from specbridge.model.values import Json
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.schema import conflicts
from sqlalchemy import select

from tests.runtime.identities.drawing import Company, Row, Section
from tests.runtime.identities.playing import Player
from tests.runtime.identities.stating import name_flow, property_name
from tests.runtime.kept import KeptStore

FIELDS = ("one", "two", "kind", "name", "note", "rank")
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
def player(request: pytest.FixtureRequest, kept: KeptStore) -> Player:
    """Return a contact person, a customer and a user who are linked and agree."""
    made = Player(
        kept, Company(systems=("north", "north", "south", "west"), packages=request.param)
    )
    for resource in "ABC":
        values = dict.fromkeys(FIELDS, "") | {"one": "x", "name": "Ann", "note": "old"}
        made.world(resource).put(
            resource, {property_name(n, resource): v for n, v in values.items()}
        )
    made.clock.advance(60)
    assert made.sync().outcome is RunOutcome.CLEAN
    assert held(made) == ["Ann", "Ann", "Ann"]
    return made


def edit(player: Player, resource: str, **fields: Json) -> None:
    """Change the resource's record as a person would, ten seconds after what was before."""
    player.clock.advance(10)
    world = player.world(resource)
    (id_,) = world.records(resource)
    world.edit(resource, id_, **{property_name(n, resource): v for n, v in fields.items()})


def held(player: Player, field: str = "name") -> list[Json]:
    return [player.world(r).rows(r)[0][property_name(field, r)] for r in "ABC"]


def only(player: Player, section: Section) -> frozenset[str]:
    """Return the name of a section's flow, to be run alone."""
    for number, package in enumerate(player.company.packages):
        if section in package:
            return frozenset({name_flow(section, number, package.index(section))})
    raise AssertionError


def losers(player: Player) -> set[str]:
    """Return the values that lost a conflict, as the journal has them."""
    with player.kept.open() as store:
        rows = store.connection.execute(select(conflicts)).all()
    return {str(value) for row in rows for value in (row.source_value, row.target_value)}


def rest(player: Player) -> list[Json]:
    """Run until nothing is left; return the names."""
    for _ in range(2):
        assert player.sync().outcome is RunOutcome.CLEAN
    before = player.writes()
    player.sync(full=True)
    assert player.writes() == before
    return held(player)


@pytest.mark.parametrize("order", list(permutations("ABC")))
def test_the_last_of_three_edits_stays_everywhere_and_the_others_are_kept(
    player: Player, order: Sequence[str]
) -> None:
    for resource in order:
        edit(player, resource, name=f"by {resource}")
    last = f"by {order[-1]}"
    assert rest(player) == [last, last, last]
    kept_values = "".join(losers(player))
    # C meets both others. What A and B said of one another met there as well, through it.
    assert all(f"by {resource}" in kept_values for resource in order[:-1])


def test_what_we_wrote_is_as_old_as_the_edit_that_it_received(player: Player) -> None:
    edit(player, "A", name="earlier")
    edit(player, "B", name="later")
    # The user gets the contact person's name, at an instant after both edits.
    player.sync(only=only(player, CONTACTS))
    assert held(player) == ["earlier", "later", "earlier"]
    assert rest(player) == ["later", "later", "later"]


def test_what_we_wrote_of_a_later_edit_stays(player: Player) -> None:
    edit(player, "B", name="earlier")
    edit(player, "A", name="later")
    player.sync(only=only(player, CONTACTS))
    assert held(player) == ["later", "earlier", "later"]
    assert rest(player) == ["later", "later", "later"]


def test_a_new_instant_without_a_change_is_nobodys_edit(player: Player) -> None:
    edit(player, "C", name="earlier")
    # The user is read, though not for the contact person's flow.
    player.sync(only=only(player, CUSTOMERS))
    edit(player, "A", name="later")
    edit(player, "C")
    assert rest(player) == ["later", "later", "later"]


def test_an_edit_of_another_property_in_between_counts_as_one_of_the_record(
    player: Player,
) -> None:
    # Systems state one instant for a record: who edited it last edited all of it.
    edit(player, "A", name="earlier")
    edit(player, "C", name="from C", note="new")
    assert rest(player) == ["from C", "from C", "from C"]
    assert held(player, "note")[1:] == ["new", "new"]
