"""The TypedDicts of one side of a flow: nested as the properties' paths are.

A step that any path marks as a list is a list in all paths (`SideTypes.normal`), so that documents
and profiles that disagree still give code that checks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from specbridge.emit.python.literals import text_literal
from specbridge.emit.python.names import Names, class_name, is_plain_key
from specbridge.model.conversion import ValueType
from specbridge.model.values import Path

TYPES: dict[ValueType, str] = {
    ValueType.STRING: "str",
    ValueType.INTEGER: "int",
    ValueType.FLOAT: "float",
    ValueType.DECIMAL: "float",
    ValueType.BOOLEAN: "bool",
    ValueType.DATE: "str",
    ValueType.DATETIME: "str",
    ValueType.LIST: "list[Json]",
    ValueType.OBJECT: "dict[str, Json]",
    ValueType.ANY: "Json",
}
IDENTIFIER = "Identifier"
_ANNOTATIONS = frozenset({"Json", IDENTIFIER, "bool", "dict", "float", "int", "list", "str"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A TypedDict: `keys` are (name, annotation), names as literals where `plain` is False."""

    name: str
    keys: tuple[tuple[str, str], ...]
    plain: bool


@dataclass(slots=True)
class _Node:
    type: str | None = None
    listed: bool = False
    name: str = ""  # of the TypedDict, where there are children
    children: dict[str, "_Node"] = field(default_factory=dict)

    @property
    def element(self) -> str:
        return self.name if self.children else self.type or "Json"

    @property
    def declared(self) -> str:
        if not self.listed:
            return self.element
        return f"list[{self.name}]" if self.children else f"list[{optional(self.element)}]"


class SideTypes:
    """The types of a side's records, asked by path."""

    def __init__(self, root: _Node) -> None:
        """Keep the finished tree."""
        self._root = root
        self._types: dict[Path, str] = {}

    @property
    def name(self) -> str:
        """Return the TypedDict of the whole record."""
        return self._root.name

    def normal(self, path: Path) -> Path:
        """Return the path with `[]` at every step on the way that is a list; the last as it is."""
        node, steps = self._root, []
        for step in path[:-1]:
            node = node.children[bare(step)]
            steps.append(f"{bare(step)}[]" if node.listed else bare(step))
        return (*steps, path[-1])

    def class_at(self, path: Path) -> str:
        """Return the TypedDict of the object (or the list's elements) at the path."""
        return self._find(path).name

    def type_at(self, path: Path) -> str:
        """Return the declared type at the path, None aside; of an element if the path ends in `[]`."""
        found = self._types.get(path)
        if found is None:
            node = self._find(path)
            found = node.element if path[-1].endswith("[]") else node.declared
            self._types[path] = found
        return found

    def has_get(self, path: Path) -> bool:
        """Return whether the object at the path has a property named `get`."""
        return "get" in self._find(path).children

    def shapes(self) -> tuple[Shape, ...]:
        """Return the TypedDicts, inner ones first."""
        return tuple(_shapes(self._root))

    def _find(self, path: Path) -> _Node:
        node = self._root
        for step in path:
            node = node.children[bare(step)]
        return node


def shape_side(name: str, entries: Iterable[tuple[Path, str]], names: Names) -> SideTypes:
    """Return the types of a side; of several types for one path the first stands.

    `name` is taken already; the inner TypedDicts take theirs from `names`.
    """
    root = _Node(name=name)
    for path, type_ in entries:
        node = root
        for step in path:
            name = bare(step)
            if name not in node.children:
                node.children[name] = _Node()
            node = node.children[name]
            node.listed = node.listed or name != step
        # The order is the rows': the document's first statement of a property is its type.
        node.type = node.type or type_
    _name_classes(root, names)
    return SideTypes(root)


def bare(step: str) -> str:
    """Return a step's name without the mark of a list."""
    return step.removesuffix("[]")


def optional(type_: str) -> str:
    """Return the annotation of a value that may be empty."""
    return type_ if type_ == "Json" else f"{type_} | None"


def _name_classes(node: _Node, names: Names) -> None:
    for key, child in node.children.items():
        if child.children:
            child.name = names.take(node.name + class_name(key))
            _name_classes(child, names)


def _shapes(node: _Node) -> Iterable[Shape]:
    inner = [child for child in node.children.values() if child.children]
    for child in inner:
        yield from _shapes(child)
    # In a class statement a key named like a type would hide it from the annotations after it.
    hidden = _ANNOTATIONS.union(child.name for child in inner)
    plain = all(is_plain_key(key) and key not in hidden for key in node.children)
    yield Shape(
        name=node.name,
        keys=tuple(
            (key if plain else text_literal(key), optional(child.declared))
            for key, child in node.children.items()
        ),
        plain=plain,
    )
