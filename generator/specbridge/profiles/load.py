"""Profiles as TOML files: the built-in ones, and those that users add.

The keys of a file are the fields of `specbridge.model.profile`, so that reading needs no code of its
own per key: a key that no field has, or a value of another type than the field's, is an error.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from specbridge.errors import ProfileError
from specbridge.model.profile import Profile
from specbridge.model.tables import build_value
from specbridge.profiles.verify import verify_profile

_BUILT_IN = ("poweroffice_go.toml", "zendesk.toml")


def load_profiles(extra: Sequence[Path] = ()) -> Mapping[str, Profile]:
    """Return every profile by its name, in the order of the names.

    `extra` are users' files; one of them takes the place of a built-in profile of the same name.
    Raises ProfileError, naming file and key, for a file that cannot be read or is not a profile.
    """
    profiles = dict(_load_built_in())
    own: dict[str, Path] = {}
    for path in extra:
        profile = read_profile(_read_text(path), str(path))
        # A built-in one is replaced on purpose, one of the users' own by mistake only.
        if profile.name in own:
            raise ProfileError(f"{path}: name: {own[profile.name]} is named {profile.name!r} too")
        own[profile.name] = path
        profiles[profile.name] = profile
    return {name: profiles[name] for name in sorted(profiles)}


def read_profile(text: str, path: str) -> Profile:
    """Return the profile that a TOML text states; `path` names it in errors.

    Raises ProfileError for text that is not TOML, and for keys and values that no profile has.
    """
    try:
        # `path` last: a file does not say where it is.
        profile: Profile = build_value(Profile, {**tomllib.loads(text), "path": path}, "")
    except ValueError as error:
        raise ProfileError(f"{path}: {error}") from error
    verify_profile(profile)
    return profile


@cache
def _load_built_in() -> Mapping[str, Profile]:
    folder = files("specbridge.profiles")
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in _BUILT_IN}
    profiles = (read_profile(text, name) for name, text in texts.items())
    return {profile.name: profile for profile in profiles}


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: the profile cannot be read: {error}") from error
