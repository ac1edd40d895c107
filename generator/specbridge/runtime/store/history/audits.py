"""Audits that were made, in counts: how it was before, without anything about records."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from specbridge.errors import StoreError, StorePlaceError
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import open_as_it_is, open_reading, open_store, store_errors
from specbridge.runtime.store.tables.rows import write_json
from specbridge.runtime.store.tables.schema import HEAD, audits, companies

MOST_AUDITS = 1000
"""Audits of one scope that are kept: the newest ones, three years of nights."""


class KeptAudit(NamedTuple):
    """An audit in counts: when it was (seconds since 1970), its checks, those that hold, what was left over."""

    at: float
    checked: int
    holds: int
    left_over: int


def keep_audit(
    url: str, company: str, scope: Sequence[str], audit: KeptAudit
) -> tuple[list[KeptAudit], str]:
    """Keep an audit where the store may be written; return all of its scope, oldest first, and the reason.

    The reason is "" where it was kept. A store that is not there, or of an older schema, is left alone:
    an audit makes none and changes none. Nothing is raised: what was found does not depend on it.
    """
    text = write_json(list(scope))
    try:
        reason = _why_not(url)
        if not reason:
            with open_store(url) as store, store_errors():
                _save(store.connection, company, text, audit)
                store.commit()
                return _read(store.connection, company, text), ""
    except StorePlaceError:
        # The error names the file, and a page is handed round.
        reason = "the store may not be written from here"
    except StoreError as error:
        reason = f"{error}"
    return [*_past(url, company, text), audit], reason


def _why_not(url: str) -> str:
    """Return why a store is not written, "" where it may be."""
    store, schema = open_as_it_is(url)
    store.close()
    if schema is None:
        return "there is no store yet; the first run makes it"
    return "" if schema == HEAD else "the store is of another version; the next run takes it over"


def _past(url: str, company: str, scope: str) -> list[KeptAudit]:
    try:
        with open_reading(url) as store, store_errors():
            return _read(store.connection, company, scope)
    except StoreError:
        return []


def _save(connection: Connection, company: str, scope: str, audit: KeptAudit) -> None:
    number = number_company(connection, company)
    row = {"company": number, "scope": scope, **audit._asdict()}
    connection.execute(insert(audits).values(row))
    own = audits.c.company == number, audits.c.scope == scope
    newest = select(audits.c.number).where(*own).order_by(audits.c.number.desc())
    oldest = connection.execute(newest.offset(MOST_AUDITS).limit(1)).scalar()
    if oldest is not None:
        connection.execute(delete(audits).where(*own, audits.c.number <= oldest))


def _read(connection: Connection, company: str, scope: str) -> list[KeptAudit]:
    columns = [audits.c[name] for name in KeptAudit._fields]
    own = companies.c.name == company, audits.c.company == companies.c.number
    chosen = select(*columns).where(*own, audits.c.scope == scope).order_by(audits.c.number)
    return [KeptAudit(*row) for row in connection.execute(chosen)]
