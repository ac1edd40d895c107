"""The records that a system starts with: people and firms of the sandbox's own world, as far as names tell."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property, Resource, ValueForm
from specbridge.model.values import Json
from specbridge.sandbox.anysystem.records import Records
from specbridge.sandbox.anysystem.values import Row, set_at, value_at, write_instant
from specbridge.sandbox.world import World

_FIRST_DAY = 1_709_280_000_000_000  # 2024-03-01, in microseconds
_A_DAY = 86_400_000_000
_PERSONAL = ("firstname", "lastname", "surname", "givenname")
_PEOPLE = ("user", "contact", "person", "people", "employee", "member", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Whom a record is of: a person with an address, or a firm."""

    firm: str
    first: str
    last: str
    email: str | None


def fill(kinds: Mapping[str, Records], world: World, count: int, seed: int) -> None:
    """Give each kind `count` records, those that are referred to first."""
    drawn = random.Random(seed)
    models = list(_models(world))
    for records in _in_order(kinds):
        for number in range(count):
            place = _Place(
                kinds=kinds,
                model=models[number % len(models)],
                number=number,
                of_people=_is_of_people(records.resource),
                round=number // len(models),
                drawn=drawn,
            )
            records.add(_row(records.resource, place))


def _models(world: World) -> Iterator[Model]:
    firms = list(dict.fromkeys(one.name for one in world.customers if one.names is None))
    taken: set[str | None] = set()
    for firm, contact in zip(firms, world.contacts, strict=False):
        first, last = contact.names
        # Two of them share an address, which a system may not allow.
        email = None if contact.email in taken else contact.email
        taken.add(email)
        yield Model(firm=firm, first=first, last=last, email=email)


def _in_order(kinds: Mapping[str, Records]) -> Iterator[Records]:
    """Yield kinds after those that they refer to; in a circle the first by name comes first."""
    left = dict(kinds)
    while left:
        ready = [one for one in left.values() if not _waits(one.resource, left)]
        for one in ready or [next(iter(left.values()))]:
            del left[one.resource.name]
            yield one


def _waits(resource: Resource, left: Mapping[str, Records]) -> bool:
    wanted = {prop.reference for prop in resource.properties}
    return any(name in left and name != resource.name for name in wanted if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Of which record a value is: the number of the record, and whom it is of."""

    kinds: Mapping[str, Records]
    model: Model
    number: int
    of_people: bool
    round: int  # how many records the model had before
    drawn: random.Random


def _row(resource: Resource, place: _Place) -> Row:
    row: Row = {}
    left_out = (resource.id, resource.modified_at, resource.external_reference)
    for prop in resource.properties:
        if prop.path in left_out or any("[]" in step for step in prop.path):
            continue
        value = _value(prop, place)
        if value is not None:
            set_at(row, prop.path, value)
    for subset in resource.subsets:
        # Some of each: without both kinds of records a subset shows nothing.
        if place.number % 3 == 0:
            set_at(row, subset.path, subset.equals)
    return row


def _is_of_people(resource: Resource) -> bool:
    names = {"".join(prop.path).lower().replace("_", "") for prop in resource.properties}
    kind = resource.name.lower()
    personal = any(word in name for name in names for word in _PERSONAL)
    return personal or any(word in kind for word in _PEOPLE)


def _value(prop: Property, place: _Place) -> Json:
    if prop.reference is not None:
        return _some_id(place.kinds.get(prop.reference), place.drawn)
    if prop.codes:
        return list(prop.codes.values())[place.number % len(prop.codes)]
    if prop.type in (ValueType.STRING, ValueType.ANY):
        return _text(prop, place)
    if prop.type in (ValueType.DATE, ValueType.DATETIME):
        return write_instant(prop, _FIRST_DAY + place.number * _A_DAY)
    value = _plain_value(prop, place.number)
    if prop.form is ValueForm.TEXT and value is not None:
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _plain_value(prop: Property, number: int) -> Json:
    match prop.type:
        case ValueType.BOOLEAN:
            return prop.path[-1].lower() in ("active", "isactive", "enabled")
        case ValueType.INTEGER:
            return number + 1
        case ValueType.FLOAT | ValueType.DECIMAL:
            return (number + 1) * 1.5
        case _:
            return None


def _some_id(target: Records | None, drawn: random.Random) -> Json:
    present = list(target.present()) if target is not None else []
    if not present or target is None:
        return None
    return value_at(drawn.choice(present).row, target.resource.id)


def _text(prop: Property, place: _Place) -> Json:
    name, model = prop.path[-1].lower().replace("_", ""), place.model
    text: str | None = None
    if "mail" in name and "address" not in name.replace("emailaddress", ""):
        text = model.email
    elif "first" in name or "given" in name:
        text = model.first
    elif "last" in name or "surname" in name or "family" in name:
        text = model.last
    elif "phone" in name or "mobile" in name:
        text = f"+47 400 {place.number:05d}"
    elif "name" in name or "title" in name:
        text = f"{model.first} {model.last}" if place.of_people else model.firm
    elif prop.required or prop.unique:
        text = f"{prop.path[-1]} {place.number + 1}"
    if text and place.round and (prop.unique or "name" in name or "title" in name):
        # The next time round they are others.
        text = f"{place.round + 1}-{text}" if "mail" in name else f"{text} {place.round + 1}"
    return text[: prop.max_length] if text and prop.max_length else text
