"""Giving the company without a name one: where a project of one company becomes that of several."""

from sqlalchemy import Connection, select, update

from specbridge.errors import SettingsError
from specbridge.runtime.store.accounts import find_company
from specbridge.runtime.store.leasing.leases import check_lease, keep_runs_out
from specbridge.runtime.store.tables.schema import claims, companies, journal, runs, unanswered


def name_nameless(connection: Connection, name: str) -> None:
    """Have all that the store holds of the company without a name be that of a company of a name; the caller commits.

    Raises SettingsError where there is none, where the name is taken, and where writes are open that only a run under
    the old name could find again; StoreBusyError where a run is under way.
    """
    keep_runs_out(connection)
    company = find_company(connection, "")
    if company is None:
        raise SettingsError("the store holds nothing of a company without a name")
    if find_company(connection, name) is not None:
        raise SettingsError(f"the store knows a company {name} already")
    check_lease(connection, company)
    # What they created bears the reference of a company without a name.
    left = select(journal.c.number).join(runs, runs.c.number == journal.c.run)
    if connection.execute(left.where(runs.c.company == company, unanswered).limit(1)).first():
        raise SettingsError("a run was cut short: run `specbridge sync` once more before")
    connection.execute(update(companies).where(companies.c.number == company).values(name=name))
    connection.execute(update(claims).where(claims.c.company == "").values(company=name))
