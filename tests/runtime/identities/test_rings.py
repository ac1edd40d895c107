"""Values that go round: they come to rest, as the later edit or the master has them."""

import pytest
from specbridge.model.values import Direction
from specbridge.runtime.decide.feeding.ranks import MOST_RANKED, Rank, Ranked, Ranks

from tests.runtime.identities.drawing import Company, Deed, Row, Section, Story
from tests.runtime.identities.holding import check_all, hold_story, play_story
from tests.runtime.identities.rings import APART
from tests.runtime.kept import KeptStore

FORTH = (Row("name", direction=Direction.TO_TARGET),)
BOTH = (Row("name"),)


def ring_of(*pairs: tuple[str, tuple[Row, ...]]) -> Company:
    """Return a company whose pairs of resources, written `AB`, are joined by these rows."""
    sections = tuple(Section(source=p[0], target=p[1], rows=rows, rule="one") for p, rows in pairs)
    return Company(systems=APART, packages=(sections,))


def added(resources: str) -> list[Deed]:
    """Return one record of each resource, which are one thing, and a run."""
    return [*(Deed("add", one, keys=("x", "")) for one in resources), Deed("run")]


ROUND = ring_of(("BA", FORTH), ("AC", FORTH), ("CB", BOTH))
DIRECTED = ring_of(("AB", FORTH), ("BC", FORTH), ("CA", FORTH))
FOUR = ring_of(("AB", BOTH), ("BC", BOTH), ("CD", BOTH), ("AD", BOTH))
FOUR_TURNED = ring_of(("AB", BOTH), ("BC", BOTH), ("CD", BOTH), ("DA", BOTH))
LED = ring_of(("DB", FORTH), ("BC", FORTH), ("CA", FORTH), ("AB", FORTH))
TWO_MASTERS = ring_of(("CB", FORTH), ("BD", BOTH), ("AD", FORTH))
ONE_MASTER = ring_of(("AB", FORTH), ("AD", FORTH), ("BD", BOTH))


@pytest.mark.parametrize(
    ("company", "edited", "held"),
    [
        # The row from B to A undid the edit while it was on its way from A by C to B, in every run.
        pytest.param(ROUND, "A", "AAA", id="an edit that goes round"),
        pytest.param(ROUND, "AC", "CCC", id="two edits that go round"),
        pytest.param(ROUND, "BCA", "AAA", id="three edits that go round"),
        pytest.param(DIRECTED, "B", "BBB", id="all one way"),
        pytest.param(DIRECTED, "CBA", "AAA", id="all one way, three edits"),
        pytest.param(FOUR, "AC", "CCCC", id="four"),
        pytest.param(FOUR_TURNED, "CA", "AAAA", id="four, turned"),
        pytest.param(LED, "A", "----", id="the master of a circle undoes edits"),
        pytest.param(LED, "AD", "DDDD", id="the master of a circle and another"),
        pytest.param(LED, "DA", "DDDD", id="the master of a circle, edited before another"),
        pytest.param(TWO_MASTERS, "CA", "AACA", id="two masters of what goes both ways"),
        pytest.param(TWO_MASTERS, "AC", "ACCC", id="two masters, the other one later"),
        pytest.param(TWO_MASTERS, "B", "-B-B", id="what two masters feed is not restored"),
        pytest.param(ONE_MASTER, "B", "---", id="one master of two"),
    ],
)
def test_edits_go_round_once(company: Company, edited: str, held: str) -> None:
    story = Story(
        company=company,
        deeds=(
            *added("".join(company.resources)),
            Deed("run"),
            *(Deed("edit", one) for one in edited),
        ),
    )
    kept = KeptStore()
    player = play_story(kept, story)
    check_all(player)
    said = {
        value: place[0]
        for (place, field), value in player.edits.items()
        if field == "name" and place[0] in edited
    }
    shown = [said.get(player.value(place, "name"), "-") for place in sorted(player.places())]
    assert "".join(shown) == held
    kept.close()


@pytest.mark.parametrize("company", [ROUND, DIRECTED, FOUR, FOUR_TURNED, LED, TWO_MASTERS])
@pytest.mark.parametrize("hurried", [False, True])
def test_values_that_meet_at_first_contact_come_to_rest(company: Company, hurried: bool) -> None:
    resources = "".join(company.resources)
    edits = [Deed("edit", one) for one in resources]
    story = Story(company=company, deeds=(*added(resources), *edits), hurried=hurried)
    kept = KeptStore()
    hold_story(kept, story)
    kept.close()


@pytest.mark.parametrize(("kind", "held"), [("client", "AAA"), ("", "---")])
def test_a_circle_that_lacks_a_link_of_the_thing_is_none(kind: str, held: str) -> None:
    # A waited for its edit to come round by B and C, which are linked for clients alone.
    sections = (
        Section(source="C", target="A", rows=FORTH, rule="one"),
        Section(source="A", target="B", rows=BOTH, rule="one"),
        Section(source="B", target="C", rows=BOTH, rule="one", within=("client", "")),
    )
    story = Story(
        company=Company(systems=APART, packages=(sections,)),
        deeds=(
            *(Deed("add", one, keys=("x", ""), kind=kind) for one in "ABC"),
            Deed("run"),
            Deed("run"),
            Deed("edit", "A"),
        ),
    )
    kept = KeptStore()
    player = play_story(kept, story)
    check_all(player)
    said = player.edits[("A", "99"), "name"]
    shown = ["A" if player.value(place, "name") == said else "-" for place in player.places()]
    assert "".join(shown) == held
    kept.close()


def test_what_fills_an_emptied_property_is_no_edit() -> None:
    # C had got it from B, and was then filled by A, which had not heard of it yet: B's edit stayed alone.
    company = ring_of(("AB", FORTH), ("CA", BOTH), ("BC", FORTH))
    story = Story(
        company=company,
        deeds=(
            *added("ABC"),
            Deed("edit", "B"),
            Deed("run", index=2),
            Deed("empty", "C"),
        ),
    )
    kept = KeptStore()
    player = play_story(kept, story)
    check_all(player)
    (said,) = {
        v for (place, field), v in player.edits.items() if (place[0], field) == ("B", "name")
    }
    assert {player.value(place, "name") for place in player.places()} == {said}
    kept.close()


def test_a_run_knows_of_so_many_values_at_once() -> None:
    ranks = Ranks()
    for number in range(MOST_RANKED + 1):
        ranks.keep((1, str(number), "name"), Ranked(Rank(led=number), "x"))
    assert ranks.find((1, "0", "name"), "x") is None
    assert ranks.find((1, "1", "name"), "x") == Rank(led=1)
    assert ranks.find((1, "1", "name"), "y") is None
