"""The properties of a kind of record: types, what the API sets itself, what a creation needs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specbridge.drafting.finding import Kind, wrapped
from specbridge.drafting.marks import Mark
from specbridge.drafting.operations import Operation
from specbridge.drafting.shapes import Schemas, Shape, is_day, is_instant
from specbridge.drafting.words import letters_of, words_of
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property

_ID_NAMES = ("id", "uuid", "guid", "key", "number", "code")
_TYPES = {
    "integer": ValueType.INTEGER,
    "boolean": ValueType.BOOLEAN,
    "array": ValueType.LIST,
    "object": ValueType.OBJECT,
}
_MOST_PARTS = 40
_SECRETS = ("password", "secret")
_TIME = re.compile(r"\b(time|date|timestamp|when|last)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """A record as it is read, and as creations and updates send it; None where nothing describes it.

    `patched` are the properties that a JSON Patch may name, empty where they are not listed; `addressed`
    those that stand in the address of a creation.
    """

    row: Shape
    created: Shape | None
    updated: Shape | None
    patched: frozenset[str] = frozenset()
    addressed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What references can lead to: kinds by the words of their singular, and by their component."""

    by_words: Mapping[tuple[str, ...], tuple[str, ValueType]]
    by_component: Mapping[str, tuple[str, str]]  # to the kind's name and its id


def bodies_of(kind: Kind, schemas: Schemas) -> Bodies:
    """Return the shapes of a kind's records in its calls."""
    row = _full_row(kind, schemas)
    update = update_of(kind)
    return Bodies(
        row=row,
        created=_record_in(kind.create.body if kind.create else None, row, schemas),
        updated=_record_in(update.body if update else None, row, schemas),
        patched=frozenset(update.patched) if update else frozenset(),
        addressed=_addressed(kind.create, row),
    )


def update_of(kind: Kind) -> Operation | None:
    """Return the call that changes one record: PATCH before PUT."""
    return kind.single.get("PATCH") or kind.single.get("PUT")


def id_of(kind: Kind, schemas: Schemas) -> str | None:
    """Return the name of the property that identifies a record, None where none is to be seen."""
    row = _full_row(kind, schemas)
    by_letters = {letters_of(name): name for name in row.properties}
    addressed = next((one.path for one in kind.single.values()), "")
    last = letters_of(addressed.rpartition("{")[2].rstrip("}")) if addressed else ""
    own = "".join((*kind.words, "id"))
    # `organization_id` of an address is the record's `id`, where it has one.
    for wanted in ("id", last, own, *_ID_NAMES):
        if wanted and wanted in by_letters:
            return by_letters[wanted]
    return None


def read_properties(
    kind: Kind, bodies: Bodies, targets: Targets, schemas: Schemas
) -> tuple[Property, ...]:
    """Return a kind's properties: the id first, then by their names."""
    identity = id_of(kind, schemas)
    found = list(_properties_of(kind, bodies, targets, schemas))
    return tuple(sorted(found, key=lambda one: (one.path != (identity,), one.path)))


def property_marks(kind: Kind, bodies: Bodies) -> Iterator[Mark]:
    """Yield what a description says of a kind's properties in two ways."""
    row = bodies.row
    both = [name for name in sorted(row.required) if _says_read_only(row, name)]
    if both and kind.create is not None and bodies.created is None:
        yield Mark(
            resource=kind.name,
            subject="creation",
            question="No body of a creation is described. What must be sent, and what cannot?",
            found=(f"read-only and required, by the description: {', '.join(both)}",),
        )
    elif kind.create is not None and bodies.created is None:
        yield Mark(
            resource=kind.name,
            subject="creation",
            question="No body of a creation is described. What must be sent, and what cannot?",
        )
    if bodies.created is not None and bodies.created.variants:
        several = ("{" + ", ".join(sorted(one)) + "}" for one in bodies.created.variants if one)
        yield Mark(
            resource=kind.name,
            subject="required",
            question="A creation has one of several bodies. Which properties must be there?",
            found=tuple(f"one of them requires {one}" for one in several),
        )


def _addressed(create: Operation | None, row: Shape) -> frozenset[str]:
    holes = re.findall(r"\{([^}]+)\}", create.path) if create is not None else []
    wanted = {letters_of(hole) for hole in holes}
    return frozenset(name for name in row.properties if letters_of(name) in wanted)


def _tells_time(name: str, shape: Shape) -> bool:
    """Return whether name and description of a text without a format speak of an instant."""
    if shape.type != "string" or shape.format or words_of(name)[-1:] != ("at",):
        return False
    return _TIME.search(shape.description) is not None


def _says_read_only(row: Shape, name: str) -> bool:
    stated = row.properties.get(name)
    return isinstance(stated, dict) and stated.get("readOnly") is True


def _full_row(kind: Kind, schemas: Schemas) -> Shape:
    """Return the record as one call shows it where that has more of it than the list."""
    read = kind.single.get("GET")
    row = kind.listing.row
    alone = _record_in(read.answer if read else None, row, schemas)
    return alone if alone is not None and len(alone.properties) > len(row.properties) else row


def _record_in(body: Shape | None, row: Shape, schemas: Schemas) -> Shape | None:
    where = wrapped(body, row, schemas)
    if body is None or where is None:
        return None
    inner = schemas.properties(body)[where[0]] if where else body
    return inner if inner.properties or inner.variants else None


def _properties_of(
    kind: Kind, bodies: Bodies, targets: Targets, schemas: Schemas
) -> Iterator[Property]:
    identity = id_of(kind, schemas)
    read = schemas.properties(bodies.row)
    created = schemas.properties(bodies.created) if bodies.created else {}
    updated = schemas.properties(bodies.updated) if bodies.updated else {}
    sent = {name: one for name, one in {**updated, **created}.items() if name not in read}
    needed = bodies.created.required if bodies.created else frozenset()
    for name, shape in {**read, **sent}.items():
        if shape.write_only or letters_of(name) in _SECRETS:
            continue
        addressed = name in bodies.addressed
        own = not addressed and (
            name == identity
            or (shape.read_only and not _is_sent_apart(name, bodies, schemas))
            or _is_unsent(name, bodies)
        )
        first = Property(
            path=(name,),
            type=value_type(shape, name),
            read_only=own,
            create_only=not own and (addressed or _is_created_only(name, bodies)),
            required=not own and (addressed or name in needed),
            max_length=_length(shape) or _length(created.get(name)),
            reference=None if name == identity else _referred(kind, name, shape, targets),
        )
        yield from _with_parts(first, shape, created.get(name), targets, schemas)


def _is_unsent(name: str, bodies: Bodies) -> bool:
    """Return whether no body that a description closes has the property."""
    sent = [one for one in (bodies.created, bodies.updated) if one is not None]
    if not sent or any(one.open for one in sent):
        return False
    return name not in bodies.patched and not any(name in one.properties for one in sent)


def _is_sent_apart(name: str, bodies: Bodies, schemas: Schemas) -> bool:
    """Return whether a body of its own for writing has a property that the record's shape calls read-only."""
    for body in (bodies.created, bodies.updated):
        if body is None or body.name == bodies.row.name:
            continue
        if name in body.properties and not schemas.shape(body.properties[name]).read_only:
            return True
    return name in bodies.patched


def _is_created_only(name: str, bodies: Bodies) -> bool:
    created = bodies.created is not None and name in bodies.created.properties
    if bodies.patched:
        return created and name not in bodies.patched
    updated = bodies.updated
    return created and updated is not None and not updated.open and name not in updated.properties


def _with_parts(
    prop: Property, shape: Shape, created: Shape | None, targets: Targets, schemas: Schemas
) -> Iterator[Property]:
    """Yield a property and the parts of its object; of another record its id alone."""
    if prop.type is not ValueType.OBJECT or not shape.properties:
        yield prop
        return
    parts = schemas.properties(shape)
    target = targets.by_component.get(shape.name)
    if target is not None and target[1] in parts:
        yield _part(prop, target[1], parts[target[1]], reference=target[0])
        return
    yield prop
    if len(parts) > _MOST_PARTS:
        return
    needed = created.required if created is not None else frozenset()
    for name, one in parts.items():
        part = _part(prop, name, one)
        yield _required(part) if name in needed and not part.read_only else part


def _part(prop: Property, name: str, shape: Shape, reference: str | None = None) -> Property:
    own = prop.read_only or (shape.read_only and reference is None)
    return Property(
        path=(*prop.path, name),
        type=value_type(shape, name),
        read_only=own,
        create_only=prop.create_only and not own,
        required=prop.required and reference is not None and not own,
        max_length=_length(shape),
        reference=reference,
    )


def _required(prop: Property) -> Property:
    return Property(
        path=prop.path,
        type=prop.type,
        create_only=prop.create_only,
        required=True,
        max_length=prop.max_length,
    )


def value_type(shape: Shape, name: str = "") -> ValueType:
    """Return a shape's type as profiles have it; the name of a property helps where no format does."""
    if shape.type in _TYPES:
        return _TYPES[shape.type]
    if shape.type == "number":
        return ValueType.DECIMAL if shape.format == "decimal" else ValueType.FLOAT
    if is_instant(shape) or _tells_time(name, shape):
        return ValueType.DATETIME
    if is_day(shape):
        return ValueType.DATE
    if shape.type == "string":
        return ValueType.STRING
    return ValueType.OBJECT if shape.properties else ValueType.ANY


def _length(shape: Shape | None) -> int | None:
    return shape.max_length if shape is not None and shape.type == "string" else None


def _referred(kind: Kind, name: str, shape: Shape, targets: Targets) -> str | None:
    """Return the kind whose id a property holds, by its name: the longest that its last words are."""
    words = words_of(name)
    if words[-1:] != ("id",):
        return None
    for start in range(len(words) - 1):
        target = targets.by_words.get(words[start:-1])
        if target is not None:
            same = target[1] is value_type(shape)
            return target[0] if same else None
    return None
