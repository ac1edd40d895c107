"""Rows bound to both APIs: names, conditions, references, and what is held."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from specbridge.model.conversion import Call, Conversion, Literal, Value, ValueType
from specbridge.model.profile import Profile
from specbridge.model.resolved import Reference, ResolvedCondition, ResolvedFlow, ResolvedMapping
from specbridge.model.rules import Creation, PropertyMapping, PropertyPath
from specbridge.model.values import Direction, Json
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

from tests.resolve.documents import EVERY, LINKED, cell, document, flow, row, side, simple

Profiles = Mapping[str, Profile]
BUYER = side("Ledgerly", "Buyer")
CONTACT = side("Acme", "Contact")
PERSON = side("Acme", "Person")
BOTH, AHEAD, BACK, NONE = (
    Direction.BOTH,
    Direction.TO_TARGET,
    Direction.TO_SOURCE,
    Direction.NONE,
)
SHOUT = Conversion(text="…", expression=Call("replace", (Literal(" "), Literal(""), Value())))


def resolve(
    *rows: PropertyMapping,
    profiles: Profiles,
    settings: Settings | None = None,
    creation: Creation = LINKED,
) -> ResolvedFlow:
    written = document(flow(BUYER, CONTACT, *rows, creation=creation))
    (package,) = resolve_packages([written], settings or Settings(), profiles)
    return package.flows[0]


def only(found: ResolvedFlow) -> ResolvedMapping:
    (mapping,) = found.mappings
    return mapping


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        ("name", ("name",), ValueType.STRING),
        ("NAME", ("name",), ValueType.STRING),
        ("orgNo", ("vat",), ValueType.STRING),
        ("ORGNO", ("vat",), ValueType.STRING),
        ("tax.number", ("vat",), ValueType.STRING),
        ("Address.Country.Code", ("address", "country", "code"), ValueType.STRING),
        ("phones.number", ("phones[]", "number"), ValueType.STRING),
        ("phones", ("phones",), ValueType.LIST),
        ("custom.own.field", ("custom", "own", "field"), ValueType.ANY),
        ("notes.text", ("notes[]", "text"), ValueType.ANY),
    ],
)
def test_a_cell_means_a_property_of_the_api(
    text: str, path: tuple[str, ...], kind: ValueType, profiles: Profiles
) -> None:
    source = only(resolve(row(text, "title"), profiles=profiles)).source
    assert source.path == path
    assert source.type is kind
    assert source.definition is not None
    assert source.text == text


@pytest.mark.parametrize("text", ["nme", "phones.colour", "address.street", "name.first", "a.b.c"])
def test_what_the_api_lacks_is_held_both_ways(text: str, profiles: Profiles) -> None:
    mapping = only(resolve(row(text, "title"), profiles=profiles))
    assert [(one.direction, one.code) for one in mapping.held] == [(BOTH, "W401")]
    assert mapping.direction is NONE
    assert mapping.source.definition is None


@pytest.mark.parametrize(
    ("cells", "direction", "codes"),
    [
        (("name", "title", "string"), BOTH, []),
        (("number", "title", "string"), BOTH, []),
        (("number", "rank", None), BOTH, []),
        (("number", "title", None), BOTH, []),
        (("id", "title", "string"), AHEAD, ["W402"]),
        (("name", "made", "string"), BACK, ["W402"]),
        (("id", "made", "string"), NONE, ["W402", "W402"]),
        (("self", "title", "string"), NONE, ["W408"]),
        (("secret", "title", "string"), NONE, ["W407"]),
        (("series", "title", "string"), AHEAD, ["W403"]),
        (("name", "rank", "string"), NONE, ["W404", "W404"]),
        (("tags", "title", None), NONE, ["W404", "W404"]),
        (("name", "title", SHOUT), AHEAD, ["W405"]),
        (("custom.field", "title", "string"), AHEAD, ["W405"]),
        (("agent", "title", "string"), AHEAD, ["W406"]),
        (("name", "manager", "integer"), BACK, ["W406"]),
        (("agent", "manager", "integer"), NONE, ["W406"]),
    ],
)
def test_a_row_is_held_where_it_cannot_be_kept(
    cells: tuple[str, str, Conversion | str | None],
    direction: Direction,
    codes: list[str],
    profiles: Profiles,
) -> None:
    mapping = only(resolve(row(*cells), profiles=profiles))
    assert mapping.direction is direction
    assert [one.code for one in mapping.held] == codes


def test_both_ways_are_told_as_one(profiles: Profiles) -> None:
    mapping = only(resolve(row("self", "title"), profiles=profiles))
    assert [one.direction for one in mapping.held] == [BOTH]


@pytest.mark.parametrize(
    ("creation", "expected"), [(LINKED, NONE), (EVERY, NONE)], ids=["linked", "every"]
)
def test_create_only_is_not_supplied_where_nothing_is_created(
    creation: Creation, expected: Direction, profiles: Profiles
) -> None:
    # `series` is the source's: only a mirror document creates there.
    mapping = only(resolve(row("series", "title"), profiles=profiles, creation=creation))
    assert mapping.create_only is expected


def test_create_only_is_supplied_to_what_a_mirror_creates(profiles: Profiles) -> None:
    ahead = document(flow(BUYER, CONTACT, row("series", "title")))
    back = document(
        flow(CONTACT, BUYER, row("title", "series"), creation=EVERY),
        source="Acme",
        target="Ledgerly",
        path="acme-ledgerly.rst",
    )
    (package,) = resolve_packages([ahead, back], Settings(), profiles)
    # Named after `acme-ledgerly.rst`, which sorts first: Ledgerly is the target.
    mapping = only(package.flows[0])
    assert mapping.direction is BACK
    assert mapping.create_only is AHEAD


REFERRING = (flow(BUYER, CONTACT, row("parent", "owner"), row("agent", "manager")),)


def test_references_are_translated_where_a_flow_links_them(profiles: Profiles) -> None:
    linking = flow(side("Ledgerly", "Agents"), PERSON)
    (package,) = resolve_packages([document(*REFERRING, linking)], Settings(), profiles)
    assert [one.name for one in package.flows] == ["agents_to_person", "buyer_to_contact"]
    parent, agent = package.flows[1].mappings
    assert parent.reference == Reference(source="Buyers", target="Contacts")
    assert agent.reference == Reference(source="Agents", target="People")
    assert (agent.forward, agent.backward, agent.direction) == (None, None, BOTH)


SYMBOLS: dict[str, Json] = {
    "wd:Q1": "mobile",
    "acme-kind": {"acme": "A", "ledgerly": "L"},
    "ledgerly-number": {"ledgerly": 7},
    "acme-only": {"acme": "A"},
}


NO_NUMBERS = (
    "nan",
    "-NaN",
    "inf",
    "Infinity",
    "1e999",
    "-1e400",
    "9" * 400,
    "1_000",
    "١٢",
    "\uff11\uff12",
    "+1",
    "01",
    ".5",
    "5.",
    "0x1f",
    "1 000",
    "1,5",
)


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ("P", "kind", ResolvedCondition(path=("kind",), value="P")),
        ("pre-paid", "KIND", ResolvedCondition(path=("kind",), value="pre-paid")),
        ("5", "number", ResolvedCondition(path=("number",), value=5)),
        ("True", "active", ResolvedCondition(path=("active",), value=True)),
        ("1.5", "balance", ResolvedCondition(path=("balance",), value=1.5)),
        ("wd:Q1", "phones.kind", ResolvedCondition(path=("phones[]", "kind"), value="mobile")),
        ("acme-kind", "kind", ResolvedCondition(path=("kind",), value="L")),
        ("ledgerly-number", "number", ResolvedCondition(path=("number",), value=7)),
        ("wd:Q2", "kind", "W322"),
        ("acme-only", "kind", "W322"),
        ("ledgerly-buyer-kind", "kind", "W322"),
        ("acme-contact-kind", "kind", "W322"),
        ("ten", "number", "W323"),
        ("perhaps", "active", "W323"),
        *((text, path, "W323") for text in NO_NUMBERS for path in ("number", "balance")),
        ("1.5", "number", "W323"),
        ("-1.5E+2", "balance", ResolvedCondition(path=("balance",), value=-150.0)),
        ("-0", "number", ResolvedCondition(path=("number",), value=0)),
        ("", "kind", "W321"),
        ("P", "", "W321"),
        ("P", "colour", "W401"),
    ],
)
def test_a_condition_is_certain_or_the_row_is_held(
    value: str, path: str, expected: ResolvedCondition | str, profiles: Profiles
) -> None:
    given = row(cell("name", (value, path)), "title")
    mapping = only(resolve(given, profiles=profiles, settings=Settings(symbols=SYMBOLS)))
    if isinstance(expected, str):
        assert [(one.direction, one.code) for one in mapping.held] == [(BOTH, expected)]
        assert mapping.source.conditions == ()
    else:
        assert mapping.held == ()
        assert mapping.source.conditions == (expected,)


def test_rows_may_share_a_source_or_a_target_in_their_order(profiles: Profiles) -> None:
    rows = (row("name", "title"), row("short_name", "title"), row("name", "mail"))
    found = resolve(*rows, profiles=profiles)
    assert [(one.source.path[0], one.target.path[0]) for one in found.mappings] == [
        ("name", "title"),
        ("short_name", "title"),
        ("name", "mail"),
    ]


@pytest.mark.parametrize(
    "cells",
    [("phones", "phones.number"), ("custom", "custom.a.b"), ("custom.a.b", "custom.a")],
)
def test_a_value_and_a_part_of_it_cannot_both_be_mapped(
    cells: tuple[str, str], profiles: Profiles
) -> None:
    rows = (row(one, target) for one, target in zip(cells, ("labels", "title"), strict=True))
    assert len(resolve(*rows, profiles=profiles).mappings) == 1


@pytest.mark.parametrize("turned", [False, True], ids=["held first", "held last"])
def test_a_held_row_takes_no_place_from_one_that_is_kept_equal(
    turned: bool, profiles: Profiles
) -> None:
    rows = [row("phones", "code", None, line=1), row("phones.number", "title", line=2)]
    written = document(flow(BUYER, CONTACT, *(rows[::-1] if turned else rows)))
    (package,) = resolve_packages([written], Settings(), profiles)
    (kept,) = package.flows[0].mappings
    assert kept.where.line == 2
    assert [one.where.line for one in package.problems if one.code == "W332"] == [1]


def test_without_profiles_rows_are_as_documents_state_them() -> None:
    given = (row("a.b", "c", "integer"), row(cell("x", ("9", "k")), "y", SHOUT))
    written = document(flow(side("One", "A"), side("Two", "B"), *given), source="One", target="Two")
    (package,) = resolve_packages([written], Settings(), {})
    found = package.flows[0]
    assert not found.runnable
    assert [one.direction for one in found.mappings] == [BOTH, BOTH]
    assert found.mappings[0].source.path == ("a", "b")
    assert found.mappings[0].forward == simple("integer")
    assert found.mappings[1].source.conditions == (ResolvedCondition(path=("k",), value="9"),)


def test_a_statement_is_the_row_on_one_line(profiles: Profiles) -> None:
    given = replace(row("name", "title"), source=PropertyPath(text="na\n me", path=("name",)))
    assert only(resolve(given, profiles=profiles)).statement == 'na me | title | "string"'
