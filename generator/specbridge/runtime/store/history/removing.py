"""Removing a company with all that the store holds of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from specbridge.runtime.store.accounts import find_company
from specbridge.runtime.store.leasing.leases import check_lease, keep_runs_out
from specbridge.runtime.store.persons.scrubbing import delete_securely
from specbridge.runtime.store.tables.rows import parts
from specbridge.runtime.store.tables.schema import (
    accounts,
    audits,
    candidates,
    claims,
    companies,
    conflicts,
    dead_letters,
    deeds,
    events,
    flows,
    journal,
    keys,
    leases,
    links,
    mentions,
    packages,
    pairings,
    pauses,
    queue,
    records,
    resources,
    runs,
    schedules,
    splits,
    unindexed,
    waiting,
    wakes,
    webhooks,
)

_OF_PAIRINGS = (
    *(queue, unindexed, keys, links, splits, candidates, waiting),
    *(dead_letters, conflicts, flows),
)
_OF_COMPANIES = (
    *(leases, pauses, audits, deeds, events, wakes, webhooks, schedules),
    *(runs, packages, accounts),
)


def remove_company(connection: Connection, name: str) -> int | None:
    """Delete all rows of a company, and return how many there were; None where the store does not know it.

    The caller commits. The database holds what was deleted until `scrub_store` is called. Raises StoreBusyError
    where a run works on the company; none begins before the transaction ends.
    """
    keep_runs_out(connection)
    company = find_company(connection, name)
    if company is None:
        return None
    check_lease(connection, company)
    delete_securely(connection)
    own_accounts = _numbers(
        connection, select(accounts.c.number).where(accounts.c.company == company)
    )
    own_resources = _all(connection, resources.c.account, own_accounts, resources.c.number)
    own_pairings = _all(connection, pairings.c.source, own_resources, pairings.c.number)
    own_runs = _numbers(connection, select(runs.c.number).where(runs.c.company == company))
    # Those first that refer to others.
    count = sum(_drop(connection, table.c.pairing, own_pairings) for table in _OF_PAIRINGS)
    count += _drop(connection, journal.c.run, own_runs)
    for table in (records, mentions):
        count += _drop(connection, table.c.resource, own_resources)
    count += _drop(connection, pairings.c.number, own_pairings)
    count += _drop(connection, resources.c.number, own_resources)
    count += sum(_drop(connection, table.c.company, [company]) for table in _OF_COMPANIES)
    count += _drop(connection, claims.c.company, [name])
    return count + _drop(connection, companies.c.number, [company])


def _numbers(connection: Connection, chosen: Select[Any]) -> list[int]:
    return list(connection.execute(chosen).scalars())


def _all(connection: Connection, column: Any, values: Sequence[int], wanted: Any) -> list[int]:
    found: list[int] = []
    for part in parts(values):
        found += _numbers(connection, select(wanted).where(column.in_(part)))
    return found


def _drop(connection: Connection, column: Any, values: Sequence[Any]) -> int:
    count = 0
    for part in parts(values):
        count += connection.execute(delete(column.table).where(column.in_(part))).rowcount
    return count
