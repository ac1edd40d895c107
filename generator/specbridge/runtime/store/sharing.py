"""Which packages share pairings with another: asked before each run, whatever schema the store has."""

from typing import NamedTuple

from sqlalchemy import select

from specbridge.runtime.store.engine import open_as_it_is, store_errors
from specbridge.runtime.store.packages import sharing_packages
from specbridge.runtime.store.tables.schema import packages

_PAIRINGS = "0003"
"""The first schema that knows which packages share a pairing."""


class Sharing(NamedTuple):
    """Packages that the store knows besides one, by name.

    `certain`: they share a pairing with it. A store of before pairings only knows that they are there.
    """

    names: list[str]
    certain: bool


def find_sharing(url: str, package: str) -> Sharing:
    """Return the packages that may share pairings with one.

    The store is read as it is: neither copied nor migrated, and not made where there is none. Raises
    StoreError where it cannot be opened.
    """
    store, schema = open_as_it_is(url)
    with store, store_errors():
        if schema is None:
            return Sharing([], certain=True)
        if schema >= _PAIRINGS:
            return Sharing(sharing_packages(store.connection, package), certain=True)
        names = store.connection.execute(select(packages.c.name)).scalars()
        return Sharing(sorted(name for name in names if name != package), certain=False)
