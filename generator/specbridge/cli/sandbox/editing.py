"""`specbridge sandbox show`, `edit`, `add` and `delete`: records of a running sandbox, as people change them."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from specbridge.printable import in_one_line

if TYPE_CHECKING:
    from specbridge.cli.sandbox.reached import Reached, Row
    from specbridge.model.profile import Profile
    from specbridge.model.values import Path as Place
    from specbridge.runtime.records import Record

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
    from specbridge.cli.sandbox.hands import find_row

    reached = _reach(env_file)
    if system is None:
        lines = _list_systems(reached)
    elif resource is None or identifier is None:
        lines = _list_records(reached, reached.system(system), resource)
    else:
        row = find_row(reached, reached.kind(system, resource), identifier)
        lines = _list_properties(row)
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
    from specbridge.cli.sandbox.hands import change_record, named, read_change, read_record

    reached = _reach(env_file)
    kind = reached.kind(system, resource)
    values = dict(read_change(kind[1], text) for text in changes)
    before = read_record(reached, kind, identifier)
    after, moved = change_record(reached, kind, before, values)
    for path in values:
        click.echo(f"{named(path)}: {_shown(before, path)} -> {_shown(after, path)}")
    if not moved:
        click.echo("its instant of the last change did not move: only a sync with --full sees it")
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
    from specbridge.cli.sandbox.hands import add_record, read_change

    reached = _reach(env_file)
    kind = reached.kind(system, resource)
    made = add_record(reached, kind, dict(read_change(kind[1], text) for text in values))
    click.echo(f"{kind[0].name} {kind[1].name} {made} is new")
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
    from specbridge.cli.sandbox.hands import delete_record

    reached = _reach(env_file)
    kind = reached.kind(system, resource)
    delete_record(reached, kind, identifier)
    click.echo(f"{kind[0].name} {kind[1].name} {identifier} is deleted")
    _end(reached, keep_time=keep_time)


def _reach(env_file: Path | None) -> "Reached":
    from specbridge.cli.sandbox.reached import reach_sandbox
    from specbridge.profiles.load import load_profiles
    from specbridge.settings import load_settings

    settings = load_settings(Path.cwd())
    profiles = load_profiles(settings.profile_paths)
    return reach_sandbox(profiles, os.environ, env_file)


def _list_systems(reached: "Reached") -> Iterator[str]:
    for profile in reached.profiles.values():
        for resource, rows in reached.all_rows(profile):
            if rows:
                yield f"{profile.name} {resource.name}: {len(rows)} records"


def _list_records(reached: "Reached", profile: "Profile", resource: str | None) -> Iterator[str]:
    from specbridge.cli.sandbox.hands import value_at
    from specbridge.cli.sandbox.reached import find_resource
    from specbridge.runtime.naming import name_of

    wanted = find_resource(profile, resource) if resource else None
    for kind, rows in reached.all_rows(profile):
        for row in rows if wanted in (None, kind) else ():
            id_, name = value_at(row, kind.id), name_of(kind, row)
            yield in_one_line(f"{profile.name} {kind.name} {id_} {name or ''}")


def _list_properties(row: "Row", above: str = "") -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _list_properties(value, f"{above}{name}.")
        else:
            yield in_one_line(f"{above}{name}={_text(value)}")


def _end(reached: "Reached", *, keep_time: bool) -> None:
    from specbridge.cli.sandbox.hands import PASSED

    if not keep_time:
        reached.pass_time(PASSED)
        click.echo("two minutes pass on the servers, so that the next sync is told of it")


def _shown(record: "Record", path: "Place") -> str:
    from specbridge.cli.sandbox.hands import value_at

    return in_one_line(_text(value_at(record.properties, path)))


def _text(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
