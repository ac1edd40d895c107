"""Statements of generated functions: assignments and `if` blocks, laid out as black would."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from specbridge.emit.layout import INDENT, WIDTH, Node, lay_out


@dataclass(frozen=True, slots=True)
class Line:
    """A simple statement: all before its expression, and the expression."""

    prefix: str
    node: Node = ""


@dataclass(frozen=True, slots=True)
class Block:
    """`if a and b:` and what stands in it."""

    conditions: tuple[str, ...]
    body: tuple["Statement", ...]


Statement = Line | Block


def render_statements(statements: Sequence[Statement], indent: int) -> Iterator[str]:
    """Yield the lines of the statements; `indent` columns are kept free and not written."""
    for statement in statements:
        if isinstance(statement, Block):
            yield from _render_block(_merge(statement), indent)
        elif isinstance(statement.node, str):
            yield statement.prefix + statement.node
        else:
            yield from lay_out(statement.prefix, statement.node, indent)


def _merge(block: Block) -> Block:
    """Return a block that holds nothing but a block as one with the conditions of both."""
    while len(block.body) == 1 and isinstance(block.body[0], Block):
        inner = block.body[0]
        block = Block(block.conditions + inner.conditions, inner.body)
    return block


def _render_block(block: Block, indent: int) -> Iterator[str]:
    joined = " and ".join(block.conditions)
    if indent + len(joined) + len("if :") <= WIDTH:
        yield f"if {joined}:"
    else:
        yield "if ("
        if indent + len(INDENT) + len(joined) <= WIDTH:
            yield INDENT + joined
        else:
            first, *others = block.conditions
            yield from (f"{INDENT}{text}" for text in [first, *(f"and {c}" for c in others)])
        yield "):"
    for line in render_statements(block.body, indent + len(INDENT)):
        yield INDENT + line
