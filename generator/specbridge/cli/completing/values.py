"""Values that complete a command line: read from manifests, folders and the store's file, by the standard library.

Whatever cannot be read has no values: a shell shows no errors.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from specbridge.cli.documents.explain import list_titles
from specbridge.cli.store_place import store_url
from specbridge.companies.finding import find_companies as stated_companies
from specbridge.drift.manifest import NAME, list_packages
from specbridge.errors import SpecbridgeError
from specbridge.runtime.store.opening.choosing import sqlite_file
from specbridge.settings import Settings, load_settings

_MOST = 50
"""Runs and conflicts that are offered: the newest, or the first that wait."""

_PATIENCE = 0.1
"""Seconds that a store which somebody writes to is waited for."""


@dataclass(frozen=True, slots=True)
class Value:
    """A word that may be typed, and what some shells show beside it."""

    text: str
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was typed before: a package, where the store is, a system."""

    package: str | None = None
    store: str | None = None
    system: str | None = None


Source = Callable[[Given], Sequence[Value]]


def find_packages(_given: Given) -> Sequence[Value]:
    """Return the packages of the output folder, as paths from here."""
    settings = _settings()
    return [Value(_from_here(folder)) for folder in _folders(settings)]


def find_known_packages(given: Given) -> Sequence[Value]:
    """Return the names of the packages that the store knows, or that are in the output folder."""
    known = [str(name) for (name,) in _ask(given, "select distinct name from packages")]
    names = {*known, *(folder.name for folder in _folders(_settings()))}
    return [Value(name) for name in sorted(names)]


def find_flows(given: Given) -> Sequence[Value]:
    """Return the flows of the package that was named, or of all."""
    settings = _settings()
    named = None if given.package is None else Path(given.package).name.rpartition(".")[2]
    folders = [one for one in _folders(settings) if named in (None, one.name)]
    if not folders and given.package is not None:
        folders = [Path(given.package)]
    return [Value(flow, folder.name) for folder in folders for flow in _flows_of(folder)]


def find_runs(given: Given) -> Sequence[Value]:
    """Return the store's last runs, the newest first."""
    asked = f"select number, kind, started_at from runs order by number desc limit {_MOST}"
    return [
        Value(str(number), f"{kind} {_day(began)}") for number, kind, began in _ask(given, asked)
    ]


def find_conflicts(given: Given) -> Sequence[Value]:
    """Return the conflicts that wait for a person."""
    asked = f"select number, unit from conflicts where state = 'open' order by number limit {_MOST}"
    return [Value(str(number), str(unit)) for number, unit in _ask(given, asked)]


def find_companies(given: Given) -> Sequence[Value]:
    """Return the companies that the settings name or the store knows, but for the one without a name."""
    known = {str(name) for (name,) in _ask(given, "select name from companies where name <> ''")}
    return [Value(name) for name in sorted({*stated_companies(_settings()), *known})]


def find_codes(_given: Given) -> Sequence[Value]:
    """Return the codes of problems, with the titles of their pages."""
    return [Value(code, title) for code, title in list_titles().items()]


def find_systems(_given: Given) -> Sequence[Value]:
    """Return the names of the profiles: those that ship with us, and the project's."""
    return [Value(name) for name in _profiles()]


def find_sides(_given: Given) -> Sequence[Value]:
    """Return what a side is called: source, target, or a system's name."""
    return [Value("source"), Value("target"), *find_systems(_given)]


def find_resources(given: Given) -> Sequence[Value]:
    """Return the resources of the system that was typed."""
    file = _profiles().get(given.system or "")
    return [] if file is None else [Value(name) for name in _resources_of(file)]


def _profiles() -> dict[str, Path]:
    """Return the files of the profiles, by their names: those that ship with us, and the project's."""
    settings = _settings()
    shipped = Path(__file__).parents[2] / "profiles"
    files = sorted({*shipped.glob("*.toml"), *settings.profile_paths})
    return {name: file for file in files if (name := _name_of(file))}


def _settings() -> Settings:
    try:
        return load_settings(Path.cwd())
    except (SpecbridgeError, OSError):
        return Settings()


def _folders(settings: Settings) -> Sequence[Path]:
    return list_packages(settings.root / settings.output)


def _from_here(folder: Path) -> str:
    try:
        return Path(os.path.relpath(folder)).as_posix()
    except (OSError, ValueError):
        return str(folder)


def _flows_of(folder: Path) -> Iterator[str]:
    try:
        files = json.loads((folder / NAME).read_text(encoding="utf-8"))["files"]
        paths = [Path(name) for name in files]
    except (OSError, ValueError, KeyError, TypeError):
        return
    yield from (one.stem for one in paths if one.parts[:-1] == ("sync",) and one.stem != "__init__")


def _name_of(file: Path) -> str:
    # The first lines alone: a profile is long, and tables come after its name.
    try:
        with file.open(encoding="utf-8") as text:
            for line in text:
                key, found, value = line.partition("=")
                if found and key.strip() == "name":
                    return value.strip().strip("\"'")
                if line.startswith("["):
                    break
    except (OSError, UnicodeDecodeError):
        pass
    return ""


def _resources_of(file: Path) -> list[str]:
    # By its lines: to read all of a profile takes longer than somebody who types would wait.
    found, within = [], False
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    for line in lines:
        key, stated, value = line.partition("=")
        if line.startswith("["):
            within = line.strip() == "[[resources]]"
        elif within and stated and key.strip() == "name":
            found.append(value.strip().strip("\"'"))
            within = False
    return found


def _ask(given: Given, asked: str) -> list[tuple[object, ...]]:
    """Return the rows of a store that is a file; of a server nobody is asked while somebody types."""
    # Imported here: most of what is completed asks no store.
    import sqlite3

    settings = _settings()
    try:
        file = sqlite_file(store_url(given.store, settings))
        if file is None or not file.is_file():
            return []
        place = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(place, uri=True, timeout=_PATIENCE)) as store:
            return store.execute(asked).fetchall()
    except (sqlite3.Error, SpecbridgeError, OSError, ValueError):
        return []


def _day(began: object) -> str:
    if not isinstance(began, int | float):
        return ""
    return datetime.fromtimestamp(began, UTC).strftime("%Y-%m-%d %H:%M UTC")
