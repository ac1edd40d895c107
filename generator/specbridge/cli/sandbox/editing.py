"""`specbridge sandbox show`, `edit`, `add` and `delete`: records of a running sandbox, as people change them.

Everything goes through the vendor's own API: the record's instant moves, and the next sync sees an edit.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from specbridge.errors import RefusedError, SettingsError
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Json
from specbridge.model.values import Path as Place
from specbridge.printable import in_one_line
from specbridge.suggesting import suggest

if TYPE_CHECKING:
    from specbridge.cli.sandbox.reached import Reached, Row
    from specbridge.runtime.records import Record, Write

PASSED = 120
"""Seconds that pass after an edit: Zendesk's exports withhold the newest minute."""

_TEXTS = frozenset({ValueType.STRING, ValueType.DATE, ValueType.DATETIME})

CommandT = TypeVar("CommandT", bound=Callable[..., object])


def _common(command: CommandT) -> CommandT:
    """Add the option that says which sandbox is meant."""
    return click.option(
        "--env-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="What the sandbox wrote; else the environment, or .specbridge/sandbox.env.",
    )(command)


def _writing(command: CommandT) -> CommandT:
    keep = click.option(
        "--keep-time", is_flag=True, help="Do not let two minutes pass on the servers' clocks."
    )
    return _common(keep(command))


@click.command(
    epilog="Examples: `specbridge sandbox show zendesk Users`, `… show zendesk Users 900012`."
)
@click.argument("system", required=False)
@click.argument("resource", required=False)
@click.argument("identifier", required=False, metavar="[ID]")
@_common
def show(
    system: str | None, resource: str | None, identifier: str | None, env_file: Path | None
) -> None:
    """List the systems of a running sandbox, the records of a RESOURCE, or all of one record."""
    reached = _reach(env_file)
    if system is None:
        lines = _list_systems(reached)
    else:
        profile = reached.system(system)
        lines = _list_records(reached, profile, resource, identifier)
    for line in lines:
        click.echo(line)


@click.command(epilog='Example: `specbridge sandbox edit zendesk Users 900012 name="Kari Nord"`.')
@click.argument("system")
@click.argument("resource")
@click.argument("identifier", metavar="ID")
@click.argument("changes", nargs=-1, required=True, metavar="NAME=VALUE...")
@_writing
def edit(  # noqa: PLR0913  # one parameter per option
    *,
    system: str,
    resource: str,
    identifier: str,
    changes: tuple[str, ...],
    env_file: Path | None,
    keep_time: bool,
) -> None:
    """Change properties of a record; `NAME=` empties one, `MailAddress.City=Oslo` is a part of one."""
    from specbridge.runtime.records import Update

    reached = _reach(env_file)
    profile, kind = _find(reached, system, resource)
    values = dict(_read_change(kind, text) for text in changes)
    before = _read_record(reached, profile, kind, identifier)
    _write(reached, profile, kind, Update(key="", current=before, changes=values, fresh=True))
    after = _read_record(reached, profile, kind, identifier)
    if kind.modified_at and after.modified_at == before.modified_at:
        after = _save_again(reached, profile, kind, after)
    for path in values:
        click.echo(f"{_named(path)}: {_shown(before, path)} -> {_shown(after, path)}")
    _end(reached, keep_time=keep_time)


@click.command(
    epilog='Example: `specbridge sandbox add poweroffice Customers Name="Nord Fisk AS"`.'
)
@click.argument("system")
@click.argument("resource")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE...")
@_writing
def add(
    *,
    system: str,
    resource: str,
    values: tuple[str, ...],
    env_file: Path | None,
    keep_time: bool,
) -> None:
    """Make a new record of these properties."""
    from specbridge.runtime.records import Create, Written

    reached = _reach(env_file)
    profile, kind = _find(reached, system, resource)
    record: dict[str, Json] = {}
    for path, value in (_read_change(kind, text) for text in values):
        _place(record, path, value)
    done = _write(reached, profile, kind, Create(key="", properties=record, external_reference=""))
    assert isinstance(done, Written)
    click.echo(f"{profile.name} {kind.name} {done.id} is new")
    _end(reached, keep_time=keep_time)


@click.command(epilog="Example: `specbridge sandbox delete zendesk Users 900012`.")
@click.argument("system")
@click.argument("resource")
@click.argument("identifier", metavar="ID")
@_writing
def delete(
    system: str, resource: str, identifier: str, env_file: Path | None, keep_time: bool
) -> None:
    """Delete a record."""
    from specbridge.runtime.records import Delete

    reached = _reach(env_file)
    profile, kind = _find(reached, system, resource)
    current = _read_record(reached, profile, kind, identifier)
    _write(reached, profile, kind, Delete(key="", current=current))
    click.echo(f"{profile.name} {kind.name} {identifier} is deleted")
    _end(reached, keep_time=keep_time)


def _reach(env_file: Path | None) -> "Reached":
    from specbridge.cli.sandbox.reached import reach_sandbox
    from specbridge.profiles.load import load_profiles
    from specbridge.settings import load_settings

    settings = load_settings(Path.cwd())
    profiles = load_profiles([settings.root / path for path in settings.profiles])
    return reach_sandbox(profiles, os.environ, env_file)


def _find(reached: "Reached", system: str, resource: str) -> tuple[Profile, Resource]:
    from specbridge.cli.sandbox.reached import find_resource

    profile = reached.system(system)
    return profile, find_resource(profile, resource)


def _list_systems(reached: "Reached") -> Iterator[str]:
    for profile in reached.profiles.values():
        for resource in profile.resources:
            count = len(reached.rows(profile, resource))
            if count:
                yield f"{profile.name} {resource.name}: {count} records"


def _list_records(
    reached: "Reached", profile: Profile, resource: str | None, identifier: str | None
) -> Iterator[str]:
    from specbridge.cli.sandbox.reached import find_resource
    from specbridge.runtime.naming import name_of

    kinds = [find_resource(profile, resource)] if resource else profile.resources
    for kind in kinds:
        for row in reached.rows(profile, kind):
            id_ = str(_at(row, kind.id))
            if identifier is None:
                yield in_one_line(f"{profile.name} {kind.name} {id_} {name_of(kind, row) or ''}")
            elif id_ == identifier:
                yield from _list_properties(row)
                return
    if identifier is not None:
        raise _gone(profile, kinds[0], identifier)


def _list_properties(row: "Row", above: str = "") -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _list_properties(value, f"{above}{name}.")
        else:
            yield in_one_line(f"{above}{name}={_text(value)}")


def _read_change(resource: Resource, text: str) -> tuple[Place, Json]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"{text}: write NAME=VALUE; `{name}=` empties the property")
    known = {_named(one.path).casefold(): one for one in resource.properties}
    found = known.get(name.casefold())
    if found is None:
        names = [_named(one.path) for one in resource.properties]
        raise SettingsError(f"{name}: {resource.name} has no such property; {suggest(name, names)}")
    if found.read_only:
        raise SettingsError(f"{name}: nobody but the system itself writes it")
    return found.path, _read_value(found, value)


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


def _read_record(reached: "Reached", profile: Profile, kind: Resource, identifier: str) -> "Record":
    names = frozenset(one.path[0].removesuffix("[]") for one in kind.properties)
    with reached.connected(profile) as connector:
        found = list(connector.read_records(kind.name, [identifier], names))
    if not found:
        raise _gone(profile, kind, identifier)
    return found[0]


def _write(reached: "Reached", profile: Profile, kind: Resource, write: "Write") -> object:
    from specbridge.runtime.records import Refused

    names = frozenset(one.path[0].removesuffix("[]") for one in kind.properties)
    with reached.connected(profile) as connector:
        (outcome,) = connector.write_records(kind.name, [write], names)
    if isinstance(outcome, Refused):
        raise RefusedError(f"{profile.name} refused it: {outcome.reason}", outcome.status)
    return outcome


def _save_again(reached: "Reached", profile: Profile, kind: Resource, record: "Record") -> "Record":
    """Save what names a record as it is: a change of what is kept apart moves no instant by itself.

    Zendesk's e-mail addresses are identities; who edits one in a form saves the whole user.
    """
    from specbridge.runtime.records import Update

    plain = {one.path for one in kind.properties if one.strategy is None and not one.read_only}
    named = [path for way in kind.named_by for path in way if path in plain]
    values = {
        path: value for path in named if isinstance(value := _at(record.properties, path), str)
    }
    if values:
        _write(reached, profile, kind, Update(key="", current=record, changes=values, fresh=True))
    after = _read_record(reached, profile, kind, record.id)
    if after.modified_at == record.modified_at:
        click.echo(
            "the server's instant of the last change did not move: only a sync with --full sees it"
        )
    return after


def _end(reached: "Reached", *, keep_time: bool) -> None:
    if not keep_time:
        reached.pass_time(PASSED)
        click.echo("two minutes pass on the servers, so that the next sync is told of it")


def _gone(profile: Profile, kind: Resource, identifier: str) -> SettingsError:
    listed = f"`specbridge sandbox show {profile.name} {kind.name}` lists them"
    return SettingsError(f"{identifier}: there is no such record of {kind.name}; {listed}")


def _place(record: dict[str, Json], path: Place, value: Json) -> None:
    node = record
    for step in path[:-1]:
        inner = node.setdefault(step, {})
        assert isinstance(inner, dict)
        node = inner
    node[path[-1]] = value


def _at(row: object, path: Sequence[str]) -> object:
    for step in path:
        row = row.get(step) if isinstance(row, Mapping) else None
    return row


def _shown(record: "Record", path: Place) -> str:
    return in_one_line(_text(_at(record.properties, path)))


def _text(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _named(path: Place) -> str:
    return ".".join(path)
