"""Statements of generated functions: assignments and `if` blocks, one after the other as templates list them."""

from collections.abc import Sequence
from typing import NamedTuple

from specbridge.emit.python.layout import INDENT, WIDTH, Node, lay_out

StatementView = tuple[str, str, str, str]
"""A line as templates take it: margin, condition (of an `if`), target (of an assignment), value.

The margin is what stands before it within the function; an `if` has a condition only, an expression
without assignment a value only.
"""


class Line(NamedTuple):
    """A simple statement: what is assigned to, "" for nothing, and the expression."""

    target: str
    node: Node


class Block(NamedTuple):
    """`if a and b:` and what stands in it."""

    conditions: tuple[str, ...]
    body: tuple["Statement", ...]


Statement = Line | Block


def list_statements(statements: Sequence[Statement]) -> list[StatementView]:
    """Return the statements of a function's body one by one, those in blocks after their `if`."""
    listed: list[StatementView] = []
    _append(listed, statements, "")
    return listed


def _append(listed: list[StatementView], statements: Sequence[Statement], margin: str) -> None:
    for statement in statements:
        if isinstance(statement, Block):
            # Readers of the code, and ruff, would ask why one `if` holds nothing but another.
            block = _merge(statement) if len(statement.body) == 1 else statement
            listed.append((margin, _join_conditions(block, margin), "", ""))
            _append(listed, block.body, margin + INDENT)
        elif isinstance(statement.node, str):
            listed.append((margin, "", statement.target, statement.node))
        else:
            column = len(INDENT) + len(margin)
            value = lay_out(f"{statement.target} = ", statement.node, column)
            listed.append((margin, "", statement.target, value))


def _merge(block: Block) -> Block:
    """Return a block that holds nothing but a block as one with the conditions of both."""
    while len(block.body) == 1 and isinstance(block.body[0], Block):
        inner = block.body[0]
        block = Block(block.conditions + inner.conditions, inner.body)
    return block


def _join_conditions(block: Block, margin: str) -> str:
    """Return the condition of an `if`, between parentheses where it takes several lines."""
    conditions = block.conditions
    joined = conditions[0] if len(conditions) == 1 else " and ".join(conditions)
    column = len(INDENT) + len(margin)
    if column + len(joined) + len("if :") <= WIDTH:
        return joined
    before = "\n" + " " * column
    inner = before + INDENT
    if column + len(INDENT) + len(joined) <= WIDTH:
        return f"({inner}{joined}{before})"
    return f"({inner}{f'{inner}and '.join(conditions)}{before})"
