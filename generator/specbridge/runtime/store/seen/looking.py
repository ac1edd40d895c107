"""What people look up in the store besides what runs left: records by name, and whose they are."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from specbridge.model.values import Json
from specbridge.runtime.store.tables.rows import read_object
from specbridge.runtime.store.tables.schema import accounts, companies, records, resources


class Found(NamedTuple):
    """A record as a list shows it; `name` is empty where nobody knows what it is called."""

    id: str
    name: str
    gone: bool


class Held(NamedTuple):
    """A record with all that the store holds of its properties."""

    name: str
    gone: bool
    modified_at: str
    properties: Mapping[str, Json]


def list_records(
    connection: Connection, resource: int, words: str, after: str, count: int
) -> list[Found]:
    """Return a resource's records by id, those after one; with `words` those that are called or numbered so."""
    chosen = select(records.c.id, records.c.name, records.c.gone)
    own = records.c.resource == resource, records.c.id > after
    if words:
        named = records.c.name.icontains(words, autoescape=True)
        chosen = chosen.where(or_(named, records.c.id == words))
    rows = connection.execute(chosen.where(*own).order_by(records.c.id).limit(count))
    return [Found(*row) for row in rows]


def hold_record(connection: Connection, resource: int, id_: str) -> Held | None:
    """Return what the store holds of a record, gone or not; None where it never saw it."""
    names = records.c.name, records.c.gone, records.c.modified_at, records.c.properties
    own = records.c.resource == resource, records.c.id == id_
    row = connection.execute(select(*names).where(*own)).first()
    return None if row is None else Held(row[0], bool(row[1]), row[2], read_object(row[3]))


def company_names(connection: Connection) -> dict[int, str]:
    """Return what the store's companies are called, by number."""
    rows = connection.execute(select(companies.c.number, companies.c.name))
    return {row.number: row.name for row in rows}


def company_of_resource(connection: Connection) -> dict[int, int]:
    """Return the companies' numbers by those of their resources."""
    chosen = select(resources.c.number, accounts.c.company).join(
        accounts, accounts.c.number == resources.c.account
    )
    return {row.number: row.company for row in connection.execute(chosen)}
