"""Bringing a store's schema up to date; the only importer of Alembic."""

from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, select

from specbridge.errors import StoreError
from specbridge.runtime.store.seen.keeping import keep_copy
from specbridge.runtime.store.tables.schema import lock_schema, version

SCRIPTS = "specbridge.runtime.store:migrations"

_OLDER = ("0001", "0002")
"""The schemas of which a file is copied before it is migrated."""

log = structlog.get_logger("specbridge")


def migrate_store(connection: Connection, path: Path | None = None) -> None:
    """Bring a store up to date, in one transaction that the caller commits.

    A store in a file (`path`) is copied beside it first, by the version that it has. Raises StoreError
    where the copy cannot be made, or the store was written by a newer specbridge.
    """
    # Before the copy: nobody may write what would be missing in it.
    lock_schema(connection)
    found = connection.execute(select(version.c.version_num)).scalar()
    if path is None or found not in _OLDER:
        upgrade_schema(connection)
        return
    copy = keep_copy(path, found)
    log.warning("the store is brought up to date; a copy is kept as it was", copy=str(copy))
    try:
        upgrade_schema(connection)
    except BaseException:
        copy.unlink()
        raise


def upgrade_schema(connection: Connection, to: str = "head") -> None:
    """Run the migrations that the store lacks, in one transaction that the caller commits.

    Nothing is left to do where another process was quicker. Raises StoreError where the store was written by a newer specbridge.
    """
    # Without a file: an installed program has no alembic.ini.
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    # Before Alembic looks: it goes by the version it sees, and commits what no one else has begun.
    lock_schema(connection)
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreError(f"the store cannot be migrated: {error}") from None
