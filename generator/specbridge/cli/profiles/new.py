"""`specbridge new`: a profile, a document and settings to start from."""

import tomllib
from pathlib import Path

import click

from specbridge.cli.profiles.starting import (
    SHAPES,
    document_text,
    end_of,
    profile_name,
    settings_text,
    starter_profile,
    with_profile,
)
from specbridge.errors import SettingsError, SurroundingsError
from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles, read_profile
from specbridge.runtime.connectors.transport.environment import secret_names
from specbridge.settings import Settings, load_settings, parse_settings


@click.command
@click.argument("system")
@click.option(
    "--shape",
    type=click.Choice(SHAPES),
    default=SHAPES[0],
    show_default=True,
    help="What its API is most like.",
)
@click.option(
    "--with",
    "other",
    default="Zendesk",
    show_default=True,
    metavar="OTHER",
    help="A system that there is a profile of.",
)
@click.option(
    "--to",
    "resource",
    metavar="RESOURCE",
    help="Which of OTHER's records; without it one that needs no more than a name.",
)
def new(system: str, shape: str, other: str, resource: str | None) -> None:
    """Make a profile of SYSTEM, a document between it and OTHER, and the settings that name both.

    The profile is one of a common shape: `link` (an API key, a Link header), `cursor` (OAuth 2, a cursor),
    `session` (a session's token, totals, a PUT of the whole with its version). They generate and lint as they are;
    what the API does otherwise is to be written into the profile (docs/new-system.md). Nothing that is there
    is overwritten.

    \b
    Examples:
      specbridge new Ledgerly
      specbridge new "Exact Online" --shape session --with Zendesk --to Organizations
    """
    settings = load_settings(Path.cwd())
    known = load_profiles(settings.profile_paths)
    target = end_of(_find(other, list(known.values())), resource)
    name = profile_name(system)
    place = f"profiles/{name}.toml"
    text = starter_profile(shape, system)
    profile = read_profile(text, place)
    document = f"specs/{name.replace('-', '')}-{profile_name(target.label).replace('-', '')}.rst"
    made = {place: text, document: document_text(end_of(profile), target)}
    _check_new(settings, made, name, list(known))
    hint = _state_profile(settings, place)
    for path, content in made.items():
        _write(settings.root / path, content)
    _tell(profile, [*made], hint)


def _find(other: str, known: list[Profile]) -> Profile:
    for profile in known:
        if other.casefold() in {one.casefold() for one in (profile.name, *profile.labels)}:
            return profile
    names = ", ".join(profile.labels[0] for profile in known)
    raise SettingsError(
        f"there is no profile of {other}; there are {names}; make it first: specbridge new {other!r}"
    )


def _check_new(settings: Settings, made: dict[str, str], name: str, known: list[str]) -> None:
    """Raise SettingsError where a file or a profile of that name is there already."""
    for path in made:
        if (settings.root / path).exists():
            raise SettingsError(f"{path} is there already: nothing was made")
    if name in known:
        raise SettingsError(f"there is a profile {name} already: nothing was made")


def _state_profile(settings: Settings, place: str) -> str:
    """Name the profile in the settings; return what a person must write there, "" where it is done."""
    path = settings.root / "pyproject.toml"
    if not path.exists():
        _write(path, settings_text([place]))
        return ""
    text = path.read_text(encoding="utf-8")
    changed = with_profile(text, place)
    hint = f'{path.name}: add "{place}" to profiles in [tool.specbridge]'
    if changed is None:
        return hint
    try:
        stated = parse_settings(changed, path).profiles
    except (SettingsError, tomllib.TOMLDecodeError):
        return hint
    if stated != (place, *settings.profiles):
        return hint
    _write(path, changed)
    return ""


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SurroundingsError(f"{path} cannot be written: {error.strerror}") from None


def _tell(profile: Profile, made: list[str], hint: str) -> None:
    click.echo(f"made {' and '.join(made)}")
    variables = " and ".join(secret_names(profile))
    steps = [
        *([hint] if hint else []),
        f"{made[0]}: make the lines with a question mark what the API's documentation says",
        f"set {variables}",
        f"specbridge profile check {made[0]} and specbridge profile probe {profile.name}",
        "specbridge generate, specbridge lint, specbridge plan, specbridge sync",
    ]
    for number, step in enumerate(steps, 1):
        click.echo(f"  {number}. {step}")
