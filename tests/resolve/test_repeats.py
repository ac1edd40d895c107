"""Sections about the same two datatypes: one statement of a row holds, a flow to itself is not run."""

from collections.abc import Mapping

from specbridge.model.profile import Profile
from specbridge.model.resolved import ResolvedPackage
from specbridge.model.values import Direction
from specbridge.resolve.lint import lint_packages
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

from tests.resolve.documents import EVERY, document, flow, row, rule, side

Profiles = Mapping[str, Profile]
BUYER = side("Ledgerly", "Buyer")
CONTACT = side("Acme", "Contact")


def resolve(profiles: Profiles, *flows: object, **names: str) -> ResolvedPackage:
    (package,) = resolve_packages([document(*flows, **names)], Settings(), profiles)  # type: ignore[arg-type]  # flows all
    return package


def codes(package: ResolvedPackage) -> list[str]:
    return [one.code for one in package.problems]


def test_a_row_that_is_repeated_with_another_type_is_held(profiles: Profiles) -> None:
    package = resolve(
        profiles,
        flow(BUYER, CONTACT, row("name", "title"), line=1),
        flow(BUYER, CONTACT, row("name", "title", "list", line=9), line=8),
    )
    first, second = package.flows
    assert [one.direction for one in first.mappings] == [Direction.BOTH] * len(first.mappings)
    assert (second.mappings[0].target.path, second.mappings[0].direction) == (
        ("title",),
        Direction.NONE,
    )
    assert second.mappings[0].held[-1].code == "W362"
    (told,) = (one for one in package.problems if one.code == "W362")
    assert told.where.line == 9
    assert first.name in told.message


def test_a_row_that_is_repeated_as_it_was_is_not_told(profiles: Profiles) -> None:
    twice = flow(BUYER, CONTACT, row("name", "title"))
    package = resolve(profiles, twice, twice)
    assert "W362" not in codes(package)
    assert {one.direction for f in package.flows for one in f.mappings} == {Direction.BOTH}


def test_a_flow_of_a_datatype_to_itself_is_generated_and_not_run(profiles: Profiles) -> None:
    itself = flow(CONTACT, CONTACT, row("title", "title"), creation=EVERY)
    package = resolve(profiles, itself, source="Acme", path="acme-acme.rst")
    assert codes(package).count("W361") == 1
    assert [one.runnable for one in package.flows] == [False]


def test_creation_without_a_rule_is_told_by_lint_unless_another_flow_of_the_pair_links(
    profiles: Profiles,
) -> None:
    every = flow(BUYER, CONTACT, row("name", "title"), creation=EVERY)
    alone = lint_packages([resolve(profiles, every)], profiles)
    assert [one.code for one in alone].count("W429") == 1
    linking = flow(BUYER, CONTACT, rules=[rule("name", "title")])
    both = lint_packages([resolve(profiles, every, linking)], profiles)
    assert "W429" not in [one.code for one in both]
