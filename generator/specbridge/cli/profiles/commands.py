"""`specbridge profile`: a profile against itself and the live system, all that it says, the schema."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from specbridge.cli.next_steps import Step, print_next, quiet_option
from specbridge.cli.printing import print_json, versioned
from specbridge.cli.profiles.describe import describe_profile, encode_profile
from specbridge.cli.profiles.draft import draft
from specbridge.cli.profiles.probe import probe
from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.profiles.faults import LocatedFault
from specbridge.profiles.load import (
    built_in_texts,
    examine_profile,
    find_profile,
    read_text,
)
from specbridge.profiles.notes import profile_notes
from specbridge.profiles.schema import profile_schema
from specbridge.settings import load_settings

_FAULTY = 2


@click.group()
def profile() -> None:
    """Read profiles: what is known of an API, as data (docs/profiles.md)."""


profile.add_command(draft)
profile.add_command(probe)


@profile.command()
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@quiet_option
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...], as_json: bool, quiet: bool) -> None:
    """Check profiles against themselves; without FILE those of the settings, or else the built-in ones.

    Faults go to stderr, unless --json has them; notes say what a profile leaves undone. Exit code 2
    when a profile has a fault.

    \b
    Examples:
      specbridge profile check profiles/ledgerly.toml
      specbridge profile check --json
    """
    checked = [(path, *examine_profile(text, path)) for path, text in _texts(files)]
    if as_json:
        click.echo(json.dumps([versioned(_encode(*one)) for one in checked]))
    else:
        for path, found, faults in checked:
            _show(path, found, faults)
        well = [path for path, found, faults in checked if found is not None and not faults]
        if not quiet and len(files) == len(well) == 1:
            print_next(Step("try it on the live system", ("profile", "probe", well[0])))
    ctx.exit(_FAULTY if any(faults for _, _, faults in checked) else 0)


@profile.command()
@click.argument("name", metavar="NAME|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every default.")
def show(name: str, as_json: bool) -> None:
    """Show what a profile says: its variables, calls, properties, and what they do.

    \b
    Examples:
      specbridge profile show zendesk
      specbridge profile show profiles/ledgerly.toml --json
    """
    found = _find(name)
    if as_json:
        print_json(encode_profile(found))
    else:
        click.echo("\n".join(describe_profile(found)))


@profile.command()
def schema() -> None:
    """Print the JSON Schema of profiles, for editors that check TOML as it is typed."""
    click.echo(json.dumps(profile_schema(), indent=2))


def _texts(files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield path and text of the profiles to be checked."""
    settings = load_settings(Path.cwd())
    named = files or tuple(str(settings.root / path) for path in settings.profiles)
    for path in named:
        yield path, read_text(Path(path))
    if not named:
        yield from built_in_texts().items()


def _find(name: str) -> Profile:
    settings = load_settings(Path.cwd())
    return find_profile(name, settings.profile_paths)


def _show(path: str, found: Profile | None, faults: tuple[LocatedFault, ...]) -> None:
    for fault in faults:
        click.echo(str(fault), err=True)
    if found is None or faults:
        click.echo(f"{path}: faults: {len(faults)}")
        return
    count = sum(len(resource.properties) for resource in found.resources)
    click.echo(f"{path}: well: resources: {len(found.resources)}, properties: {count}")
    for note in profile_notes(found):
        click.echo(f"  note: {note}")


def _encode(path: str, found: Profile | None, faults: tuple[LocatedFault, ...]) -> dict[str, Json]:
    whole = found is not None and not faults
    return {
        "path": path,
        "name": found.name if found else None,
        "faults": [
            {"line": fault.where.line, "key": fault.key, "message": fault.text} for fault in faults
        ],
        "notes": list(profile_notes(found)) if found is not None and whole else [],
    }
