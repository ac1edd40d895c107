"""Holders: the records that have the unique values which other records are to get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow, BoundResource, unique_digest
from specbridge.runtime.decide.equality import is_empty
from specbridge.runtime.decide.owning import reference_path
from specbridge.runtime.decide.paths import Place, dotted, read_place
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record, Written
from specbridge.runtime.store.leftover.leftovers import NOT_SHOWN
from specbridge.runtime.store.linking.links import find_links
from specbridge.runtime.store.seen.records import find_unique


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A property and the value to search it for."""

    path: tuple[str, ...]
    value: str


def linked_records(session: Session, resource: BoundResource, ids: Iterable[str]) -> set[str]:
    """Return which of a resource's records are linked, in whichever pairing of the store."""
    wanted = list(dict.fromkeys(ids))
    return {
        id_
        for pairing, side in resource.sides
        for id_ in find_links(session.connection, [pairing], side, wanted)
    }


def find_holders(
    session: Session, resource: BoundResource, search: Search | None, named: str | None = None
) -> list[Record]:
    """Return the records that the system finds by a property, none where it cannot search by it.

    `named` is the id of the one that it has named itself: that one is read, and nothing searched.
    """
    connector = session.connector(resource)
    if named is not None:
        return list(connector.read_records(resource.name, [named], resource.names))
    if search is None or not connector.can_find(resource.name, search.path):
        return []
    return list(connector.find_records(resource.name, search.path, [search.value], resource.names))


def place_named(flow: BoundFlow, side: int, duplicate: str) -> tuple[int, Place] | None:
    """Return the unique property that a refusal names, with its rule, None where it is none of the flow's.

    A refusal names it in words of its own: whole or by its last name alone, in any capitals.
    """
    name = duplicate.casefold()
    for rule, place in flow.unique[side]:
        if name in (dotted(place.path).casefold(), place.path[-1].casefold()):
            return rule, place
    return None


def reference_search(resource: BoundResource, duplicate: str, reference: str) -> Search | None:
    """Return the search for an external reference where it is what a refusal names, None where it is not."""
    path, name = reference_path(resource), duplicate.casefold()
    # A refusal names the property in words of its own: the last name alone, in any capitals.
    if path is None or name not in (dotted(path).casefold(), path[-1].casefold()):
        return None
    return Search(path=path, value=reference)


class Wish(NamedTuple):
    """A unique value that a record is to get: the pairing and side by which it is known, its key."""

    pairing: int
    side: int
    rule: int
    digest: int


def wish_of(
    flow: BoundFlow, side: int, key: tuple[int, Place], properties: Mapping[str, Json]
) -> Wish | None:
    """Return the wish for a unique property's value, None where it is empty."""
    rule, place = key
    value = read_place(properties, place)
    return None if is_empty(value) else Wish(flow.number, side, rule, unique_digest(value))


def holders_of(session: Session, wishes: Iterable[Wish]) -> dict[Wish, Sequence[str]]:
    """Return the records that hold wished values, as the store knows them."""
    groups: dict[tuple[int, int, int], set[int]] = {}
    for wish in wishes:
        groups.setdefault(wish[:3], set()).add(wish.digest)
    return {
        Wish(*place, digest): ids
        for place, digests in groups.items()
        for digest, ids in find_unique(session.connection, *place, sorted(digests)).items()
    }


def in_waves(session: Session, wishes: Mapping[str, Sequence[Wish]]) -> list[list[str]]:
    """Return records in the order in which they can have what they wish, in groups to write together.

    Who is to get what another one of them has comes after it. Records that wait for each other in a
    circle come last, with those that wait for them.
    """
    holders = holders_of(session, [wish for wanted in wishes.values() for wish in wanted])
    # Whoever wishes for another value of the same property gives up the one that it has.
    giving = {(id_, wish[:3]) for id_, wanted in wishes.items() for wish in wanted}
    before = {
        id_: {
            holder
            for wish in wanted
            for holder in holders.get(wish, ())
            if holder != id_ and (holder, wish[:3]) in giving
        }
        for id_, wanted in wishes.items()
    }
    waves: list[list[str]] = []
    while before:
        ready = [id_ for id_, others in before.items() if not others & before.keys()]
        waves.append(ready or list(before))
        before = {id_: others for id_, others in before.items() if id_ not in set(waves[-1])}
    return waves


class Held(NamedTuple):
    """A value that could not be had: the property's name and the records that have it.

    None are known where they do not show it: a second value of theirs, or a record that is hidden.
    """

    name: str
    ids: tuple[str, ...]

    @property
    def other(self) -> str:
        """Return what the dead letter names: what is held by several or unseen is looked at each run."""
        return self.ids[0] if len(self.ids) == 1 else NOT_SHOWN


def held_by_answer(written: Written) -> Held:
    """Return what a create could not have, whose answer names a record that another one has already."""
    name = "its external reference" if written.found else "the id that the system gave it"
    return Held(name, (written.id,))


def describe_held(session: Session, resource: BoundResource, held: Held) -> str:
    """Return who has the value, and whether they are linked."""
    system, name = resource.key
    if not held.ids:
        return f"{held.name} is taken by a record of {system} that does not show it"
    linked = linked_records(session, resource, held.ids)
    which = " and ".join(
        f"{system} {name} {id_}, which is {'' if id_ in linked else 'not '}linked"
        for id_ in held.ids
    )
    return f"{held.name} is taken by {which}"


def find_circle(start: str, held: Mapping[str, Held]) -> tuple[str, ...]:
    """Return the records that wait for each other's values, from one of them on; () for no circle."""
    chain = [start]
    while (here := held.get(chain[-1])) is not None and len(here.ids) == 1:
        if here.ids[0] == start:
            return tuple(chain)
        if here.ids[0] in chain:
            break
        chain.append(here.ids[0])
    return ()


def describe_circle(circle: Sequence[str]) -> str:
    """Return what a person can do about records that are to swap their values."""
    names = " and ".join(circle)
    return (
        f"{names} are to swap it, which cannot be done in one step: give one of them another value "
        "for the moment, sync, and give it the right one then"
    )
