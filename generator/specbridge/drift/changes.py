"""What changed in meaning between two versions of a package's documents; pure.

A change is **breaking** when it takes away what teams rely on or makes a value another one: a flow, a
row, a direction, a link rule or the creation of records goes; a row gets another target, type, or
condition; rows that compete change places. What only adds is not breaking. docs/drift.md has the
table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from specbridge.model.resolved import (
    CreationRule,
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedPackage,
    ResolvedProperty,
)
from specbridge.model.values import CreationPolicy, Direction

BREAKING: Mapping[str, bool] = {
    "flow-added": False,
    "flow-removed": True,
    "flow-retargeted": True,
    "row-added": False,
    "row-removed": True,
    "row-retargeted": True,
    "condition-changed": True,
    "type-changed": True,
    "preference-changed": True,
    "row-held": True,
    "row-released": False,
    "link-rule-added": False,
    "link-rule-removed": True,
    "creation-added": False,
    "creation-removed": True,
    "creation-changed": True,
}
"""Every kind of change, and whether it is breaking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of meaning; `detail` names what changed, `old` and `new` where both exist."""

    kind: str
    flow: str
    detail: Mapping[str, str]

    @property
    def breaking(self) -> bool:
        """Return whether the kind is breaking."""
        return BREAKING[self.kind]

    def as_json(self) -> dict[str, object]:
        """Return the shape that `diff --json` prints."""
        return {
            "kind": self.kind,
            "flow": self.flow,
            "detail": dict(self.detail),
            "breaking": self.breaking,
        }


def compare_packages(
    old: Sequence[ResolvedPackage], new: Sequence[ResolvedPackage]
) -> tuple[Change, ...]:
    """Return the changes in the order of the new packages' flows; removed flows come last.

    Packages and flows are matched by name: renaming either is a removal and an addition.
    """
    before = _flows_by_name(old)
    after = _flows_by_name(new)
    changes = [
        change
        for key, flow in after.items()
        for change in (_compare_flows(before[key], flow) if key in before else _added(flow))
    ]
    # Last, since a reader follows the new document from top to bottom.
    for key, flow in before.items():
        if key not in after:
            changes.append(_flow_change("flow-removed", flow))
    return tuple(changes)


def render_markdown(changes: Sequence[Change]) -> str:
    """Return a table for a pull request; a single sentence where nothing changed."""
    if not changes:
        return "No change in meaning.\n"
    rows = [
        f"| {'**breaking**' if c.breaking else ''} | {c.kind} | `{_cell(c.flow)}` | {_detail(c)} |"
        for c in changes
    ]
    count = sum(c.breaking for c in changes)
    noun = "change" if len(changes) == 1 else "changes"
    title = f"{len(changes)} {noun} in meaning, {count} breaking."
    return "\n".join([title, "", "| | change | flow | detail |", "|---|---|---|---|", *rows, ""])


def render_text(changes: Iterable[Change]) -> str:
    """Return a line per change, `!` before the breaking ones."""
    return "".join(
        f"{'!' if c.breaking else ' '} {c.kind:<18} {c.flow}: {_plain(c)}\n" for c in changes
    )


def _plain(change: Change) -> str:
    return ", ".join(f"{key} {value}" for key, value in change.detail.items())


def _detail(change: Change) -> str:
    return ", ".join(f"{key} `{_cell(value)}`" for key, value in change.detail.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'").replace("\n", " ")


def _flows_by_name(packages: Sequence[ResolvedPackage]) -> dict[tuple[str, str], ResolvedFlow]:
    return {(package.name, flow.name): flow for package in packages for flow in package.flows}


def _flow_change(kind: str, flow: ResolvedFlow) -> Change:
    sides = {"source": _side(flow, "source"), "target": _side(flow, "target")}
    return Change(kind=kind, flow=flow.name, detail=sides)


def _added(flow: ResolvedFlow) -> Iterator[Change]:
    yield _flow_change("flow-added", flow)


def _side(flow: ResolvedFlow, side: str) -> str:
    bound = flow.source if side == "source" else flow.target
    return " ".join(filter(None, (bound.system, bound.resource, bound.subset)))


def _compare_flows(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    for side in ("source", "target"):
        if _side(old, side) != _side(new, side):
            yield _old_new("flow-retargeted", new, side, _side(old, side), _side(new, side))
    yield from _compare_creation(new, "to_target", old.to_target, new.to_target)
    yield from _compare_creation(new, "to_source", old.to_source, new.to_source)
    yield from _compare_link_rules(old, new)
    yield from _compare_rows(old, new)
    yield from _compare_preference(old, new)


def _old_new(kind: str, flow: ResolvedFlow, what: str, old: str, new: str) -> Change:
    return Change(kind=kind, flow=flow.name, detail={"what": what, "old": old, "new": new})


def _compare_creation(
    flow: ResolvedFlow, what: str, old: CreationRule, new: CreationRule
) -> Iterator[Change]:
    before, after = _creation_text(old), _creation_text(new)
    if before == after:
        return
    if old.policy is CreationPolicy.NEVER:
        kind = "creation-added"
    elif new.policy is CreationPolicy.NEVER:
        kind = "creation-removed"
    else:
        kind = "creation-changed"
    yield _old_new(kind, flow, what, before, after)


def _creation_text(rule: CreationRule) -> str:
    connections = (f"{c.resource}.{'.'.join(c.path)}" for c in rule.connections)
    condition = (
        f"{'.'.join(rule.condition.path)} is {rule.condition.value!r}" if rule.condition else ""
    )
    return " ".join(filter(None, (rule.policy.value, *connections, condition)))


def _compare_link_rules(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    before = [_rule_text(rule) for rule in old.link_rules]
    after = [_rule_text(rule) for rule in new.link_rules]
    for text in after:
        # Link rules are alternatives, so that their order means nothing.
        if text not in before:
            yield Change(kind="link-rule-added", flow=new.name, detail={"rule": text})
    for text in before:
        if text not in after:
            yield Change(kind="link-rule-removed", flow=new.name, detail={"rule": text})


def _rule_text(rule: ResolvedLinkRule) -> str:
    return f"{_path(rule.source)} = {_path(rule.target)}"


def _path(bound: ResolvedProperty) -> str:
    conditions = (f" where {'.'.join(c.path)} is {c.value!r}" for c in bound.conditions)
    return ".".join(bound.path) + "".join(conditions)


def _row_key(row: ResolvedMapping) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return row.source.path, row.target.path


def _row_text(row: ResolvedMapping) -> str:
    return f"{_path(row.source)} -> {_path(row.target)}"


def _compare_rows(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    pairs, removed, added = _pair_rows(old.mappings, new.mappings)
    for before, after in pairs:
        yield from _compare_pair(new, before, after)
    for row in added:
        yield Change(kind="row-added", flow=new.name, detail={"row": _row_text(row)})
    for row in removed:
        yield Change(kind="row-removed", flow=new.name, detail={"row": _row_text(row)})


Pairs = list[tuple[ResolvedMapping, ResolvedMapping]]


def _pair_rows(
    old: Sequence[ResolvedMapping], new: Sequence[ResolvedMapping]
) -> tuple[Pairs, list[ResolvedMapping], list[ResolvedMapping]]:
    """Pair rows that say the same, then of the same two properties, then of the same source."""
    removed, added = list(old), list(new)
    pairs: Pairs = []
    # The closest likeness first, over all rows: else a moved row would pair with a mere namesake.
    for likeness in (_row_text, _row_key, lambda row: row.source.path):
        for after in tuple(added):
            before = next((row for row in removed if likeness(row) == likeness(after)), None)
            if before is not None:
                pairs.append((before, after))
                removed.remove(before)
                added.remove(after)
    return pairs, removed, added


def _compare_pair(
    flow: ResolvedFlow, old: ResolvedMapping, new: ResolvedMapping
) -> Iterator[Change]:
    before, after = _row_text(old), _row_text(new)
    if before != after:
        kind = "condition-changed" if _row_key(old) == _row_key(new) else "row-retargeted"
        yield _old_new(kind, flow, "row", before, after)
    if _types(old) != _types(new):
        yield _old_new("type-changed", flow, after, _types(old), _types(new))
    lost, won = _directions(old) - _directions(new), _directions(new) - _directions(old)
    if lost:
        yield Change(kind="row-held", flow=flow.name, detail={"row": after, "in": _words(lost)})
    if won:
        yield Change(kind="row-released", flow=flow.name, detail={"row": after, "in": _words(won)})


def _types(row: ResolvedMapping) -> str:
    # Of a reference the type is not used: its value goes through links.
    if row.reference is not None:
        return f"reference {row.reference.source} = {row.reference.target}"
    forward = row.forward.text if row.forward else "as it is"
    backward = row.backward.text if row.backward else "as it is"
    return f"{forward} / {backward}"


def _directions(row: ResolvedMapping) -> frozenset[Direction]:
    if row.direction is Direction.BOTH:
        return frozenset((Direction.TO_TARGET, Direction.TO_SOURCE))
    return frozenset((row.direction,)) - {Direction.NONE}


def _words(directions: frozenset[Direction]) -> str:
    return ", ".join(sorted(direction.value for direction in directions))


def _compare_preference(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    """Compare the order of rows that share a property; other orders mean nothing."""
    # Only rows that both have: an added one has changed no order.
    both = {_row_text(row) for row in old.mappings} & {_row_text(row) for row in new.mappings}
    before = _contests(old, both)
    for shared, order in _contests(new, both).items():
        if before[shared] != order:
            texts = " before ".join(before[shared]), " before ".join(order)
            yield _old_new("preference-changed", new, ".".join(shared[1]), *texts)


def _contests(flow: ResolvedFlow, rows: set[str]) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    contests: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for row in flow.mappings:
        text = _row_text(row)
        if text in rows:
            contests.setdefault(("source", row.source.path), []).append(text)
            contests.setdefault(("target", row.target.path), []).append(text)
    return contests
