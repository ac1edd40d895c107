"""Bringing a store's schema up to date; the only importer of Alembic."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from specbridge.errors import StoreError
from specbridge.runtime.store.schema import lock_schema

SCRIPTS = "specbridge.runtime.store:migrations"


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
