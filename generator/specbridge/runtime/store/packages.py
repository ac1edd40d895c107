"""Packages and their flows in the store: what a run binds to, and what other packages read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, Table, and_, bindparam, delete, insert, or_, select, update

from specbridge.model.values import Json
from specbridge.runtime.decide.bind import reads_of, resource_keys
from specbridge.runtime.decide.binding import Numbers, Reads, StoredPairing
from specbridge.runtime.decide.identity.pairings import (
    Ends,
    ResourceKey,
    Stated,
    choose_ends,
    group_flows,
)
from specbridge.runtime.flow import AnyFlow
from specbridge.runtime.store.accounts import accounts_of, find_company, number_company
from specbridge.runtime.store.tables.rows import read_json, write_json
from specbridge.runtime.store.tables.schema import (
    accounts,
    companies,
    flows,
    packages,
    pairings,
    resources,
)

KeyT = TypeVar("KeyT")


def register_packages(
    connection: Connection, company: str, stated: Mapping[str, Sequence[AnyFlow]]
) -> Numbers:
    """Return the numbers of a company's packages, pairings and resources, giving new ones theirs.

    What the packages stated before and do not any more is forgotten; pairings stay, for their links.
    """
    number = number_company(connection, company)
    held = _Held(connection, number)
    names = sorted(stated)
    own = {name: held.package(name) for name in names}
    known = {
        key: held.resource(held.account(key[0], name), key[1])
        for name in names
        for key in resource_keys(stated[name])
    }
    # In the order of the packages' names, whichever was loaded first.
    listed = [Stated(name, flow) for name in names for flow in stated[name]]
    groups = [(_register_pairing(held, known, group), group) for group in group_flows(listed)]
    _register_flows(connection, held.flows, own, groups)
    return Numbers(
        company=number,
        pairings=[(pairing, ends, group) for (pairing, ends), group in groups],
        resources={**held.shared_resources(), **known},
        stored=held.pairings,
        reads=_other_reads(held.flows, own.values()),
    )


class _Held:
    """What a store holds of a company, asked for once; what is missing is made when it is asked for."""

    def __init__(self, connection: Connection, company: int) -> None:
        """Read the numbers of its packages, accounts, resources and pairings, and the flows that were stated."""
        self._connection, self._company = connection, company
        given = {"of_company": company}
        self._packages = {n: number for number, n in connection.execute(_PACKAGES, given).all()}
        self._accounts: dict[tuple[str, str], int] = {
            (row.system, row.owner): row.number for row in accounts_of(connection, company)
        }
        self._resources = {
            (account, name): number
            for number, account, name in connection.execute(_RESOURCES, given).all()
        }
        self._pairings = {
            frozenset((source, target)): StoredPairing(number, (source, target), shape)
            for number, source, target, shape in connection.execute(_PAIRINGS, given).all()
        }
        self.flows = connection.execute(_STATED, given).all()

    @property
    def pairings(self) -> list[StoredPairing]:
        """Return all pairings of the company, by number."""
        return list(self._pairings.values())

    def package(self, name: str) -> int:
        """Return a package's number."""
        key: dict[str, str | int] = {"company": self._company, "name": name}
        return self._number(self._packages, name, packages, key)

    def account(self, system: str, package: str) -> int:
        """Return the number of a package's account of a system.

        A package of an older store keeps its own until `settle_account` joins it with the company's.
        """
        held = self._accounts.get((system, package))
        if held is not None:
            return held
        key: dict[str, str | int] = {"company": self._company, "system": system, "owner": ""}
        return self._number(self._accounts, (system, ""), accounts, key)

    def resource(self, account: int, name: str) -> int:
        """Return the number of a resource of an account."""
        key: dict[str, str | int] = {"account": account, "name": name}
        return self._number(self._resources, (account, name), resources, key)

    def pairing(self, source: int, target: int) -> StoredPairing:
        """Return the pairing of two resources, as it was first faced."""
        ends = frozenset((source, target))
        if ends not in self._pairings:
            made = _insert_row(self._connection, pairings, {"source": source, "target": target})
            self._pairings[ends] = StoredPairing(made, (source, target))
        return self._pairings[ends]

    def shared_resources(self) -> dict[ResourceKey, int]:
        """Return the company's resources, those of accounts that are not joined yet aside."""
        systems = {
            number: system for (system, owner), number in self._accounts.items() if not owner
        }
        return {
            (systems[account], name): number
            for (account, name), number in self._resources.items()
            if account in systems
        }

    def _number(
        self,
        known: dict[KeyT, int],
        key: KeyT,
        table: Table,
        row: Mapping[str, str | int],
    ) -> int:
        if key not in known:
            known[key] = _insert_row(self._connection, table, row)
        return known[key]


def _insert_row(connection: Connection, table: Table, row: Mapping[str, str | int]) -> int:
    """Make a row of a table that numbers its rows; return its number."""
    result = connection.execute(insert(table), row)
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


_OF_COMPANY = accounts.c.company == bindparam("of_company")
_PACKAGES = select(packages.c.number, packages.c.name).where(
    packages.c.company == bindparam("of_company")
)
_RESOURCES = (
    select(resources.c.number, resources.c.account, resources.c.name)
    .join(accounts, accounts.c.number == resources.c.account)
    .where(_OF_COMPANY)
)
_PAIRINGS = (
    select(pairings.c.number, pairings.c.source, pairings.c.target, pairings.c.shape)
    .join(resources, resources.c.number == pairings.c.source)
    .join(accounts, accounts.c.number == resources.c.account)
    .where(_OF_COMPANY)
    .order_by(pairings.c.number)
)
_STATED = (
    select(flows)
    .join(packages, packages.c.number == flows.c.package)
    .where(packages.c.company == bindparam("of_company"))
    .order_by(flows.c.number)
)


def _register_pairing(
    held: _Held, known: Mapping[ResourceKey, int], group: Sequence[Stated]
) -> tuple[int, Ends]:
    """Return a pairing's number, and how it is faced: as it was first stored, whatever is stated now."""
    ends = choose_ends([one.flow for one in group])
    source = known[ends[0]]
    pairing = held.pairing(source, known[ends[1]])
    return pairing.number, ends if pairing.resources[0] == source else (ends[1], ends[0])


def _register_flows(
    connection: Connection,
    stored: Sequence[Row[Any]],
    own: Mapping[str, int],
    groups: Sequence[tuple[tuple[int, Ends], Sequence[Stated]]],
) -> None:
    """Keep what the packages state now, in place of what they stated; a run that changes nothing writes nothing."""
    wanted = {
        (own[one.package], one.flow.name): (
            pairing,
            position,
            write_json(_plain(reads_of(one.flow))),
        )
        for (pairing, _), group in groups
        for position, one in enumerate(group)
    }
    mine = set(own.values())
    held = {
        (row.package, row.name): (row.pairing, row.position, row.reads)
        for row in stored
        if row.package in mine
    }
    if held == wanted:
        return
    connection.execute(delete(flows).where(flows.c.package.in_(mine)))
    if wanted:
        connection.execute(
            insert(flows),
            [
                {"package": key[0], "name": key[1], "pairing": p, "position": n, "reads": reads}
                for key, (p, n, reads) in wanted.items()
            ],
        )


def _plain(reads: Sequence[Reads]) -> Json:
    plain: list[Json] = []
    for one in reads:
        connections: list[Json] = [[list(to), list(path)] for to, path in one.connections]
        plain.append([list(one.key), [*sorted(one.names)], connections])
    return plain


def _other_reads(stored: Sequence[Row[Any]], own: Collection[int]) -> list[Reads]:
    """Return what flows of the company's other packages read."""
    others = [row for row in stored if row.package not in own]
    return [one for row in others for one in _read_reads(read_json(row.reads))]


def _read_reads(stored: Any) -> list[Reads]:
    return [
        Reads(
            key=tuple(key),
            names=frozenset(names),
            connections=tuple((tuple(to), tuple(path)) for to, path in connections),
        )
        for key, names, connections in stored
    ]


def save_shape(connection: Connection, pairing: int, shape: str) -> None:
    """Keep what a pairing's flows stated when all its records were last queued."""
    connection.execute(update(pairings).where(pairings.c.number == pairing).values(shape=shape))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFlow:
    """A flow as the store knows it.

    `number` is its pairing's, `resources` the numbers of the pairing's source and target, `names` those
    of all flows that are part of the pairing, in order.
    """

    number: int
    company: int
    package: str
    name: str
    resources: tuple[int, int]
    names: tuple[str, ...] = ()


def known_flows(connection: Connection, package: str | None = None) -> list[KnownFlow]:
    """Return the pairings that the store knows, of one package or of all, each by its first flow."""
    names: dict[int, list[str]] = {}
    first: dict[int, KnownFlow] = {}
    for row in connection.execute(_FLOWS):
        if row.pairing not in first:
            first[row.pairing] = KnownFlow(
                number=row.pairing,
                company=row.company,
                package=row.package_name,
                name=row.name,
                resources=(row.source, row.target),
            )
        names.setdefault(row.pairing, []).append(row.name)
    wanted = first if package is None else _pairings_of(connection, package)
    return [
        replace(flow, names=tuple(names[number]))
        for number, flow in sorted(first.items())
        if number in wanted
    ]


def flows_of(connection: Connection, package: str | None, company: str | None) -> list[KnownFlow]:
    """Return the pairings that the store knows, of one package or of all, of the company of a name or (None) of all."""
    found = known_flows(connection, package)
    if company is None:
        return found
    number = find_company(connection, company)
    return [flow for flow in found if flow.company == number]


_FLOWS = (
    select(
        *(flows.c.pairing, flows.c.name, packages.c.company, pairings.c.source, pairings.c.target),
        packages.c.name.label("package_name"),
    )
    .join(packages, packages.c.number == flows.c.package)
    .join(pairings, pairings.c.number == flows.c.pairing)
    .order_by(packages.c.name, flows.c.position, flows.c.number)
)


def _pairings_of(connection: Connection, package: str) -> set[int]:
    chosen = select(flows.c.pairing).join(packages, packages.c.number == flows.c.package)
    return set(connection.execute(chosen.where(packages.c.name == package)).scalars())


class KnownPackage(NamedTuple):
    """A package as the store knows it: its number, its company's, its name."""

    number: int
    company: int
    name: str


def known_packages(connection: Connection) -> list[KnownPackage]:
    """Return the packages that the store knows, by name."""
    chosen = select(*(packages.c[name] for name in KnownPackage._fields))
    return [KnownPackage(*row) for row in connection.execute(chosen.order_by(packages.c.name))]


def sharing_packages(connection: Connection, package: str) -> list[str]:
    """Return the other packages that state flows of the same pairings, by name."""
    mine = _pairings_of(connection, package)
    chosen = select(packages.c.name).join(flows, flows.c.package == packages.c.number)
    wanted = flows.c.pairing.in_(mine), packages.c.name != package
    return sorted(set(connection.execute(chosen.where(*wanted)).scalars()))


def resource_names(
    connection: Connection, pairing_numbers: Sequence[int] | None = None
) -> Mapping[int, ResourceKey]:
    """Return the systems and names of resources, by number: of some pairings, or of all."""
    chosen = select(resources.c.number, resources.c.name, accounts.c.system).join(
        accounts, accounts.c.number == resources.c.account
    )
    if pairing_numbers is not None:
        own = pairings.c.number.in_(list(pairing_numbers))
        ends = or_(pairings.c.source == resources.c.number, pairings.c.target == resources.c.number)
        chosen = chosen.join(pairings, and_(own, ends)).distinct()
    rows = connection.execute(chosen.order_by(resources.c.number))
    return {row.number: (row.system, row.name) for row in rows}


def read_followed(connection: Connection, company: int) -> int:
    """Return the number of the newest link of which what follows from it has been queued."""
    return int(connection.execute(_FOLLOWED, {"of_company": company}).scalar_one())


def save_followed(connection: Connection, company: int, link: int) -> None:
    """Keep up to which link what follows has been queued, together with what was queued."""
    connection.execute(_FOLLOW, {"of_company": company, "followed": link})


_THIS_COMPANY = companies.c.number == bindparam("of_company")
_FOLLOWED = select(companies.c.followed).where(_THIS_COMPANY)
# What is set are the columns among what is given.
_FOLLOW = update(companies).where(_THIS_COMPANY)
