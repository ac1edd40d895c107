"""Companies and their accounts: who a store is for, and which account of each system is theirs."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, text, update

from specbridge.runtime.store.tables.schema import accounts, companies, resources

_NAME_COMPANY = text("INSERT INTO companies (name) VALUES (:name) ON CONFLICT (name) DO NOTHING")


def number_company(connection: Connection, name: str) -> int:
    """Return a company's number, giving a new one its own."""
    found = _find(connection, {"name": name}, companies)
    if found is None:
        # Nobody holds a lease yet: two first runs may come here at once.
        connection.execute(_NAME_COMPANY, {"name": name})
    return give_number(connection, companies, {"name": name})


def find_accounts(
    connection: Connection, company: int, package: str, systems: Iterable[str]
) -> dict[str, int]:
    """Return the numbers of a package's accounts by system, giving new ones theirs.

    A package of an older store keeps its own until `settle_account` joins it with the company's.
    """
    found = {}
    for system in sorted(systems):
        own: dict[str, str | int] = {"company": company, "system": system, "owner": package}
        held = _find(connection, own)
        shared = {**own, "owner": ""}
        found[system] = give_number(connection, accounts, shared) if held is None else held
    return found


def accounts_of(connection: Connection, company: int) -> list[Row[Any]]:
    """Return a company's accounts (number, system, owner, fingerprint), by number."""
    chosen = select(accounts).where(accounts.c.company == company)
    return list(connection.execute(chosen.order_by(accounts.c.number)))


def forget_progress(connection: Connection, account: int) -> None:
    """Have an account's resources read in full, as if they never had been."""
    statement = update(resources).where(resources.c.account == account)
    connection.execute(statement.values(cursor=None, full_at=None))


def save_fingerprint(connection: Connection, account: int, fingerprint: str) -> None:
    """Keep what an account is known by."""
    statement = update(accounts).where(accounts.c.number == account)
    connection.execute(statement.values(fingerprint=fingerprint))


def give_number(connection: Connection, table: Table, key: Mapping[str, str | int]) -> int:
    """Return the number of a table's row with these values, making it where it is missing."""
    found = _find(connection, key, table)
    if found is not None:
        return found
    result = connection.execute(insert(table).values(**key))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def _find(
    connection: Connection, key: Mapping[str, str | int], table: Table = accounts
) -> int | None:
    wanted = [table.c[column] == value for column, value in key.items()]
    found = connection.execute(select(table.c.number).where(*wanted)).scalar()
    return None if found is None else int(found)
