"""Rows that cannot stand beside each other: twice the same, or a value that is an object too."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.errors import Problem
from generator.model.resolved import ResolvedMapping, ResolvedProperty
from generator.model.values import Path
from generator.resolve.index import bare
from generator.resolve.problems import problem


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
        fault = _repetition(mapping, seen, flow) or _clash(mapping, trees, flow)
        if fault is not None:
            problems.append(fault)
            continue
        seen[_key(mapping)] = mapping
        for tree, end in zip(trees, (mapping.source, mapping.target), strict=True):
            for path in _paths(end):
                tree.add(path)
    return tuple(seen.values()), tuple(problems)


def _repetition(
    mapping: ResolvedMapping, seen: dict[object, ResolvedMapping], flow: str
) -> Problem | None:
    first = seen.get(_key(mapping))
    if first is None:
        return None
    texts = {"source": mapping.source.text, "target": mapping.target.text}
    return problem("W331", mapping.where, flow, line=first.where.line, **texts)


def _clash(mapping: ResolvedMapping, trees: tuple[_Tree, _Tree], flow: str) -> Problem | None:
    texts = {"source": mapping.source.text, "target": mapping.target.text}
    for tree, end in zip(trees, (mapping.source, mapping.target), strict=True):
        for path in _paths(end):
            clash = tree.clash(path)
            if clash is not None:
                whole, part = (".".join(one) for one in clash)
                return problem("W332", mapping.where, flow, path=whole, other=part, **texts)
    return None


def _paths(end: ResolvedProperty) -> list[Path]:
    return [bare(end.path), *(bare(condition.path) for condition in end.conditions)]


def _key(mapping: ResolvedMapping) -> object:
    source, target = mapping.source, mapping.target
    # A condition's value may be a list, which cannot be hashed.
    given = (source.conditions, target.conditions)
    conditions = repr(given) if any(given) else ""
    return bare(source.path), bare(target.path), conditions
