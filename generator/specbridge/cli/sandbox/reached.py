"""A sandbox that runs, found by the environment it gave out: its systems, their records, their clocks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from specbridge.cli.sandbox.shelf import ENV_FILE
from specbridge.companies.variables import read_variables
from specbridge.errors import SettingsError
from specbridge.model.profile import Profile, Resource
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.connectors.transport.environment import read_base_url, variable_name
from specbridge.suggesting import suggest

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PATIENCE = 10.0  # seconds that a server on loopback may take to answer

Row = Mapping[str, Any]

Kind = tuple[Profile, Resource]
"""A kind of records of a system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The systems of a running sandbox by their profiles' names, and the environment that reaches them."""

    profiles: Mapping[str, Profile]
    environment: Mapping[str, str]

    def system(self, word: str) -> Profile:
        """Return a system by its profile's name or its beginning; raises SettingsError where it is none."""
        wanted = _letters(word)
        found = [one for name, one in self.profiles.items() if _letters(name).startswith(wanted)]
        if not wanted or len(found) != 1:
            raise SettingsError(f"{word}: no such system runs; {suggest(word, self.profiles)}")
        return found[0]

    def kind(self, system: str, resource: str) -> Kind:
        """Return a kind of records by what it and its system are called; raises SettingsError."""
        profile = self.system(system)
        return profile, find_resource(profile, resource)

    def rows(self, profile: Profile, resource: Resource) -> Sequence[Row]:
        """Return the records of a kind as the server holds them, those that no list shows yet too."""
        return self._world(profile).get(_letters(resource.name), ())

    def all_rows(self, profile: Profile) -> Iterator[tuple[Resource, Sequence[Row]]]:
        """Yield all kinds of a system with their records; the server is asked once."""
        world = self._world(profile)
        for resource in profile.resources:
            yield resource, world.get(_letters(resource.name), ())

    def pass_time(self, seconds: float) -> None:
        """Move the clocks of all systems: some show a change only after a while."""
        for profile in self.profiles.values():
            url = f"{_origin(profile, self.environment)}/_sandbox/clock"
            body = {"seconds": seconds}
            httpx.post(url, json=body, timeout=_PATIENCE, trust_env=False).raise_for_status()

    def _world(self, profile: Profile) -> Mapping[str, Sequence[Row]]:
        """Return a system's records by the letters of their kinds."""
        url = f"{_origin(profile, self.environment)}/_sandbox/world"
        world = httpx.get(url, timeout=_PATIENCE, trust_env=False).raise_for_status().json()
        return {_letters(kind): rows for kind, rows in world.items()}

    @contextmanager
    def connected(self, profile: Profile) -> Iterator[RestConnector]:
        """Give a connector to a system, closed at the end."""
        connector = build_connector(profile, self.environment)
        try:
            yield connector
        finally:
            connector.close()


def reach_sandbox(
    profiles: Mapping[str, Profile], environment: Mapping[str, str], env_file: Path | None
) -> Reached:
    """Return the sandbox that a file or the environment names.

    Raises SettingsError where none does, where it does not answer, and where an address is not one of this
    machine's: nobody edits a real system by mistake.
    """
    found = _read_environment(environment, env_file, profiles)
    named = {name: one for name, one in profiles.items() if variable_name(one, "BASE_URL") in found}
    if not named:
        raise SettingsError(
            "no sandbox is named: start `specbridge sandbox --background`, or say --env-file"
        )
    for profile in named.values():
        _check_running(profile, found)
    return Reached(profiles=named, environment=found)


def find_resource(profile: Profile, word: str) -> Resource:
    """Return a kind of records by its name or one that documents use; raises SettingsError."""
    for resource in profile.resources:
        if _letters(word) in map(_letters, (resource.name, *resource.datatypes)):
            return resource
    names = [resource.name for resource in profile.resources]
    raise SettingsError(f"{word}: {profile.name} has no such records; {suggest(word, names)}")


def _read_environment(
    environment: Mapping[str, str], env_file: Path | None, profiles: Mapping[str, Profile]
) -> Mapping[str, str]:
    named = any(variable_name(one, "BASE_URL") in environment for one in profiles.values())
    if env_file is None and (named or not ENV_FILE.is_file()):
        return environment
    return {**environment, **read_variables(env_file or ENV_FILE)}


def _check_running(profile: Profile, environment: Mapping[str, str]) -> None:
    origin = _origin(profile, environment)
    if urlsplit(origin).hostname not in _LOOPBACK:
        raise SettingsError(f"{profile.name}: {origin} is no sandbox, and this edits nothing else")
    try:
        answer = httpx.get(f"{origin}/_sandbox/world", timeout=_PATIENCE, trust_env=False)
    except httpx.HTTPError as error:
        raise SettingsError(
            f"{profile.name}: no sandbox answers at {origin}: start it anew"
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise SettingsError(f"{profile.name}: what answers at {origin} is no sandbox")


def _origin(profile: Profile, environment: Mapping[str, str]) -> str:
    parts = urlsplit(read_base_url(profile, environment))
    return f"{parts.scheme}://{parts.netloc}"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
