"""Mirror documents joined: the flows and rows of `a-b` and `b-a` paired, as seen from `a-b`."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from specbridge.errors import Location, Problem
from specbridge.model.document import Document, Flow
from specbridge.model.rules import LinkRule, PropertyMapping, PropertyPath
from specbridge.resolve.problems import problem
from specbridge.resolve.systems.names import slug
from specbridge.resolve.systems.sides import BoundSide

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFlow:
    """A flow of one document with its sides bound, in the document's own direction."""

    document: Document
    flow: Flow
    source: BoundSide
    target: BoundSide


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the property table, or of both documents' tables, from the package's source.

    `forward` is the row that states the way to the target, `backward` the one that states the way
    to the source; one of them is there.
    """

    source: PropertyPath
    target: PropertyPath
    forward: PropertyMapping | None = None
    backward: PropertyMapping | None = None

    @property
    def where(self) -> Location:
        """Return where the row stands, in the first document that has it."""
        row = self.forward or self.backward
        assert row is not None
        return row.where


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedFlow:
    """A flow of a package: its section in the first document, in the mirror, or in both."""

    name: str
    forward: BoundFlow | None
    backward: BoundFlow | None
    source: BoundSide
    target: BoundSide
    rows: tuple[Row, ...]
    link_rules: tuple[LinkRule, ...]
    remarks: tuple[Problem, ...] = field(default=())

    @property
    def lead(self) -> BoundFlow:
        """Return the section that names and places the flow."""
        lead = self.forward or self.backward
        assert lead is not None
        return lead


def join_flows(
    first: Sequence[BoundFlow], mirror: Sequence[BoundFlow], files: tuple[str, ...]
) -> tuple[JoinedFlow, ...]:
    """Return one flow per pair of sections that state the same pair of sides, in document order.

    `files` are the file names of the document and, if there is one, of its mirror.

    The k-th section of a pair of sides in one document goes with the k-th in the other. A section
    that the mirror alone has is turned round and comes last.
    """
    partners, left = _pair_up(
        [(_sides(one), one) for one in first], [(_sides(one)[::-1], one) for one in mirror]
    )
    joined = (_join(bound, partner, files) for bound, partner in zip(first, partners, strict=True))
    return (*joined, *(_turn(one, files[0]) for one in left))


def turned_name(flow: Flow) -> str:
    """Return the name of a flow as its mirror would have it: target first."""
    words = (_words(side.datatype, side.subset) for side in (flow.target, flow.source))
    return "_to_".join(words)


def _pair_up(
    ours: Sequence[tuple[object, _Part]], theirs: Sequence[tuple[object, _Part]]
) -> tuple[list[_Part | None], list[_Part]]:
    """Return for each of ours the first of theirs with its key not yet taken, and what is left."""
    waiting: dict[object, deque[_Part]] = {}
    for key, part in theirs:
        waiting.setdefault(key, deque()).append(part)
    partners = [waiting[key].popleft() if waiting.get(key) else None for key, _ in ours]
    # By identity: two rows of one table may be equal.
    left = {id(part) for parts in waiting.values() for part in parts}
    return partners, [part for _, part in theirs if id(part) in left]


def _words(datatype: str, subset: str | None) -> str:
    text = f"{datatype} {subset or ''}".casefold()
    return "_".join("".join(c if c.isalnum() else " " for c in text).split())


def _sides(bound: BoundFlow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    source, target = (
        # The resource, not the datatype: each document may call it by another of its names.
        (one.side.system, slug(one.side.resource), slug(one.side.subset or ""))
        for one in (bound.source, bound.target)
    )
    return source, target


def _join(forward: BoundFlow, backward: BoundFlow | None, files: tuple[str, ...]) -> JoinedFlow:
    rows = _join_rows(forward.flow.properties, backward.flow.properties if backward else ())
    rules = _join_rules(forward.flow.link_rules, backward.flow.link_rules if backward else ())
    # One document alone lacks nothing: there is no mirror to disagree with.
    mirrored = len(files) > 1
    remarks = _remarks(forward, backward, rows, files) if mirrored else ()
    return JoinedFlow(
        name=forward.flow.name,
        forward=forward,
        backward=backward,
        source=forward.source,
        target=forward.target,
        rows=rows,
        link_rules=rules,
        remarks=tuple(remarks),
    )


def _turn(backward: BoundFlow, first: str) -> JoinedFlow:
    name = turned_name(backward.flow)
    return JoinedFlow(
        name=name,
        forward=None,
        backward=backward,
        source=backward.target,
        target=backward.source,
        rows=_join_rows((), backward.flow.properties),
        link_rules=_join_rules((), backward.flow.link_rules),
        remarks=(problem("W426", backward.flow.where, name, other=first),),
    )


def _join_rows(
    forward: Sequence[PropertyMapping], backward: Sequence[PropertyMapping]
) -> tuple[Row, ...]:
    if not backward:
        return tuple(Row(source=one.source, target=one.target, forward=one) for one in forward)
    partners, left = _pair_up(
        [(_key(one.source, one.target), one) for one in forward],
        [(_key(one.target, one.source), one) for one in backward],
    )
    both = (
        Row(source=row.source, target=row.target, forward=row, backward=partner)
        for row, partner in zip(forward, partners, strict=True)
    )
    return (*both, *(Row(source=one.target, target=one.source, backward=one) for one in left))


def _join_rules(forward: Sequence[LinkRule], backward: Sequence[LinkRule]) -> tuple[LinkRule, ...]:
    if not backward:
        return tuple(forward)
    known = {_key(rule.source, rule.target) for rule in forward}
    turned = (LinkRule(source=r.target, target=r.source, where=r.where) for r in backward)
    return (*forward, *(rule for rule in turned if _key(rule.source, rule.target) not in known))


def _key(source: PropertyPath, target: PropertyPath) -> object:
    return _cell_key(source), _cell_key(target)


def _cell_key(cell: PropertyPath) -> object:
    # As a set: either document may name its conditions in another order.
    conditions = frozenset((one.value, _fold(one.path)) for one in cell.conditions)
    return _fold(cell.path), conditions


def _fold(path: tuple[str, ...]) -> str:
    return ".".join(path).casefold()


def _remarks(
    forward: BoundFlow, backward: BoundFlow | None, rows: Sequence[Row], files: tuple[str, ...]
) -> Iterator[Problem]:
    flow = forward.flow
    if backward is None:
        yield problem("W426", flow.where, flow.name, other=files[1])
        return
    for row in rows:
        if row.forward is None or row.backward is None:
            there = files[1] if row.backward is None else files[0]
            texts = {"source": row.source.text, "target": row.target.text}
            yield problem("W424", row.where, flow.name, other=there, **texts)
    yield from _rule_remarks(forward.flow, backward.flow, files)


def _rule_remarks(first: Flow, mirror: Flow, files: tuple[str, ...]) -> Iterator[Problem]:
    own = {_key(rule.source, rule.target): rule for rule in first.link_rules}
    theirs = {_key(rule.target, rule.source): rule for rule in mirror.link_rules}
    lacking = [(rule, files[1]) for key, rule in own.items() if key not in theirs]
    lacking += [(rule, files[0]) for key, rule in theirs.items() if key not in own]
    for rule, there in lacking:
        texts = {"source": rule.source.text, "target": rule.target.text}
        yield problem("W425", rule.where, first.name, other=there, **texts)
