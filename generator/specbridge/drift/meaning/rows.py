"""Rows of a flow before and after: those that go together, what differs, and their order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from specbridge.drift.meaning.change import Change, in_words, old_new
from specbridge.model.resolved import (
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedProperty,
)
from specbridge.model.values import Direction, Path

Row = ResolvedMapping | ResolvedLinkRule
Pair = tuple[ResolvedMapping, ResolvedMapping]
_CONDITION = "Dependant on having"


def compare_rows(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    """Yield what changed in the property tables, in the order of the new one; what is gone comes last."""
    pairs, removed, added = _pair_rows(old.mappings, new.mappings)
    for before, after in pairs:
        for change in _compare_pair(before, after):
            yield replace(change, where=after.where)
    for row in added:
        yield Change(kind="row-added", flow="", detail={"row": row_text(row)}, where=row.where)
    for row in removed:
        yield Change(kind="row-removed", flow="", detail={"row": row_text(row)})
    yield from _compare_order(old, new)


def compare_link_rules(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    """Yield what changed in the link tables: rules that came and went, their order, their words."""
    before = {_rule_text(rule): rule for rule in old.link_rules}
    after = {_rule_text(rule): rule for rule in new.link_rules}
    for text, rule in after.items():
        if text not in before:
            yield Change(kind="link-rule-added", flow="", detail={"rule": text}, where=rule.where)
        elif before[text].statement != rule.statement:
            words = old_new("text-changed", "link rule", before[text].statement, rule.statement)
            yield replace(words, where=rule.where)
    for text in before:
        if text not in after:
            yield Change(kind="link-rule-removed", flow="", detail={"rule": text})
    kept = [text for text in before if text in after], [text for text in after if text in before]
    # Link rules are alternatives: their order is that of the code, and means nothing.
    if kept[0] != kept[1]:
        yield old_new("order-changed", "link rules", ", ".join(kept[0]), ", ".join(kept[1]))


def row_text(row: Row) -> str:
    """Return a row in a few words: both properties, with their conditions as written."""
    return f"{_property_text(row.source)} -> {_property_text(row.target)}"


def _rule_text(rule: ResolvedLinkRule) -> str:
    return f"{_property_text(rule.source)} = {_property_text(rule.target)}"


def _property_text(bound: ResolvedProperty) -> str:
    return in_words(bound.path) + "".join(f" where {text}" for text in _condition_texts(bound))


def _condition_texts(bound: ResolvedProperty) -> tuple[str, ...]:
    """Return a property's conditions: resolved where all of them are, else as they are written."""
    # What is not resolved (a blank, a symbol) holds its row, and may change all the same.
    if len(bound.conditions) < len(_written(bound)):
        return _written(bound)
    return tuple(
        f"{in_words(c.path)} is {'not ' if c.negate else ''}{c.value!r}" for c in bound.conditions
    )


def _written(bound: ResolvedProperty) -> tuple[str, ...]:
    """Return the conditions of a cell as they are written, in their order."""
    parts = " ".join(bound.text.split()).split(_CONDITION)[1:]
    return tuple(part.strip(" ()") for part in parts)


def _conditions(row: ResolvedMapping) -> list[list[str]]:
    """Return the conditions of both properties; their order means nothing."""
    return [sorted(_condition_texts(end)) for end in (row.source, row.target)]


def _row_key(row: ResolvedMapping) -> tuple[Path, Path]:
    return row.source.path, row.target.path


def _pair_rows(
    old: Sequence[ResolvedMapping], new: Sequence[ResolvedMapping]
) -> tuple[list[Pair], list[ResolvedMapping], list[ResolvedMapping]]:
    """Pair rows that say the same, then of the same two properties, then of the same source."""
    removed, added = list(old), list(new)
    pairs: list[Pair] = []
    # The closest likeness first, over all rows: else a moved row would pair with a mere namesake.
    for likeness in (row_text, _row_key, lambda row: row.source.path):
        waiting: dict[object, list[ResolvedMapping]] = {}
        for row in removed:
            waiting.setdefault(likeness(row), []).append(row)
        left = []
        for after in added:
            like = waiting.get(likeness(after))
            if like:
                pairs.append((like.pop(0), after))
            else:
                left.append(after)
        added = left
        paired = {id(before) for before, _ in pairs}
        removed = [row for row in removed if id(row) not in paired]
    return pairs, removed, added


def _compare_pair(old: ResolvedMapping, new: ResolvedMapping) -> Iterator[Change]:
    found = list(_compare_meaning(old, new))
    yield from found
    if not found and _words_of(old) != _words_of(new):
        yield old_new("text-changed", "row", _words_of(old), _words_of(new))


def _compare_meaning(old: ResolvedMapping, new: ResolvedMapping) -> Iterator[Change]:
    before, after = row_text(old), row_text(new)
    if _row_key(old) != _row_key(new):
        yield old_new("row-retargeted", "row", before, after)
    elif _conditions(old) != _conditions(new):
        yield old_new("condition-changed", "row", before, after)
    if _types(old) != _types(new):
        yield old_new("type-changed", after, _types(old), _types(new))
    for kind, some, others in (("row-held", old, new), ("row-released", new, old)):
        ways = _directions(some) - _directions(others)
        if ways:
            yield Change(kind=kind, flow="", detail={"row": after, "in": _joined(ways)})


def _words_of(row: ResolvedMapping) -> str:
    # The reasons are quoted in the code, as the row is.
    reasons = (f"{held.code} {held.reason}" for held in row.held)
    return "; ".join((row.statement, *reasons))


def _types(row: ResolvedMapping) -> str:
    # Of a reference the type is not used: its value goes through links.
    if row.reference is not None:
        return f"reference {row.reference.source} = {row.reference.target}"
    forward = row.forward.text if row.forward else "as it is"
    backward = row.backward.text if row.backward else "as it is"
    return f"{forward} / {backward}"


def _directions(row: ResolvedMapping) -> frozenset[str]:
    """Return the directions in which a row gives a value, on creation only included."""
    kept, created = _ways(row.direction), _ways(row.create_only)
    return frozenset({*kept, *(f"{way} on creation" for way in created)})


def _ways(direction: Direction) -> tuple[str, ...]:
    if direction is Direction.BOTH:
        return (Direction.TO_TARGET.value, Direction.TO_SOURCE.value)
    return () if direction is Direction.NONE else (direction.value,)


def _joined(directions: frozenset[str]) -> str:
    return ", ".join(sorted(directions))


def _compare_order(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    """Compare the order of the rows that both have: an added one has changed no order."""
    both = {row_text(row) for row in old.mappings} & {row_text(row) for row in new.mappings}
    before, after = _contests(old, both), _contests(new, both)
    found = [
        old_new("preference-changed", in_words(shared[1]), *map(_in_turn, (before[shared], order)))
        for shared, order in after.items()
        if before[shared] != order
    ]
    yield from found
    rows = tuple([row_text(r) for r in flow.mappings if row_text(r) in both] for flow in (old, new))
    # Rows that share no property may stand in any order; the code has theirs all the same.
    if not found and rows[0] != rows[1] and sorted(rows[0]) == sorted(rows[1]):
        moved = [(a, b) for a, b in zip(*rows, strict=True) if a != b]
        yield old_new("order-changed", "rows", moved[0][0], moved[0][1])


def _in_turn(texts: Sequence[str]) -> str:
    return " before ".join(texts)


def _contests(flow: ResolvedFlow, rows: set[str]) -> dict[tuple[str, Path], list[str]]:
    """Return the rows that share a property, in their order, by the side and the property."""
    contests: dict[tuple[str, Path], list[str]] = {}
    for row in flow.mappings:
        text = row_text(row)
        if text in rows:
            contests.setdefault(("source", row.source.path), []).append(text)
            contests.setdefault(("target", row.target.path), []).append(text)
    return contests
