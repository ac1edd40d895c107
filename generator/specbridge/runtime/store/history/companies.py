"""How companies stand, counted, and when they last ran: asked of a store that may not be there yet."""

from sqlalchemy import Connection, func, select

from specbridge.runtime.store.engine import open_reading, store_errors
from specbridge.runtime.store.tables.schema import companies, runs


def last_began(url: str, company: str) -> float | None:
    """Return when a company's last sync began (seconds since 1970), None where there was none.

    Raises StoreError where the store cannot be opened.
    """
    with open_reading(url) as store, store_errors():
        return read_last_began(store.connection, company)


def read_last_began(connection: Connection, company: str) -> float | None:
    """Return when a company's last sync began, None where there was none."""
    own = select(companies.c.number).where(companies.c.name == company).scalar_subquery()
    chosen = select(func.max(runs.c.started_at)).where(runs.c.company == own, runs.c.kind == "sync")
    found: float | None = connection.execute(chosen).scalar()
    return found
