"""What a sync module's template is given: sides, rules and rows of one FLOW, defaults left out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from specbridge.emit.python.layout import (
    INDENT,
    WIDTH,
    Group,
    Node,
    construct,
    fits,
    lay_out,
    one_line,
    tuple_of,
)
from specbridge.emit.python.literals import fold_docstring, literal, text_literal
from specbridge.emit.views.types import FlowTypes, side_label
from specbridge.model.profile import Subset
from specbridge.model.resolved import (
    CreationRule,
    Held,
    ResolvedCondition,
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import CreationPolicy, Direction, Path
from specbridge.resolve.tables.conversions import converts_values


# Tuples, which templates unpack: in the sandbox each attribute that is looked up costs a check.
class SideView(NamedTuple):
    """A side; `flat` are its arguments where they fit on one line, all else is laid out below it."""

    side: str
    flat: str
    system: str
    resource: str
    label: str
    subset: str


class RuleView(NamedTuple):
    """A link rule, `flat` as in SideView; "" for what is not stated."""

    flat: str
    source: str
    target: str
    reference: str
    statement: str


class RowView(NamedTuple):
    """A property mapping, `flat` as in SideView; "" for what is as by default."""

    flat: str
    source: str
    target: str
    direction: str
    create_only: str
    converts: str
    reference: str
    source_conditions: str
    target_conditions: str
    case_insensitive: str
    held: str
    statement: str


@dataclass(frozen=True, kw_only=True)
class SyncView:
    """A sync module: its imports of the runtime, the mapper's module, and the parts of FLOW.

    A list that fits on one line as a whole is an expression (`…_flat`), "" where it does not.
    """

    summary: str
    quotes: tuple[str, ...]
    imports_flat: str
    imports: tuple[str, ...]
    module: str
    name: str
    document: str
    sides: tuple[SideView, ...]
    create_target: str
    create_source: str
    rules_flat: str
    rules: tuple[RuleView, ...]
    rows_flat: str
    rows: tuple[RowView, ...]
    statements_flat: str
    statements: tuple[str, ...]
    runnable: bool
    to_target: str
    to_source: str
    source_keys: str
    target_keys: str


Parts = dict[str, Node]
"""The arguments of a call by name, in their order."""

_MARGIN = len(INDENT)


def view_sync(types: FlowTypes) -> SyncView:
    """Return the view of a flow's sync module."""
    flow, names = types.flow, types.names
    summary, quotes = fold_docstring(
        f"Keep {names.source.label} and {names.target.label} in sync.", [f"From {flow.document}."]
    )
    rules, rows = list(map(_rule, flow.link_rules)), list(map(_row, flow.mappings))
    statements = [text_literal(text) for text in flow.statements]
    imports = sort_names(_used_names(flow, rows))
    to_target, to_source, source_keys, target_keys = names.functions
    return SyncView(
        summary=summary,
        quotes=quotes,
        imports_flat=flat_names("specbridge.runtime.flow", imports),
        imports=imports,
        module=flow.name,
        name=text_literal(flow.name),
        document=text_literal(flow.document),
        sides=(_view_side("source", flow.source), _view_side("target", flow.target)),
        create_target=_creation("create_target", flow.to_target),
        create_source=_creation("create_source", flow.to_source),
        rules_flat=_flat_list("link_rules", [construct("LinkRule", **parts) for parts in rules]),
        rules=tuple([_view_rule(parts) for parts in rules]),
        rows_flat=_flat_list("properties", [construct("PropertyMapping", **one) for one in rows]),
        rows=tuple([_view_row(parts) for parts in rows]),
        statements_flat=_flat_list("statements", statements),
        statements=tuple(statements),
        runnable=flow.runnable,
        to_target=to_target,
        to_source=to_source,
        source_keys=source_keys,
        target_keys=target_keys,
    )


def sort_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return imported names as ruff sorts them: constants before classes before all else."""
    return tuple(sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name)))


def flat_names(module: str, names: Sequence[str]) -> str:
    """Return the names as they stand in an import of one line, "" where it would be too long."""
    joined = ", ".join(names)
    return joined if len(f"from {module} import {joined}") <= WIDTH else ""


def _used_names(flow: ResolvedFlow, rows: Sequence[Parts]) -> set[str]:
    used = {"Flow", "Side"}
    if flow.link_rules:
        used.add("LinkRule")
    if rows:
        used.add("PropertyMapping")
    for parts in rows:
        used.update(_ROW_NAMES[name] for name in parts if name in _ROW_NAMES)
        # A held row says in which direction it is.
        if "held" in parts:
            used.add("Direction")
    for rule in (flow.to_target, flow.to_source):
        used.update(_creation_names(rule))
    if any(side.predicate is not None for side in (flow.source, flow.target)):
        used.add("Condition")
    return used


_ROW_NAMES = {
    "direction": "Direction",
    "create_only": "Direction",
    "source_conditions": "Condition",
    "target_conditions": "Condition",
    "held": "Held",
}
"""What an argument of a row needs to be imported, besides PropertyMapping."""


def _creation_names(rule: CreationRule) -> Iterator[str]:
    if rule.policy is CreationPolicy.ALWAYS:
        yield "ALWAYS"
    elif rule.policy is not CreationPolicy.NEVER:
        yield from ("CreationPolicy", "CreationRule")
        if rule.connections:
            yield "Connection"
        if rule.condition is not None:
            yield "Condition"


def _view_side(name: str, side: ResolvedSide) -> SideView:
    parts: Parts = {
        "system": text_literal(side.system),
        "resource": text_literal(side.resource),
        "label": text_literal(side_label(side)),
    }
    if side.predicate is not None:
        parts["subset"] = _condition(side.predicate)
    flat = _flat_call(f"{name}=Side", parts, _MARGIN)
    return SideView(name, flat, *_laid_out(parts, ("system", "resource", "label", "subset"), 2))


def _view_rule(parts: Parts) -> RuleView:
    names = ("source", "target", "reference", "statement")
    return RuleView(_flat_call("LinkRule", parts, 2 * _MARGIN), *_laid_out(parts, names, 3))


def _view_row(parts: Parts) -> RowView:
    # Both forms are given, so that a template of a project's own may use either.
    flat = _flat_call("PropertyMapping", parts, 2 * _MARGIN)
    return RowView(flat, *_laid_out(parts, _ROW_FIELDS, 3))


# The fields are filled by position: one list of names serves the view and its values.
_ROW_FIELDS = RowView._fields[1:]


def _laid_out(parts: Parts, names: Sequence[str], depth: int) -> Iterator[str]:
    """Yield the values of these arguments, each on lines of its own at a depth; "" for the others."""
    for name in names:
        node = parts.get(name, "")
        if isinstance(node, str):
            yield node
        else:
            yield lay_out(f"{name}=", node, depth * _MARGIN, ",")


def _flat_call(prefix: str, parts: Parts, column: int) -> str:
    """Return a call's arguments on one line, "" where `prefix(…),` does not fit from a column on."""
    # Measured before it is written: most rows are too long for one line.
    width = column + len(prefix) + len("(),") + len(", ") * (len(parts) - 1)
    for name, node in parts.items():
        width += len(name) + len("=") + (len(node) if isinstance(node, str) else node.width)
    if width > WIDTH:
        return ""
    return ", ".join([f"{name}={one_line(node)}" for name, node in parts.items()])


def _flat_list(name: str, items: Sequence[Node]) -> str:
    """Return a tuple on one line, "" where `name=(…),` does not fit within FLOW."""
    node = tuple_of(items)
    return one_line(node) if items and fits(f"{name}=", node, _MARGIN, ",") else ""


def _rule(rule: ResolvedLinkRule) -> Parts:
    parts: Parts = {"source": _path(rule.source.path), "target": _path(rule.target.path)}
    if rule.reference is not None:
        parts["reference"] = _path((rule.reference.source, rule.reference.target))
    if rule.statement:
        parts["statement"] = text_literal(rule.statement)
    return parts


def _row(mapping: ResolvedMapping) -> Parts:
    parts: Parts = {"source": _path(mapping.source.path), "target": _path(mapping.target.path)}
    if mapping.direction is not Direction.BOTH:
        parts["direction"] = f"Direction.{mapping.direction.name}"
    if mapping.create_only is not Direction.NONE:
        parts["create_only"] = f"Direction.{mapping.create_only.name}"
    if converts_values(mapping):
        parts["converts"] = "True"
    if mapping.reference is not None:
        parts["reference"] = _path((mapping.reference.source, mapping.reference.target))
    if mapping.source.conditions:
        parts["source_conditions"] = tuple_of(list(map(_condition, mapping.source.conditions)))
    if mapping.target.conditions:
        parts["target_conditions"] = tuple_of(list(map(_condition, mapping.target.conditions)))
    if _ignores_case(mapping.source) or _ignores_case(mapping.target):
        parts["case_insensitive"] = "True"
    if mapping.held:
        parts["held"] = tuple_of(list(map(_held, mapping.held)))
    if mapping.statement:
        parts["statement"] = text_literal(mapping.statement)
    return parts


def _ignores_case(property_: ResolvedProperty) -> bool:
    return property_.definition is not None and property_.definition.case_insensitive


def _held(held: Held) -> Group:
    return construct(
        "Held",
        direction=f"Direction.{held.direction.name}",
        code=text_literal(held.code),
        reason=text_literal(held.reason),
    )


def _condition(condition: ResolvedCondition | Subset) -> Group:
    value = condition.equals if isinstance(condition, Subset) else condition.value
    negate = {"negate": "True"} if condition.negate else {}
    return construct("Condition", path=_path(condition.path), value=literal(value), **negate)


def _creation(name: str, rule: CreationRule) -> str:
    """Return the rule of one direction as it stands in FLOW, "" for the default."""
    match rule.policy:
        case CreationPolicy.NEVER:
            return ""
        case CreationPolicy.ALWAYS:
            return "ALWAYS"
        case CreationPolicy.CONNECTED | CreationPolicy.WHEN:
            parts: Parts = {"policy": f"CreationPolicy.{rule.policy.name}"}
            if rule.connections:
                parts["connections"] = tuple_of(
                    [
                        construct(
                            "Connection", resource=text_literal(c.resource), path=_path(c.path)
                        )
                        for c in rule.connections
                    ]
                )
            if rule.condition is not None:
                parts["condition"] = _condition(rule.condition)
            return lay_out(f"{name}=", construct("CreationRule", **parts), _MARGIN, ",")


# The rows of a document's flows share most of their paths.
@lru_cache(maxsize=16_384)
def _path(path: Path) -> str:
    return one_line(tuple_of([text_literal(step) for step in path]))
