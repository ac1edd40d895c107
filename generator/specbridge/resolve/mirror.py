"""Mirror documents joined: the flows and rows of `a-b` and `b-a` paired, as seen from `a-b`."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from specbridge.errors import Location, Problem
from specbridge.model.document import Document, Flow
from specbridge.model.rules import LinkRule, PropertyMapping, PropertyPath
from specbridge.resolve.problems import problem
from specbridge.resolve.systems.index import find_property
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
    def stated(self) -> PropertyMapping:
        """Return the row as it stands in the first document that has it."""
        row = self.forward or self.backward
        assert row is not None
        return row

    @property
    def where(self) -> Location:
        """Return where the row stands, in the first document that has it."""
        return self.stated.where

    @property
    def quoted(self) -> Mapping[str, str]:
        """Return the cells as they stand there: the mirror has its own source and target."""
        return {"source": self.stated.source.text, "target": self.stated.target.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of a link table from the package's source; `stated` is it as its document has it."""

    source: PropertyPath
    target: PropertyPath
    stated: LinkRule


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedFlow:
    """A flow of a package: its section in the first document, in the mirror, or in both."""

    name: str
    forward: BoundFlow | None
    backward: BoundFlow | None
    source: BoundSide
    target: BoundSide
    rows: tuple[Row, ...]
    link_rules: tuple[Rule, ...]
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

    Of several sections of a pair of sides those go together that share most rows, then, where none
    do, the k-th that is left in one document with the k-th in the other. A section that the mirror
    alone has is turned round and comes last.
    """
    partners, left = _pair_sections(first, mirror)
    joined = (_join(bound, partner, files) for bound, partner in zip(first, partners, strict=True))
    return (*joined, *(_turn(one, files[0]) for one in left))


def condition_key(cell: PropertyPath) -> object:
    """Return what the conditions of two cells are compared by: as written, whatever explains them."""
    # As a set: either document may name its conditions in another order.
    return cell.conditions and frozenset((one.value, _fold(one.path)) for one in cell.conditions)


def turned_name(flow: Flow) -> str:
    """Return the name of a flow as its mirror would have it: target first."""
    words = (_words(side.datatype, side.subset) for side in (flow.target, flow.source))
    return "_to_".join(words)


def _pair_sections(
    first: Sequence[BoundFlow], mirror: Sequence[BoundFlow]
) -> tuple[list[BoundFlow | None], list[BoundFlow]]:
    """Return for each section the one of the mirror that goes with it, and the mirror's that are left."""
    chosen = dict(_sharing(first, mirror))
    taken = set(chosen.values())
    # Documents state a heading again and again: the order decides only where no row does.
    rest = [index for index in range(len(first)) if index not in chosen]
    others = [index for index in range(len(mirror)) if index not in taken]
    partners, left = _pair_up(
        [(_sides(first[index]), index) for index in rest],
        [(_sides(mirror[index])[::-1], index) for index in others],
    )
    by_order = zip(rest, partners, strict=True)
    chosen |= {index: partner for index, partner in by_order if partner is not None}
    found = (chosen.get(index) for index in range(len(first)))
    return [None if one is None else mirror[one] for one in found], [mirror[one] for one in left]


def _sharing(first: Sequence[BoundFlow], mirror: Sequence[BoundFlow]) -> Iterator[tuple[int, int]]:
    """Yield the places of sections that share rows, those that share most before the others."""
    sides, theirs = list(map(_sides, first)), [_sides(bound)[::-1] for bound in mirror]
    here, there = Counter(sides), Counter(theirs)
    turned: dict[object, list[tuple[int, frozenset[object]]]] = {}
    for place, bound in enumerate(mirror):
        # Nearly all headings stand once in each document, and leave nothing to choose.
        if 1 < here[theirs[place]] * there[theirs[place]] <= _MOST_CHOICES:
            rows = frozenset(_row_keys(bound, turned=True))
            turned.setdefault(theirs[place], []).append((place, rows))
    scores: list[tuple[int, int, int]] = []
    for place, bound in enumerate(first):
        others = turned.get(sides[place], ())
        own = frozenset(_row_keys(bound, turned=False)) if others else frozenset()
        scores += [(-len(rows & own), place, other) for other, rows in others if rows & own]
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, place, other in sorted(scores):
        if place not in taken[0] and other not in taken[1]:
            taken[0].add(place)
            taken[1].add(other)
            yield place, other


# Real documents have three sections of one heading; of a hostile one's thousands the order decides.
_MOST_CHOICES = 2_500


def _row_keys(bound: BoundFlow, *, turned: bool) -> Iterator[object]:
    """Yield what the rows of both tables are compared by, as the other document would have them."""
    rows: list[PropertyMapping | LinkRule] = [*bound.flow.properties, *bound.flow.link_rules]
    for row in rows:
        key = _turned_key(row, bound) if turned else _key(row, bound)
        yield isinstance(row, LinkRule), key


def _pair_up(
    ours: Sequence[tuple[object, object]], theirs: Sequence[tuple[object, _Part]]
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
    rows, rules = _join_rows(forward, backward), _join_rules(forward, backward)
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
        rows=_join_rows(None, backward),
        link_rules=_join_rules(None, backward),
        remarks=(problem("W426", backward.flow.where, name, other=first),),
    )


def _join_rows(forward: BoundFlow | None, backward: BoundFlow | None) -> tuple[Row, ...]:
    own = forward.flow.properties if forward else ()
    if backward is None:
        return tuple(Row(source=one.source, target=one.target, forward=one) for one in own)
    partners, left = _pair_up(
        [(_key(one, forward), one) for one in own] if forward else [],
        [(_turned_key(one, backward), one) for one in backward.flow.properties],
    )
    both = (
        Row(source=row.source, target=row.target, forward=row, backward=partner)
        for row, partner in zip(own, partners, strict=True)
    )
    return (*both, *(Row(source=one.target, target=one.source, backward=one) for one in left))


def _join_rules(forward: BoundFlow | None, backward: BoundFlow | None) -> tuple[Rule, ...]:
    own = forward.flow.link_rules if forward else ()
    rules = [Rule(source=one.source, target=one.target, stated=one) for one in own]
    if backward is None:
        return tuple(rules)
    known = {_key(one, forward) for one in own} if forward else set()
    theirs = [one for one in backward.flow.link_rules if _turned_key(one, backward) not in known]
    return (*rules, *(Rule(source=one.target, target=one.source, stated=one) for one in theirs))


def _key(row: PropertyMapping | LinkRule, bound: BoundFlow) -> object:
    return _cell_key(row.source, bound.source), _cell_key(row.target, bound.target)


def _turned_key(row: PropertyMapping | LinkRule, bound: BoundFlow) -> object:
    return _cell_key(row.target, bound.target), _cell_key(row.source, bound.source)


def _cell_key(cell: PropertyPath, bound: BoundSide) -> object:
    # Either document may call a property of the API by another of its names.
    definition = find_property(bound.index, cell.path)
    name = definition.path if definition else _fold(cell.path)
    return name, condition_key(cell)


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
            yield problem("W424", row.where, flow.name, other=there, **row.quoted)
    yield from _rule_remarks(forward, backward, files)


def _rule_remarks(first: BoundFlow, mirror: BoundFlow, files: tuple[str, ...]) -> Iterator[Problem]:
    own = {_key(rule, first): rule for rule in first.flow.link_rules}
    theirs = {_turned_key(rule, mirror): rule for rule in mirror.flow.link_rules}
    lacking = [(rule, files[1]) for key, rule in own.items() if key not in theirs]
    lacking += [(rule, files[0]) for key, rule in theirs.items() if key not in own]
    for rule, there in lacking:
        texts = {"source": rule.source.text, "target": rule.target.text}
        yield problem("W425", rule.where, first.flow.name, other=there, **texts)
