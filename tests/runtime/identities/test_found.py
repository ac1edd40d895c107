"""Small companies in which something once went wrong."""

import pytest

from tests.runtime.identities.doing import do
from tests.runtime.identities.drawing import Company, Deed, Section, Story
from tests.runtime.identities.holding import hold_story
from tests.runtime.identities.playing import Player
from tests.runtime.kept import KeptStore

APART = ("north", "south", "west", "east")
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
        do(player, deed)
    player.settle()
    state = player.state()
    (made,) = [place for place in player.places() if place[0] == "C"]
    members = {place[0] for place in state.things.of(made)}
    assert "B" in members or made in state.letters or any(made in pair for pair in state.doubts)
