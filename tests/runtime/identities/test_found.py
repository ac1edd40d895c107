"""Small companies in which something once went wrong."""

import pytest

from tests.runtime.identities.doing import do
from tests.runtime.identities.drawing import Company, Deed, Row, Section, Story
from tests.runtime.identities.holding import check_all, hold_story, play_story
from tests.runtime.identities.playing import Player
from tests.runtime.identities.rings import APART
from tests.runtime.kept import KeptStore

ADDED = (Deed("add", "C", blank=True), Deed("add", "B", blank=True))

STORIES = {
    # A guard counted the origins before another pairing had made more of them.
    "what is made is an origin itself": Story(
        company=Company(
            systems=APART,
            packages=(
                (
                    Section(source="B", target="C", rows=(), back="always"),
                    Section(source="A", target="B", rows=(), back="always"),
                ),
            ),
        ),
        deeds=ADDED,
    ),
    # The same guard stopped or passed a run by the order in which records were listed.
    "made for what is made, and back": Story(
        company=Company(
            systems=APART,
            packages=(
                (
                    Section(source="C", target="D", rows=(), forth="always", back="always"),
                    Section(source="B", target="C", rows=(), back="always"),
                    Section(source="A", target="B", rows=()),
                    Section(source="C", target="A", rows=()),
                ),
            ),
        ),
        deeds=(
            Deed("add", "D", blank=True),
            Deed("add", "C", blank=True),
            Deed("run"),
            Deed("edit", "B", index=1),
        ),
    ),
    # The link of another pairing to a record that had just gone stayed beside its successor.
    "made anew while others still hold the old one": Story(
        company=Company(
            systems=("north", "north", "west", "south"),
            packages=(
                (
                    Section(source="C", target="D", rows=(), rule="two"),
                    Section(source="D", target="C", rows=(), forth="always"),
                    Section(source="A", target="B", rows=()),
                    Section(source="B", target="C", rows=(), back="always"),
                    Section(source="D", target="A", rows=(), forth="always"),
                ),
            ),
        ),
        deeds=(
            Deed("add", "D", keys=("x", "q"), blank=True),
            Deed("add", "C", keys=("z", "q"), blank=True),
            Deed("add", "D", blank=True),
            Deed("run"),
            Deed("add", "C", keys=("z", "q"), blank=True),
            Deed("delete", "C", index=1),
        ),
    ),
    # A link of two that were both gone was forgotten while somebody of their thing was there.
    "the last one of a thing remembers what it had": Story(
        company=Company(
            systems=("west", "south", "north", "west"),
            packages=(
                (
                    Section(source="B", target="C", rows=(), forth="always", within=("client", "")),
                    Section(source="C", target="A", rows=(), back="always"),
                    Section(source="A", target="B", rows=(), forth="always"),
                ),
            ),
        ),
        deeds=(
            *(Deed("add", "A", blank=True),) * 3,
            Deed("run"),
            *(Deed("add", "A", blank=True),) * 2,
            Deed("edit", "B", field="kind"),
            Deed("delete", "A", index=5),
            Deed("delete", "C", index=3),
        ),
    ),
    # Our own write took a record's match away, and nobody looked at the other one again.
    "no longer matched by what a run has written": Story(
        company=Company(
            systems=("south", "south", "south", "north"),
            unique=("B", "C"),
            packages=(
                (
                    Section(source="A", target="B", rows=(), rule="one"),
                    Section(
                        source="A",
                        target="B",
                        rows=(Row("one"), Row("two"), Row("kind"), Row("name")),
                    ),
                    Section(source="B", target="A", rows=(), rule="two", forth="always"),
                ),
            ),
        ),
        deeds=(
            Deed("add", "B", keys=("y", "")),
            Deed("add", "B"),
            Deed("add", "A", keys=("y", "q"), blank=True),
            Deed("add", "B", blank=True),
            Deed("add", "B", keys=("", "p"), blank=True),
            Deed("run", index=4),
            Deed("add", "B", keys=("", "q"), blank=True),
            Deed("pin", "A", index=3, field="two"),
        ),
    ),
    # A pin took the place of a record that had gone, whose link in another pairing stayed beside it.
    "pinned where one of the thing has gone": Story(
        company=Company(
            systems=("west", "south", "south", "west"),
            packages=(
                (
                    Section(source="C", target="A", rows=()),
                    Section(
                        source="A", target="B", rows=(), forth="always", within=("", "supplier")
                    ),
                    Section(source="B", target="C", rows=(), forth="always", within=("client", "")),
                ),
            ),
        ),
        deeds=(
            Deed("add", "A"),
            Deed("add", "A"),
            Deed("run"),
            Deed("add", "A"),
            Deed("delete", "B"),
            Deed("add", "B", kind="client", blank=True),
            Deed("run"),
            Deed("pin", "C", index=2, field="note"),
        ),
    ),
    # The row of a document that came later was compared with nothing.
    "edited when a second document states the row for more records": Story(
        company=Company(
            systems=("north", "west", "north", "west"),
            packages=(
                (
                    Section(
                        source="A",
                        target="B",
                        rows=(Row("rank"), Row("one"), Row("kind"), Row("two")),
                        forth="always",
                        within=("", "client"),
                    ),
                ),
                (Section(source="A", target="B", rows=(Row("one"),)),),
            ),
        ),
        deeds=(
            Deed("add", "A", blank=True),
            Deed("run"),
            Deed("arrive"),
            Deed("edit", "A", field="one", blank=True),
        ),
    ),
    # A record was created in the middle of a round, by a pairing whose turn comes late, and what an earlier
    # one's writes had parted from its match was counted as yet to be dealt with.
    "parted from its match when its pairing has had its turn": Story(
        company=Company(
            systems=("west", "north", "south", "west"),
            packages=(
                (
                    Section(source="B", target="C", rows=(Row("one"),), rule="one", forth="always"),
                    Section(source="A", target="B", rows=(), back="always"),
                    Section(source="C", target="A", rows=()),
                ),
            ),
        ),
        deeds=(
            Deed("add", "B", keys=("x", ""), blank=True),
            Deed("run"),
            Deed("edit", "B", index=1, field="one"),
            Deed("add", "B", keys=("X ", ""), blank=True),
        ),
    ),
    # Whose counterpart was gone lost its link, and with it all memory, to a successor with one of its own.
    "left behind by a deleted record whose successor has what it needs": Story(
        company=Company(
            systems=APART,
            packages=(
                (
                    Section(source="A", target="B", rows=(Row("one"),), rule="one", forth="always"),
                    Section(source="D", target="A", rows=(), forth="always", back="always"),
                ),
            ),
        ),
        deeds=(
            Deed("add", "A", keys=("y", ""), blank=True),
            Deed("run"),
            Deed("add", "A", keys=("y", ""), kind="client", blank=True),
            Deed("run"),
            Deed("delete", "A"),
        ),
    ),
    # Where no circle was, a link of two that were gone was forgotten while others stood on both its sides.
    "the ends of a chain whose middle has gone are one thing": Story(
        company=Company(
            systems=APART,
            packages=(
                (
                    Section(source="A", target="B", rows=(), forth="always"),
                    Section(source="B", target="C", rows=(), forth="always"),
                    Section(source="C", target="D", rows=(), forth="always"),
                ),
            ),
        ),
        deeds=(
            Deed("add", "B", blank=True),
            Deed("add", "C", blank=True),
            Deed("add", "A", blank=True),
            Deed("run"),
            Deed("delete", "B"),
            Deed("delete", "C"),
        ),
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_what_once_went_wrong_goes_well(story: Story) -> None:
    kept = KeptStore()
    hold_story(kept, story, orders=3)
    kept.close()


def test_the_rest_of_a_thing_is_asked_again_after_a_pin() -> None:
    company = Company(
        systems=("north", "south", "west", "east"),
        packages=(
            (
                Section(source="A", target="C", rows=(), forth="always", within=("client", "")),
                Section(source="B", target="C", rows=(), back="always", within=("client", "")),
                Section(source="A", target="B", rows=(), forth="always", within=("client", "")),
            ),
        ),
    )
    player = Player(KeptStore(), company)
    for deed in (
        Deed("add", "A", blank=True),
        Deed("add", "A", kind="client", blank=True),
        Deed("run"),
        Deed("pin", "B", index=4),
    ):
        player.clock.advance(1)
        do(player, deed)
    player.settle()
    state = player.state()
    (made,) = [place for place in player.places() if place[0] == "C"]
    members = {place[0] for place in state.things.of(made)}
    assert "B" in members or made in state.letters or any(made in pair for pair in state.doubts)


def test_what_a_crash_has_left_is_not_linked_where_hands_have_joined_another_one() -> None:
    # Recovery linked what had been made before the crash, though the thing had another one by then.
    company = Company(
        systems=APART,
        packages=(
            (
                Section(source="A", target="B", rows=(), forth="always"),
                Section(source="B", target="C", rows=(), rule="one"),
                Section(source="A", target="C", rows=()),
            ),
        ),
    )
    story = Story(
        company=company,
        deeds=(
            Deed("add", "B", keys=("x", ""), blank=True),
            Deed("add", "C", keys=("x", ""), blank=True),
            Deed("run"),
            Deed("add", "A", blank=True),
            Deed("broken", field="crash_after"),
            Deed("pin", "A", index=1),
        ),
    )
    kept = KeptStore()
    player = play_story(kept, story)
    check_all(player)
    held = {place[0]: int(place[1]) for place in player.state().things.of(("C", "98"))}
    # The one that people made, and not the one that was made before the crash.
    assert held["A"] < 100
    assert held["B"] < 100
    assert [int(place[1]) > 1000 for place in player.places() if place[0] == "B"].count(True) == 1
    kept.close()


def test_what_had_a_counterpart_is_not_taken_for_what_a_crash_has_left() -> None:
    company = Company(
        systems=APART,
        packages=(
            (Section(source="A", target="B", rows=(Row("kind"),), forth="always", back="always"),),
        ),
    )
    story = Story(
        company=company,
        deeds=(
            Deed("add", "A", kind="client", blank=True),
            Deed("add", "B", kind="supplier", blank=True),
            Deed("run"),
            # Its counterpart looks like what is sent for the new one.
            Deed("delete", "A"),
            Deed("add", "A", kind="supplier", blank=True),
            Deed("broken", field="fail_before"),
        ),
    )
    kept = KeptStore()
    player = play_story(kept, story)
    check_all(player)
    (people,) = [place for place in player.names if place[0] == "B"]
    (new,) = [p for p in player.places() if p[0] == "A" and player.value(p, "kind") == "supplier"]
    assert people not in player.state().things.of(new)
    kept.close()
