"""Accounts: whether the systems are the ones that the store is about, and which packages share them."""

from collections.abc import Collection

from sqlalchemy import Connection

from specbridge.errors import GuardError, MalformedResponseError
from specbridge.runtime.engine.session import Edges, Session, log
from specbridge.runtime.records import Connector, Identified
from specbridge.runtime.store.accounts import (
    accounts_of,
    forget_progress,
    save_fingerprint,
)
from specbridge.runtime.store.uniting.joining import adopt_account, join_accounts


def join_own_accounts(
    connection: Connection, company: int, packages: Collection[str], edges: Edges
) -> None:
    """Join accounts that packages of an older store have by themselves with the company's.

    The first one whose package runs becomes the company's; others join it where they are the same.
    Raises ApiError where a system cannot be asked.
    """
    known = accounts_of(connection, company)
    shared = {one.system: (one.number, one.fingerprint) for one in known if not one.owner}
    for account in known:
        if account.owner not in packages or account.system not in edges.connectors:
            continue
        found = fingerprint_of(edges.connectors[account.system])
        held = shared.get(account.system)
        if held is None:
            adopt_account(connection, account.number)
            shared[account.system] = account.number, found or None
            if found:
                save_fingerprint(connection, account.number, found)
        elif found in (None, held[1]):
            join_accounts(connection, held[0], account.number)


def check_accounts(session: Session, *, force: bool) -> None:
    """Compare each system's account with the one that the store knows; a new one is stored.

    Raises GuardError where it is another one and nobody forces it; ApiError where it cannot be asked.
    """
    connection, company = session.connection, session.company
    systems = {resource.key[0] for resource in company.resources.values()}
    known = accounts_of(connection, company.number)
    adopted = False
    for account in known:
        if account.system not in systems or account.owner not in ("", *company.packages):
            continue
        found = fingerprint_of(session.edges.connectors[account.system])
        if found in (None, account.fingerprint):
            continue
        if not found:
            _check_silence(account.system, account.fingerprint)
            continue
        if account.fingerprint is not None:
            _adopt_other(account.system, force=force)
            adopted = True
        save_fingerprint(connection, account.number, found)
    for account in known if adopted else ():
        # What was read before is no news of what is there now, in whichever system.
        forget_progress(connection, account.number)
    session.checkpoint()


def _check_silence(system: str, known: str | None) -> None:
    """Raise MalformedResponseError where a system does not say any more which account it is."""
    # One that never said so is read all the same: a stranger is told so by the first listing.
    if known is not None:
        raise MalformedResponseError(
            f"{system}: the probe's answer does not say which account it is, as it did before; look at "
            "the credentials, and at what answers at the system's address"
        )


def _adopt_other(system: str, *, force: bool) -> None:
    if not force:
        raise GuardError(
            f"{system}: this is another account than the one that the store is about; nothing was "
            "read or written. Use a store of its own for it (--store); if it is the same one under a "
            "new name, run again with --force"
        )
    log.warning("another account is taken over", system=system)


def fingerprint_of(connector: Connector) -> str | None:
    """Return what tells a system's account from others, None where the connector cannot tell."""
    return connector.fingerprint() if isinstance(connector, Identified) else None
