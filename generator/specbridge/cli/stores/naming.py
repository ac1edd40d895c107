"""What records are called in the lists of the store, or what hides it where nobody is to see it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar

from specbridge.cli.masking import hide_names
from specbridge.cli.stores.asking import Asked
from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles
from specbridge.runtime.decide.paths import dotted
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.seen.naming import Place, names_of
from specbridge.settings import load_settings

_AT_ONCE = 500
"""Rows whose records' names are looked up together."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    """What records are called; not `shown`: nobody is to see it."""

    found: Mapping[Place, str]
    shown: bool

    def of(self, resource: int, id_: str | None) -> str | None:
        """Return what a record is called, None where that is not known or not shown."""
        return self.found.get((resource, id_)) if self.shown and id_ is not None else None

    def hide(self, value: Json, *places: Place) -> Json:
        """Return a value in which the names of records are hidden, where they are not shown."""
        if self.shown:
            return value
        return hide_names(value, [self.found[place] for place in places if place in self.found])


def look_up(store: Store, asked: Asked, places: Iterable[Place]) -> Names:
    """Return what records are called."""
    # Hidden ones too: else nobody could tell where another text holds them.
    return Names(names_of(store.connection, places), asked.names)


def in_parts(rows: Iterable[T]) -> Iterator[list[T]]:
    """Yield rows in lists as long as names are looked up for."""
    left = iter(rows)
    while part := list(islice(left, _AT_ONCE)):
        yield part


@cache
def naming_properties(system: str, resource: str) -> frozenset[str] | None:
    """Return the dotted paths of the properties that name a resource's records, None where nobody knows.

    Raises ProfileError where a profile of the settings cannot be read.
    """
    profile = _profiles().get(system)
    known = {one.name: one for one in (profile.resources if profile is not None else ())}
    if resource not in known:
        return None
    alternatives = known[resource].named_by
    return frozenset(dotted(path) for alternative in alternatives for path in alternative)


@cache
def _profiles() -> Mapping[str, Profile]:
    return load_profiles(load_settings(Path.cwd()).profile_paths)


def is_naming(name: str, known: Collection[str] | None) -> bool:
    """Return whether a property may name records: any of them where nobody knows."""
    return known is None or name in known
