"""The order in which flows run: those that others refer to come first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from specbridge.errors import Problem
from specbridge.model.resolved import ResolvedFlow
from specbridge.resolve.problems import problem

Pair = tuple[str, str]
"""The resources (source's, target's) that a flow links, or a reference is about."""

Graph = Mapping[Pair, Sequence[Pair]]


def run_order(flows: Sequence[ResolvedFlow]) -> tuple[ResolvedFlow, ...]:
    """Return the flows with those that others refer to first, else in their own order."""
    graph = _graph(flows)
    # Places of pairs, not of flows: several flows of one pair stay in the document's order.
    places = {pair: place for place, pair in enumerate(_walk(graph, graph))}
    return tuple(sorted(flows, key=lambda flow: places[_pair(flow)]))


def circle_problems(flows: Sequence[ResolvedFlow]) -> Iterator[Problem]:
    """Yield a warning for each circle of flows that refer to each other, at the first of them."""
    by_pair: dict[Pair, list[ResolvedFlow]] = {}
    for flow in flows:
        by_pair.setdefault(_pair(flow), []).append(flow)
    for circle in _circles(_graph(flows)):
        found = [flow for pair in circle for flow in by_pair[pair]]
        lead = min(found, key=lambda flow: (flow.where, flow.name))
        names = ", ".join(sorted(_named(flow, lead) for flow in found))
        yield problem("W341", lead.where, lead.name, flows=names)


def _named(flow: ResolvedFlow, lead: ResolvedFlow) -> str:
    """Return a flow's name, with its document where that is not the lead's."""
    same = flow.where.path == lead.where.path
    return flow.name if same else f"{flow.name} (of {flow.document})"


def _pair(flow: ResolvedFlow) -> Pair:
    return flow.source.resource, flow.target.resource


def _graph(flows: Sequence[ResolvedFlow]) -> Graph:
    graph: dict[Pair, dict[Pair, None]] = {_pair(flow): {} for flow in flows}
    for flow in flows:
        references = [row.reference for row in flow.mappings]
        # A link rule over a reference matches nothing before the other pair is linked.
        references += [rule.reference for rule in flow.link_rules]
        for pair in ((one.source, one.target) for one in references if one):
            # Records that refer to their own kind (a parent) need no other flow before theirs.
            if pair in graph and pair != _pair(flow):
                graph[_pair(flow)][pair] = None
    return {pair: tuple(needs) for pair, needs in graph.items()}


def _walk(graph: Graph, starts: Iterable[Pair], seen: set[Pair] | None = None) -> Iterator[Pair]:
    """Yield what can be reached, each pair after those that it needs; without recursion."""
    seen = set() if seen is None else seen
    for start in starts:
        pending = [(start, False)]
        while pending:
            pair, left = pending.pop()
            if left:
                yield pair
            elif pair not in seen:
                seen.add(pair)
                pending.append((pair, True))
                # Reversed, for the last one in is the first one out: needs keep the rows' order.
                pending += [(need, False) for need in reversed(graph[pair])]


def _circles(graph: Graph) -> Iterator[tuple[Pair, ...]]:
    """Yield the strongly connected parts of more than one pair (Kosaraju's two walks)."""
    turned: dict[Pair, list[Pair]] = {pair: [] for pair in graph}
    for pair, needs in graph.items():
        for need in needs:
            turned[need].append(pair)
    seen: set[Pair] = set()
    for pair in reversed(tuple(_walk(graph, graph))):
        part = tuple(_walk(turned, (pair,), seen))
        if len(part) > 1:
            yield part
