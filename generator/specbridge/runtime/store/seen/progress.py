"""How far each resource has been read."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from specbridge.runtime.store.tables.schema import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a resource has been read.

    `cursor` is the connector's own text, None before the first reading; `full_at` the start of the
    last complete reading, in seconds since 1970; `generation` counts complete readings; `shape` is
    that of the properties which the stored records were read for.
    """

    cursor: str | None
    full_at: float | None
    generation: int
    shape: str


def read_progress(connection: Connection, resource: int) -> Progress:
    """Return how far a resource has been read."""
    row = connection.execute(_PROGRESS, {"of_resource": resource}).one()
    return Progress(
        cursor=row.cursor, full_at=row.full_at, generation=row.generation, shape=row.shape
    )


def save_progress(connection: Connection, resource: int, progress: Progress) -> None:
    """Keep how far a resource has been read."""
    values = {
        "cursor": progress.cursor,
        "full_at": progress.full_at,
        "generation": progress.generation,
        "shape": progress.shape,
    }
    connection.execute(_SAVED, {"of_resource": resource, **values})


def save_cursor(connection: Connection, resource: int, cursor: str) -> None:
    """Keep a resource's cursor, together with the page that it stands behind."""
    connection.execute(_SAVED, {"of_resource": resource, "cursor": cursor})


_OWN = resources.c.number == bindparam("of_resource")
_PROGRESS = select(resources).where(_OWN)
# What is set are the columns among what is given.
_SAVED = update(resources).where(_OWN)
