"""When two rows are the same: the properties, the conditions as written and the data type are."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from specbridge.errors import Location, Problem
from specbridge.model.conversion import Call, Conversion, Literal, Value
from specbridge.model.document import Document
from specbridge.model.profile import Profile
from specbridge.model.resolved import ResolvedPackage
from specbridge.model.rules import PropertyMapping
from specbridge.model.values import Direction, Json
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

from tests.resolve.documents import cell, document, flow, row, rule, side, simple

Profiles = Mapping[str, Profile]
BUYER, CONTACT = side("Ledgerly", "Buyer"), side("Acme", "Contact")
BOTH, NONE = Direction.BOTH, Direction.NONE
NORWAY = cell("vat", ("wd:Q20", "address.country.code"))
UPPER = Conversion(text="…", expression=Call("replace", (Literal("a"), Literal("A"), Value())))


def resolve(
    profiles: Profiles, *documents: Document, symbols: Mapping[str, Json] | None = None
) -> ResolvedPackage:
    (package,) = resolve_packages(documents, Settings(symbols=symbols or {}), profiles)
    return package


def ahead(*rows: PropertyMapping) -> Document:
    return document(flow(BUYER, CONTACT, *rows))


def back(*rows: PropertyMapping) -> Document:
    turned = flow(CONTACT, BUYER, *rows)
    return document(turned, source="Acme", target="Ledgerly", path="specs/z-acme.rst")


def told(package: ResolvedPackage, code: str) -> list[Problem]:
    return [one for one in package.problems if one.code == code]


@pytest.mark.parametrize("turned", [False, True], ids=["condition first", "condition last"])
def test_a_row_held_for_its_symbol_swallows_no_other(turned: bool, profiles: Profiles) -> None:
    rows = [row(NORWAY, "code", line=1), row("vat", "code", line=2)]
    package = resolve(profiles, ahead(*(rows[::-1] if turned else rows)))
    found = sorted(package.flows[0].mappings, key=lambda one: one.where.line)
    assert [one.direction for one in found] == [NONE, BOTH]
    assert [held.code for held in found[0].held] == ["W322"]
    assert not told(package, "W331")


@pytest.mark.parametrize(
    "second",
    [
        row("name", "title"),
        row("NAME", "Title"),
        row("name", "title", Conversion(text="string", expression=Call("string", (Value(),)))),
    ],
    ids=["as it is", "in other capitals", "the type in long form"],
)
def test_the_same_row_counts_once(second: PropertyMapping, profiles: Profiles) -> None:
    package = resolve(profiles, ahead(row("name", "title", line=7), second))
    (kept,) = package.flows[0].mappings
    assert kept.where.line == 7
    (problem,) = told(package, "W331")
    assert "is there before, in line 7; it is left out" in problem.message


@pytest.mark.parametrize(
    "conditions",
    [
        ((("P", "kind"), ("5", "number")), (("5", "NUMBER"), ("P", "kind"))),
        ((("wd:Q1", "kind"),), (("wd:Q1", "kind"),)),
        ((("", "kind"),), (("", "kind"),)),
    ],
    ids=["in another order", "held", "blank"],
)
def test_conditions_that_are_the_same_as_written_make_the_same_row(
    conditions: tuple[tuple[tuple[str, str], ...], ...], profiles: Profiles
) -> None:
    rows = [row(cell("name", *one), "title") for one in conditions]
    package = resolve(profiles, ahead(*rows))
    assert len(package.flows[0].mappings) == 1
    assert len(told(package, "W331")) == 1


def test_two_symbols_are_two_rows_whatever_holds_them(profiles: Profiles) -> None:
    rows = [row(cell("name", (value, "kind")), "title") for value in ("wd:Q1", "wd:Q2", "")]
    package = resolve(profiles, ahead(*rows))
    assert [one.direction for one in package.flows[0].mappings] == [NONE] * 3
    assert not told(package, "W331")


def test_two_symbols_of_one_value_are_no_repetition_and_count_once(profiles: Profiles) -> None:
    rows = [row(cell("name", (value, "kind")), "title") for value in ("wd:Q1", "P")]
    package = resolve(profiles, ahead(*rows), symbols={"wd:Q1": "P"})
    assert [one.direction for one in package.flows[0].mappings] == [BOTH]
    assert not package.problems


@pytest.mark.parametrize("other", ["integer", None, UPPER], ids=["integer", "N/A", "expression"])
def test_a_row_with_another_type_is_held_not_left_out(
    other: Conversion | str | None, profiles: Profiles
) -> None:
    package = resolve(profiles, ahead(row("name", "code", line=4), row("name", "code", other)))
    first, second = package.flows[0].mappings
    assert (first.direction, second.direction) == (BOTH, NONE)
    assert first.forward == simple("string")
    assert [held.code for held in second.held][-1:] in (["W362"], ["W404"])
    assert not told(package, "W331")
    for problem in told(package, "W362"):
        assert "stands in line 4 with the data type string, which holds" in problem.message
    # Generated code quotes the reason, and is not to change with a document's lines.
    assert not [held for held in second.held if "line 4" in held.reason]


def test_a_held_row_takes_no_place_from_a_row_of_a_later_section(profiles: Profiles) -> None:
    sections = [
        flow(BUYER, CONTACT, row(NORWAY, "code"), name="one"),
        flow(BUYER, CONTACT, row("vat", "code"), name="two"),
        flow(BUYER, CONTACT, row("vat", "code", UPPER), name="three"),
    ]
    package = resolve(profiles, document(*sections))
    found = {one.name: one.mappings[0].direction for one in package.flows}
    assert found == {"one": NONE, "two": BOTH, "three": NONE}
    (problem,) = told(package, "W362")
    assert "stands in flow `two`, line 1 with" in problem.message


def in_file(path: str, *rows: PropertyMapping) -> list[PropertyMapping]:
    return [replace(one, where=Location(path, 3 + index)) for index, one in enumerate(rows)]


def test_a_repetition_in_another_document_is_named_with_it(profiles: Profiles) -> None:
    own = in_file("specs/ledgerly-acme.rst", row("name", "title"))
    theirs = in_file("specs/z-acme.rst", row("title", "name"), row("Title", "NAME", None))
    package = resolve(profiles, ahead(*own), back(theirs[0], replace(theirs[0])))
    (again,) = told(package, "W331")
    assert "the row `title` to `name` is there before, in line 3; it" in again.message
    # The first half of the other is in the mirror too, but another one than this row's.
    package = resolve(profiles, ahead(*own), back(theirs[0], theirs[1]))
    (aside,) = told(package, "W362")
    assert "the row `Title | NAME | N/A` stands in line 3 of ledgerly-acme.rst" in aside.message


def test_a_row_of_the_mirror_alone_is_quoted_from_it_with_its_type(profiles: Profiles) -> None:
    theirs = in_file("specs/z-acme.rst", row("code", "id", "integer"), row("nme", "kind"))
    package = resolve(profiles, ahead(), back(*theirs))
    held, unknown = package.flows[0].mappings
    assert (held.source.path, held.target.path) == (("id",), ("code",))
    assert held.statement == 'code | id | "integer"'
    assert unknown.statement == 'nme | kind | "string"'
    (problem,) = told(package, "W402")
    # Towards the target of the document that has the row.
    assert "the row `code` to `id` is held towards the target" in problem.message
    assert held.held[0].direction is Direction.TO_SOURCE
    remark, _ = (one for one in package.remarks if one.code == "W424")
    assert "does not have the row `code` to `id`" in remark.message


def test_a_link_rule_of_the_mirror_alone_is_quoted_from_it(profiles: Profiles) -> None:
    turned = flow(CONTACT, BUYER, rules=[rule("title", "name"), rule("nme", "vat")])
    mirror = document(turned, source="Acme", target="Ledgerly", path="z-acme.rst")
    package = resolve(profiles, ahead(), mirror)
    (found,) = package.flows[0].link_rules
    assert (found.source.path, found.statement) == (("name",), "title | name")
    (problem,) = told(package, "W333")
    assert "the link rule `nme` to `vat` is left out" in problem.message
