"""Two reasons that hold one row: what is written on creation only is held by no other reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from specbridge.model.conversion import Call, Conversion, Literal, Value
from specbridge.model.document import Document
from specbridge.model.profile import Profile
from specbridge.model.resolved import ResolvedMapping, ResolvedPackage
from specbridge.model.rules import PropertyMapping
from specbridge.model.values import Direction
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

from tests.resolve.documents import EVERY, LINKED, cell, document, flow, row, rule, side

Profiles = Mapping[str, Profile]
BUYER, CONTACT = side("Ledgerly", "Buyer"), side("Acme", "Contact")
BOTH, AHEAD, BACK, NONE = (
    Direction.BOTH,
    Direction.TO_TARGET,
    Direction.TO_SOURCE,
    Direction.NONE,
)
LOSSY = Conversion(text="…", expression=Call("replace", (Literal(" "), Literal(""), Value())))
UNREAD = replace(row("", "", None), type_text='["riddle", "_."]')

SOURCES = (
    "name",
    cell("name", ("ten", "number")),
    "number",
    "tags",
    "agent",
    "parent",
    "id",
    "secret",
    "self",
    "nowhere",
)
TARGETS = ("title", "rank", "labels", "manager", "owner", "made", "nowhere")


def stated() -> Iterator[PropertyMapping]:
    """Yield rows of every pair of reasons, both properties' own among them."""
    for source in SOURCES:
        for target in TARGETS:
            yield from (row(source, target, kind) for kind in ("string", "integer", None, LOSSY))
            yield replace(row(source, target, None), type_text=UNREAD.type_text)


def written_once(profiles: Profiles) -> Profiles:
    """Return the profiles with every property written on creation only."""
    return {
        name: replace(
            profile,
            resources=tuple(
                replace(one, properties=tuple(replace(p, create_only=True) for p in one.properties))
                for one in profile.resources
            ),
        )
        for name, profile in profiles.items()
    }


def documents(given: PropertyMapping) -> tuple[Document, Document]:
    """Return two documents that create both ways; the first has the row."""
    ahead = document(flow(BUYER, CONTACT, given, creation=EVERY), path="1.rst")
    back = flow(CONTACT, BUYER, creation=EVERY)
    return ahead, document(back, source="Acme", target="Ledgerly", path="2.rst")


def resolved(given: PropertyMapping, profiles: Profiles) -> ResolvedMapping:
    """Return the row of a flow that creates both ways."""
    (package,) = resolve_packages(documents(given), Settings(), profiles)
    (mapping,) = package.flows[0].mappings
    return mapping


def reasons(mapping: ResolvedMapping) -> dict[Direction, str]:
    """Return the code that holds the row, per direction."""
    ways = {BOTH: (AHEAD, BACK), AHEAD: (AHEAD,), BACK: (BACK,)}
    return {way: held.code for held in mapping.held for way in ways[held.direction]}


def test_created_records_get_what_only_creation_writes_and_nothing_that_is_held(
    profiles: Profiles,
) -> None:
    once, seen = written_once(profiles), set()
    for given in stated():
        free, held = resolved(given, profiles), resolved(given, once)
        told = f"{given.source.text} | {given.target.text} | {given.type_text}"
        # What could be kept equal is written on creation; what could not, is not.
        assert held.create_only is free.direction, told
        assert held.direction is NONE, told
        # And the reason that is told is the one to be mended.
        assert reasons(held) == {AHEAD: "W403", BACK: "W403"} | reasons(free), told
        seen |= set(reasons(free).values())
    assert seen == {"W323", "W401", "W402", "W404", "W405", "W406", "W407", "W408", "W409"}


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (("name", "manager", "integer"), {AHEAD: "W406", BACK: "W403"}),
        (("agent", "title", "string"), {AHEAD: "W403", BACK: "W406"}),
        (("agent", "manager", "integer"), {AHEAD: "W406", BACK: "W406"}),
        (("tags", "title", None), {AHEAD: "W404", BACK: "W404"}),
        (("name", "title", LOSSY), {AHEAD: "W403", BACK: "W405"}),
        (("self", "title", "string"), {AHEAD: "W408", BACK: "W408"}),
        (("number", "made", "string"), {AHEAD: "W402", BACK: "W403"}),
    ],
)
def test_the_reason_that_remains_is_told(
    cells: tuple[str, str, Conversion | str | None],
    codes: dict[Direction, str],
    profiles: Profiles,
) -> None:
    assert reasons(resolved(row(*cells), written_once(profiles))) == codes


@pytest.mark.parametrize(
    ("lacking", "property_", "message", "mend"),
    [
        ((), "series", "`series` of Buyers is written on creation only", False),
        (("update",), "series", "`series` of Buyers is written on creation only", False),
        (
            ("update",),
            "name",
            "`name` of Buyers is written on creation only: Ledgerly has no update call",
            True,
        ),
        (
            ("create", "update"),
            "name",
            "`name` of Buyers is never written: Ledgerly has no create and no update call",
            True,
        ),
    ],
    ids=["create-only", "create-only and no update call", "no update call", "no call"],
)
def test_what_no_change_writes_says_why(
    lacking: Sequence[str], property_: str, message: str, mend: bool, profiles: Profiles
) -> None:
    package = without_calls(lacking, row(property_, "title"), profiles)
    (found,) = (one for one in package.problems if one.code == "W403")
    assert found.message.endswith(f"is held towards the source: {message}")
    assert ("complete the profile" in found.mend) is mend


def test_each_side_that_is_written_once_has_its_own_mend(profiles: Profiles) -> None:
    package = without_calls(("update",), row("series", "title"), profiles, system="acme")
    ahead, back = (one for one in package.problems if one.code == "W403")
    assert ahead.message.endswith("on creation only: Acme has no update call")
    assert ahead.mend.endswith("; else complete the profile")
    assert back.message.endswith("`series` of Buyers is written on creation only")
    assert "complete the profile" not in back.mend


def without_calls(
    calls: Sequence[str], given: PropertyMapping, profiles: Profiles, system: str = "ledgerly"
) -> ResolvedPackage:
    """Return the package of a row, of a system that lacks some of its calls."""
    books = profiles[system]
    resources = tuple(replace(one, **dict.fromkeys(calls)) for one in books.resources)  # type: ignore[arg-type]  # calls all
    changed = {**profiles, system: replace(books, resources=resources)}
    (package,) = resolve_packages([document(flow(BUYER, CONTACT, given))], Settings(), changed)
    return package


USER, PERSON = side("Zendesk", "Users"), side("PowerOffice Go", "ContactPersons")
ORGANIZATION, CUSTOMER = side("Zendesk", "Organizations"), side("PowerOffice Go", "Customers")
FOREIGN = ("organization_id", "ContactId")


@pytest.mark.parametrize("linked", [False, True], ids=["nothing linked", "linked"])
def test_a_created_record_gets_no_id_of_the_other_system(linked: bool, profiles: Profiles) -> None:
    sections = [flow(USER, PERSON, row(*FOREIGN, "integer"), creation=EVERY)]
    sections += [flow(ORGANIZATION, CUSTOMER, creation=LINKED)] if linked else []
    written = document(*sections, source="Zendesk", target="PowerOffice Go")
    (package,) = resolve_packages([written], Settings(), profiles)
    (mapping,) = package.flows[-1].mappings
    assert (mapping.create_only, mapping.reference is not None) == (
        (AHEAD, True) if linked else (NONE, False)
    )


@pytest.mark.parametrize("linked", [False, True], ids=["nothing linked", "linked"])
def test_no_rule_links_by_ids_of_two_systems(linked: bool, profiles: Profiles) -> None:
    sections = [flow(USER, PERSON, rules=[rule(*FOREIGN), rule("email", "EmailAddress")])]
    sections += [flow(ORGANIZATION, CUSTOMER)] if linked else []
    written = document(*sections, source="Zendesk", target="PowerOffice Go")
    (package,) = resolve_packages([written], Settings(), profiles)
    assert len(package.flows[-1].link_rules) == 1 + linked
    told = [one for one in package.problems if one.code == "W333"]
    assert [("holds the id of a Organizations" in one.message) for one in told] == [True] * (
        not linked
    )
