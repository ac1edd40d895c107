"""A flow as its page shows it: sides, creation, link rules and rows, with what the APIs make of them."""

from collections import Counter
from collections.abc import Sequence

from specbridge.errors import Location
from specbridge.model.resolved import (
    Held,
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import Direction
from specbridge.pages.documents.facts import property_facts, resource_facts
from specbridge.pages.documents.lineage import Node, row_nodes
from specbridge.pages.documents.material import Material
from specbridge.pages.documents.names import bare_name, safe_name
from specbridge.pages.documents.tracing import anchor
from specbridge.pages.documents.view import (
    FlowView,
    HeldView,
    PropertyView,
    RowView,
    RuleView,
    SideView,
)
from specbridge.pages.documents.words import (
    condition_words,
    creation_words,
    direction_words,
    goes,
    path_words,
    rule_words,
    side_words,
    subset_words,
    ways_words,
)


def view_flow(material: Material, flow: ResolvedFlow, number: int, page: str) -> FlowView:
    """Return a flow; `number` is its place on the page, from 1, `page` the path of the page's document."""
    return FlowView(
        number=number,
        name=flow.name,
        anchor=f"flow-{number}-{safe_name(flow.name)}",
        title=f"{side_words(flow.source)} to {side_words(flow.target)}",
        line=_line(flow.where, page),
        source=_side(material, flow.source),
        target=_side(material, flow.target),
        runnable=flow.runnable,
        creation=(
            creation_words(flow.to_target, flow.source, flow.target),
            creation_words(flow.to_source, flow.target, flow.source),
        ),
        rules=tuple(_rule(material, flow, rule, page) for rule in flow.link_rules),
        rows=tuple(_row(material, flow, row, page) for row in flow.mappings),
        statements=flow.statements,
    )


def _side(material: Material, side: ResolvedSide) -> SideView:
    facts: tuple[str, ...] = ("no profile knows this kind of record",)
    known = material.known.get(side.system)
    for resource in known.profile.resources if known else ():
        if resource.name == side.resource:
            facts = resource_facts(resource)
    return SideView(
        name=side_words(side),
        system=material.labels.get(side.system, side.label),
        resource=side.resource,
        subset=f"where {subset_words(side.predicate)}" if side.predicate else "",
        facts=facts,
    )


def _rule(material: Material, flow: ResolvedFlow, rule: ResolvedLinkRule, page: str) -> RuleView:
    return RuleView(
        line=_line(rule.where, page),
        source=_property(material, flow.source, rule.source),
        target=_property(material, flow.target, rule.target),
        words=rule_words(rule),
    )


def _row(material: Material, flow: ResolvedFlow, row: ResolvedMapping, page: str) -> RowView:
    source, target = row_nodes(flow, row)
    return RowView(
        line=_line(row.where, page),
        anchor=f"line-{row.where.line}" if row.where.path == page else "",
        source=_property(material, flow.source, row.source, source),
        target=_property(material, flow.target, row.target, target),
        mark=_MARKS[row.direction],
        direction=direction_words(row.direction),
        ways=ways_words(row),
        held=tuple(map(_held, row.held)),
        shared=_shared(flow.mappings, row),
    )


def _line(where: Location, page: str) -> str:
    """Return a line as a document's page tells it: its mirror's lines are told with the mirror's name."""
    same = where.path == page
    return str(where.line) if same else f"{where.line} of {bare_name(where.path)}"


def _property(
    material: Material, side: ResolvedSide, bound: ResolvedProperty, node: Node | None = None
) -> PropertyView:
    name = path_words(bound.path)
    written = " ".join(bound.text.split())
    place = anchor(material, node) if node else ""
    return PropertyView(
        name=name or written,
        written="" if written == name else written,
        conditions=tuple(f"where {condition_words(one)}" for one in bound.conditions),
        facts=_facts(material, side, bound),
        href=f"#{place}" if place else "",
    )


def _facts(material: Material, side: ResolvedSide, bound: ResolvedProperty) -> tuple[str, ...]:
    known = material.known.get(side.system)
    if known is None or not side.known:
        return ()
    if bound.definition is None:
        return ("the profile does not know it",)
    return property_facts(known, side.resource, bound.definition)


def _held(held: Held) -> HeldView:
    where = "both ways" if held.direction is Direction.BOTH else _HELD[held.direction]
    return HeldView(where=where, code=held.code, reason=held.reason)


_MARKS = {
    Direction.BOTH: "holds",
    Direction.TO_TARGET: "waits",
    Direction.TO_SOURCE: "waits",
    Direction.NONE: "held",
}
_HELD = {
    Direction.TO_TARGET: "on the way to the target",
    Direction.TO_SOURCE: "on the way back to the source",
    Direction.NONE: "nowhere",
}


def _shared(rows: Sequence[ResolvedMapping], row: ResolvedMapping) -> str:
    """Return what a row shares its target with; the first that is not empty is written there."""

    def key(one: ResolvedMapping) -> object:
        return one.target.path, one.target.conditions

    alike = [
        one for one in rows if goes(one.direction, Direction.TO_TARGET) and key(one) == key(row)
    ]
    if row not in alike or len(alike) == 1:
        return ""
    place = next(number for number, one in enumerate(alike, 1) if one is row)
    return f"{place} of {len(alike)} rows that feed it: the first that is not empty is written"


def count_rows(flows: Sequence[ResolvedFlow]) -> Counter[Direction]:
    """Return how many rows of some flows are kept equal in which directions."""
    return Counter(row.direction for flow in flows for row in flow.mappings)
