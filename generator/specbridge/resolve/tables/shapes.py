"""Rows that cannot stand beside each other: twice the same, or a value that is an object too."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from specbridge.errors import Problem
from specbridge.model.resolved import ResolvedMapping, ResolvedProperty
from specbridge.model.values import Path
from specbridge.resolve.problems import problem
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


def fitting_rows(
    mappings: Sequence[ResolvedMapping], flow: str
) -> tuple[tuple[ResolvedMapping, ...], tuple[Problem, ...]]:
    """Return the rows without repetitions and clashes, the first of each kept, and what was left."""
    trees = (_Tree(), _Tree())
    seen: dict[object, ResolvedMapping] = {}
    problems: list[Problem] = []
    for mapping in mappings:
        paths = (_paths(mapping.source), _paths(mapping.target))
        key = _key(mapping, paths)
        # A record's TypedDict has one type for a name: a value cannot be an object as well.
        fault = _repetition(mapping, seen.get(key), flow) or _clash(mapping, trees, paths, flow)
        if fault is not None:
            problems.append(fault)
            continue
        seen[key] = mapping
        for tree, taken in zip(trees, paths, strict=True):
            for path in taken:
                tree.add(path)
    return tuple(seen.values()), tuple(problems)


def _repetition(
    mapping: ResolvedMapping, first: ResolvedMapping | None, flow: str
) -> Problem | None:
    if first is None:
        return None
    return problem("W331", mapping.where, flow, line=first.where.line, **_texts(mapping))


def _clash(
    mapping: ResolvedMapping, trees: tuple[_Tree, _Tree], paths: _Paths, flow: str
) -> Problem | None:
    for tree, taken in zip(trees, paths, strict=True):
        for path in taken:
            clash = tree.clash(path)
            if clash is not None:
                whole, part = (".".join(one) for one in clash)
                texts = {"path": whole, "other": part, **_texts(mapping)}
                return problem("W332", mapping.where, flow, **texts)
    return None


def _texts(mapping: ResolvedMapping) -> dict[str, str]:
    return {"source": mapping.source.text, "target": mapping.target.text}


def _paths(end: ResolvedProperty) -> list[Path]:
    if not end.conditions:
        return [bare(end.path)]
    # Conditions read from the same record, so their paths must fit in too.
    return [bare(end.path), *(bare(condition.path) for condition in end.conditions)]


def _key(mapping: ResolvedMapping, paths: _Paths) -> object:
    source, target = paths
    # A condition's value may be a list, which cannot be hashed.
    given = (mapping.source.conditions, mapping.target.conditions)
    return source[0], target[0], repr(given) if any(given) else ""
