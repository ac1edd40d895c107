"""Which property feeds which, over all packages: what each can reach, and where its values may come from."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from specbridge.model.resolved import ResolvedFlow, ResolvedMapping, ResolvedPackage, ResolvedSide
from specbridge.model.values import Direction, Path
from specbridge.pages.documents.words import goes


class Node(NamedTuple):
    """A property of a kind of records, whichever document names it."""

    system: str
    resource: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A row that carries a value from one property to another, in one direction."""

    source: Node
    target: Node
    path: str  # the document's
    line: int
    create_only: bool = False


class Reach(NamedTuple):
    """A property that another one reaches, or comes from; `feed` is the last step to it, of so many `steps`."""

    node: Node
    feed: Feed
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """All feeds by the property that they leave (`ahead`) and by the one that they enter (`back`)."""

    ahead: Mapping[Node, Sequence[Feed]] = field(default_factory=dict)
    back: Mapping[Node, Sequence[Feed]] = field(default_factory=dict)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Return every property that feeds one or is fed, in order."""
        return tuple(sorted({*self.ahead, *self.back}))

    def feeds(self, node: Node) -> tuple[Reach, ...]:
        """Return the properties that a value may reach from this one, by their distance."""
        return tuple(_walk(self.ahead, node, lambda feed: feed.target))

    def sources(self, node: Node) -> tuple[Reach, ...]:
        """Return the properties that a value here may come from, by their distance."""
        return tuple(_walk(self.back, node, lambda feed: feed.source))


def trace_lineage(packages: Iterable[ResolvedPackage]) -> Lineage:
    """Return the lineage of all properties: rows that are held in a direction feed nothing in it."""
    ahead: dict[Node, list[Feed]] = {}
    back: dict[Node, list[Feed]] = {}
    for package in packages:
        for flow in package.flows:
            for feed in flow_feeds(flow):
                ahead.setdefault(feed.source, []).append(feed)
                back.setdefault(feed.target, []).append(feed)
    return Lineage(ahead=ahead, back=back)


def flow_feeds(flow: ResolvedFlow) -> Iterator[Feed]:
    """Yield the feeds of a flow, row by row, to the target first."""
    for row in flow.mappings:
        source, target = row_nodes(flow, row)
        for way, ends in (
            (Direction.TO_TARGET, (source, target)),
            (Direction.TO_SOURCE, (target, source)),
        ):
            kept = goes(row.direction, way)
            if kept or goes(row.create_only, way):
                yield Feed(
                    source=ends[0],
                    target=ends[1],
                    path=row.where.path,
                    line=row.where.line,
                    create_only=not kept,
                )


def row_nodes(flow: ResolvedFlow, row: ResolvedMapping) -> tuple[Node, Node]:
    """Return the two properties of a row."""
    return _node(flow.source, row.source.path), _node(flow.target, row.target.path)


def _node(side: ResolvedSide, path: Path) -> Node:
    return Node(side.system, side.resource, path)


def _walk(
    graph: Mapping[Node, Sequence[Feed]], start: Node, far_end: Callable[[Feed], Node]
) -> Iterator[Reach]:
    """Yield all that can be reached, breadth first, each by a shortest way."""
    steps = {start: 0}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for feed in graph.get(node, ()):
            found = far_end(feed)
            if found not in steps:
                steps[found] = steps[node] + 1
                waiting.append(found)
                yield Reach(found, feed, steps[found])
