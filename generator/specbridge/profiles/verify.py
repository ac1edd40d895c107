"""Whether a profile fits together: what its parts name must be there, and be there once."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource, ValueForm
from specbridge.model.values import Path
from specbridge.profiles.access import access_faults, webhook_faults
from specbridge.profiles.calls import call_faults
from specbridge.profiles.faults import Fault, Key, suggest
from specbridge.profiles.lists import list_faults, zone_faults
from specbridge.profiles.related import related_faults
from specbridge.profiles.selections import selection_faults
from specbridge.profiles.templates import place_paths
from specbridge.profiles.writes import write_faults

_ValueT = TypeVar("_ValueT", str, Path)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NUMBERS = (ValueType.INTEGER, ValueType.FLOAT, ValueType.DECIMAL, ValueType.BOOLEAN)
_DAYS = (ValueType.DATE, ValueType.DATETIME)
_FORMED = {
    ValueForm.TEXT: _NUMBERS,
    ValueForm.EPOCH_SECONDS: _DAYS,
    ValueForm.EPOCH_MILLISECONDS: _DAYS,
    ValueForm.LOCAL: (ValueType.DATETIME,),
}
_HOLE = re.compile(r"\{(id|[A-Z][A-Z0-9_]*)\}")
_NAMELESS = (ValueType.LIST, ValueType.OBJECT)
_INSTANTS = (ValueType.DATETIME, ValueType.ANY)


def profile_faults(profile: Profile) -> Iterator[Fault]:
    """Yield all that does not fit together, in no order."""
    if not _NAME.fullmatch(profile.name):
        text = f"{profile.name!r} must be lower-case words with hyphens between them"
        yield Fault(key=("name",), text=text)
    if not profile.labels:
        yield Fault(key=("labels",), text="there must be one at least")
    yield from access_faults(profile)
    # What a path has in the end is what must be sound.
    profile = place_paths(profile, {})
    yield from call_faults(profile)
    yield from list_faults(profile)
    yield from related_faults(profile)
    names = [resource.name for resource in profile.resources]
    for number, name in _repeated(names):
        yield Fault(key=("resources", number, "name"), text=f"{name} is there twice")
    if profile.webhooks is not None:
        for fault in webhook_faults(profile.webhooks, names):
            yield Fault(key=("webhooks", *fault.key), text=fault.text)
    for number, resource in enumerate(profile.resources):
        for fault in (
            *_resource_faults(resource, names),
            *_naming_faults(resource),
            *write_faults(resource),
            *selection_faults(resource),
        ):
            yield Fault(key=("resources", number, *fault.key), text=fault.text)


def _resource_faults(resource: Resource, names: list[str]) -> Iterator[Fault]:
    known = [prop.path for prop in resource.properties]
    for number, path in _repeated(known):
        text = f"property {_dotted(path)} is there twice"
        yield Fault(key=("properties", number, "path"), text=text)
    for number, prop in enumerate(resource.properties):
        for fault in _property_faults(resource, prop, names):
            yield Fault(key=("properties", number, *fault.key), text=fault.text)
    for key, path in (*_paths_of(resource), *_namers_of(resource)):
        # An empty path says that the API has no such property.
        if path and path not in known:
            text = f"{_dotted(path)} is none of its properties; {suggest_path(path, known)}"
            yield Fault(key=key, text=text)
    yield from _type_faults(resource)
    yield from _taken_faults(resource)
    yield from _entry_faults(resource)


def _property_faults(resource: Resource, prop: Property, names: list[str]) -> Iterator[Fault]:
    if prop.reference is not None and prop.reference not in names:
        text = f"{_dotted(prop.path)} refers to {prop.reference}, which is no resource; "
        yield Fault(key=("reference",), text=text + suggest(prop.reference, names))
    if not prop.path:
        yield Fault(key=("path",), text="must have one name at least")
    if prop.max_length is not None and prop.max_length < 1:
        yield Fault(key=("max_length",), text="must be 1 at least")
    if prop.read_only and (prop.create_only or prop.required or prop.strategy is not None):
        other = "create_only" if prop.create_only else "required" if prop.required else "strategy"
        yield Fault(key=(other,), text="is said of a property that is read_only")
    yield from _form_faults(resource, prop)
    yield from _empty_faults(prop)
    if prop.strategy is not None and prop.strategy not in resource.strategy_calls:
        text = f"{prop.strategy} has no calls: strategy_calls.{prop.strategy} is missing"
        yield Fault(key=("strategy",), text=text)


def _empty_faults(prop: Property) -> Iterator[Fault]:
    """Yield what is wrong with what an API has for no value."""
    if prop.emptied and prop.emptied not in [prop.path[:end] for end in range(1, len(prop.path))]:
        yield Fault(key=("emptied",), text="is an object around the property")
    if isinstance(prop.clear, dict):
        yield Fault(key=("clear",), text="is one value, as the API has it: no table")


def _form_faults(resource: Resource, prop: Property) -> Iterator[Fault]:
    """Yield what is wrong with the form of a value in the API."""
    for key, form in (("form", prop.form), ("sent", prop.sent)):
        if form is not None and prop.type not in _FORMED.get(form, tuple(ValueType)):
            text = f"{form.value} is no form of the type {prop.type.value}"
            yield Fault(key=(key,), text=text)
    if isinstance(prop.clear, dict | list) and prop.clear:
        yield Fault(key=("clear",), text="stands for no value, and holds one")
    if prop.others is not None and prop.type is not ValueType.OBJECT:
        yield Fault(key=("others",), text="are the parts of an object, which this is not")
    yield from zone_faults(("zone",), prop.zone, needed=ValueForm.LOCAL in (prop.form, prop.sent))
    if len({repr(code) for code in prop.codes.values()}) < len(prop.codes):
        yield Fault(
            key=("codes",), text="two names have one code: nobody could tell which is meant"
        )
    formed = prop.form is not ValueForm.JSON or prop.sent or prop.codes or prop.clear is not None
    if formed and any(name.endswith("[]") for name in prop.path):
        yield Fault(key=("path",), text="lies in a list, whose values have no forms or codes")
    if formed and prop.path == resource.id:
        yield Fault(key=("path",), text="is the id, which has no forms or codes")
    if prop.codes and (prop.form is not ValueForm.JSON or prop.sent):
        yield Fault(
            key=("codes",), text="are said beside a form: codes are sent as they stand here"
        )


def _type_faults(resource: Resource) -> Iterator[Fault]:
    if not resource.id:
        yield Fault(key=("id",), text="must name a property")
    if resource.id_type not in (ValueType.INTEGER, ValueType.STRING):
        yield Fault(key=("id_type",), text="must be integer or string")
    types = {prop.path: prop.type for prop in resource.properties}
    modified = types.get(resource.modified_at, ValueType.ANY)
    if modified not in _INSTANTS:
        text = f"is of type {modified.value}: cursors are made of instants, type datetime"
        yield Fault(key=("modified_at",), text=text)
    for prop in resource.properties:
        if prop.path == resource.external_reference and prop.read_only:
            text = f"{_dotted(prop.path)} is read_only, and cannot carry our reference"
            yield Fault(key=("external_reference",), text=text)


def _entry_faults(resource: Resource) -> Iterator[Fault]:
    types = {prop.path: prop.type for prop in resource.properties}
    for place, one in enumerate(resource.entries):
        key: Key = ("entries", place)
        if types.get(one.path, ValueType.OBJECT) not in (ValueType.OBJECT, ValueType.ANY):
            yield Fault(key=(*key, "path"), text="is of another type than object, as it is known")
        if not one.key or not one.value or one.key == one.value:
            yield Fault(key=(*key, "key"), text="and value must be two names")
        if one.key_type not in (ValueType.INTEGER, ValueType.STRING):
            yield Fault(key=(*key, "key_type"), text="must be integer or string")
        if not one.changed and resource.update is not None and resource.read is None:
            yield Fault(key=("read",), text="is missing: an update sends arrays as they were read")


def _taken_faults(resource: Resource) -> Iterator[Fault]:
    for place, mark in enumerate(resource.taken):
        if bool(mark.equals) is bool(mark.pattern):
            yield Fault(
                key=("taken", place, "equals"), text="or pattern is to be stated, one of them"
            )
        try:
            grouped = "holder" in re.compile(mark.pattern).groupindex
        except re.error as error:
            yield Fault(key=("taken", place, "pattern"), text=f"is no regular expression: {error}")
            continue
        if grouped and mark.holder:
            yield Fault(key=("taken", place, "holder"), text="is said, and the pattern has it too")


def _naming_faults(resource: Resource) -> Iterator[Fault]:
    """Yield what is wrong with a resource's `named_by` and `seen_at`; unknown paths are told elsewhere."""
    known = {prop.path: prop for prop in resource.properties}
    for place, alternative in enumerate(resource.named_by):
        key: Key = ("named_by", place)
        if not alternative:
            yield Fault(key=key, text="names nothing: it must have one property at least")
        for number, path in enumerate(alternative):
            if path in known:
                yield from _namer_faults((*key, number), known[path])
    yield from _address_faults(resource.seen_at)


def _namer_faults(key: Key, prop: Property) -> Iterator[Fault]:
    name = ".".join(prop.path)
    if any(step.endswith("[]") for step in prop.path):
        yield Fault(key=key, text=f"{name} lies in a list: a name has one value for each property")
    elif prop.type in _NAMELESS:
        yield Fault(
            key=key, text=f"{name} is of type {prop.type.value}, which nobody reads as a name"
        )
    if prop.hidden:
        yield Fault(key=key, text=f"{name} is hidden: it reads as a placeholder")


def _address_faults(text: str) -> Iterator[Fault]:
    if not text:
        return
    left = _HOLE.sub("", text)
    if "{" in left or "}" in left:
        yield Fault(
            key=("seen_at",),
            text=f"{text!r}: braces hold id, or names of variables, such as {{TENANT}}",
        )
    if "{id}" not in text:
        yield Fault(key=("seen_at",), text="has no {id}: every record would be seen at one place")
    if not text.startswith(("https://", "{BASE_URL}/")):
        yield Fault(key=("seen_at",), text="must begin with https:// or {BASE_URL}/")


def _paths_of(resource: Resource) -> Iterator[tuple[Key, Path]]:
    yield ("id",), resource.id
    yield ("modified_at",), resource.modified_at
    yield ("external_reference",), resource.external_reference or ()
    yield ("merged",), resource.merged
    subsets = [(("subsets", place), one) for place, one in enumerate(resource.subsets)]
    plain = [(("plain",), resource.plain)] if resource.plain else []
    for key, subset in (*subsets, *plain):
        yield (*key, "path"), subset.path
        yield from (((*key, "required", place), path) for place, path in enumerate(subset.required))
    for place, lookup in enumerate(resource.lookups):
        yield ("lookups", place, "property"), lookup.property
    for place, mark in enumerate(resource.taken):
        yield ("taken", place, "property"), mark.property
    if resource.parent is not None:
        yield ("parent", "property"), resource.parent.property
    for place, association in enumerate(resource.associations):
        yield ("associations", place, "property"), association.property
    for place, one in enumerate(resource.entries):
        yield ("entries", place, "path"), one.path
    for place, prop in enumerate(resource.properties):
        for number, path in enumerate(prop.along):
            yield ("properties", place, "along", number), path
    if resource.read_many is not None:
        yield ("read_many", "property"), resource.read_many.property


def _namers_of(resource: Resource) -> Iterator[tuple[Key, Path]]:
    for place, alternative in enumerate(resource.named_by):
        for number, path in enumerate(alternative):
            yield ("named_by", place, number), path


def suggest_path(path: Path, known: list[Path]) -> str:
    """Return the end of a sentence that says which path was meant, or else which there are."""
    return suggest(_dotted(path), [_dotted(one) for one in known])


def _dotted(path: Path) -> str:
    return ".".join(path)


def _repeated(values: list[_ValueT]) -> list[tuple[int, _ValueT]]:
    """Return each value that is there twice, once, with the place of its last one."""
    last = {value: place for place, value in enumerate(values)}
    return [(last[value], value) for value, count in Counter(values).items() if count > 1]
