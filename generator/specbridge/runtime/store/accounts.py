"""Companies and their accounts: who a store is for, and which account of each system is theirs."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from specbridge.runtime.store.tables.schema import accounts, companies, resources

_NAME_COMPANY = text("INSERT INTO companies (name) VALUES (:name) ON CONFLICT (name) DO NOTHING")


def find_company(connection: Connection, name: str) -> int | None:
    """Return a company's number, None where the store does not know it."""
    return connection.execute(_NUMBER, {"named": name}).scalar()


_NUMBER = select(companies.c.number).where(companies.c.name == bindparam("named"))


def number_company(connection: Connection, name: str) -> int:
    """Return a company's number, giving a new one its own."""
    found = find_company(connection, name)
    if found is None:
        # Nobody holds a lease yet: two first runs may come here at once.
        connection.execute(_NAME_COMPANY, {"name": name})
        found = find_company(connection, name)
        assert found is not None
    return found


def accounts_of(connection: Connection, company: int) -> list[Row[Any]]:
    """Return a company's accounts (number, system, owner, fingerprint), by number."""
    return list(connection.execute(_ACCOUNTS, {"of_company": company}))


_ACCOUNTS = (
    select(accounts)
    .where(accounts.c.company == bindparam("of_company"))
    .order_by(accounts.c.number)
)


def forget_progress(connection: Connection, account: int) -> None:
    """Have an account's resources read in full, as if they never had been."""
    statement = update(resources).where(resources.c.account == account)
    connection.execute(statement.values(cursor=None, full_at=None))


def save_fingerprint(connection: Connection, account: int, fingerprint: str) -> None:
    """Keep what an account is known by."""
    statement = update(accounts).where(accounts.c.number == account)
    connection.execute(statement.values(fingerprint=fingerprint))
