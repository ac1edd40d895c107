"""Rows that cannot stand beside each other: twice the same, or a value that is an object too."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from specbridge.errors import Problem
from specbridge.model.resolved import ResolvedMapping, ResolvedProperty
from specbridge.model.rules import PropertyMapping
from specbridge.model.values import Direction, Path
from specbridge.resolve.mirror import Row, condition_key
from specbridge.resolve.problems import line_of, problem
from specbridge.resolve.systems.index import bare

_Paths = tuple[list[Path], list[Path]]
"""The bare paths of a row's source and of its target: the property's, then its conditions'."""


@dataclass(slots=True)
class _Tree:
    """The paths of one side that are taken, and those that lead to them."""

    leaves: set[Path] = field(default_factory=set)
    inner: dict[Path, Path] = field(default_factory=dict)

    def clash(self, path: Path) -> tuple[Path, Path] | None:
        """Return the value and its part that cannot both be, None where the path fits in."""
        if path in self.inner:
            return path, self.inner[path]
        above = next((path[:n] for n in range(1, len(path)) if path[:n] in self.leaves), None)
        return (above, path) if above else None

    def add(self, path: Path) -> None:
        """Take the path."""
        self.leaves.add(path)
        for length in range(1, len(path)):
            self.inner.setdefault(path[:length], path)


Bound = tuple[Row, ResolvedMapping]
"""A row as the documents have it, and what it is bound to."""


def fitting_rows(
    rows: Sequence[Bound], flow: str
) -> tuple[tuple[ResolvedMapping, ...], tuple[Problem, ...]]:
    """Return the rows without repetitions and clashes, the first of each kept, and what was left.

    A row that is held both ways takes no place from one that is kept equal.
    """
    single, repeated = _single_rows(rows, flow)
    kept, clashing = _whole_rows(single, flow)
    return tuple(mapping for _, mapping in kept), (*repeated, *clashing)


def _single_rows(rows: Sequence[Bound], flow: str) -> tuple[list[Bound], list[Problem]]:
    kept: list[Bound] = []
    problems: list[Problem] = []
    seen = _Seen()
    for row, mapping in rows:
        paths = _paths_of(mapping)
        first = seen.first(row, paths)
        if first is not None:
            problems.append(_repetition(row, first, flow))
        # Two symbols may stand for one value: then both rows say the same, and none of them too much.
        elif seen.add(row, mapping, paths):
            kept.append((row, mapping))
    return kept, problems


def _whole_rows(rows: Sequence[Bound], flow: str) -> tuple[list[Bound], list[Problem]]:
    trees = (_Tree(), _Tree())
    kept: dict[int, Bound] = {}
    problems: list[Problem] = []
    # What is held comes after all that is kept equal, but stands where it stood.
    for index in sorted(range(len(rows)), key=lambda index: _is_idle(rows[index][1])):
        row, mapping = rows[index]
        paths = _paths_of(mapping)
        # A record's TypedDict has one type for a name: a value cannot be an object as well.
        fault = _clash(row, trees, paths, flow)
        if fault is not None:
            problems.append(fault)
            continue
        kept[index] = row, mapping
        for tree, taken in zip(trees, paths, strict=True):
            for path in taken:
                tree.add(path)
    return [kept[index] for index in sorted(kept)], problems


def _is_idle(mapping: ResolvedMapping) -> bool:
    return mapping.direction is Direction.NONE and mapping.create_only is Direction.NONE


@dataclass(slots=True)
class _Seen:
    """The rows so far: by their cells as written, and by what they mean."""

    written: dict[object, list[Row]] = field(default_factory=dict)
    meant: set[object] = field(default_factory=set)

    def first(self, row: Row, paths: _Paths) -> Row | None:
        """Return the row before that is the same: in its cells, and in each type that both state."""
        before = self.written.get(_written(row, paths), ())
        return next((one for one in before if _same_types(one, row)), None)

    def add(self, row: Row, mapping: ResolvedMapping, paths: _Paths) -> bool:
        """Take the row; return whether it means anything that no row before it does."""
        self.written.setdefault(_written(row, paths), []).append(row)
        ends = ((row.source, mapping.source), (row.target, mapping.target))
        # Nearly all rows are such, and mean what they say.
        if not any(cell.conditions for cell, _ in ends):
            return True
        # A condition that is not certain is not among those that are bound.
        if any(len(cell.conditions) > len(end.conditions) for cell, end in ends):
            return True
        meaning = repr([(end.path, end.conditions) for _, end in ends]), _conversions(mapping)
        known = meaning in self.meant
        self.meant.add(meaning)
        return not known


def _conversions(mapping: ResolvedMapping) -> object:
    return mapping.forward, mapping.backward, mapping.reference


def _written(row: Row, paths: _Paths) -> object:
    source, target = paths
    # The API's names, but the conditions' own words: two symbols are two rows, whatever holds them.
    return source[0], target[0], condition_key(row.source), condition_key(row.target)


def _same_types(one: Row, other: Row) -> bool:
    pairs = ((one.forward, other.forward), (one.backward, other.backward))
    return all(a is None or b is None or _type(a) == _type(b) for a, b in pairs)


def _type(mapping: PropertyMapping) -> str:
    return mapping.conversion.text if mapping.conversion else mapping.type_text.strip(' "')


def _repetition(row: Row, first: Row, flow: str) -> Problem:
    # Of a row that both documents have, the half that stands in this row's document is nearer.
    halves = [half.where for half in (first.forward, first.backward) if half]
    near = next((where for where in halves if where.path == row.where.path), first.where)
    return problem("W331", row.where, flow, line=line_of(near, row.where), **row.quoted)


def _clash(row: Row, trees: tuple[_Tree, _Tree], paths: _Paths, flow: str) -> Problem | None:
    for tree, taken in zip(trees, paths, strict=True):
        for path in taken:
            clash = tree.clash(path)
            if clash is not None:
                whole, part = (".".join(one) for one in clash)
                texts = {"path": whole, "other": part, **row.quoted}
                return problem("W332", row.where, flow, **texts)
    return None


def _paths_of(mapping: ResolvedMapping) -> _Paths:
    return _paths(mapping.source), _paths(mapping.target)


def _paths(end: ResolvedProperty) -> list[Path]:
    if not end.conditions:
        return [bare(end.path)]
    # Conditions read from the same record, so their paths must fit in too.
    return [bare(end.path), *(bare(condition.path) for condition in end.conditions)]
