"""What a mapper's template is given: names, types and expressions; every decision is made here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from specbridge.emit.body.access import place_of, read_keys
from specbridge.emit.body.directions import direct_rows, is_mapped
from specbridge.emit.body.mapping import MapperBody
from specbridge.emit.body.shapes import Shape
from specbridge.emit.body.statements import StatementView, list_statements
from specbridge.emit.python.layout import INDENT, WIDTH, Group, lay_out
from specbridge.emit.python.literals import fold_docstring, text_literal
from specbridge.emit.views.types import FlowTypes, SideNames


class ClassView(NamedTuple):
    """A TypedDict: its keys with their types, or, where a key is no name, the arguments of the call."""

    name: str
    keys: tuple[tuple[str, str], ...]
    arguments: str


class DirectionView(NamedTuple):
    """A function that maps a record: `given` and `made` are the TypedDicts of the sides.

    The signature stands on one line (`flat`), else its parameters share one (`hugged`), else each has
    its own. `quotes` are the lines of the docstring after its summary.
    """

    name: str
    given: str
    made: str
    flat: bool
    hugged: bool
    summary: str
    quotes: tuple[str, ...]
    statements: Sequence[StatementView]
    result: str


class KeysView(NamedTuple):
    """A function that gives a record's link keys; `keys` is the expression that it returns."""

    name: str
    given: str
    flat: bool
    summary: str
    quotes: tuple[str, ...]
    keys: str


@dataclass(frozen=True, kw_only=True)
class MapperView:
    """A mapper module, top to bottom; `conversions` and `json` say whether those are imported."""

    summary: str
    quotes: tuple[str, ...]
    typing_names: str
    conversions: bool
    json: bool
    reference_names: str
    classes: tuple[ClassView, ...]
    directions: tuple[DirectionView, ...]
    link_keys: tuple[KeysView, ...]


def view_mapper(types: FlowTypes) -> MapperView:
    """Return the view of a flow's mapper module."""
    flow, names = types.flow, types.names
    shapes = (*types.source.shapes(), *types.target.shapes())
    directions = (_view_direction(types, forward=True), _view_direction(types, forward=False))
    link_keys = (_view_keys(types, source=True), _view_keys(types, source=False))
    summary, quotes = fold_docstring(
        f"Map {names.source.label} to {names.target.label} and back.", [f"From {flow.document}."]
    )
    used = _used_names(_joined(shapes, directions, link_keys))
    return MapperView(
        summary=summary,
        quotes=quotes,
        typing_names=", ".join([name for name in _TYPING if name in used]),
        conversions="conversions" in used,
        json="Json" in used,
        reference_names=", ".join([name for name in _REFERENCES if name in used]),
        classes=tuple([_view_class(shape) for shape in shapes]),
        directions=directions,
        link_keys=link_keys,
    )


def _view_class(shape: Shape) -> ClassView:
    if shape.plain:
        return ClassView(shape.name, shape.keys, "")
    keys = Group("{", tuple([(f"{key}: ", type_) for key, type_ in shape.keys]), "}")
    arguments = (("", text_literal(shape.name)), ("", keys), ("", "total=False"))
    opening = "TypedDict("
    # A key that is no name can stand in the call only; there black may need several lines.
    text = lay_out(f"{shape.name} = ", Group(opening, arguments, ")"))
    return ClassView(shape.name, (), text[len(opening) : -1])


def _view_direction(types: FlowTypes, *, forward: bool) -> DirectionView:
    read, write = types.names.source, types.names.target
    given, made = types.source, types.target
    if not forward:
        read, write, given, made = write, read, made, given
    statements = [row.statement for row in types.flow.mappings if is_mapped(row, forward=forward)]
    summary, quotes = fold_docstring(_describe(read, write, statements), statements, len(INDENT))
    rows = direct_rows(types.flow.mappings, types.places, forward=forward)
    # The variable is called as the function is; where a row's name takes that, it gets a number.
    body = MapperBody(given, made, write.function)
    name = f"to_{write.function}"
    parameters = f"record: {given.name}, references: References"
    return DirectionView(
        name=name,
        given=given.name,
        made=made.name,
        flat=len(f"def {name}({parameters}) -> {made.name}:") <= WIDTH,
        hugged=len(INDENT) + len(parameters) <= WIDTH,
        summary=summary,
        quotes=quotes,
        statements=list_statements(body.statements(rows)),
        result=body.result if rows else "{}",
    )


def _describe(read: SideNames, write: SideNames, statements: Sequence[str]) -> str:
    if not statements:
        return "Return nothing: no row is kept equal in this direction."
    return f"Return what {write.label} is to hold for {read.label}."


def _view_keys(types: FlowTypes, *, source: bool) -> KeysView:
    names = types.names.source if source else types.names.target
    side = types.source if source else types.target
    rules = types.flow.link_rules
    places = [place_of(rule.source if source else rule.target, side) for rule in rules]
    text = f"Return the link keys of {names.label}, one per rule."
    if not places:
        text = "Return no link keys: the document has no link rule."
    summary, quotes = fold_docstring(text, [rule.statement for rule in rules], len(INDENT))
    name = f"{names.function}_keys"
    return KeysView(
        name=name,
        given=side.name,
        flat=len(f"def {name}(record: {side.name}) -> LinkKeys:") <= WIDTH,
        summary=summary,
        quotes=quotes,
        keys=read_keys(places, side, len(INDENT)),
    )


def _joined(
    shapes: Sequence[Shape], directions: Sequence[DirectionView], link_keys: Sequence[KeysView]
) -> str:
    """Return the parts of the module's code in which an imported name may stand, one below the other."""
    # Keys are left out: one that is called `Json` imports nothing.
    types = [type_ for shape in shapes for _, type_ in shape.keys]
    statements = chain.from_iterable(chain.from_iterable([one.statements for one in directions]))
    return "\n".join(chain(types, statements, [one.keys for one in link_keys]))


_TYPING = ("TypedDict", "cast")
_REFERENCES = ("WAITING", "Identifier", "References", "translate")
# The template itself writes these, in each class and each signature.
_ALWAYS = {"TypedDict", "References"}
_SOMETIMES = ("cast", "conversions", "Json", "WAITING", "Identifier", "translate")
# A cast comes first: its literal holds a type, every other one a text.
_WORDS = re.compile(
    r"""cast\("([^"]*)" | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | ([A-Za-z_]\w*)""", re.VERBOSE
)
_STRING = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'""")
_IMPORTED = {name: re.compile(rf"\b{name}\b").search for name in _SOMETIMES}


def _used_names(joined: str) -> set[str]:
    """Return the names to be imported: those that the code uses, literals aside."""
    suspected = {name for name in _SOMETIMES if name in joined}
    # The type within `cast("…", …)` is a literal and a use at once; without one, literals are no uses.
    if "cast" in suspected:
        return _ALWAYS | (suspected & set(_words(joined)))
    return _ALWAYS | {name for name in suspected if _uses(joined, name)}


def _uses(code: str, name: str) -> bool:
    """Return whether a name stands outside of the literals, each of which is on one line."""
    lines = (line for line in code.split("\n") if name in line)
    return any(_IMPORTED[name](_STRING.sub("", line)) for line in lines)


def _words(text: str) -> Iterator[str]:
    for quoted, word in _WORDS.findall(text):
        if quoted:
            # The match has taken the word itself, along with its literal.
            yield "cast"
            yield from re.findall(r"\w+", quoted)
        elif word:
            yield word
