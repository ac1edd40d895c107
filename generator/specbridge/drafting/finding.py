"""Which kinds of records a description has: the lists, and the calls that belong to each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from specbridge.drafting.operations import Operation
from specbridge.drafting.shapes import Schemas, Shape
from specbridge.drafting.words import capitalized, letters_of, plural, singular, with_last, words_of

_ROWS = ("data", "items", "results", "values", "value", "records", "rows", "entries")
_PLACEHOLDER = re.compile(r"\{[^}]+\}")
_BATCHES = re.compile(r"(many|batch|bulk|list$|search)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A call that lists records: `items` is where they stand in the answer, empty for the whole."""

    operation: Operation
    items: tuple[str, ...]
    row: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record: its own list, other lists of it, the calls of one record, and those of many.

    `name` is as documents would have it (`OrganizationMemberships`), `words` are those of its singular.
    """

    name: str
    words: tuple[str, ...]
    listing: Listing
    others: tuple[Listing, ...] = ()
    single: Mapping[str, Operation]
    create: Operation | None = None
    many: tuple[Operation, ...] = ()


def find_kinds(operations: Sequence[Operation], schemas: Schemas) -> tuple[Kind, ...]:
    """Return the kinds of records whose list belongs to no other record, by name."""
    listings = [one for one in (_listing_of(each, schemas) for each in operations) if one]
    roots = [one for one in listings if _is_root(one, operations, listings)]
    names = _names_of([one.operation.path for one in roots])
    kinds = (
        _build_kind(one, names[one.operation.path], roots, listings, operations) for one in roots
    )
    return tuple(sorted(kinds, key=lambda kind: kind.name))


def inner_lists(operations: Sequence[Operation], schemas: Schemas) -> tuple[str, ...]:
    """Return the paths of lists that lie within one record, which no resource can have."""
    found = (_listing_of(each, schemas, inner=True) for each in operations)
    paths = [one.operation.path for one in found if one and "{" in one.operation.path]
    return tuple(path for path in paths if not path.endswith("}"))


def wrapped(shape: Shape | None, row: Shape, schemas: Schemas) -> tuple[str, ...] | None:
    """Return where a record stands in a body: (), or the one property that holds it; None: nowhere."""
    if shape is None:
        return None
    if _same(shape, row):
        return ()
    inner = [
        name
        for name, one in schemas.properties(shape).items()
        if one.type == "object" or one.properties or one.variants
    ]
    named = [name for name in inner if _same(schemas.properties(shape)[name], row)]
    if len(named) == 1:
        return (named[0],)
    # A body of its own for writing: it has the record's properties, or one property that has them.
    if set(shape.properties) & set(row.properties):
        return ()
    if len(inner) == 1 and set(shape.properties) == set(inner):
        return (inner[0],)
    return None


def _same(one: Shape, other: Shape) -> bool:
    if one.name and one.name == other.name:
        return True
    return bool(one.properties) and set(one.properties) == set(other.properties)


def _listing_of(operation: Operation, schemas: Schemas, *, inner: bool = False) -> Listing | None:
    if operation.method != "GET" or operation.answer is None:
        return None
    if "{" in operation.path and not inner:
        return None
    answer = operation.answer
    if answer.type == "array":
        row = schemas.items(answer)
        return Listing(operation=operation, items=(), row=row) if row.properties else None
    tables = dict(_tables_in(answer, schemas))
    if not tables:
        return None
    last = letters_of(operation.path.rstrip("/").removesuffix(".json").rpartition("/")[2])
    best = min(tables, key=lambda path: (letters_of(path[-1]) != last, len(path), _rank(path[-1])))
    # One record with a list among its properties is no list of records.
    listed = letters_of(best[-1]) == last or best[-1].lower() in _ROWS or len(tables) == 1
    if not listed or _looks_single(answer, schemas):
        return None
    return Listing(operation=operation, items=best, row=tables[best])


def _tables_in(
    shape: Shape, schemas: Schemas, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """Yield the lists of objects in an answer, those within an object of it too, by their paths."""
    for name, one in schemas.properties(shape).items():
        if one.type == "array":
            row = schemas.items(one)
            if row.properties:
                yield (*before, name), row
        elif one.properties and not before:
            yield from _tables_in(one, schemas, (name,))


def _looks_single(answer: Shape, schemas: Schemas) -> bool:
    return any(name.lower() in ("id", "uuid", "guid") for name in answer.properties)


def _rank(name: str) -> int:
    return _ROWS.index(name.lower()) if name.lower() in _ROWS else len(_ROWS)


def _is_root(
    listing: Listing, operations: Sequence[Operation], listings: Sequence[Listing]
) -> bool:
    """Return whether a list is that of a kind: records have addresses below it, or nothing else lists them."""
    path = listing.operation.path
    if _records_below(path, operations) or _is_posted(path, operations):
        return True
    alike = [one for one in listings if _same(one.row, listing.row) and one is not listing]
    return not alike and _id_like(listing.row)


def _id_like(row: Shape) -> bool:
    return any(name.lower() in ("id", "uuid", "guid", "key", "code") for name in row.properties)


def _records_below(path: str, operations: Sequence[Operation]) -> bool:
    below = _record_path(path)
    return any(below.fullmatch(one.path) for one in operations if one.method != "POST")


def _record_path(path: str) -> re.Pattern[str]:
    """Return the form of the addresses of a list's records: `/orders/{id}`, `/orders/{id}.json`."""
    stem = path.rstrip("/").removesuffix(".json")
    return re.compile(re.escape(stem) + r"(/\{[^}/]+\})+(\.json|/)?")


def _is_posted(path: str, operations: Sequence[Operation]) -> bool:
    return any(one.path == path and one.method == "POST" and one.body for one in operations)


def _names_of(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the words of each path's kind, in the plural: as few segments as tell them apart."""
    segments = {
        path: [one for one in path.removesuffix(".json").split("/") if one and "{" not in one]
        for path in paths
    }
    names: dict[str, tuple[str, ...]] = {}
    for path, parts in segments.items():
        for count in range(1, len(parts) + 1):
            words = tuple(word for part in parts[-count:] for word in words_of(part))
            name = with_last(words, plural(words[-1])) if words else ("records",)
            names[path] = name
            if name not in [other for one, other in names.items() if one != path]:
                break
    return names


def _build_kind(
    listing: Listing,
    words: tuple[str, ...],
    roots: Sequence[Listing],
    listings: Sequence[Listing],
    operations: Sequence[Operation],
) -> Kind:
    path = listing.operation.path
    single = {
        one.method: one
        for one in operations
        if _record_path(path).fullmatch(one.path) and one.method != "POST"
    }
    others = tuple(
        one
        for one in listings
        if one not in roots and _same(one.row, listing.row) and _belongs(one, listing, words)
    )
    return Kind(
        name=capitalized(words),
        words=with_last(words, singular(words[-1])),
        listing=listing,
        others=others,
        single=single,
        create=_creation(path, operations),
        many=tuple(_many_of(path, operations)),
    )


def _belongs(other: Listing, listing: Listing, words: tuple[str, ...]) -> bool:
    """Return whether another list of like rows is of this kind: below it, or named by it."""
    path = other.operation.path
    if path.startswith(f"{listing.operation.path}/"):
        return True
    return any(letters_of(part) == "".join(words) for part in path.split("/"))


def _creation(path: str, operations: Sequence[Operation]) -> Operation | None:
    form = re.compile(re.escape(path.rstrip("/")) + r"(/\{[^}/]+\})?/?")
    posts = [one for one in operations if one.method == "POST" and form.fullmatch(one.path)]
    return min(posts, key=lambda one: len(one.path)) if posts else None


def _many_of(path: str, operations: Sequence[Operation]) -> Iterator[Operation]:
    for one in operations:
        below = one.path.startswith(f"{path}/") and not _PLACEHOLDER.search(one.path)
        if below and one.method != "GET" and _BATCHES.search(one.path.removeprefix(path)):
            yield one
