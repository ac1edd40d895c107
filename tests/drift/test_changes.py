"""Each kind of change in meaning is found, named, and breaking as the table says."""

from dataclasses import replace

import pytest
from specbridge.drift.changes import (
    BREAKING,
    Change,
    compare_packages,
    render_markdown,
    render_text,
)
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
    "row-added": with_rows(*ROWS, row("d", "z")),
    "row-removed": with_rows(*ROWS[1:]),
    "row-retargeted": with_rows(row("a", "xx"), *ROWS[1:]),
    "condition-changed": with_rows(row(prop("a", ValueType.STRING, ("k", "v")), "x"), *ROWS[1:]),
    "type-changed": with_rows(row("a", "x", "integer"), *ROWS[1:]),
    "preference-changed": with_rows(ROWS[0], ROWS[2], ROWS[1]),
    "row-held": with_rows(row("a", "x", direction=Direction.TO_TARGET), *ROWS[1:]),
    "link-rule-added": replace(BASE, link_rules=(RULE, rule(prop("n"), prop("m")))),
    "link-rule-removed": replace(BASE, link_rules=()),
    "creation-removed": replace(BASE, to_target=CreationRule()),
    "creation-added": replace(BASE, to_source=CreationRule(policy=CreationPolicy.ALWAYS)),
    "creation-changed": replace(BASE, to_target=CreationRule(policy=CreationPolicy.WHEN)),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_change_of_each_kind(kind: str) -> None:
    (change,) = changes(BASE, CASES[kind])
    assert change.kind == kind
    assert change.breaking is BREAKING[kind]
    assert set(change.as_json()) == {"kind", "flow", "detail", "breaking"}


def test_flows_come_and_go() -> None:
    other = replace(BASE, name="other")
    found = compare_packages([package(BASE)], [package(other)])
    assert [change.kind for change in found] == ["flow-added", "flow-removed"]


def test_a_row_that_is_no_longer_held_is_released() -> None:
    (change,) = changes(CASES["row-held"], BASE)
    assert (change.kind, change.breaking) == ("row-released", False)


def test_every_kind_is_covered() -> None:
    assert set(CASES) | {"flow-added", "flow-removed", "row-released"} == set(BREAKING)


def test_nothing_changed() -> None:
    assert changes(BASE, BASE) == []
    assert render_text([]) == ""
    assert "No change" in render_markdown([])


def test_the_order_of_rows_that_share_nothing_means_nothing() -> None:
    assert changes(BASE, with_rows(ROWS[1], ROWS[0], ROWS[2])) == []


def test_texts_mark_what_breaks_and_cannot_break_out_of_the_table() -> None:
    found = changes(BASE, with_rows(row("a", "x`|y"), *ROWS[1:]))
    assert render_text(found).startswith("! row-retargeted")
    (line,) = [text for text in render_markdown(found).splitlines() if "retargeted" in text]
    assert "**breaking**" in line
    assert line.replace("\\|", "").count("|") == 5
