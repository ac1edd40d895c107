"""What a sync module's template is given: one FLOW expression, defaults left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from specbridge.emit.layout import WIDTH, Group, Node, construct, lay_out, one_line, tuple_of
from specbridge.emit.literals import docstring, literal, text_literal
from specbridge.emit.views import FlowTypes, side_label
from specbridge.model.profile import Subset
from specbridge.model.resolved import (
    CreationRule,
    Held,
    Reference,
    ResolvedCondition,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedPackage,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import CreationPolicy, Direction, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncView:
    """A sync module: its import of the runtime, the mapper's module, and the assignment of FLOW."""

    docstring: str
    imports: str
    module: str
    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageView:
    """A package's own module: its import of the sync modules (empty: no flow) and FLOWS."""

    docstring: str
    imports: str
    flows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomView:
    """A module that holds nothing but its docstring."""

    docstring: str


def view_sync(types: FlowTypes) -> SyncView:
    """Return the view of a flow's sync module."""
    flow, names = types.flow, types.names
    summary = f"Keep {names.source.label} and {names.target.label} in sync."
    node = _flow(types)
    return SyncView(
        docstring="\n".join(docstring(summary, [f"From {flow.document}."])),
        imports=_import("specbridge.runtime.flow", set(_names(node))),
        module=flow.name,
        flow="\n".join(lay_out("FLOW = ", node)),
    )


def view_package(package: ResolvedPackage) -> PackageView:
    """Return the view of a package's own module: its flows in run order."""
    documents = " and ".join(package.documents)
    names = [flow.name for flow in package.flows]
    summary = f"The flows of {documents}, in the order in which they run."
    if not names:
        return PackageView(
            docstring="\n".join(docstring(f"{documents} states no flow.")),
            imports="from specbridge.runtime.flow import AnyFlow",
            flows="FLOWS: tuple[AnyFlow, ...] = ()",
        )
    flows = tuple_of([f"{name}.FLOW" for name in names])
    return PackageView(
        docstring="\n".join(docstring(summary)),
        imports=_import(".sync", set(names)),
        flows="\n".join(lay_out("FLOWS = ", flows)),
    )


def view_room(contents: str, package: ResolvedPackage) -> RoomView:
    """Return the view of a folder's module; `contents` says what the folder holds."""
    summary = f"{contents} of {' and '.join(package.documents)}."
    return RoomView(docstring="\n".join(docstring(summary)))


def _flow(types: FlowTypes) -> Group:
    flow = types.flow
    parts: dict[str, Node] = {
        "name": text_literal(flow.name),
        "document": text_literal(flow.document),
        "source": _side(flow.source),
        "target": _side(flow.target),
    }
    parts |= _creation("create_target", flow.to_target)
    parts |= _creation("create_source", flow.to_source)
    parts |= _filled("link_rules", [_link_rule(rule) for rule in flow.link_rules])
    parts |= _filled("properties", map(_mapping, flow.mappings))
    parts |= _filled("statements", [text_literal(text) for text in flow.statements])
    if not flow.runnable:
        parts["runnable"] = "False"
    roles = ("to_target", "to_source", "source_keys", "target_keys")
    for role, function in zip(roles, types.names.functions, strict=True):
        parts[role] = f"mapper.{function}"
    return construct("Flow", **parts)


def _side(side: ResolvedSide) -> Group:
    subset = {} if side.predicate is None else {"subset": _subset(side.predicate)}
    return construct(
        "Side",
        system=text_literal(side.system),
        resource=text_literal(side.resource),
        label=text_literal(side_label(side)),
        **subset,
    )


def _subset(subset: Subset) -> Group:
    negate = {"negate": "True"} if subset.negate else {}
    return construct("Condition", path=_path(subset.path), value=literal(subset.equals), **negate)


def _condition(condition: ResolvedCondition) -> Group:
    negate = {"negate": "True"} if condition.negate else {}
    return construct(
        "Condition", path=_path(condition.path), value=literal(condition.value), **negate
    )


def _creation(name: str, rule: CreationRule) -> dict[str, Node]:
    match rule.policy:
        case CreationPolicy.NEVER:
            return {}
        case CreationPolicy.ALWAYS:
            return {name: "ALWAYS"}
        case CreationPolicy.CONNECTED | CreationPolicy.WHEN:
            parts: dict[str, Node] = {"policy": f"CreationPolicy.{rule.policy.name}"}
            connections = [
                construct("Connection", resource=text_literal(c.resource), path=_path(c.path))
                for c in rule.connections
            ]
            parts |= _filled("connections", connections)
            if rule.condition is not None:
                parts["condition"] = _condition(rule.condition)
            return {name: construct("CreationRule", **parts)}


def _link_rule(rule: ResolvedLinkRule) -> Group:
    return construct(
        "LinkRule",
        source=_path(rule.source.path),
        target=_path(rule.target.path),
        **_reference(rule.reference),
        **_statement(rule.statement),
    )


def _mapping(mapping: ResolvedMapping) -> Group:
    parts: dict[str, Node] = {
        "source": _path(mapping.source.path),
        "target": _path(mapping.target.path),
    }
    if mapping.direction is not Direction.BOTH:
        parts["direction"] = f"Direction.{mapping.direction.name}"
    if mapping.create_only is not Direction.NONE:
        parts["create_only"] = f"Direction.{mapping.create_only.name}"
    parts |= _reference(mapping.reference)
    parts |= _filled("source_conditions", map(_condition, mapping.source.conditions))
    parts |= _filled("target_conditions", map(_condition, mapping.target.conditions))
    if any(map(_ignores_case, (mapping.source, mapping.target))):
        parts["case_insensitive"] = "True"
    parts |= _filled("held", map(_held, mapping.held))
    return construct("PropertyMapping", **parts, **_statement(mapping.statement))


def _ignores_case(property_: ResolvedProperty) -> bool:
    return property_.definition is not None and property_.definition.case_insensitive


def _held(held: Held) -> Group:
    return construct(
        "Held",
        direction=f"Direction.{held.direction.name}",
        code=text_literal(held.code),
        reason=text_literal(held.reason),
    )


def _reference(reference: Reference | None) -> dict[str, Node]:
    if reference is None:
        return {}
    return {"reference": _path((reference.source, reference.target))}


def _statement(text: str) -> dict[str, Node]:
    return {"statement": text_literal(text)} if text else {}


def _filled(name: str, items: Iterable[Node]) -> dict[str, Node]:
    nodes = list(items)
    return {name: tuple_of(nodes)} if nodes else {}


@lru_cache(maxsize=16_384)
def _path(path: Path) -> str:
    return one_line(tuple_of([text_literal(step) for step in path]))


def _import(module: str, names: set[str]) -> str:
    # Constants stand before classes, as ruff sorts them.
    ordered = sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))
    prefix = f"from {module} import "
    flat = prefix + ", ".join(ordered)
    if len(flat) <= WIDTH:
        return flat
    items = tuple(("", name) for name in ordered)
    return "\n".join(lay_out(prefix, Group("(", items, ")")))


def _names(group: Group) -> Iterator[str]:
    if group.opening[:-1].isalpha():
        yield group.opening[:-1]
    for _, item in group.items:
        if isinstance(item, Group):
            yield from _names(item)
        elif item == "ALWAYS":
            yield item
        elif item.startswith(("Direction.", "CreationPolicy.")):
            yield item.partition(".")[0]
