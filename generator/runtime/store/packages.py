"""Packages, flows and resources in the store: their numbers, and how far each has been read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, insert, select, update

from generator.runtime.binding import BoundPackage, Numbers, ResourceKey
from generator.runtime.store.schema import flows, packages, resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a resource has been read.

    `cursor` is the connector's own text, None before the first reading; `full_at` the start of the
    last complete reading, in seconds since 1970; `generation` counts complete readings; `shape` is
    that of the flows which the stored records were read for.
    """

    cursor: str | None
    full_at: float | None
    generation: int
    shape: str


def register_package(
    connection: Connection, name: str, flow_names: Sequence[str], keys: Sequence[ResourceKey]
) -> Numbers:
    """Return the numbers of a package, its flows and resources, giving those that are new theirs."""
    package = _number(connection, packages, {"name": name})
    return Numbers(
        package=package,
        flows={
            flow: _number(connection, flows, {"package": package, "name": flow})
            for flow in flow_names
        },
        resources={
            key: _number(
                connection, resources, {"package": package, "system": key[0], "name": key[1]}
            )
            for key in keys
        },
    )


def find_package(connection: Connection, name: str) -> int | None:
    """Return the number of a package, None where the store does not know it."""
    found = connection.execute(select(packages.c.number).where(packages.c.name == name))
    return found.scalar()


def read_progress(connection: Connection, resource: int) -> Progress:
    """Return how far a resource has been read."""
    row = connection.execute(select(resources).where(resources.c.number == resource)).one()
    return Progress(
        cursor=row.cursor, full_at=row.full_at, generation=row.generation, shape=row.shape
    )


def save_progress(connection: Connection, resource: int, progress: Progress) -> None:
    """Keep how far a resource has been read."""
    connection.execute(
        update(resources)
        .where(resources.c.number == resource)
        .values(
            cursor=progress.cursor,
            full_at=progress.full_at,
            generation=progress.generation,
            shape=progress.shape,
        )
    )


def save_cursor(connection: Connection, resource: int, cursor: str) -> None:
    """Keep a resource's cursor, together with the page that it stands behind."""
    connection.execute(
        update(resources).where(resources.c.number == resource).values(cursor=cursor)
    )


def flow_names(connection: Connection, package: int) -> Mapping[int, str]:
    """Return the names of a package's flows, by number."""
    rows = connection.execute(
        select(flows.c.number, flows.c.name).where(flows.c.package == package)
    )
    return {row.number: row.name for row in rows}


def resource_names(connection: Connection, package: int) -> Mapping[int, ResourceKey]:
    """Return the systems and names of a package's resources, by number."""
    rows = connection.execute(select(resources).where(resources.c.package == package))
    return {row.number: (row.system, row.name) for row in rows}


def flow_scope(package: BoundPackage) -> list[int]:
    """Return the numbers of a package's flows."""
    return [flow.number for flow in package.flows]


def _number(connection: Connection, table: Table, key: Mapping[str, str | int]) -> int:
    wanted = [table.c[column] == value for column, value in key.items()]
    found = connection.execute(select(table.c.number).where(*wanted)).scalar()
    if found is None:
        result = connection.execute(insert(table).values(**key))
        assert result.inserted_primary_key is not None
        found = result.inserted_primary_key[0]
    return int(found)
