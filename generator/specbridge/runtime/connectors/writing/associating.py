"""Associations made and ended by calls of their own, after what a record's own call writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from specbridge.model.calls import WriteCall
from specbridge.model.profile import Association, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.associated import choose, in_use, read_all
from specbridge.runtime.connectors.reading.rows import has_path, value_at
from specbridge.runtime.connectors.reading.templates import fill_body
from specbridge.runtime.connectors.transport.access import Access, overlap
from specbridge.runtime.connectors.transport.errors import refusal
from specbridge.runtime.connectors.transport.messages import Request, fill_path
from specbridge.runtime.connectors.writing.outcomes import stale, wrap
from specbridge.runtime.connectors.writing.overlay import without
from specbridge.runtime.decide.equality import equal_identifiers
from specbridge.runtime.records import Create, Outcome, Refused, Update, Write, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A write's associations: the other records' ids by association, None for none, and the write itself."""

    write: Create | Update
    others: Mapping[Path, Json]


def split_wishes(
    resource: Resource, writes: Sequence[Write], names: frozenset[str]
) -> tuple[list[Write], dict[str, Wish]]:
    """Return the writes without their associations, and these by the writes' keys."""
    paths = [one.property for one in in_use(resource, names)]
    plain: list[Write] = []
    wishes: dict[str, Wish] = {}
    for write in writes:
        own, wish = _split(write, paths)
        plain.append(own)
        if wish is not None:
            wishes[write.key] = wish
    return plain, wishes


def fulfil_wishes(
    access: Access,
    resource: Resource,
    outcomes: Iterator[Outcome],
    wishes: Mapping[str, Wish],
) -> Iterator[Outcome]:
    """Yield outcomes, those with wishes once their associations are as they should be."""
    waiting: list[tuple[Wish, Written]] = []
    for outcome in outcomes:
        if isinstance(outcome, Written) and outcome.key in wishes:
            waiting.append((wishes[outcome.key], outcome))
        else:
            yield outcome

    def work(item: tuple[Wish, Written]) -> Outcome:
        wish, outcome = item
        for one in resource.associations:
            if one.property in wish.others:
                refused = _make(access, resource, one, wish, outcome.id)
                if refused is not None:
                    return refused
        return outcome

    yield from overlap(access, work, waiting)


def _split(write: Write, paths: Sequence[Path]) -> tuple[Write, Wish | None]:
    if isinstance(write, Create):
        held = {path: value_at(write.properties, path) for path in paths}
        others: dict[Path, Json] = {path: v for path, v in held.items() if v is not None}
        properties = dict(write.properties)
        for path in paths:
            properties = without(properties, path)
        own: Write = structs.replace(write, properties=properties)
    elif isinstance(write, Update):
        others = {path: value for path, value in write.changes.items() if path in paths}
        left = {path: value for path, value in write.changes.items() if path not in paths}
        own = structs.replace(write, changes=left)
    else:
        return write, None
    return own, Wish(write=write, others=others) if others else None


def _make(
    access: Access, resource: Resource, one: Association, wish: Wish, id_: str
) -> Refused | None:
    """Have a record associated as it should be; what is so already is left alone, so that it may be made again."""
    wanted = wish.others[one.property]
    listed = read_all(access, resource, one, id_)
    now = choose(one, listed)
    if equal_identifiers(now, wanted):
        return None
    if isinstance(wish.write, Update) and _is_stale(access, one, wish.write, now):
        return stale(wish.write)
    if wanted is not None:
        refused = _call(access, resource, wish, one.add, {"id": id_, "other": wanted})
        if refused is not None:
            return refused
    if now is None or one.remove is None or (one.replaces and wanted is not None):
        return None
    # Last: wherever this ends before, the record has an association.
    return _call(access, resource, wish, one.remove, {"id": id_, "other": now})


def _is_stale(access: Access, one: Association, write: Update, now: Json) -> bool:
    planned = write.current.properties
    if not access.options.verify or not has_path(planned, one.property):
        return False
    return not equal_identifiers(value_at(planned, one.property), now)


def _call(
    access: Access, resource: Resource, wish: Wish, call: WriteCall, values: Mapping[str, Json]
) -> Refused | None:
    body = fill_body(call.constants, values)
    request = Request(
        method=call.method,
        path=fill_path(call.path, values),
        body=wrap(call, body) if body else None,
        # It states what is to be: made twice there is one association.
        safe=True,
    )
    answer = access.transport.send(request)
    if answer.ok or (call.method == "DELETE" and answer.gone):
        return None
    return refusal(access.profile, resource, wish.write.key, answer, wish.others.values())
