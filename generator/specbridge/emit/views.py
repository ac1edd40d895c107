"""What a mapper's template is given: every decision is made here, the template only places text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from specbridge.emit.access import place_of, read_keys
from specbridge.emit.directions import Places, direct_rows, is_mapped
from specbridge.emit.layout import INDENT, Group, lay_out
from specbridge.emit.literals import docstring, text_literal, type_of
from specbridge.emit.mapping import MapperBody, Row
from specbridge.emit.names import Names, class_name, function_name
from specbridge.emit.shapes import IDENTIFIER, TYPES, Shape, SideTypes, shape_side
from specbridge.emit.statements import render_statements
from specbridge.model.resolved import (
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionView:
    """A function in three texts; docstring and body are indented."""

    signature: str
    docstring: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperView:
    """A mapper module, top to bottom; `shapes` are the statements of its TypedDicts."""

    docstring: str
    standard_imports: str
    runtime_imports: str
    shapes: str
    functions: tuple[FunctionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideNames:
    """How a side is called in its mapper: `class_` `Users`, `function` `users`, `label` in prose."""

    class_: str
    function: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperNames:
    """The names that a mapper gives and its sync module takes."""

    source: SideNames
    target: SideNames

    @property
    def functions(self) -> tuple[str, str, str, str]:
        """Return the names of to_target, to_source, source_keys, target_keys."""
        source, target = self.source.function, self.target.function
        return f"to_{target}", f"to_{source}", f"{source}_keys", f"{target}_keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTypes:
    """A flow with its names, the types of both sides, and where each row's properties stand."""

    flow: ResolvedFlow
    names: MapperNames
    source: SideTypes
    target: SideTypes
    places: Places


def type_flow(flow: ResolvedFlow) -> FlowTypes:
    """Return what mapper and sync module have to agree on."""
    names = name_sides(flow)
    taken = Names()
    classes = taken.take(names.source.class_), taken.take(names.target.class_)
    source = shape_side(classes[0], _entries(flow, source=True), taken)
    target = shape_side(classes[1], _entries(flow, source=False), taken)
    places = [(place_of(m.source, source), place_of(m.target, target)) for m in flow.mappings]
    return FlowTypes(flow=flow, names=names, source=source, target=target, places=places)


def view_mapper(types: FlowTypes) -> MapperView:
    """Return the view of a flow's mapper module."""
    flow, names = types.flow, types.names
    shapes = (*types.source.shapes(), *types.target.shapes())
    functions = (
        _view_direction(types, forward=True),
        _view_direction(types, forward=False),
        _view_keys(types, source=True),
        _view_keys(types, source=False),
    )
    texts = tuple("\n".join(_shape_lines(shape)) for shape in shapes)
    summary = f"Map {names.source.label} to {names.target.label} and back."
    standard, runtime = _imports([*texts, *(f"{f.signature}\n{f.body}" for f in functions)])
    return MapperView(
        docstring="\n".join(docstring(summary, [f"From {flow.document}."])),
        standard_imports=standard,
        runtime_imports=runtime,
        # Two empty lines stand before a class, one between imports and an assignment.
        shapes=("\n" if shapes[0].plain else "") + "\n\n\n".join(texts),
        functions=functions,
    )


def name_sides(flow: ResolvedFlow) -> MapperNames:
    """Return the sides' names: the datatype's, with the system's or the side's before it if equal."""
    source, target = _full_name(flow.source), _full_name(flow.target)
    if function_name(source) == function_name(target):
        source, target = f"{flow.source.label} {source}", f"{flow.target.label} {target}"
    if function_name(source) == function_name(target):
        source, target = f"Source {source}", f"Target {target}"
    return MapperNames(
        source=_name_side(source, flow.source), target=_name_side(target, flow.target)
    )


def side_label(side: ResolvedSide) -> str:
    """Return what a document calls the side in full: `Powerofficego Customers person`."""
    return " ".join(part for part in (side.label, side.datatype, side.subset or "") if part)


def _full_name(side: ResolvedSide) -> str:
    return f"{side.datatype} {side.subset or ''}"


def _name_side(text: str, side: ResolvedSide) -> SideNames:
    return SideNames(class_=class_name(text), function=function_name(text), label=side_label(side))


def _entries(flow: ResolvedFlow, *, source: bool) -> Iterator[tuple[Path, str]]:
    rows: list[ResolvedMapping | ResolvedLinkRule] = [*flow.mappings, *flow.link_rules]
    sides = [row.source if source else row.target for row in rows]
    identifiers = {
        side.path for row, side in zip(rows, sides, strict=True) if row.reference is not None
    }
    for side in sides:
        yield side.path, IDENTIFIER if side.path in identifiers else TYPES[side.type]
    yield from _condition_entries(sides)


def _condition_entries(properties: Iterable[ResolvedProperty]) -> Iterator[tuple[Path, str]]:
    for property_ in properties:
        for condition in property_.conditions:
            yield condition.path, type_of(condition.value)


def _view_direction(types: FlowTypes, *, forward: bool) -> FunctionView:
    read, write = types.names.source, types.names.target
    shapes = types.source, types.target
    if not forward:
        read, write, shapes = write, read, (types.target, types.source)
    mapped = [row for row in types.flow.mappings if is_mapped(row, forward=forward)]
    statements = [row.statement for row in mapped]
    return FunctionView(
        signature=_signature(
            f"to_{write.function}",
            [f"record: {shapes[0].name}", "references: References"],
            shapes[1].name,
        ),
        docstring=_indented(docstring(_describe(read, write, statements), statements, 4)),
        body=_body(
            direct_rows(types.flow.mappings, types.places, forward=forward), *shapes, write.function
        ),
    )


def _describe(read: SideNames, write: SideNames, statements: Sequence[str]) -> str:
    if not statements:
        return "Return nothing: no row is kept equal in this direction."
    return f"Return what {write.label} is to hold for {read.label}."


def _body(rows: Sequence[Row], read: SideTypes, write: SideTypes, result: str) -> str:
    return _indented(render_statements(MapperBody(read, write, result).statements(rows), 4))


def _view_keys(types: FlowTypes, *, source: bool) -> FunctionView:
    names = types.names.source if source else types.names.target
    side = types.source if source else types.target
    rules = types.flow.link_rules
    places = [place_of(rule.source if source else rule.target, side) for rule in rules]
    summary = f"Return the link keys of {names.label}, one per rule."
    if not places:
        summary = "Return no link keys: the document has no link rule."
    return FunctionView(
        signature=_signature(f"{names.function}_keys", [f"record: {side.name}"], "LinkKeys"),
        docstring=_indented(docstring(summary, [rule.statement for rule in rules], 4)),
        body=_indented(read_keys(places, side, 4)),
    )


def _signature(name: str, parameters: Sequence[str], result: str) -> str:
    items = tuple(("", parameter) for parameter in parameters)
    return "\n".join(
        lay_out("def ", Group(f"{name}(", items, f") -> {result}:", hugging=len(items) > 1))
    )


def _indented(lines: Iterable[str]) -> str:
    return "\n".join([f"{INDENT}{line}" if line else "" for line in lines])


def _shape_lines(shape: Shape) -> Iterator[str]:
    if shape.plain:
        yield f"class {shape.name}(TypedDict, total=False):"
        yield from (f"    {key}: {type_}" for key, type_ in shape.keys)
        if not shape.keys:
            yield "    pass"
        return
    items = tuple((f"{key}: ", type_) for key, type_ in shape.keys)
    keys = Group("{", items, "}")
    arguments = (("", text_literal(shape.name)), ("", keys), ("", "total=False"))
    yield from lay_out(f"{shape.name} = ", Group("TypedDict(", arguments, ")"))


_WORDS = re.compile(
    r"""cast\("([^"]*)" | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | ([A-Za-z_]\w*)""", re.VERBOSE
)
_IMPORTS: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = (
    (("typing", ("TypedDict", "cast")),),
    (
        ("specbridge.runtime", ("conversions",)),
        ("specbridge.runtime.conversions", ("Json",)),
        ("specbridge.runtime.flow", ("LinkKeys",)),
        ("specbridge.runtime.references", ("WAITING", "Identifier", "References", "translate")),
    ),
)


_STRING = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'""")
_ALWAYS = {"TypedDict", "LinkKeys", "References"}
_IMPORTED = {
    name: re.compile(rf"\b{name}\b").search
    for group in _IMPORTS
    for _, names in group
    for name in names
    if name not in _ALWAYS
}


def _imports(code: Sequence[str]) -> tuple[str, str]:
    """Return the import statements of the names that the code uses, literals aside."""
    joined = "\n".join(code)
    suspected = {name for name in _IMPORTED if name in joined}
    if "cast" in suspected:
        used = _ALWAYS | (suspected & set(_words(joined)))
    else:
        used = _ALWAYS | {name for name in suspected if _uses(joined, name)}
    groups = []
    for modules in _IMPORTS:
        wanted = [(module, [n for n in names if n in used]) for module, names in modules]
        lines = (f"from {m} import {', '.join(names)}" for m, names in wanted if names)
        groups.append("\n".join(lines))
    return groups[0], groups[1]


def _uses(code: str, name: str) -> bool:
    """Return whether a name stands outside of the literals, each of which is on one line."""
    lines = (line for line in code.split("\n") if name in line)
    return any(_IMPORTED[name](_STRING.sub("", line)) for line in lines)


def _words(text: str) -> Iterator[str]:
    for quoted, word in _WORDS.findall(text):
        if quoted:
            yield "cast"
            yield from re.findall(r"\w+", quoted)
        elif word:
            yield word
