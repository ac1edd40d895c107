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
        width = len(self.opening) + len(self.closing) + self.one_tuple
        for name, item in self.items:
            width += len(name) + (len(item) if isinstance(item, str) else item.width)
        width += len(", ") * max(0, len(self.items) - 1)
        object.__setattr__(self, "width", width)


Node = str | Group


def call(name: str, /, *positional: Node, **keywords: Node) -> Group:
    """Return a call; keywords keep their order."""
    items = [("", item) for item in positional]
    items += [(f"{key}=", item) for key, item in keywords.items()]
    return Group(f"{name}(", tuple(items), ")", hugging=True)


def construct(name: str, /, **keywords: Node) -> Group:
    """Return a call of a class: its values stand one below the other unless all fit on the line."""
    items = [(f"{key}=", item) for key, item in keywords.items()]
    return Group(f"{name}(", tuple(items), ")")


def tuple_of(items: Sequence[Node]) -> Group:
    """Return a tuple; one of a single item gets its comma."""
    return Group("(", tuple([("", item) for item in items]), ")", one_tuple=len(items) == 1)


def lay_out(prefix: str, node: Node, indent: int = 0, suffix: str = "") -> str:
    """Return the expression as it stands between `prefix` and `suffix`, neither of them included.

    The line begins at column `indent`; so does the last one, where the expression takes several.
    """
    if isinstance(node, str):
        return node
    lines: list[str] = []
    _write(lines, (prefix, node, suffix), "", WIDTH - indent)
    text = ("\n" + " " * indent).join(lines)
    return text[len(prefix) : len(text) - len(suffix)]


def fits(prefix: str, node: Node, indent: int = 0, suffix: str = "") -> bool:
    """Return whether the line of `prefix node suffix` from column `indent` on is no longer than WIDTH."""
    width = len(node) if isinstance(node, str) else node.width
    return indent + len(prefix) + width + len(suffix) <= WIDTH


def _write(lines: list[str], part: tuple[str, Node, str], margin: str, width: int) -> None:
    """Append a part's lines, each after the margin; `width` is what the part may take of a line."""
    prefix, node, suffix = part
    if isinstance(node, str):
        lines.append(f"{margin}{prefix}{node}{suffix}")
        return
    if not node.items or len(prefix) + node.width + len(suffix) <= width:
        lines.append(f"{margin}{prefix}{one_line(node)}{suffix}")
        return
    lines.append(f"{margin}{prefix}{node.opening}")
    inner, width = margin + INDENT, width - len(INDENT)
    if node.hugging and node.width - len(node.opening) - len(node.closing) <= width:
        joined = ", ".join([f"{name}{one_line(item)}" for name, item in node.items])
        lines.append(f"{inner}{joined}")
    else:
        # black adds the comma wherever it splits, but not after the only item of parentheses.
        comma = "," if len(node.items) > 1 or node.one_tuple or node.opening != "(" else ""
        for name, item in node.items:
            _write(lines, (name, item, comma), inner, width)
    lines.append(f"{margin}{node.closing}{suffix}")


def one_line(node: Node) -> str:
    """Return the expression on one line."""
    if isinstance(node, str):
        return node
    inner = ", ".join([f"{name}{one_line(item)}" for name, item in node.items])
    return f"{node.opening}{inner}{',' if node.one_tuple else ''}{node.closing}"
