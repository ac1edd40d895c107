"""Small companies in which something once went wrong."""

import pytest

from tests.runtime.identities.drawing import Company, Deed, Section, Story
from tests.runtime.identities.holding import hold_story
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
