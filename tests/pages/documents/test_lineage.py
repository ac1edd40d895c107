"""Which property feeds which: over rows, flows and packages, and never over what is held."""

from specbridge.errors import Location
from specbridge.model.conversion import ValueType
from specbridge.model.resolved import (
    CreationRule,
    ResolvedFlow,
    ResolvedMapping,
    ResolvedPackage,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import Direction
from specbridge.pages.documents.lineage import Node, Reach, trace_lineage


def side(system: str) -> ResolvedSide:
    return ResolvedSide(
        system=system, label=system, datatype="R", subset=None, resource="R", known=True
    )


def row(source: str, target: str, direction: Direction, line: int = 1) -> ResolvedMapping:
    ends = [ResolvedProperty(text=n, path=(n,), type=ValueType.ANY) for n in (source, target)]
    return ResolvedMapping(
        source=ends[0],
        target=ends[1],
        forward=None,
        backward=None,
        direction=direction,
        reference=None,
        held=(),
        statement="",
        where=Location("x.rst", line),
        create_only=Direction.TO_SOURCE if direction is Direction.TO_TARGET else Direction.NONE,
    )


def package(source: str, target: str, *rows: ResolvedMapping) -> ResolvedPackage:
    flow = ResolvedFlow(
        name="r_to_r",
        document="x.rst",
        source=side(source),
        target=side(target),
        to_target=CreationRule(),
        to_source=CreationRule(),
        link_rules=(),
        mappings=rows,
        statements=(),
        runnable=True,
        where=Location("x.rst", 1),
    )
    return ResolvedPackage(
        name=f"{source}_{target}", documents=("x.rst",), flows=(flow,), problems=()
    )


def node(system: str, name: str) -> Node:
    return Node(system, "R", (name,))


def ends(found: tuple[Reach, ...]) -> list[tuple[str, int]]:
    return [(f"{one.node.system}.{one.node.path[0]}", one.steps) for one in found]


def test_values_are_followed_over_packages_both_ways() -> None:
    lineage = trace_lineage(
        [
            package("a", "b", row("name", "title", Direction.BOTH)),
            package("b", "c", row("title", "label", Direction.TO_TARGET)),
            package("c", "d", row("label", "text", Direction.NONE)),
        ]
    )
    assert ends(lineage.feeds(node("a", "name"))) == [("b.title", 1), ("c.label", 2)]
    # `label` gives `title` a value where a record of b is created for it.
    assert ends(lineage.sources(node("a", "name"))) == [("b.title", 1), ("c.label", 2)]
    assert [one.feed.create_only for one in lineage.sources(node("a", "name"))] == [False, True]
    assert lineage.feeds(node("d", "text")) == ()
    assert node("d", "text") not in lineage.nodes


def test_circles_end_and_a_property_is_not_its_own_source() -> None:
    lineage = trace_lineage(
        [
            package("a", "b", row("x", "x", Direction.BOTH)),
            package("b", "c", row("x", "x", Direction.BOTH)),
            package("c", "a", row("x", "x", Direction.BOTH)),
        ]
    )
    assert ends(lineage.feeds(node("a", "x"))) == [("b.x", 1), ("c.x", 1)]
    assert len(lineage.nodes) == 3


def test_the_shortest_way_is_told_with_its_lines() -> None:
    lineage = trace_lineage(
        [package("a", "b", row("x", "y", Direction.TO_TARGET, 7), row("x", "y", Direction.BOTH, 9))]
    )
    (reach,) = lineage.feeds(node("a", "x"))
    assert (reach.feed.path, reach.feed.line) == ("x.rst", 7)
