"""What must hold of a company at rest, whatever was stated, done and interrupted."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest
from specbridge.model.values import Direction, Json
from specbridge.runtime.decide.equality import equal_values, is_empty
from specbridge.runtime.decide.plan import Planner
from specbridge.runtime.decide.units import Unit

from tests.runtime.identities.doing import do
from tests.runtime.identities.drawing import (
    VALUES,
    Company,
    Row,
    Section,
    Story,
    circle_pairs,
    fed_pairs,
    turn_row,
)
from tests.runtime.identities.playing import FIRST_CREATED, Player
from tests.runtime.identities.stating import name_package, turn_value
from tests.runtime.identities.things import Linked, Place, State
from tests.runtime.kept import KeptStore


def hold_story(kept: KeptStore, story: Story, orders: int = 0) -> None:
    """Play a story and check all that must hold; then so often again, in other orders."""
    player = play_story(kept, story)
    check_all(player)
    shape = player.shape()
    for seed in range(orders):
        other = play_story(kept, story, Random(seed))
        check_all(other)
        # A tie is the source's, and another side is the source where a flow is stated from the other.
        tied = player.tied or other.tied
        assert (
            tied or other.shape() == shape
        ), f"the order of documents, pages and sides decided ({seed})"


def play_story(kept: KeptStore, story: Story, order: Random | None = None) -> Player:
    """Play a story to its end, which is at rest."""
    late = any(deed.what == "arrive" for deed in story.deeds)
    awaited = name_package(len(story.company.packages) - 1) if late else ""
    player = Player(kept, story.company, order, awaited)
    with _noted_ties(player):
        for deed in story.deeds:
            player.clock.advance(0 if story.hurried else 1)
            do(player, deed)
        player.settle()
    return player


@contextmanager
def _noted_ties(player: Player) -> Iterator[None]:
    """Note whether two values were found to differ in records that were edited at the same instant."""
    tie = Planner.tie

    def noted(self: Planner, unit: Unit) -> int:
        player.tied = True
        return tie(self, unit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Planner, "tie", noted)
        yield


def check_all(player: Player) -> None:
    """Check a company at rest."""
    state = player.state()
    check_things(player, state)
    check_creations(player, state)
    check_values_stay_within_their_thing(player, state)
    check_rows(player, state)
    check_edits(player, state)
    check_calls(player, state)
    check_matches(player, state)
    player.check_keys()


def check_things(player: Player, state: State) -> None:
    """No thing holds two records of one resource, no record two links of a pairing; splits are apart."""
    for thing in state.things:
        resources = Counter(resource for resource, _ in thing)
        assert max(resources.values()) == 1, f"two records of a resource in {sorted(thing)}"
    links = Counter((link.pairing, place) for link in state.links for place in link.places)
    assert max(links.values(), default=1) == 1, f"two links in a pairing: {links.most_common(1)}"
    for one, other in player.splits:
        assert other not in state.things.of(one), f"{one} and {other} were split"


def check_creations(player: Player, state: State) -> None:
    """Every created record is in the thing of one that people made, and nothing was made twice."""
    references: Counter[tuple[str, str]] = Counter()
    for place in player.places():
        stored = player.stored(place)
        assert stored is not None
        references[place[0], stored.reference] += bool(stored.reference)
        # A crash may have come before the link, and hands before what would have made it.
        origin = state.origins.get(place, place)
        if int(place[1]) > FIRST_CREATED and not _is_parted(player, place, origin):
            assert _makers(player, state, place), f"{place} is nobody's"
    assert max(references.values(), default=0) <= 1, f"made twice: {references.most_common(1)}"


def _makers(player: Player, state: State, place: Place) -> set[Place]:
    """Return the records of people that a record is one with, and those that it was one with until they were deleted.

    Where a record and its counterpart are both deleted, nothing is left of their link.
    """
    deleted = set(player.ever.of(place)) - set(player.places())
    found = (set(state.things.of(place)) | deleted) & set(player.names)
    return found or _replaced_makers(player, state, place)


def _replaced_makers(player: Player, state: State, place: Place) -> set[Place]:
    """Return the makers that a deleted record has parted it from, and that have another one of its resource.

    Whoever took the deleted one's place had a counterpart of its own.
    """
    gone = {member[0] for member in state.things.of(place) if player.stored(member) is None}
    found = set()
    for maker in player.ever.of(place) & set(player.names):
        there = {member[0] for member in state.things.of(maker)}
        if place[0] in there and gone & there:
            found.add(maker)
    return found


def check_values_stay_within_their_thing(player: Player, state: State) -> None:
    """What a record holds was said of a record that was in its thing."""
    for place in player.places():
        origin = state.origins.get(place, place)
        for field in VALUES:
            value = player.value(place, field)
            if isinstance(value, str):
                token = value if value.startswith("v") else turn_value(value)
                maker = player.makers[str(token)]
                known = player.ever.of(place) | player.ever.of(origin)
                assert maker in known, f"{place} {field}: {value} is of {maker}"


def check_rows(player: Player, state: State) -> None:
    """Linked records are equal in all rows about them."""
    lettered = state.letters
    for link in state.links:
        if link.vanished or lettered & set(link.places):
            continue
        for row in _rows_about(player, link):
            values = player.value(link.places[0], row.field), player.value(
                link.places[1], row.field
            )
            if not _is_open(player, link, row, values):
                one, other = values[0], turn_value(values[1]) if row.turned else values[1]
                assert equal_values(one, other), f"{link.places} {row.field}: {values}"


def check_edits(player: Player, state: State) -> None:
    """What people said last is there, or in the journal as what lost."""
    for (place, field), value in player.edits.items():
        if player.stored(place) is None or is_empty(value):
            continue
        held = player.value(place, field)
        known = equal_values(held, value) or any(f'"{value}"' in text for text in state.said)
        assert known, f"{place} {field}: {value} was lost, {held} is there"


def check_calls(player: Player, state: State) -> None:
    """A record that calls for a counterpart has one, or it is said why not."""
    for place in player.places():
        for section, other in _sections_of(player.company, place[0]):
            if not _calls(player, section, place):
                continue
            if _linked(state, place, other) or place in state.letters:
                continue
            if any(place in doubt for doubt in state.doubts) or _is_parted(player, place):
                continue
            members = [p for p in state.things.of(place) if p[0] == other]
            assert members, f"{place} has no {other}, and nobody says why"
            assert not any(
                _is_within(player, section, p) for p in members
            ), f"{place} is not linked with {members} of its thing"


def check_matches(player: Player, state: State) -> None:
    """Records that match and are not linked are called doubtful."""
    for section in player.company.sections:
        if not section.rule or section.source == section.target:
            continue
        for one in _free(player, state, section, section.source, section.target):
            for other in _free(player, state, section, section.target, section.source):
                values = player.value(one, section.rule), player.value(other, section.rule)
                split = any({one, other} <= set(pair) for pair in player.splits)
                if is_empty(values[0]) or values[0] != values[1] or split:
                    continue
                assert frozenset((one, other)) in state.doubts, f"{one} and {other} match"


def _free(player: Player, state: State, section: Section, resource: str, other: str) -> list[Place]:
    """Return the records of a resource that a section is about and that its pairing has not linked."""
    return [
        place
        for place in player.places()
        if place[0] == resource
        and _is_within(player, section, place)
        and not _linked(state, place, other)
    ]


def _rows_about(player: Player, link: Linked) -> Iterator[Row]:
    """Yield the rows about both records of a link, as its first place reads them."""
    first, second = link.places
    for section in player.company.sections:
        if {section.source, section.target} != {first[0], second[0]}:
            continue
        if all(_is_within(player, section, place) for place in link.places):
            faced = section.source == first[0]
            yield from (row if faced else turn_row(row) for row in section.rows)


def _is_open(player: Player, link: Linked, row: Row, values: tuple[Json, Json]) -> bool:
    """Return whether two values may differ: a row is held, or has nothing to carry its way."""
    pair = frozenset(place[0] for place in link.places)
    if pair in circle_pairs(player.company, row.field) or pair in fed_pairs(player.company, row):
        return True
    return (row.direction is Direction.TO_TARGET and is_empty(values[0])) or (
        row.direction is Direction.TO_SOURCE and is_empty(values[1])
    )


def _sections_of(company: Company, resource: str) -> Iterator[tuple[Section, str]]:
    """Yield the sections about a resource and another one, with the other one."""
    for section in company.sections:
        ends = section.source, section.target
        if resource in ends and ends[0] != ends[1]:
            yield section, ends[1] if ends[0] == resource else ends[0]


def _calls(player: Player, section: Section, place: Place) -> bool:
    """Return whether a section says that a record is to have a counterpart."""
    word = section.forth if place[0] == section.source else section.back
    if word == "never" or not _is_within(player, section, place):
        return False
    return word == "always" or player.value(place, "kind") == word


def _is_within(player: Player, section: Section, place: Place) -> bool:
    """Return whether a record is in a section's subset of its resource, and is there."""
    kind = section.within[0 if place[0] == section.source else 1]
    return player.stored(place) is not None and (not kind or player.value(place, "kind") == kind)


def _linked(state: State, place: Place, other: str) -> bool:
    return any(
        place in link.places and any(p[0] == other for p in link.places) for link in state.links
    )


def _is_parted(player: Player, *places: Place) -> bool:
    """Return whether hands have parted a record, or one that was in its thing, from another."""
    parted = {place for pair in player.splits for place in pair} | player.pinned
    return any(parted & player.ever.of(place) for place in places)
