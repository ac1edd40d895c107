"""Where a store is: its URL, read before any driver sees it, and told without its password."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from specbridge.errors import StoreError, StorePlaceError
from specbridge.runtime.hiding import Secrets, passwords_of
from specbridge.runtime.store.opening.choosing import SQLITE

_SHORT = "postgres://"
_LIKE = "it should be like sqlite:///specbridge.db or postgresql://user@host/database"
_POSTGRESQL = ("postgresql", "postgresql+psycopg")


def read_address(url: str) -> URL:
    """Return the address of a store, with its driver; `postgres://`, as platforms say, is PostgreSQL.

    Raises StoreError for a database or a driver that is not served, for a store in memory, for a
    driver that is not installed, and for what is no address at all.
    """
    known = f"postgresql://{url.removeprefix(_SHORT)}" if url.startswith(_SHORT) else url
    if known.startswith("postgresql") and known.partition("?")[0].count("@") > 1:
        raise StorePlaceError(
            "the store's URL has more than one @: write those of its password as %40"
        )
    try:
        address = make_url(known)
    except (SQLAlchemyError, ValueError):
        # Its message may quote the URL, and where no password is found, none can be hidden.
        raise StorePlaceError(f"the store's URL cannot be read: {_LIKE}") from None
    if address.drivername in SQLITE:
        return _check_file(address)
    if address.drivername in _POSTGRESQL:
        return _check_driver(address.set(drivername="postgresql+psycopg"))
    raise StorePlaceError(f"the store cannot be {address.drivername}: {_LIKE}")


def driver_address(url: str) -> str | None:
    """Return a store's address as PostgreSQL's own clients read it, its password included; None: it is on SQLite.

    Raises StoreError as read_address does.
    """
    address = read_address(url)
    if address.get_backend_name() == "sqlite":
        return None
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def opening_errors(url: str) -> Iterator[None]:
    """Have whatever fails while a store is opened told as a StoreError, without the URL's password."""
    try:
        yield
    except StoreError as error:
        error.args = (Secrets(passwords_of(url)).hide(str(error)),)
        raise
    except (TypeError, ValueError, OSError) as error:
        # Drivers take a URL's options for their own arguments.
        fault = Secrets(passwords_of(url)).hide(f"{type(error).__name__}: {error}")
        raise StorePlaceError(f"the store cannot be opened: {fault}") from None


def _check_file(address: URL) -> URL:
    memory = ":memory:" in (address.database or ":memory:") or "memory" in address.query.values()
    if memory:
        raise StorePlaceError(f"a store in memory would be lost with the process: {_LIKE}")
    return address


def _check_driver(address: URL) -> URL:
    try:
        import_module("psycopg")
    except ImportError:
        raise StorePlaceError(
            "a store on PostgreSQL needs its driver: install specbridge[postgresql]"
        ) from None
    return address
