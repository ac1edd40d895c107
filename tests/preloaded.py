"""Loads what commands load; multiprocessing's fork server imports it once, and commands are forks of that server."""

import gc
from importlib import import_module
from pkgutil import walk_packages

import specbridge

# What runs when it is imported, and what few commands need.
_NOT_LOADED = (
    "specbridge.__main__",
    "specbridge.runtime.store.migrations.env",
    "specbridge.sandbox",
    "specbridge.service",
)

_MORE = (
    "alembic.command",
    "psycopg",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
)


def _load() -> None:
    for found in walk_packages(specbridge.__path__, "specbridge."):
        if not found.name.startswith(_NOT_LOADED):
            import_module(found.name)
    for name in _MORE:
        import_module(name)
    # Objects that are never written to stay shared between the forks.
    gc.collect()
    gc.freeze()


_load()
