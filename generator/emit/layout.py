"""Python expressions laid out as black would, so that black verifies instead of rewriting.

An expression stands on one line if it fits; else each item has a line of its own and a trailing
comma, which black keeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 88
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets: a call, a tuple or an import list; `opening` is all before the items.

    Each item is text or a further group, with the `name=` before it, empty for none. `hugging`
    items stay together on a line of their own while they fit there.
    """

    opening: str
    items: tuple[tuple[str, "Node"], ...]
    closing: str
    one_tuple: bool = False
    hugging: bool = False
    width: int = field(init=False)

    def __post_init__(self) -> None:
        """Measure the group on one line once: it is asked at every level above."""
        inner = sum(len(name) + _width(item) for name, item in self.items)
        commas = 2 * max(len(self.items) - 1, 0) + self.one_tuple
        width = len(self.opening) + inner + commas + len(self.closing)
        object.__setattr__(self, "width", width)


Node = str | Group


def call(name: str, /, *positional: Node, **keywords: Node) -> Group:
    """Return a call; keywords keep their order."""
    items = [("", item) for item in positional]
    items += [(f"{key}=", item) for key, item in keywords.items()]
    return Group(f"{name}(", tuple(items), ")", hugging=True)


def construct(name: str, /, **keywords: Node) -> Group:
    """Return a call of a class: its values stand one below the other unless all fit on the line."""
    items = tuple((f"{key}=", item) for key, item in keywords.items())
    return Group(f"{name}(", items, ")")


def tuple_of(items: Sequence[Node]) -> Group:
    """Return a tuple; one of a single item gets its comma."""
    return Group("(", tuple(("", item) for item in items), ")", one_tuple=len(items) == 1)


def lay_out(prefix: str, node: Node, indent: int = 0, suffix: str = "") -> tuple[str, ...]:
    """Return the lines of `prefix node suffix`; `indent` columns are kept free and not written."""
    flat = indent + len(prefix) + _width(node) + len(suffix) <= WIDTH
    if isinstance(node, str) or not node.items or flat:
        return (f"{prefix}{one_line(node)}{suffix}",)
    lines = [f"{prefix}{node.opening}"]
    brackets = len(node.opening) + len(node.closing)
    if node.hugging and indent + len(INDENT) + node.width - brackets <= WIDTH:
        joined = ", ".join(f"{name}{one_line(item)}" for name, item in node.items)
        return (*lines, INDENT + joined, f"{node.closing}{suffix}")
    comma = "," if len(node.items) > 1 or node.one_tuple or not _is_parenthesis(node) else ""
    for name, item in node.items:
        lines += (INDENT + line for line in lay_out(name, item, indent + len(INDENT), comma))
    return (*lines, f"{node.closing}{suffix}")


def one_line(node: Node) -> str:
    """Return the expression on one line."""
    if isinstance(node, str):
        return node
    inner = ", ".join(f"{name}{one_line(item)}" for name, item in node.items)
    return f"{node.opening}{inner}{',' if node.one_tuple else ''}{node.closing}"


def _width(node: Node) -> int:
    return len(node) if isinstance(node, str) else node.width


def _is_parenthesis(node: Group) -> bool:
    return node.opening == "("
