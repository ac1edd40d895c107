"""A resource's properties by the names that documents use for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property
from specbridge.model.values import Path

_OPEN = frozenset({ValueType.OBJECT, ValueType.LIST, ValueType.ANY})


@dataclass(frozen=True, slots=True)
class PropertyIndex:
    """Properties by exact names, and by dotted names and aliases in lower case.

    `parents` are the paths that have listed parts.
    """

    exact: Mapping[Path, Property]
    folded: Mapping[str, Property]
    parents: frozenset[Path]


@lru_cache(maxsize=256)
def index_properties(properties: tuple[Property, ...]) -> PropertyIndex:
    """Return the index of a resource's properties; where names coincide, the first counts."""
    # Reversed, so that of equal names the first is put in last and stays.
    exact = {bare(one.path): one for one in reversed(properties)}
    named = {_fold(bare(one.path)): one for one in reversed(properties)}
    aliases = {alias.casefold(): one for one in reversed(properties) for alias in one.aliases}
    parents = frozenset(path[:n] for path in exact for n in range(1, len(path)))
    # Names after aliases: an older name may have become the name of another property.
    return PropertyIndex(exact=exact, folded={**aliases, **named}, parents=parents)


def find_property(index: PropertyIndex | None, path: Path) -> Property | None:
    """Return the API's property for the names of a document, None where it has none.

    Exact names come first, then names that differ in case only, then aliases. What lies below an
    object or a list of which the profile lists no parts is taken to be there, of any type; where it lists some,
    of the type that it states for others.
    """
    if index is None:
        return None
    return _listed(index, path) or _below_open(index, path)


def bare(path: Path) -> Path:
    """Return a path without the marks of its list steps."""
    for name in path:
        if name.endswith("[]"):
            return tuple(name.removesuffix("[]") for name in path)
    return path


def _listed(index: PropertyIndex, path: Path) -> Property | None:
    return index.exact.get(path) or index.folded.get(_fold(path))


def _below_open(index: PropertyIndex, path: Path) -> Property | None:
    for length in range(len(path) - 1, 0, -1):
        whole = _listed(index, path[:length])
        if whole is None:
            continue
        others = whole.others
        # A profile that lists some parts of an object is taken to list them all, unless it says otherwise.
        if whole.type not in _OPEN or (bare(whole.path) in index.parents and others is None):
            return None
        *head, last = whole.path
        # Documents do not say which step is a list; the profile does.
        step = f"{last}[]" if whole.type is ValueType.LIST else last
        below = (*head, step, *path[length:])
        kind = ValueType.ANY if others is None else others.type
        fixed = whole.read_only or (others is not None and others.read_only)
        found = replace(whole, path=below, type=kind, aliases=(), max_length=None, others=None)
        return replace(found, read_only=fixed)
    return None


def _fold(path: Path) -> str:
    return ".".join(path).casefold()
