"""What a test record holds: as little as the profile says that one must, in words that name themselves; pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.rows import Row, nest, value_at

# A shorter text is rather a code, of which an API knows a few.
_LONGEST_CODE = 4
_PLAIN: Mapping[ValueType, Json] = {
    ValueType.STRING: "",
    ValueType.ANY: "",
    ValueType.BOOLEAN: False,
    ValueType.INTEGER: 1,
    ValueType.FLOAT: 1.0,
    ValueType.DECIMAL: 1.0,
    ValueType.DATE: datetime(2026, 1, 1, tzinfo=UTC).date().isoformat(),
    ValueType.DATETIME: datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
}


def sample_record(
    resource: Resource, row: Row, mark: str
) -> tuple[Mapping[str, Json], tuple[str, ...]]:
    """Return the properties of a test record, and the names of required ones that nobody can make up.

    `row` is a record of the list, whose codes and references are taken over; `mark` stands in all texts
    and makes them unique.
    """
    values: dict[Path, Json] = {}
    missing: list[str] = []
    for prop in resource.properties:
        if prop.path not in _required(resource) or prop.read_only:
            continue
        value = _value(prop, row, mark)
        if value is None:
            missing.append(".".join(prop.path))
        else:
            values[prop.path] = value
    if not values and not missing:
        # Nothing must be there, and a record of nothing is refused all the same.
        values |= {prop.path: text_of(prop, mark) for prop in _namers(resource)}
    plain = resource.plain
    if plain is not None and not plain.negate and _is_writable(resource, plain.path):
        values[plain.path] = plain.equals
    return nest(values), tuple(missing)


def joins_only(resource: Resource) -> bool:
    """Return whether all that a record must hold are references: a second one of the same is refused."""
    needed = [prop for prop in resource.properties if prop.required and not prop.read_only]
    return bool(needed) and all(prop.reference is not None for prop in needed)


def changeable(resource: Resource, properties: Mapping[str, Json]) -> Property | None:
    """Return the property whose text a test may change: one that the test record holds, if there is any."""
    found = [prop for prop in resource.properties if _is_text(prop)]
    held = [prop for prop in found if value_at(properties, prop.path)]
    return next(iter((*held, *found)), None)


def text_of(prop: Property, mark: str) -> str:
    """Return a text for a property of a test record that says what it is from."""
    is_address = "mail" in prop.path[-1].casefold()
    text = f"specbridge-{mark}@example.org" if is_address else f"specbridge probe {mark}"
    if prop.max_length is not None and len(text) > prop.max_length:
        return mark[-prop.max_length :]
    return text


def _namers(resource: Resource) -> list[Property]:
    """Return the texts by which people know a record, as far as they can be written."""
    paths = resource.named_by[0] if resource.named_by else ()
    return [prop for prop in resource.properties if prop.path in paths and _is_text(prop)]


def _required(resource: Resource) -> frozenset[Path]:
    needed = {prop.path for prop in resource.properties if prop.required}
    # A part of an object is due once another part is sent.
    needed = {path for path in needed if len(path) == 1 or _whole(resource, path, needed)}
    return frozenset(needed | {*(resource.plain.required if resource.plain else ())})


def _whole(resource: Resource, path: Path, needed: set[Path]) -> bool:
    """Return whether the object around a property is due itself, or is none of the listed ones."""
    listed = {prop.path for prop in resource.properties}
    return path[:-1] in needed or path[:-1] not in listed


def _value(prop: Property, row: Row, mark: str) -> Json:
    """Return a value for a required property, None where only a person knows one."""
    held = value_at(row, prop.path)
    if prop.reference is not None or any(step.endswith("[]") for step in prop.path):
        return held
    if prop.codes:
        return held if held in prop.codes else next(iter(prop.codes))
    if prop.type not in (ValueType.STRING, ValueType.ANY):
        return _PLAIN.get(prop.type) if held is None or prop.unique else held
    is_code = isinstance(held, str) and 0 < len(held) <= _LONGEST_CODE
    return held if is_code and not prop.unique else text_of(prop, mark)


def _is_text(prop: Property) -> bool:
    barred = prop.read_only or prop.create_only or prop.hidden or prop.local
    special = prop.strategy is not None or prop.reference is not None or bool(prop.codes)
    plain = prop.type is ValueType.STRING and not any(step.endswith("[]") for step in prop.path)
    return plain and not barred and not special


def _is_writable(resource: Resource, path: Path) -> bool:
    return any(prop.path == path and not prop.read_only for prop in resource.properties)


def emptied(before: Row, after: Row, changed: Path) -> Iterator[str]:
    """Yield the names of what a record held before an update of one property, and holds no more."""
    for path, value in _leaves(before):
        if path[: len(changed)] != changed and value not in (None, "", [], {}):
            now = value_at(after, path)
            if now in (None, "", [], {}):
                yield ".".join(path)


def _leaves(row: Row, before: Path = ()) -> Iterator[tuple[Path, Json]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*before, name))
        else:
            yield (*before, name), value
