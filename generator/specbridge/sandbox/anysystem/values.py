"""Values of records by their paths, and instants in the forms that a profile names."""

from copy import deepcopy
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from specbridge.model.calls import SinceForm
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property, ValueForm
from specbridge.model.values import Json, Path

Row = dict[str, Json]

MICROSECONDS = 1_000_000
_PER_UNIT = {ValueForm.EPOCH_SECONDS: MICROSECONDS, ValueForm.EPOCH_MILLISECONDS: 1000}
_DAY = 24 * 60 * 60 * MICROSECONDS


def value_at(row: Json, path: Path) -> Json:
    """Return the value at a path, None where a step of it is not there."""
    value = row
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step.removesuffix("[]"))
    return value


def states(row: Json, path: Path) -> bool:
    """Return whether a record states the property at a path, be it as null."""
    holder = value_at(row, path[:-1])
    return isinstance(holder, dict) and path[-1].removesuffix("[]") in holder


def set_at(row: Row, path: Path, value: Json) -> None:
    """Set the value at a path; objects on the way are made where there are none."""
    for step in path[:-1]:
        inner = row.get(step)
        if not isinstance(inner, dict):
            inner = {}
            row[step] = inner
        row = inner
    row[path[-1]] = value


def wrapped(value: Json, path: Path) -> Json:
    """Return a value at a path in objects that hold nothing else."""
    for step in reversed(path):
        value = {step: value}
    return value


def overlaid(row: Json, changes: Json) -> Json:
    """Return a value with changes laid over it, objects part by part."""
    if not isinstance(row, dict) or not isinstance(changes, dict):
        return deepcopy(changes)
    merged = dict(row)
    for name, value in changes.items():
        merged[name] = overlaid(merged.get(name), value)
    return merged


def grain_of(prop: Property | None) -> int:
    """Return the microseconds of the smallest step that an instant's form can say."""
    if prop is None:
        return 1
    return _DAY if prop.type is ValueType.DATE else _PER_UNIT.get(prop.form, 1)


def write_instant(prop: Property, microseconds: int) -> Json:
    """Return an instant as the API has it."""
    unit = _PER_UNIT.get(prop.form)
    if unit is not None:
        return microseconds // unit
    moment = datetime.fromtimestamp(microseconds // MICROSECONDS, UTC)
    if prop.type is ValueType.DATE:
        return f"{moment:%Y-%m-%d}"
    fraction = f".{microseconds % MICROSECONDS:06d}"
    if prop.form is ValueForm.LOCAL:
        return f"{moment.astimezone(ZoneInfo(prop.zone)):%Y-%m-%dT%H:%M:%S}{fraction}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def read_instant(text: str, form: SinceForm, prop: Property | None, zone: str) -> int:
    """Return the microseconds of an instant in a filter; raises ValueError for text that is none."""
    if form is SinceForm.EPOCH_SECONDS:
        return int(text) * MICROSECONDS
    if form is SinceForm.EPOCH_MILLISECONDS:
        return int(text) * 1000
    if form is SinceForm.AS_READ and prop is not None and text.isdecimal():
        return int(text) * _PER_UNIT.get(prop.form, MICROSECONDS)
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        local = zone or (prop.zone if prop is not None else "")
        moment = moment.replace(tzinfo=ZoneInfo(local) if local else UTC)
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * MICROSECONDS + moment.microsecond
