"""Profiles as TOML files: the built-in ones, and those that users add.

The keys of a file are the fields of `specbridge.model.profile`, so that reading needs no code of its
own per key: a key that no field has, or a value of another type than the field's, is an error.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from specbridge.errors import Location, ProfileError
from specbridge.model.profile import Profile
from specbridge.profiles.faults import Fault, LocatedFault, write_key
from specbridge.profiles.lines import find_lines
from specbridge.profiles.tables import read_table
from specbridge.profiles.verify import profile_faults
from specbridge.suggesting import suggest

VERSION = 1
"""What the keys of a profile mean today; a profile that says nothing is of the first version."""

_BUILT_IN = (
    "hubspot.toml",
    "poweroffice_go.toml",
    "tripletex.toml",
    "zendesk.toml",
)
_LINE = re.compile(r"\(at line (\d+)")


def load_profiles(extra: Sequence[Path] = ()) -> Mapping[str, Profile]:
    """Return every profile by its name, in the order of the names.

    `extra` are users' files; one of them takes the place of a built-in profile of the same name.
    Raises ProfileError, naming file, line and key, for a file that cannot be read or is not a profile.
    """
    profiles = dict(_load_built_in())
    own: dict[str, Path] = {}
    for path in extra:
        profile = read_profile(read_text(path), str(path))
        # A built-in one is replaced on purpose, one of the users' own by mistake only.
        if profile.name in own:
            raise ProfileError(f"{path}: name: {own[profile.name]} is named {profile.name!r} too")
        own[profile.name] = path
        profiles[profile.name] = profile
    return {name: profiles[name] for name in sorted(profiles)}


def find_profile(name: str, extra: Sequence[Path] = ()) -> Profile:
    """Return the profile of a name, or that of a file where the name ends in `.toml`.

    Raises ProfileError where there is none.
    """
    if name.endswith(".toml"):
        return read_profile(read_text(Path(name)), name)
    profiles = load_profiles(extra)
    if name not in profiles:
        raise ProfileError(f"there is no profile {name}; {suggest(name, profiles)}")
    return profiles[name]


def read_profile(text: str, path: str) -> Profile:
    """Return the profile that a TOML text states; `path` names it in errors.

    Raises ProfileError, a line for each fault, for text that is not TOML, for keys and values that no
    profile has, and for what does not fit together or is not said safely.
    """
    profile, faults = examine_profile(text, path)
    if profile is None or faults:
        raise ProfileError("\n".join(str(fault) for fault in faults))
    return profile


def examine_profile(text: str, path: str) -> tuple[Profile | None, tuple[LocatedFault, ...]]:
    """Return the profile that a TOML text states, None where it is none, and its faults by line."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        where = Location(path, int(found[1]) if found else text.count("\n") + 1)
        return None, (LocatedFault(where=where, key="", text=str(error)),)
    profile, faults = _read(table)
    lines = find_lines(text, table, [fault.key for fault in faults])
    located = (
        LocatedFault(where=Location(path, line), key=write_key(table, fault.key), text=fault.text)
        for fault, line in zip(faults, lines, strict=True)
    )
    whole = replace(profile, path=path) if profile is not None else None
    return whole, tuple(sorted(located, key=lambda one: one.where.line))


def read_text(path: Path) -> str:
    """Return the text of a profile's file; raises ProfileError where there is none to be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: the profile cannot be read: {error}") from error


def built_in_texts() -> Mapping[str, str]:
    """Return the texts of the built-in profiles, by the names of their files."""
    folder = files("specbridge.profiles")
    return {name: (folder / name).read_text(encoding="utf-8") for name in _BUILT_IN}


def _read(table: Mapping[str, object]) -> tuple[Profile | None, tuple[Fault, ...]]:
    version = table.get("version", VERSION)
    # First: of a later version's keys and words nothing can be said.
    if isinstance(version, int) and not 1 <= version <= VERSION:
        text = f"{version} is not known: this specbridge reads profiles of version {VERSION}"
        return None, (Fault(key=("version",), text=text),)
    if "path" in table:
        return None, (
            Fault(key=("path",), text="there is no such key: a file does not say where it is"),
        )
    profile, faults = read_table(Profile, table)
    if profile is None or faults:
        return None, faults
    return profile, tuple(profile_faults(profile))


@cache
def _load_built_in() -> Mapping[str, Profile]:
    profiles = (read_profile(text, name) for name, text in built_in_texts().items())
    return {profile.name: profile for profile in profiles}
