"""Circles of rows over several pairs of resources: which row closes one; pure.

`lint` asks of a package's documents and a run of all packages, and both must answer alike: so this
module knows neither documents nor flows. A row is here a *tie* between two properties.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)

ResourceKey = tuple[str, str]
"""A resource's system and name."""

Spot = tuple[ResourceKey, tuple[str, ...], tuple[str, ...]]
"""A property: its resource, the names of its path, and what selects its elements of lists."""

# Of walks tried, by tie and in all: only rows that cross in very many ways need more. What is left
# over then is held, for that loses nothing.
_STEPS_EACH, _STEPS_MORE = 50, 2_000


@dataclass(frozen=True, slots=True)
class Want:
    """A condition: the value at `path` equals `value`, or does not (`negate`)."""

    path: tuple[str, ...]
    value: object
    negate: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """One end of a tie: a property, and what its record must fulfil for the row to be about it."""

    spot: Spot
    wants: tuple[Want, ...] = ()

    @property
    def resource(self) -> ResourceKey:
        """Return the resource that the property belongs to."""
        return self.spot[0]


@dataclass(frozen=True, slots=True)
class Tie:
    """Two properties that a row keeps equal; `converts`: not as they are.

    `ways` says whether values go from the first to the second, and back.
    """

    ends: tuple[End, End]
    converts: bool = False
    ways: tuple[bool, bool] = (True, True)


@dataclass(frozen=True, slots=True)
class _Net:
    """The ties by the properties that they lead from, and by those that they lead to."""

    leaving: dict[Spot, list[int]] = field(default_factory=dict)
    arriving: dict[Spot, list[int]] = field(default_factory=dict)

    def add(self, number: int, tie: Tie, *, any_way: bool = False) -> None:
        for start, way in enumerate(tie.ways):
            if way or any_way:
                here, there = tie.ends[start].spot, tie.ends[1 - start].spot
                self.leaving.setdefault(here, []).append(number)
                self.arriving.setdefault(there, []).append(number)


def make_end(resource: ResourceKey, path: Sequence[str], wants: Sequence[Want] = ()) -> End:
    """Return a property as an end: conditions that share its list tell it from its neighbours."""
    # As text, once each: a value may be a list, and a subset is said by its flow and by each row.
    chosen = sorted({repr(want) for want in wants if _shares_list(path, want.path)})
    about = tuple(want for want in wants if not _shares_list(path, want.path))
    names = tuple(step.removesuffix("[]") for step in path)
    return End((resource, names, tuple(chosen)), about)


def find_closing_ties(ties: Sequence[Tie]) -> dict[int, tuple[int, ...]]:
    """Return the ties that are to be held, each with the others of a circle that it would close.

    A circle goes from property to property through three resources or more, through each of them once,
    to the property that it began with, and its rows can all be about one record of each. Circles of
    ties that copy are left alone. Of any other, a tie that converts is held: the last one in an order
    of the ties' own, so that neither their order nor which end stands first decides. The others go on.
    A circle that is too tangled to be told is ().
    """
    held: dict[int, tuple[int, ...]] = {}
    net, budget = _Net(), _budget(ties)
    for number in sorted(_in_circles(ties), key=lambda one: _rank(ties[one])):
        circle = _find_circle(ties, net, number, budget) if ties[number].converts else None
        if circle is not None:
            held[number] = circle
            continue
        # Directions do not matter: two ways by which a value reaches one property undo each other too.
        net.add(number, ties[number], any_way=True)
    return held


def find_returning_ties(ties: Sequence[Tie]) -> frozenset[int]:
    """Return the ties by which a value can come back to the property that it was given from.

    They lie on a circle as find_closing_ties has it, round which all go the way that values go. One that
    is too tangled to be told counts as one.
    """
    net, budget = _Net(), _budget(ties)
    numbers = sorted(_in_circles(ties), key=lambda one: _rank(ties[one]))
    for number in numbers:
        net.add(number, ties[number])
    return frozenset(n for n in numbers if _returns(ties, net, n, budget))


def _returns(ties: Sequence[Tie], net: _Net, number: int, budget: Iterator[int]) -> bool:
    ends, pair = ties[number].ends, _pair(ties[number])
    walks = ((ends[1 - start], ends[start]) for start in (0, 1) if ties[number].ways[start])
    # In an order of the ends' own, as in _find_circle.
    for way in sorted(walks, key=lambda way: way[0].spot):
        if _find_walk(ties, net, way, pair, budget) is not None:
            return True
    return False


def _budget(ties: Sequence[Tie]) -> Iterator[int]:
    return iter(range(_STEPS_EACH * len(ties) + _STEPS_MORE))


def on_circles(edges: Sequence[tuple[Node, Node]]) -> frozenset[int]:
    """Return the indexes of the edges that lie on a circle: without any of them its ends still meet.

    Two edges between the same nodes are a circle, and so is an edge from a node to itself.
    """
    return frozenset(index for circle in circles_of(edges) for index in circle)


def circles_of(edges: Sequence[tuple[Node, Node]]) -> list[frozenset[int]]:
    """Return the edges that lie on circles, by the parts in which circles meet, the first edge's first.

    Two edges are in one part where no single edge, if left out, would part them.
    """
    leaders = _contract(edges)
    groups: dict[Node, list[int]] = {}
    for index, (one, other) in enumerate(edges):
        leader = _lead(leaders, one)
        if leader == _lead(leaders, other):
            groups.setdefault(leader, []).append(index)
    return [frozenset(group) for group in groups.values()]


def _contract(edges: Sequence[tuple[Node, Node]]) -> dict[Node, Node]:
    """Return for each node one nearer to the leader of its part, itself for a leader."""
    parents, depths, extra = _grow_forest(edges)
    leaders = {node: node for node in parents}
    for index in extra:
        one, other = (_lead(leaders, node) for node in edges[index])
        # The edge and both ways up, to where they meet, are a circle.
        while one != other:
            deep, high = (one, other) if depths[one] >= depths[other] else (other, one)
            leaders[deep] = _lead(leaders, parents[deep])
            one, other = leaders[deep], high
    return leaders


def _grow_forest(
    edges: Sequence[tuple[Node, Node]],
) -> tuple[dict[Node, Node], dict[Node, int], list[int]]:
    """Return each node's parent (a root is its own) and depth, and the edges that are in no tree."""
    near: dict[Node, list[int]] = {}
    for index, edge in enumerate(edges):
        for node in edge:
            near.setdefault(node, []).append(index)
    parents: dict[Node, Node] = {}
    depths: dict[Node, int] = {}
    trees: set[int] = set()
    for root in near:
        if root in parents:
            continue
        parents[root], depths[root] = root, 0
        waiting = deque([root])
        while waiting:
            node = waiting.popleft()
            for index in near[node]:
                other = _other(edges[index], node)
                if other not in parents:
                    parents[other], depths[other] = node, depths[node] + 1
                    trees.add(index)
                    waiting.append(other)
    return parents, depths, [index for index in range(len(edges)) if index not in trees]


def _other(edge: tuple[Node, Node], node: Node) -> Node:
    return edge[1] if edge[0] == node else edge[0]


def _lead(leaders: dict[Node, Node], node: Node) -> Node:
    while leaders[node] != node:
        # Halves the way for those who come after.
        leaders[node] = leaders[leaders[node]]
        node = leaders[node]
    return node


def _in_circles(ties: Sequence[Tie]) -> Iterator[int]:
    """Yield the ties between resources that lie on a circle; no other can close one."""
    pairs = list(dict.fromkeys(_pair(tie) for tie in ties))
    round_ = {pairs[index] for index in on_circles(pairs) if len(set(pairs[index])) > 1}
    return (number for number, tie in enumerate(ties) if _pair(tie) in round_)


def _pair(tie: Tie) -> tuple[ResourceKey, ResourceKey]:
    one, other = (end.resource for end in tie.ends)
    return (one, other) if one <= other else (other, one)


def _rank(tie: Tie) -> tuple[object, ...]:
    """Return where a tie stands: first all that copy, so that what is held is as little as can be."""
    ends = sorted((end.spot, sorted({repr(want) for want in end.wants})) for end in tie.ends)
    return tie.converts, _pair(tie), ends


@dataclass(frozen=True, slots=True)
class _Walk:
    """Ties one after the other, the resources that they have seen, and the end arrived at."""

    ties: tuple[int, ...]
    seen: frozenset[ResourceKey]
    here: End


def _find_circle(
    ties: Sequence[Tie], net: _Net, number: int, budget: Iterator[int]
) -> tuple[int, ...] | None:
    """Return the ties of a walk from a tie's first end to its second, as _find_walk does."""
    # From one end always the same, however the row is stated: the budget is to end at the same row.
    start, goal = sorted(ties[number].ends, key=lambda end: end.spot)
    found = _find_walk(ties, net, (start, goal), _pair(ties[number]), budget)
    return found if found is None or start is ties[number].ends[0] else found[::-1]


def _find_walk(
    ties: Sequence[Tie],
    net: _Net,
    way: tuple[End, End],
    pair: tuple[ResourceKey, ResourceKey],
    budget: Iterator[int],
) -> tuple[int, ...] | None:
    """Return the ties of a walk from a start to a goal, by others than the pair's; None where there is none.

    It is () where the budget, of which each walk tried takes one, ends before that is known.
    """
    start, goal = way
    distances = _measure(ties, net, goal, pair)
    if start.spot not in distances:
        return None
    walks = [_Walk((), frozenset([start.resource]), start)]
    while walks and next(budget, None) is not None:
        walk = walks.pop()
        if walk.here.spot == goal.spot:
            return walk.ties
        further = [one for one in _steps(ties, net, walk, goal) if one.here.spot in distances]
        # The last one is tried first: nearly always the shortest way is one.
        walks += sorted(further, key=lambda one: -distances[one.here.spot])
    return () if walks else None


def _steps(ties: Sequence[Tie], net: _Net, walk: _Walk, goal: End) -> Iterator[_Walk]:
    for number in net.leaving.get(walk.here.spot, ()):
        leaving, there = _turned(ties[number], walk.here.spot)
        arrives = there.resource == goal.resource
        # Straight from the start to the goal's resource is no circle: it takes three.
        if there.resource in walk.seen or (arrives and not walk.ties):
            continue
        if not _agree(walk.here.wants, leaving.wants):
            continue
        if not arrives or (there.spot == goal.spot and _agree(there.wants, goal.wants)):
            yield _Walk((*walk.ties, number), walk.seen | {there.resource}, there)


def _turned(tie: Tie, spot: Spot) -> tuple[End, End]:
    one, other = tie.ends
    return (one, other) if one.spot == spot else (other, one)


def _measure(
    ties: Sequence[Tie], net: _Net, goal: End, pair: tuple[ResourceKey, ResourceKey]
) -> dict[Spot, int]:
    """Return how far properties are from a goal, by ties between other resources than this pair."""
    distances = {goal.spot: 0}
    waiting = deque([goal.spot])
    while waiting:
        spot = waiting.popleft()
        for one in net.arriving.get(spot, ()):
            there = _turned(ties[one], spot)[1].spot
            if there not in distances and _pair(ties[one]) != pair:
                distances[there] = distances[spot] + 1
                waiting.append(there)
    return distances


def _agree(some: Sequence[Want], others: Sequence[Want]) -> bool:
    """Return whether one record may fulfil all of these conditions."""
    return not any(_exclude(one, other) for one in some for other in others)


def _exclude(one: Want, other: Want) -> bool:
    if one.path != other.path or (one.negate and other.negate):
        return False
    # Values of two types may be equal all the same; blanks and null are.
    same = type(one.value) is type(other.value) and one.value == other.value
    if one.negate or other.negate:
        return same
    plain = isinstance(one.value, str | int) and type(one.value) is type(other.value)
    return plain and not same and bool(str(one.value).strip() or str(other.value).strip())


def _shares_list(path: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether both paths go through the same first list."""
    for depth, step in enumerate(path, start=1):
        if step.endswith("[]"):
            return tuple(other[:depth]) == tuple(path[:depth])
    return False
