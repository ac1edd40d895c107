"""What people call the records that the store holds."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from specbridge.runtime.decide.identity.things import Place, by_resource
from specbridge.runtime.store.tables.rows import among_given, parts
from specbridge.runtime.store.tables.schema import records

__all__ = ["Place", "names_of"]


def names_of(connection: Connection, places: Iterable[Place]) -> dict[Place, str]:
    """Return the names of records, those of records that are gone too; who has none is left out."""
    found: dict[Place, str] = {}
    for resource, ids in by_resource(places).items():
        for part in parts(ids):
            given = {"in_resource": resource, "ids": part}
            for id_, name in connection.execute(_NAMED, given):
                found[resource, id_] = name
    return found


_NAMED = select(records.c.id, records.c.name).where(
    *(records.c.resource == bindparam("in_resource"), records.c.name != ""),
    among_given(records.c.id, "ids"),
)
