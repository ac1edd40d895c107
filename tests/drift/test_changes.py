"""Each kind of change in meaning is found, named, and breaking as the table says."""

import re
from dataclasses import replace

import pytest
from specbridge.drift.meaning.change import BREAKING, Change
from specbridge.drift.meaning.packages import compare_packages
from specbridge.drift.meaning.render import render_github, render_markdown, render_text
from specbridge.model.conversion import ValueType
from specbridge.model.resolved import CreationRule, ResolvedFlow, ResolvedMapping
from specbridge.model.values import CreationPolicy, Direction

from tests.emit.build import flow, package, prop, row, rule, side

SIDES = (side("Buyer"), side("Contact"))
RULE = rule(prop("mail"), prop("email"))
ROWS = [row("a", "x"), row("b", "y"), row("c", "y")]
BASE = flow(*SIDES, ROWS, [RULE])


def changes(old: ResolvedFlow, new: ResolvedFlow) -> list[Change]:
    return list(compare_packages([package(old)], [package(new)]))


def with_rows(*rows: ResolvedMapping) -> ResolvedFlow:
    return replace(BASE, mappings=tuple(rows))


CASES = {
    "flow-retargeted": replace(BASE, target=side("Person")),
    "flow-stopped": replace(BASE, runnable=False),
    "label-changed": replace(BASE, source=replace(SIDES[0], label="ACME")),
    "row-added": with_rows(*ROWS, row("d", "z")),
    "row-removed": with_rows(*ROWS[1:]),
    "row-retargeted": with_rows(row("a", "xx"), *ROWS[1:]),
    "condition-changed": with_rows(row(prop("a", ValueType.STRING, ("k", "v")), "x"), *ROWS[1:]),
    "type-changed": with_rows(row("a", "x", "integer"), *ROWS[1:]),
    "preference-changed": with_rows(ROWS[0], ROWS[2], ROWS[1]),
    "order-changed": with_rows(ROWS[1], ROWS[0], ROWS[2]),
    "text-changed": replace(BASE, statements=("Another sentence.",)),
    "documents-changed": replace(BASE, document="b-a.rst"),
    "row-held": with_rows(row("a", "x", direction=Direction.TO_TARGET), *ROWS[1:]),
    "link-rule-added": replace(BASE, link_rules=(RULE, rule(prop("n"), prop("m")))),
    "link-rule-removed": replace(BASE, link_rules=()),
    "creation-removed": replace(BASE, to_target=CreationRule()),
    "creation-added": replace(BASE, to_source=CreationRule(policy=CreationPolicy.ALWAYS)),
    "creation-changed": replace(BASE, to_target=CreationRule(policy=CreationPolicy.WHEN)),
}
OF_PACKAGES = {
    "flow-added",
    "flow-removed",
    "flow-renamed",
    "flow-started",
    "sections-swapped",
    "package-added",
    "package-removed",
    "package-renamed",
    "row-released",
    "code-changed",
}
"""The kinds that have a test of their own below."""


@pytest.mark.parametrize("kind", CASES)
def test_a_change_of_each_kind(kind: str) -> None:
    (change,) = changes(BASE, CASES[kind])
    assert change.kind == kind
    assert change.breaking is BREAKING[kind]
    assert (change.flow, change.package) == (BASE.name, package(BASE).name)
    assert set(change.as_json()) == {
        "kind",
        "package",
        "flow",
        "path",
        "line",
        "detail",
        "breaking",
    }


def test_flows_come_and_go() -> None:
    other = replace(BASE, name="other", target=side("Person"))
    found = compare_packages([package(BASE)], [package(other)])
    assert [change.kind for change in found] == ["flow-added", "flow-removed"]


def test_a_row_that_is_no_longer_held_is_released() -> None:
    (change,) = changes(CASES["row-held"], BASE)
    assert (change.kind, change.breaking) == ("row-released", False)


def test_a_flow_that_runs_again_is_started() -> None:
    (change,) = changes(CASES["flow-stopped"], BASE)
    assert (change.kind, change.breaking) == ("flow-started", False)


def test_every_kind_is_covered() -> None:
    assert set(CASES) | OF_PACKAGES == set(BREAKING)


def sections(*rows: str) -> list[ResolvedFlow]:
    """Return sections of one heading, each with one row, called as the reader calls them."""
    return [
        replace(
            BASE, name=BASE.name + (f"_{place}" if place > 1 else ""), mappings=(row(one, "x"),)
        )
        for place, one in enumerate(rows, 1)
    ]


def kinds(old: list[ResolvedFlow], new: list[ResolvedFlow]) -> list[tuple[str, str]]:
    found = compare_packages([package(*old)], [package(*new)])
    return [(change.kind, change.flow) for change in found]


def test_two_sections_of_one_name_that_change_places_are_one_change() -> None:
    assert kinds(sections("a", "b"), sections("b", "a")) == [("sections-swapped", "a_to_b")]
    assert kinds(sections("a", "b", "c"), sections("c", "a", "b")) == [
        ("sections-swapped", "a_to_b")
    ]
    assert kinds(sections("a", "b"), sections("a", "b")) == []


def test_a_section_before_others_of_its_name_renames_them() -> None:
    assert kinds(sections("a", "b"), sections("c", "a", "b")) == [
        ("flow-renamed", "a_to_b_2"),
        ("flow-renamed", "a_to_b_3"),
        ("flow-added", "a_to_b"),
    ]


def test_the_order_of_flows_is_preference_where_they_share_a_property() -> None:
    one = replace(BASE, name="one")
    sharing, other = replace(BASE, name="two"), replace(BASE, name="two", mappings=(row("q", "z"),))
    for second, kind in ((sharing, "preference-changed"), (other, "order-changed")):
        assert kinds([one, second], [second, one]) == [(kind, "")]


def test_packages_come_go_and_are_renamed_with_their_documents() -> None:
    old, new = package(BASE), replace(package(BASE), name="other")
    (change,) = compare_packages([old], [new])
    assert (change.kind, change.detail["old"], change.detail["new"]) == (
        "package-renamed",
        old.name,
        "other",
    )
    empty = replace(package(), name="empty", documents=("empty.rst",))
    assert [c.kind for c in compare_packages([], [empty])] == ["package-added"]
    assert [c.kind for c in compare_packages([empty], [])] == ["package-removed"]


def test_code_decides_what_is_told() -> None:
    old, new = [package(BASE)], [package(CASES["row-added"])]
    assert compare_packages(old, new, lambda _: "the same") == ()
    (change,) = compare_packages(old, new, lambda flow: flow)
    assert change.kind == "row-added"
    # Nothing but the code shows this: the type that a profile states.
    odd = with_rows(row(prop("a", ValueType.INTEGER), "x"), *ROWS[1:])
    (change,) = compare_packages(old, [package(odd)], lambda flow: flow)
    assert (change.kind, change.breaking) == ("code-changed", True)


CONDITION = "Code (Dependant on having {} in Country)"


@pytest.mark.parametrize(
    ("old", "new"),
    [("wd:Q1", "wd:Q2"), ("", "wd:Q1"), ("wd:Q1 in Kind)(Dependant on having x", "wd:Q1")],
    ids=["value", "was blank", "removed"],
)
def test_conditions_that_hold_their_row_are_compared_as_written(old: str, new: str) -> None:
    cells = (replace(prop("Code"), text=CONDITION.format(value)) for value in (old, new))
    before, after = (with_rows(row(cell, "x"), *ROWS[1:]) for cell in cells)
    (change,) = changes(before, after)
    assert (change.kind, change.breaking) == ("condition-changed", True)


@pytest.mark.parametrize(
    ("policy", "old", "new"),
    [
        (
            CreationPolicy.WHEN,
            "When a Acme Buyer is won, it will be synchronized with a Acme Contact.",
            "When a Acme Buyer is lost, it will be synchronized with a Acme Contact.",
        ),
        (
            CreationPolicy.CONNECTED,
            "A new Acme Contact will be created from a Acme Buyer if it is connected to a Acme Order "
            "that is synchronized into Acme.",
            "A new Acme Contact will be created from a Acme Buyer if it is connected to a Acme Order or "
            "a Acme Deal that is synchronized into Acme.",
        ),
    ],
    ids=["when", "connected"],
)
def test_the_words_of_a_condition_for_creation_count(
    policy: CreationPolicy, old: str, new: str
) -> None:
    before, after = (
        replace(BASE, to_target=CreationRule(policy=policy, statement=text), statements=(text,))
        for text in (old, new)
    )
    (change,) = changes(before, after)
    assert (change.kind, change.breaking) == ("creation-changed", True)


def test_another_label_of_the_same_system_does_not_change_creation() -> None:
    text = "When a {} Buyer is won, it will be synchronized with a Acme Contact."
    before, after = (
        replace(
            BASE,
            source=replace(SIDES[0], label=label),
            to_target=CreationRule(policy=CreationPolicy.WHEN, statement=text.format(label)),
        )
        for label in ("Acme", "ACME")
    )
    assert [change.kind for change in changes(before, after)] == ["label-changed"]


def test_nothing_changed() -> None:
    assert changes(BASE, BASE) == []
    assert render_text([]) == render_github([]) == ""
    assert "No change" in render_markdown([])


HOSTILE = "x\\|y|`<b>@team`\x1b[2J\u202e\n::error::%0A"


def test_texts_mark_what_breaks_and_cannot_break_out_of_the_table() -> None:
    found = changes(BASE, with_rows(row("a", HOSTILE), *ROWS[1:]))
    assert render_text(found).startswith("! row-retargeted")
    (line,) = [text for text in render_markdown(found).splitlines() if "retargeted" in text]
    assert "**breaking**" in line
    # GitHub takes a backslash and what follows for one character: what remains ends a cell.
    assert re.sub(r"\\.", "", line).count("|") == 5
    assert line.count("`") % 2 == 0


def test_no_form_obeys_a_document() -> None:
    found = changes(BASE, with_rows(row("a", HOSTILE), *ROWS[1:]))
    for render in (render_text, render_markdown, render_github):
        text = render(found)
        assert all(c.isprintable() or c == "\n" for c in text)
        assert not any(line.startswith("::error") for line in text.splitlines())
    assert len(render_text(found).splitlines()) == len(found)


def test_annotations_stand_on_the_new_document_s_line() -> None:
    (line,) = render_github(changes(BASE, CASES["row-added"])).splitlines()
    assert line.startswith("::notice file=a-b.rst,line=1,title=row-added::a_to_b: row d")
    gone = compare_packages([package(BASE)], [])
    assert render_github(gone).startswith("::warning title=flow-removed::a_to_b")
