"""Packages, flows and resources in the store: their numbers, and how far each has been read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, insert, or_, select, update

from specbridge.runtime.decide.bind import resource_keys
from specbridge.runtime.decide.binding import Numbers
from specbridge.runtime.decide.pairings import Ends, ResourceKey, choose_ends, group_flows
from specbridge.runtime.flow import AnyFlow
from specbridge.runtime.store.absorbing import absorb_flow
from specbridge.runtime.store.schema import flows, packages, resources, runs


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


def register_package(connection: Connection, name: str, flows_used: Sequence[AnyFlow]) -> Numbers:
    """Return the numbers of a package, its pairings and resources, giving those that are new theirs."""
    package = _number(connection, packages, {"name": name})
    known = {
        key: _number(connection, resources, {"package": package, "system": key[0], "name": key[1]})
        for key in resource_keys(flows_used)
    }
    pairings = [
        (*_register_pairing(connection, package, known, group), group)
        for group in group_flows(flows_used)
    ]
    return Numbers(package=package, pairings=pairings, resources=known)


def _register_pairing(
    connection: Connection,
    package: int,
    known: Mapping[ResourceKey, int],
    group: Sequence[AnyFlow],
) -> tuple[int, Ends]:
    """Return a pairing's number, and how it is faced: as it was first stored, whatever is stated now."""
    ends, name = choose_ends(group), group[0].name
    source, target = known[ends[0]], known[ends[1]]
    found = _between(connection, package, source, target)
    if not found:
        key: dict[str, str | int] = {"package": package, "name": name}
        return _number(connection, flows, key, {"source": source, "target": target}), ends
    first, *others = found
    for other in others:
        # A store of 0.1 has links of each flow by itself.
        absorb_flow(connection, first.number, other.number, turned=other.source != first.source)
    taken = select(flows.c.number).where(flows.c.package == package, flows.c.name == name)
    if connection.execute(taken).first() is None:
        connection.execute(update(flows).where(flows.c.number == first.number).values(name=name))
    return first.number, ends if first.source == source else (ends[1], ends[0])


def _between(connection: Connection, package: int, source: int, target: int) -> Sequence[Row[Any]]:
    """Return the stored flows between two resources, whichever way round, the oldest first."""
    ahead = and_(flows.c.source == source, flows.c.target == target)
    back = and_(flows.c.source == target, flows.c.target == source)
    chosen = select(flows).where(flows.c.package == package, or_(ahead, back))
    return connection.execute(chosen.order_by(flows.c.number)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFlow:
    """A flow as the store knows it; `resources` are the numbers of its source's and target's."""

    number: int
    package: str
    name: str
    resources: tuple[int, int]


def known_flows(connection: Connection, package: str | None = None) -> list[KnownFlow]:
    """Return the flows that the store knows, of one package or of all."""
    chosen = select(flows, packages.c.name.label("package_name")).join(
        packages, packages.c.number == flows.c.package
    )
    if package is not None:
        chosen = chosen.where(packages.c.name == package)
    return [
        KnownFlow(
            number=row.number,
            package=row.package_name,
            name=row.name,
            resources=(row.source, row.target),
        )
        for row in connection.execute(chosen.order_by(flows.c.number))
    ]


def known_packages(connection: Connection) -> dict[str, int]:
    """Return the packages that the store knows, by name."""
    rows = connection.execute(select(packages).order_by(packages.c.name))
    return {row.name: row.number for row in rows}


def package_of_run(connection: Connection, run: int) -> str | None:
    """Return the name of the package that a run was of, None where there is no such run."""
    chosen = select(packages.c.name).join(runs, runs.c.package == packages.c.number)
    return connection.execute(chosen.where(runs.c.number == run)).scalar()


def read_followed(connection: Connection, package: int) -> int:
    """Return the number of the newest link of which what follows from it has been queued."""
    chosen = select(packages.c.followed).where(packages.c.number == package)
    return int(connection.execute(chosen).scalar_one())


def save_followed(connection: Connection, package: int, link: int) -> None:
    """Keep up to which link what follows has been queued, together with what was queued."""
    statement = update(packages).where(packages.c.number == package)
    connection.execute(statement.values(followed=link))


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


def resource_names(connection: Connection, package: int) -> Mapping[int, ResourceKey]:
    """Return the systems and names of a package's resources, by number."""
    rows = connection.execute(select(resources).where(resources.c.package == package))
    return {row.number: (row.system, row.name) for row in rows}


def _number(
    connection: Connection,
    table: Table,
    key: Mapping[str, str | int],
    more: Mapping[str, int] | None = None,
) -> int:
    wanted = [table.c[column] == value for column, value in key.items()]
    found = connection.execute(select(table.c.number).where(*wanted)).scalar()
    if found is None:
        result = connection.execute(insert(table).values(**key, **(more or {})))
        assert result.inserted_primary_key is not None
        found = result.inserted_primary_key[0]
    elif more:
        # A flow may keep its name while its document moves on to another resource.
        connection.execute(update(table).where(table.c.number == found).values(**more))
    return int(found)
