"""What people do to records of a running sandbox: each deed goes through the vendor's own API.

So the record's instant moves, and the next sync sees a person's edit.
"""

import json
from collections.abc import Mapping

from specbridge.cli.sandbox.reached import Kind, Reached, Row
from specbridge.errors import RefusedError, SettingsError
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.decide.equality import MISSING
from specbridge.runtime.decide.paths import make_place, plain, read_path, set_place
from specbridge.runtime.records import Create, Delete, Record, Refused, Update, Write, Written
from specbridge.suggesting import suggest

PASSED = 120
"""Seconds that pass after a deed: Zendesk's exports withhold the newest minute."""

_TEXTS = frozenset({ValueType.STRING, ValueType.DATE, ValueType.DATETIME})


def read_change(resource: Resource, text: str) -> tuple[Path, Json]:
    """Return the property and the value that `NAME=VALUE` states; raises SettingsError for what cannot be."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"{text}: write NAME=VALUE; `{name}=` empties the property")
    known = {named(one.path).casefold(): one for one in resource.properties}
    found = known.get(name.casefold())
    if found is None:
        names = [named(one.path) for one in resource.properties]
        raise SettingsError(f"{name}: {resource.name} has no such property; {suggest(name, names)}")
    if found.read_only:
        raise SettingsError(f"{name}: nobody but the system itself writes it")
    return found.path, _read_value(found, value)


def read_record(reached: Reached, kind: Kind, identifier: str) -> Record:
    """Return a record as it is now; raises SettingsError where it is not there."""
    profile, resource = kind
    with reached.connected(profile) as connector:
        found = list(connector.read_records(resource.name, [identifier], _names(resource)))
    if not found:
        raise gone(profile, resource, identifier)
    return found[0]


def change_record(
    reached: Reached, kind: Kind, before: Record, values: Mapping[Path, Json]
) -> tuple[Record, bool]:
    """Change properties of a record; return it as it is then, and whether its instant has moved.

    Raises RefusedError where the system refuses it.
    """
    _write(reached, kind, Update(key="", current=before, changes=values, fresh=True))
    after = read_record(reached, kind, before.id)
    if not kind[1].modified_at or after.modified_at != before.modified_at:
        return after, True
    # What is kept apart moves no instant by itself: Zendesk's e-mail addresses are identities, and who edits one
    # in a form saves the whole user.
    _save_as_it_is(reached, kind, after)
    last = read_record(reached, kind, before.id)
    return last, last.modified_at != before.modified_at


def add_record(reached: Reached, kind: Kind, values: Mapping[Path, Json]) -> str:
    """Make a record; return its id. Raises RefusedError where the system refuses it."""
    record: dict[str, Json] = {}
    for path, value in values.items():
        record = set_place(record, make_place(path), value)
    return _write(reached, kind, Create(key="", properties=record, external_reference="")).id


def delete_record(reached: Reached, kind: Kind, identifier: str) -> None:
    """Delete a record; raises SettingsError where it is not there, RefusedError where it is refused."""
    current = read_record(reached, kind, identifier)
    _write(reached, kind, Delete(key="", current=current))


def find_row(reached: Reached, kind: Kind, identifier: str) -> Row:
    """Return a record as the server holds it; raises SettingsError where it is not there."""
    profile, resource = kind
    for row in reached.rows(profile, resource):
        if str(value_at(row, resource.id)) == identifier:
            return row
    raise gone(profile, resource, identifier)


def value_at(row: Row, path: Path) -> Json:
    """Return what stands at a path of a record, None where nothing does."""
    value = read_path(row, path)
    return None if value is MISSING else value


def named(path: Path) -> str:
    """Return a path as it is written by hand."""
    return ".".join(path)


def gone(profile: Profile, resource: Resource, identifier: str) -> SettingsError:
    """Return the error that says where the records are that there are."""
    listed = f"`specbridge sandbox show {profile.name} {resource.name}` lists them"
    return SettingsError(f"{identifier}: there is no such record of {resource.name}; {listed}")


def _read_value(definition: Property, text: str) -> Json:
    if text == "":
        return None
    if definition.type in _TEXTS:
        return text
    try:
        value: Json = json.loads(text)
    except ValueError:
        # What the API makes of it is the API's to say.
        return text
    return value


def _write(reached: Reached, kind: Kind, write: Write) -> Written:
    profile, resource = kind
    with reached.connected(profile) as connector:
        (outcome,) = connector.write_records(resource.name, [write], _names(resource))
    if isinstance(outcome, Refused):
        raise RefusedError(f"{profile.name} refused it: {outcome.reason}", outcome.status)
    return outcome


def _save_as_it_is(reached: Reached, kind: Kind, record: Record) -> None:
    """Send what names a record once more."""
    resource = kind[1]
    own = {one.path for one in resource.properties if one.strategy is None and not one.read_only}
    paths = [path for way in resource.named_by for path in way if path in own]
    found = ((path, value_at(record.properties, path)) for path in paths)
    values: dict[Path, Json] = {path: value for path, value in found if isinstance(value, str)}
    if values:
        _write(reached, kind, Update(key="", current=record, changes=values, fresh=True))


def _names(resource: Resource) -> frozenset[str]:
    return frozenset(plain(one.path[0]) for one in resource.properties)
