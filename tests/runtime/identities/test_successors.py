"""A record that takes the place of a deleted one takes over what that was linked with."""

from collections.abc import Iterator

import pytest

from tests.runtime.identities.doing import do
from tests.runtime.identities.drawing import Company, Deed, Row, Section
from tests.runtime.identities.holding import check_all
from tests.runtime.identities.playing import Player
from tests.runtime.identities.things import Place, pin_places
from tests.runtime.kept import KeptStore

FIRST = Section(source="A", target="B", rows=(), rule="one")
# Nothing but what stands in B leads to a record of C.
SECOND = Section(source="B", target="C", rows=(), forth="client", back="always")
AROUND = Section(source="A", target="C", rows=(), back="client", within=("client", ""))

SHAPES = {
    "no circle": (FIRST, SECOND),
    "a circle": (FIRST, SECOND, AROUND),
    "turned": (
        Section(source="B", target="A", rows=(), rule="one"),
        Section(source="C", target="B", rows=(), forth="always", back="client"),
    ),
}


@pytest.fixture(name="player", params=list(SHAPES.values()), ids=list(SHAPES))
def _player(request: pytest.FixtureRequest) -> Iterator[Player]:
    kept = KeptStore()
    company = Company(systems=("north", "south", "south", "west"), packages=(request.param,))
    player = Player(kept, company)
    for deed in (
        Deed("add", "A", keys=("x", ""), blank=True),
        Deed("add", "B", keys=("x", ""), kind="client", blank=True),
        Deed("add", "B", keys=("y", ""), kind="client", blank=True),
        Deed("run"),
    ):
        do(player, deed)
    yield player
    kept.close()


def of(player: Player, resource: str) -> list[Place]:
    return sorted(place for place in player.places() if place[0] == resource)


def first(player: Player) -> Place:
    """Return the record of B with the key x."""
    (place,) = [place for place in of(player, "B") if player.value(place, "one") == "x"]
    return place


def replace_first(player: Player, key: str) -> Place:
    """Delete the record of B with the key x, add another one, and return it."""
    player.world("B").remove(*first(player))
    player.sync()
    return player.add("B", {"one": key})


def linked_with(player: Player, place: Place) -> set[Place]:
    links = player.state().links
    return {end for link in links if place in link.places for end in link.places} - {place}


def test_what_matches_in_the_place_of_a_deleted_record(player: Player) -> None:
    had, made = linked_with(player, first(player)), of(player, "C")
    new = replace_first(player, "x")
    player.settle()
    # Its counterpart is who was the deleted one's: nobody is made anew.
    assert of(player, "C") == made
    assert linked_with(player, new) == had
    assert {place[0] for place in had} == {"A", "C"}
    check_all(player)


def test_what_is_pinned_in_the_place_of_a_deleted_record(player: Player) -> None:
    had, made = linked_with(player, first(player)), of(player, "C")
    new = replace_first(player, "")
    # Known to the store before it is pinned.
    player.sync()
    (a,) = of(player, "A")
    with player.kept.open() as store:
        assert pin_places(store, a, new)
        store.commit()
    player.pinned |= player.ever.of(a) | player.ever.of(new)
    player.settle()
    assert of(player, "C") == made
    assert linked_with(player, new) == had
    check_all(player)


def test_a_pin_is_granted_to_who_has_counterparts_of_its_own(player: Player) -> None:
    (a,) = of(player, "A")
    lost = [place for place in linked_with(player, first(player)) if place[0] == "C"]
    new = replace_first(player, "")
    player.edit(new, "kind", "client")
    player.sync()
    (own,) = linked_with(player, new)
    with player.kept.open() as store:
        assert pin_places(store, a, new)
        store.commit()
    player.pinned |= player.ever.of(a) | player.ever.of(new)
    player.settle()
    assert linked_with(player, new) == {a, own}
    assert own not in lost
    check_all(player)


def test_what_is_adopted_in_the_place_of_a_deleted_record() -> None:
    kept = KeptStore()
    sections = (
        Section(source="A", target="B", rows=(Row("name"),), forth="always"),
        Section(source="B", target="C", rows=(), forth="always"),
    )
    company = Company(
        systems=("north", "south", "south", "west"), packages=(sections,), unique=("B",)
    )
    player = Player(kept, company)
    for deed in (Deed("add", "A"), Deed("add", "A"), Deed("run")):
        do(player, deed)
    old, made = of(player, "B")[0], of(player, "C")
    name, had = player.value(old, "name"), linked_with(player, old)
    player.world("B").remove(*old)
    player.sync()
    # People make it anew, under the name that no two may have.
    new = player.add("B", {"name": name})
    player.settle()
    assert of(player, "C") == made
    assert linked_with(player, new) == had
    assert {place[0] for place in had} == {"A", "C"}
    kept.close()
