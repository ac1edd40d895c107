"""The body of a mapper's function: rows of the document as statements, grouped by what they read."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from specbridge.emit.body.access import Place, read_guard, read_step
from specbridge.emit.body.expressions import (
    Typed,
    assignable,
    compile_expression,
    keeps_value,
    needs_binding,
    take_as_list,
)
from specbridge.emit.body.naming import name_part, name_value
from specbridge.emit.body.shapes import SideTypes, bare
from specbridge.emit.body.statements import Block, Line, Statement
from specbridge.emit.body.writing import Writer, cast_to
from specbridge.emit.python.layout import Node, call, one_line
from specbridge.emit.python.literals import text_literal
from specbridge.emit.python.names import Names
from specbridge.model.conversion import Conversion, Expression, Value
from specbridge.model.resolved import Reference


class Row(NamedTuple):
    """A row of the document in one direction.

    `rank` is 0 where the property written has one row only, else its place in the order of
    preference from 1.
    """

    read: Place
    write: Place
    conversion: Conversion | None
    reference: Reference | None
    rank: int


_SECOND = 2
"""The rank from which a row gives its value only where no row before it has one."""


@dataclass(slots=True)
class _Leaf:
    """A property read: what is done with it, once it is known to be there."""

    place: Place
    rows: list[Row]


@dataclass(slots=True)
class _Branch:
    """An object (or a list's element) read into a variable; the record itself at the root."""

    variable: str
    place: Place | None = None
    items: list["_Branch | _Leaf"] = field(default_factory=list)
    branches: dict[Hashable, "_Branch"] = field(default_factory=dict)
    leaves: dict[Hashable, _Leaf] = field(default_factory=dict)


class MapperBody:
    """The statements of one function; built once, asked once."""

    def __init__(self, read: SideTypes, write: SideTypes, result: str) -> None:
        """Start an empty function that returns a variable named `result`, if that name is free."""
        self._read = read
        self._names = Names()
        result = self._names.take(result)
        self._write = write
        self._result = result
        self._writer = Writer(write, result, self._names)
        self._variables: dict[Hashable, str] = {}

    def statements(self, rows: Sequence[Row]) -> tuple[Statement, ...]:
        """Return the body but for its return; nothing where there are no rows."""
        if not rows:
            return ()
        root = _Branch("record")
        for row in rows:
            self._place_row(root, row)
        mapped = self._items(root)
        return (*self._writer.declare(), *mapped, *self._writer.attach())

    @property
    def result(self) -> str:
        """Return the variable that the function returns."""
        return self._result

    def _place_row(self, root: _Branch, row: Row) -> None:
        # A row of lower preference must come after those before it, so it joins no earlier group.
        fresh = row.rank >= _SECOND
        branch = root
        for index in range(len(row.read.path) - 1):
            place = row.read.upto(index)
            found = None if fresh else branch.branches.get(place.key)
            if found is None:
                found = _Branch(self._variable(place), place)
                branch.items.append(found)
                if not fresh:
                    branch.branches[place.key] = found
            branch = found
        leaf = None if fresh else branch.leaves.get(row.read.key)
        if leaf is None:
            leaf = _Leaf(row.read, [])
            branch.items.append(leaf)
            if not fresh:
                branch.leaves[row.read.key] = leaf
        leaf.rows.append(row)

    def _variable(self, place: Place) -> str:
        if place.key not in self._variables:
            names = name_part(place.steps, "first")
            self._variables[place.key] = self._names.take_variable(names)
        return self._variables[place.key]

    def _items(self, branch: _Branch) -> tuple[Statement, ...]:
        statements: list[Statement] = []
        for item in branch.items:
            if isinstance(item, _Leaf):
                statements.append(self._leaf(item, branch.variable))
            else:
                statements.append(self._read_into(item.variable, _known(item), branch.variable))
                statements.append(Block((f"{item.variable} is not None",), self._items(item)))
        return tuple(statements)

    def _read_into(self, variable: str, place: Place, base: str) -> Line:
        return Line(variable, read_step(place, len(place.path) - 1, self._read, base))

    def _leaf(self, leaf: _Leaf, base: str) -> Block:
        step, (first, *others) = leaf.place.steps[-1], leaf.rows
        value, known = f"{base}[{step.key}]", f"{step.key} in {base}"
        # Most properties are such, and are done with here.
        if not (others or step.listed or leaf.place.guards) and first.rank < _SECOND:
            return Block((known,), self._assign(first, value))
        body: list[Statement] = []
        if step.listed:
            value = self._variable(leaf.place)
            body.append(self._read_into(value, leaf.place, base))
        for row in leaf.rows:
            body += self._assign(row, value)
        guards = [read_guard(condition, self._read) for condition in leaf.place.guards]
        preference = [self._unsettled(row) for row in leaf.rows if row.rank >= _SECOND]
        return Block((*preference, known, *guards), tuple(body))

    def _unsettled(self, row: Row) -> str:
        """Return the test that no row of higher preference has given a value."""
        written = self._writer.written(row.write)
        type_ = self._write.type_at((*row.write.path[:-1], bare(row.write.path[-1])))
        if type_ == "str" or type_.startswith(("list[", "dict[")):
            return f"not {written}"
        return f"conversions.is_empty({written})" if type_ == "Json" else f"{written} is None"

    def _assign(self, row: Row, value: str) -> tuple[Statement, ...]:
        type_ = self._read.type_at(row.read.path)
        target = self._writer.target(row.write)
        if row.reference is not None:
            return tuple(self._translate(row, value, type_, target))
        typed, declared = Typed(value, type_), self._write.type_at(row.write.path)
        conversion = _stated(row, type_, declared)
        # Most rows copy: a conversion that gives every value of the type as it is makes no call.
        if keeps_value(conversion, type_):
            if type_ == declared and not row.rank and not row.write.steps[-1].listed:
                return (Line(target, value),)
            return (Line(target, self._fit(row, typed)),)
        before, typed = self._convert(row, conversion, typed)
        return (*before, Line(target, self._fit(row, typed)))

    def _convert(
        self, row: Row, expression: Expression, typed: Typed
    ) -> tuple[Sequence[Statement], Typed]:
        before: Sequence[Statement] = ()
        value = one_line(typed.node)
        # Type checkers know a TypedDict by its keys, and no conversion takes one.
        if not assignable(typed.type, "Json"):  # an object that has rows of its own as well
            typed = Typed(node=cast_to(value, "Json"), type="Json")
        if needs_binding(expression) and not value.isidentifier():
            name = self._names.take_variable(name_value(row.read, row.write, "for"))
            before = (Line(name, typed.node),)
            typed = Typed(node=name, type=typed.type)
        at = text_literal(".".join(bare(step) for step in row.read.path))
        return before, compile_expression(expression, typed, at)

    def _translate(self, row: Row, value: str, type_: str, target: str) -> Iterator[Statement]:
        assert row.reference is not None
        name = self._names.take_variable(name_value(row.write, row.read, "from"))
        pair = f"({text_literal(row.reference.source)}, {text_literal(row.reference.target)})"
        given = value if assignable(type_, "Identifier") else cast_to(value, "Identifier")
        yield Line(name, call("translate", "references", pair, given))
        declared = self._write.type_at(row.write.path)
        fitted = self._listed(row, _fitted(Typed(node=name, type="Identifier"), declared))
        # A record that is not linked yet must not empty the other side: the property waits.
        yield Block((f"{name} is not WAITING",), (Line(target, fitted),))

    def _fit(self, row: Row, typed: Typed) -> Node:
        if row.rank:
            typed = _empty_to_none(typed)
        return self._listed(row, _fitted(typed, self._write.type_at(row.write.path)))

    def _listed(self, row: Row, node: Node) -> Node:
        return call("conversions.listed", node) if row.write.steps[-1].listed else node


def _stated(row: Row, type_: str, declared: str) -> Expression:
    expression = row.conversion.expression if row.conversion else Value()
    # A system that promises a list may send a single value, which the other one would refuse.
    is_list = type_ == "list[Json]" and (declared == type_ or not isinstance(expression, Value))
    return take_as_list(expression) if is_list else expression


def _fitted(typed: Typed, declared: str) -> Node:
    if assignable(typed.type, declared):
        return typed.node
    return cast_to(one_line(typed.node), declared)


def _empty_to_none(typed: Typed) -> Typed:
    """Return the expression with None for an empty text or list, so that empties are one value."""
    text = one_line(typed.node)
    if typed.type == "Json":
        return Typed(node=f"conversions.empty_to_none({text})", type="Json")
    if typed.type == "str" or typed.type.startswith(("list[", "dict[")):
        text = f"({text})" if typed.binding > 0 else text
        return Typed(node=f"{text} or None", type=typed.type, binding=4)
    return typed


def _known(branch: _Branch) -> Place:
    assert branch.place is not None, "only the record itself has no place"
    return branch.place
