"""Values in the form that an API has them in, and as everything else knows them; pure.

What cannot be read in its form stays as it is: nothing is lost, and the conversion that meets it says so.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from specbridge.errors import MalformedResponseError
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Others, Property, Resource, ValueForm
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.cursors import (
    epoch_milliseconds,
    read_local,
    write_local,
)
from specbridge.runtime.connectors.reading.entries import (
    close_changes,
    close_entries,
    open_entries,
)
from specbridge.runtime.connectors.reading.rows import Row, has_path, nest, value_at

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}
_PER_SECOND = {ValueForm.EPOCH_SECONDS: 1, ValueForm.EPOCH_MILLISECONDS: 1000}
# The years 1 to 9999, which is all that a datetime holds.
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799

Turn = Callable[[Property, Json], Json]


def decode_rows(resource: Resource, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return rows of an answer with their values as everything else knows them."""
    formed, whole = _formed(resource), _with_others(resource)
    if not formed and not whole and not resource.entries:
        return tuple(rows)
    opened = (open_entries(resource, row) for row in rows)
    return tuple(_turn([*formed, *_unlisted(whole, row)], row, _decode) for row in opened)


def decode_row(resource: Resource, row: Row) -> Row:
    """Return one row of an answer with its values as everything else knows them."""
    return decode_rows(resource, (row,))[0]


def encode_row(resource: Resource, row: Row) -> Row:
    """Return a record with its values in the forms in which they are sent."""
    return close_entries(resource, _encode_row(resource, row))


def encode_changes(
    resource: Resource, changes: Mapping[Path, Json], raw: Row | None = None
) -> Mapping[Path, Json]:
    """Return changed values in the forms in which they are sent; `raw` is the record as it was just read."""
    formed = changes
    if _formed(resource) or _with_others(resource):
        formed = {
            path: value_at(_encode_row(resource, nest({path: value})), path)
            for path, value in changes.items()
        }
    return close_changes(resource, formed, raw or {}) if resource.entries else formed


def _encode_row(resource: Resource, row: Row) -> Row:
    formed = [*_formed(resource), *_unlisted(_with_others(resource), row)]
    return _turn(formed, row, _encode) if formed else row


def unknown_code(prop: Property, value: Json) -> bool:
    """Return whether a value that is to be sent has no code where the property has codes."""
    if not prop.codes or value is None or str(value) in prop.codes:
        return False
    # What was read without a name goes back as it was read.
    return not any(_same(value, code) for code in prop.codes.values())


def _formed(resource: Resource) -> list[Property]:
    return [
        prop
        for prop in resource.properties
        if prop.codes or prop.clear is not None or {prop.form, prop.sent} - {ValueForm.JSON, None}
    ]


def _with_others(resource: Resource) -> list[tuple[Path, Others, frozenset[str]]]:
    """Return the objects that have parts which the profile does not list, with what those are and the listed ones."""
    return [
        (prop.path, prop.others, _parts(resource, prop.path))
        for prop in resource.properties
        if prop.others is not None
    ]


def _parts(resource: Resource, path: Path) -> frozenset[str]:
    below = (one.path for one in resource.properties if one.path[: len(path)] == path)
    return frozenset(one[len(path)] for one in below if len(one) > len(path))


def _unlisted(whole: Sequence[tuple[Path, Others, frozenset[str]]], row: Row) -> Iterator[Property]:
    """Yield a row's properties that the profile does not list."""
    for path, others, listed in whole:
        held = value_at(row, path)
        for name in held if isinstance(held, dict) else ():
            if name not in listed:
                yield Property(
                    path=(*path, name), type=others.type, form=others.form, clear=others.clear
                )


def _turn(formed: Sequence[Property], row: Row, turn: Turn) -> Row:
    turned = row
    for prop in formed:
        if has_path(turned, prop.path):
            old = value_at(turned, prop.path)
            new = turn(prop, old)
            if new != old or type(new) is not type(old):
                turned = _with(turned, prop.path, new)
    return turned


def _with(row: Row, path: Path, value: Json) -> Row:
    name, rest = path[0], path[1:]
    inner = row.get(name)
    if not rest:
        return {**row, name: value}
    return {**row, name: dict(_with(inner, rest, value))} if isinstance(inner, dict) else row


def _decode(prop: Property, value: Json) -> Json:
    if value is None or (prop.clear is not None and _same(value, prop.clear)):
        return None
    for name, code in prop.codes.items():
        if _same(value, code):
            return name
    match prop.form:
        case ValueForm.JSON:
            return value
        case ValueForm.TEXT:
            return _from_text(prop.type, value)
        case ValueForm.EPOCH_SECONDS | ValueForm.EPOCH_MILLISECONDS:
            return _from_epoch(prop, value)
        case ValueForm.LOCAL:
            return _local(value, prop.zone, read_local)


def _encode(prop: Property, value: Json) -> Json:
    if value is None:
        return prop.clear
    if prop.codes:
        return prop.codes.get(str(value), value)
    match prop.sent or prop.form:
        case ValueForm.JSON:
            return value
        case ValueForm.TEXT:
            return _to_text(prop.type, value)
        case ValueForm.EPOCH_SECONDS | ValueForm.EPOCH_MILLISECONDS as form:
            return _to_epoch(form, value)
        case ValueForm.LOCAL:
            return _local(value, prop.zone, write_local)


def _local(value: Json, zone: str, turn: Callable[[str, str], str]) -> Json:
    if not isinstance(value, str):
        return value
    try:
        return turn(value, zone)
    except MalformedResponseError:
        return value


def _from_text(kind: ValueType, value: Json) -> Json:
    if not isinstance(value, str) or kind is ValueType.ANY:
        return value
    if kind is ValueType.BOOLEAN:
        return _TRUTHS.get(value.strip().lower(), value)
    number = _NUMBER.fullmatch(value.strip())
    if number is None:
        return value
    whole = kind is ValueType.INTEGER and number[1] is None
    # Of an integer with a fraction nobody knows what is meant: it stays a text.
    return int(number[0]) if whole else value if kind is ValueType.INTEGER else float(number[0])


def _to_text(kind: ValueType, value: Json) -> Json:
    # What is of another type than stated stays what it is.
    if kind is not ValueType.ANY and isinstance(value, bool) is not (kind is ValueType.BOOLEAN):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _from_epoch(prop: Property, value: Json) -> Json:
    number = _from_text(ValueType.FLOAT, value)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return value
    seconds, fraction = divmod(round(number * 1000 / _PER_SECOND[prop.form]), 1000)
    if not _EARLIEST <= seconds <= _LATEST:
        return value
    moment = datetime.fromtimestamp(seconds, UTC)
    if prop.type is ValueType.DATE:
        return moment.date().isoformat()
    return f"{moment:%Y-%m-%dT%H:%M:%S}{f'.{fraction:03}' if fraction else ''}Z"


def _to_epoch(form: ValueForm, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        instant = value if "T" in value or " " in value.strip() else f"{value.strip()}T00:00:00Z"
        milliseconds = epoch_milliseconds(instant)
    except MalformedResponseError:
        return value
    return milliseconds if form is ValueForm.EPOCH_MILLISECONDS else milliseconds // 1000


def _same(value: Json, code: Json) -> bool:
    """Return whether an API's value is a code; to Python 1 is True."""
    return value == code and isinstance(value, bool) is isinstance(code, bool)
