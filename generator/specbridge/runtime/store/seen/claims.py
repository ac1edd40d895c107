"""Claims: of an account that several companies have, each record is one company's: who linked it first.

Whoever works on a record claims it before; the table's key decides between two that do so at once.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    text,
)

from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.tables.rows import among_given, delete_rows, parts
from specbridge.runtime.store.tables.schema import (
    accounts,
    claims,
    companies,
    id_on,
    keys,
    links,
    mentions,
    pairings,
    queue,
    records,
    resources,
    unindexed,
)


class Place(NamedTuple):
    """A resource of an account that several companies have: the system, what it says of the account, the resource."""

    system: str
    account: str
    resource: str


_CLAIM = text(
    "INSERT INTO claims (system, account, resource, id, company) "
    "VALUES (:system, :account, :resource, :id, :company) ON CONFLICT DO NOTHING"
)
_OTHER = accounts.alias("other")
_SHARED = (
    select(accounts.c.system, accounts.c.fingerprint, resources.c.name)
    .join(resources, resources.c.account == accounts.c.number)
    .where(
        resources.c.number == bindparam("of_resource"),
        accounts.c.fingerprint != "",
        exists().where(
            _OTHER.c.system == accounts.c.system,
            _OTHER.c.fingerprint == accounts.c.fingerprint,
            _OTHER.c.company != accounts.c.company,
        ),
    )
)
_AT = and_(*(claims.c[name] == bindparam(f"of_{name}") for name in Place._fields))
_OWNERS = select(claims.c.id, claims.c.company).where(_AT, among_given(claims.c.id, "ids"))


def shared_place(connection: Connection, resource: BoundResource) -> Place | None:
    """Return where a resource's records are claimed, None where no other company has its account.

    Of a company without a name nothing is asked: there is one company.
    """
    if not resource.company:
        return None
    row = connection.execute(_SHARED, {"of_resource": resource.number}).first()
    return None if row is None else Place(*row)


def claim_records(connection: Connection, resource: BoundResource, ids: Iterable[str]) -> set[str]:
    """Claim records for the resource's company; return those that are another company's."""
    place = shared_place(connection, resource)
    if place is None:
        return set()
    lost: set[str] = set()
    # In one order for all: two runs would else wait for each other.
    for part in parts(sorted(set(ids))):
        known = _owners(connection, place, part)
        new = [id_ for id_ in part if id_ not in known]
        _insert(connection, place, resource.company, new)
        known.update(_owners(connection, place, new))
        lost.update(id_ for id_, owner in known.items() if owner != resource.company)
    return lost


def others_records(
    connection: Connection, resource: BoundResource, ids: Collection[str]
) -> set[str]:
    """Return which of the records another company has claimed; nothing is claimed."""
    place = shared_place(connection, resource)
    if place is None:
        return set()
    found: set[str] = set()
    for part in parts(ids):
        owners = _owners(connection, place, part)
        found.update(id_ for id_, owner in owners.items() if owner != resource.company)
    return found


def _owners(connection: Connection, place: Place, ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = connection.execute(_OWNERS, {**_given(place), "ids": list(ids)})
    return {row.id: row.company for row in rows}


def _given(place: Place) -> dict[str, str]:
    return {f"of_{name}": value for name, value in place._asdict().items()}


def _insert(connection: Connection, place: Place, company: str, ids: Iterable[str]) -> None:
    rows = [{**place._asdict(), "id": id_, "company": company} for id_ in ids]
    if rows:
        connection.execute(_CLAIM, rows)


def claim_linked(connection: Connection, place: Place) -> None:
    """Claim what companies linked before their account was shared, the company's first that is the oldest."""
    theirs = (
        select(resources.c.number, companies.c.name)
        .join(accounts, accounts.c.number == resources.c.account)
        .join(companies, companies.c.number == accounts.c.company)
        .where(
            accounts.c.system == place.system,
            accounts.c.fingerprint == place.account,
            resources.c.name == place.resource,
            ~exists().where(_AT, claims.c.company == companies.c.name),
        )
        .order_by(companies.c.number)
    )
    for number, company in connection.execute(theirs, _given(place)).all():
        for ids in _linked_ids(connection, number):
            _insert(connection, place, company, ids)


def _linked_ids(connection: Connection, resource: int) -> list[list[str]]:
    """Return the ids of a resource's linked records, sorted, by the pairings and sides of their links."""
    chosen = select(pairings).where(
        or_(pairings.c.source == resource, pairings.c.target == resource)
    )
    found = []
    for row in connection.execute(chosen).all():
        near = links.c.source_id if row.source == resource else links.c.target_id
        linked = select(near).where(links.c.pairing == row.number, links.c.vanished.is_(False))
        found.append(sorted(connection.execute(linked).scalars()))
    return found


def release_claims(connection: Connection, resource: BoundResource) -> None:
    """Give up claims on records that no link of the company has, and those of companies that are gone."""
    place = shared_place(connection, resource)
    if place is None:
        return
    own = and_(claims.c.company == resource.company, ~_linked(resource, claims.c.id))
    gone = ~exists().where(companies.c.name == claims.c.company)
    connection.execute(delete(claims).where(_AT, or_(own, gone)), _given(place))


def drop_lost_links(connection: Connection, resource: BoundResource, place: Place) -> int:
    """Drop links with records that another company has claimed; return how many.

    They are of two runs that linked a record before either knew that the account is shared, or of a hand that
    pinned one. Whoever was linked with such a record is queued.
    """
    dropped = 0
    for pairing, side in resource.sides:
        near, far = id_on(links, side), id_on(links, 1 - side)
        claimed = exists().where(_AT, claims.c.id == near, claims.c.company != resource.company)
        chosen = select(links.c.number, far).where(links.c.pairing == pairing, claimed)
        lost = connection.execute(chosen, _given(place)).all()
        delete_rows(connection, links, "number", [number for number, _ in lost])
        queue_records(connection, [(pairing, 1 - side)], [id_ for _, id_ in lost])
        dropped += len(lost)
    return dropped


def forget_others(connection: Connection, resource: BoundResource, place: Place) -> None:
    """Forget the records that another company has claimed since they were read, linked ones aside."""
    claimed = exists().where(_AT, claims.c.id == records.c.id, claims.c.company != resource.company)
    chosen = select(records.c.id).where(records.c.resource == resource.number, claimed)
    unlinked = chosen.where(~_linked(resource, records.c.id))
    forget_records(
        connection, resource, list(connection.execute(unlinked, _given(place)).scalars())
    )


def forget_unlinked(
    connection: Connection, resource: BoundResource, ids: Collection[str]
) -> set[str]:
    """Forget those of the records that are not linked, and return the ids of those that are."""
    given = records.c.resource == resource.number, among_given(records.c.id, "ids")
    chosen = select(records.c.id).where(*given, _linked(resource, records.c.id))
    linked: set[str] = set()
    for part in parts(ids):
        linked.update(connection.execute(chosen, {"ids": part}).scalars())
    forget_records(connection, resource, [id_ for id_ in ids if id_ not in linked])
    return linked


def forget_records(connection: Connection, resource: BoundResource, ids: Sequence[str]) -> None:
    """Forget records as if they had never been read; who was ambiguous because of them is looked at again."""
    delete_rows(connection, records, "id", ids, resource=resource.number)
    delete_rows(connection, mentions, "id", ids, resource=resource.number)
    for pairing, side in resource.sides:
        for table in (keys, queue, unindexed):
            delete_rows(connection, table, "id", ids, pairing=pairing, side=side)


def _linked(resource: BoundResource, id_: ColumnElement[str]) -> ColumnElement[bool]:
    """Return whether a link of the company has a record of the resource."""
    return or_(
        *(
            exists().where(links.c.pairing == pairing, id_on(links, side) == id_)
            for pairing, side in resource.sides
        )
    )
