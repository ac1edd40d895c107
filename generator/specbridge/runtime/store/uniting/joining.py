"""Accounts that packages of a store of 0.1 had by themselves become a company's, one per system.

Each package has read the same records for itself, and linked them. Resources of one name become one,
and so do pairings between the same resources (`absorbing`).
"""

from collections.abc import Mapping

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from specbridge.runtime.store.tables.schema import (
    accounts,
    journal,
    mentions,
    pairings,
    records,
    resources,
    waiting,
)
from specbridge.runtime.store.uniting.absorbing import absorb_pairing


def adopt_account(connection: Connection, account: int) -> None:
    """Make a package's account its company's; there must be none of that system yet."""
    connection.execute(update(accounts).where(accounts.c.number == account).values(owner=""))


def join_accounts(connection: Connection, into: int, other: int) -> None:
    """Give what an account has to another one of the same system, and drop it.

    Resources that both have are read in full by the next run, and their pairings look at every record.
    """
    twins = _twins(connection, into, other)
    for dropped, kept in twins.items():
        _join_records(connection, kept, dropped)
        _point_references(connection, kept, dropped)
    _join_pairings(connection, twins)
    _join_resources(connection, into, other, twins)
    fingerprint = select(accounts.c.fingerprint).where(accounts.c.number == other).scalar_subquery()
    known = func.coalesce(accounts.c.fingerprint, fingerprint)
    connection.execute(update(accounts).where(accounts.c.number == into).values(fingerprint=known))
    connection.execute(delete(accounts).where(accounts.c.number == other))


def _twins(connection: Connection, into: int, other: int) -> dict[int, int]:
    """Return the other account's resources that both have, each with the one that stays."""
    kept = resources.alias("kept")
    columns = resources.c.number, kept.c.number.label("staying")
    chosen = select(*columns).join(kept, kept.c.name == resources.c.name)
    both = resources.c.account == other, kept.c.account == into
    rows = connection.execute(chosen.where(*both).order_by(resources.c.number))
    return {row.number: row.staying for row in rows}


def _join_records(connection: Connection, kept: int, dropped: int) -> None:
    """Keep one row of each record, the one that stays where there are two."""
    twin = records.alias("twin")
    same = twin.c.id == records.c.id
    # One that changed between the two readings has news for one of the packages, though not for the
    # store: without a digest it counts as changed when it is read. So does one without an instant.
    moved = or_(twin.c.modified_at != records.c.modified_at, records.c.modified_at == "")
    differs = exists().where(twin.c.resource == dropped, same, moved)
    statement = update(records).where(records.c.resource == kept, differs)
    connection.execute(statement.values(digest=""))
    stale = select(records.c.id).where(records.c.resource == kept, records.c.digest == "")
    outdated = mentions.c.resource == dropped, mentions.c.id.in_(stale)
    connection.execute(delete(mentions).where(*outdated))
    # Of generation 0: the complete reading that comes looks for those that it does not find.
    only = ~exists().where(twin.c.resource == kept, same)
    statement = update(records).where(records.c.resource == dropped, only)
    connection.execute(statement.values(resource=kept, generation=0))
    connection.execute(delete(records).where(records.c.resource == dropped))


def _point_references(connection: Connection, kept: int, dropped: int) -> None:
    statement = update(journal).where(journal.c.resource == dropped)
    connection.execute(statement.values(resource=kept))
    for table, column in (
        *((mentions, "resource"), (mentions, "to_resource")),
        (waiting, "to_resource"),
    ):
        own = table.c[column] == dropped
        known = _known(table, column, kept)
        connection.execute(update(table).where(own, ~known).values(**{column: kept}))
        connection.execute(delete(table).where(own))


def _known(table: Table, column: str, kept: int) -> ColumnElement[bool]:
    """Return whether a row is there already that differs in this column of the key alone."""
    known = table.alias("known")
    rest = [known.c[one.name] == one for one in table.primary_key if one.name != column]
    return exists().where(known.c[column] == kept, *rest)


def _join_pairings(connection: Connection, twins: Mapping[int, int]) -> None:
    ends = or_(pairings.c.source.in_(list(twins)), pairings.c.target.in_(list(twins)))
    rows = connection.execute(select(pairings).where(ends).order_by(pairings.c.number)).all()
    for row in rows:
        source, target = twins.get(row.source, row.source), twins.get(row.target, row.target)
        ahead, back = (_between(connection, *pair) for pair in ((source, target), (target, source)))
        found = ahead or back
        if found is not None:
            absorb_pairing(connection, found, row.number, turned=ahead is None)
        else:
            own = update(pairings).where(pairings.c.number == row.number)
            connection.execute(own.values(source=source, target=target))
    # Records came to these that they have not looked at.
    joined = list(twins.values())
    touched = or_(pairings.c.source.in_(joined), pairings.c.target.in_(joined))
    connection.execute(update(pairings).where(touched).values(shape=""))


def _between(connection: Connection, source: int, target: int) -> int | None:
    wanted = pairings.c.source == source, pairings.c.target == target
    return connection.execute(select(pairings.c.number).where(*wanted)).scalar()


def _join_resources(
    connection: Connection, into: int, other: int, twins: Mapping[int, int]
) -> None:
    connection.execute(delete(resources).where(resources.c.number.in_(list(twins))))
    joined = update(resources).where(resources.c.number.in_(list(twins.values())))
    connection.execute(joined.values(cursor=None, full_at=None))
    moved = update(resources).where(resources.c.account == other)
    connection.execute(moved.values(account=into))
