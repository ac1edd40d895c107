"""Associations made and ended by calls of their own, after what a record's own call writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from specbridge.model.calls import WriteCall
from specbridge.model.profile import Association, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.associated import choose, in_use, read_listed
from specbridge.runtime.connectors.reading.rows import has_path, value_at
from specbridge.runtime.connectors.reading.templates import fill_each
from specbridge.runtime.connectors.transport.access import Access, in_batches, overlap
from specbridge.runtime.connectors.transport.errors import refusal
from specbridge.runtime.connectors.transport.messages import Answer, Request, fill_path
from specbridge.runtime.connectors.writing.outcomes import stale, wrap
from specbridge.runtime.connectors.writing.overlay import without
from specbridge.runtime.decide.equality import equal_identifiers
from specbridge.runtime.records import Create, Outcome, Refused, Update, Write, Written

_IN_PART = 207


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A write's associations: the other records' ids by association, None for none, and the write itself."""

    write: Create | Update
    others: Mapping[Path, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An association of a record that is to be made or ended."""

    wish: Wish
    id: str
    other: Json


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
    refused: dict[str, Refused] = {}
    for one in resource.associations:
        wished = [
            (wish, outcome.id)
            for wish, outcome in waiting
            if one.property in wish.others and outcome.key not in refused
        ]
        refused |= _associate(access, resource, one, wished)
    for _, outcome in waiting:
        yield refused.get(outcome.key, outcome)


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


def _associate(
    access: Access, resource: Resource, one: Association, wished: Sequence[tuple[Wish, str]]
) -> dict[str, Refused]:
    """Have records associated as they should be; return the refusals by the writes' keys.

    What is so already is left alone, so that it may be made again.
    """
    refused: dict[str, Refused] = {}
    adding: list[Step] = []
    ending: list[Step] = []
    held = dict(read_listed(access, resource, one, [id_ for _, id_ in wished]))
    for wish, id_ in wished:
        wanted, now = wish.others[one.property], choose(one, held.get(id_, ()))
        if equal_identifiers(now, wanted):
            continue
        if isinstance(wish.write, Update) and _is_stale(access, one, wish.write, now):
            refused[wish.write.key] = stale(wish.write)
            continue
        if wanted is not None:
            adding.append(Step(wish=wish, id=id_, other=wanted))
        if now is not None and not (one.replaces and wanted is not None):
            ending.append(Step(wish=wish, id=id_, other=now))
    refused |= _send_steps(access, resource, one, one.add, adding)
    if one.remove is not None:
        # Last: wherever this ends before, the record has an association.
        left = [step for step in ending if step.wish.write.key not in refused]
        refused |= _send_steps(access, resource, one, one.remove, left)
    return refused


def _send_steps(
    access: Access,
    resource: Resource,
    one: Association,
    call: WriteCall,
    steps: list[Step],
) -> dict[str, Refused]:
    """Make or end associations, as many in a call as it takes; return the refusals by the writes' keys."""

    def send(part: list[Step]) -> tuple[list[Step], Answer]:
        return part, _send(access, call, part)

    refused: dict[str, Refused] = {}
    singly: list[list[Step]] = []
    for part, answer in overlap(access, send, in_batches(steps, one.together)):
        if _is_done(call, answer):
            continue
        if len(part) > 1:
            # Which of them is refused, and why, each says for itself.
            singly += [[step] for step in part]
        else:
            refused |= _refuse(access, resource, part[0], answer)
    for part, answer in overlap(access, send, singly):
        if not _is_done(call, answer):
            refused |= _refuse(access, resource, part[0], answer)
    return refused


def _is_stale(access: Access, one: Association, write: Update, now: Json) -> bool:
    planned = write.current.properties
    if not access.options.verify or not has_path(planned, one.property):
        return False
    return not equal_identifiers(value_at(planned, one.property), now)


def _send(access: Access, call: WriteCall, steps: Sequence[Step]) -> Answer:
    named: list[Mapping[str, Json]] = [{"id": step.id, "other": step.other} for step in steps]
    body = fill_each(call.constants, named)
    request = Request(
        method=call.method,
        path=fill_path(call.path, named[0]),
        body=wrap(call, body) if body else None,
        # It states what is to be: made twice there is one association.
        safe=True,
    )
    return access.transport.send(request)


def _is_done(call: WriteCall, answer: Answer) -> bool:
    # A success in part is none of what is asked for singly.
    done = answer.ok and answer.status != _IN_PART
    return done or (call.method == "DELETE" and answer.gone)


def _refuse(access: Access, resource: Resource, step: Step, answer: Answer) -> dict[str, Refused]:
    key = step.wish.write.key
    return {key: refusal(access.profile, resource, key, answer, step.wish.others.values())}
