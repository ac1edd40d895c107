"""The calls of a kind of record: what reads, finds and writes it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specbridge.drafting.finding import Kind, Listing, wrapped
from specbridge.drafting.marks import Mark
from specbridge.drafting.operations import Operation, Parameter
from specbridge.drafting.properties import Bodies, update_of
from specbridge.drafting.shapes import Schemas
from specbridge.drafting.words import letters_of, plural, singular, with_last, words_of
from specbridge.model.calls import BodyStyle, LookupCall, WriteCall
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property
from specbridge.model.values import Path

_PATCH = "application/json-patch+json"
_FOUND_BY = (ValueType.STRING, ValueType.INTEGER, ValueType.ANY)
_MANY_VALUES = 100
_HOLE = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The calls of single records, None where there is none that a profile can say."""

    read: WriteCall | None = None
    create: WriteCall | None = None
    update: WriteCall | None = None
    delete: WriteCall | None = None


def read_writing(
    kind: Kind, bodies: Bodies, properties: tuple[Property, ...], schemas: Schemas
) -> Writing:
    """Return the calls that read, create, change and delete one record."""
    single, names = kind.single, _names_of(properties)
    update, create = update_of(kind), kind.create
    read = _call(single.get("GET"), bodies, names, schemas)
    changed = _call(update, bodies, names, schemas)
    if update is not None and changed is not None:
        changed = _with_body(update, changed, properties, can_read=read is not None)
    made = _call(create, bodies, names, schemas, creation=True)
    return Writing(
        read=read,
        create=made,
        update=changed,
        delete=_call(single.get("DELETE"), bodies, names, schemas),
    )


def writing_marks(kind: Kind, writing: Writing, properties: tuple[Property, ...]) -> Iterator[Mark]:
    """Yield what a person must know of a kind's writes."""
    update = writing.update
    if update is not None and update.body in (BodyStyle.REPLACE, BodyStyle.MERGE_OBJECTS):
        what = "its whole record" if update.body is BodyStyle.REPLACE else "an object's parts"
        versions = [
            ".".join(one.path)
            for one in properties
            if letters_of(one.path[-1]) in ("version", "etag", "revision", "odataetag")
        ]
        yield Mark(
            resource=kind.name,
            subject="update",
            question=f"Does {update.method} replace {what}, or change what is sent alone? And how"
            " does it tell that somebody was faster?",
            found=(
                f'body = "{update.body.value}" is the safe reading; "merge" sends changes alone',
                *(f"{name} looks like a version (precondition)" for name in versions),
            ),
        )
    if kind.many:
        yield Mark(
            resource=kind.name,
            subject="many",
            question="Calls for many records at once are there, and not drafted. Are they wanted?",
            found=tuple(f"{one.method} {one.path}" for one in kind.many),
        )


def read_lookups(
    kind: Kind, identity: str, properties: tuple[Property, ...]
) -> tuple[LookupCall | None, tuple[LookupCall, ...]]:
    """Return the call that reads many by id, and those that find records by other properties."""
    found: dict[str, LookupCall] = {}
    known = {letters_of(one.path[0]): one for one in properties if len(one.path) == 1}
    for listing in (*kind.others, kind.listing):
        if _is_fuzzy(listing.operation):
            continue
        for parameter in listing.operation.queries():
            prop, many = _found_by(parameter, known)
            if prop is not None and _can_be_asked(listing, parameter):
                call = LookupCall(
                    path=listing.operation.path,
                    property=prop.path,
                    parameter=parameter.name,
                    items=listing.items,
                    size=_MANY_VALUES if many else 1,
                )
                best = found.get(prop.path[0])
                if best is None or call.size > best.size:
                    found[prop.path[0]] = call
    by_id = found.pop(identity, None)
    return by_id, tuple(found[name] for name in sorted(found))


def _found_by(parameter: Parameter, known: Mapping[str, Property]) -> tuple[Property | None, bool]:
    """Return the property that a parameter is of, and whether it takes many values."""
    words = words_of(parameter.name)
    if not words or parameter.shape.type in ("boolean", "object"):
        return None, False
    name = "".join(words)
    one = "".join(with_last(words, singular(words[-1])))
    listed = parameter.shape.type == "array" or (one != name and name == _many(words))
    prop = known.get(name) or known.get(one)
    commas = "comma" in parameter.description.lower() or "list of ids" in (
        parameter.description.lower()
    )
    if prop is None or prop.type not in _FOUND_BY:
        return None, False
    return prop, listed or commas


def _many(words: tuple[str, ...]) -> str:
    return "".join(with_last(words, plural(words[-1])))


def _can_be_asked(listing: Listing, parameter: Parameter) -> bool:
    """Return whether the parameter alone makes a request: another that is required is in the way."""
    needed = (one.name for one in listing.operation.queries() if one.required)
    return all(name == parameter.name for name in needed)


def _is_fuzzy(operation: Operation) -> bool:
    return "autocomplete" in operation.path or "suggest" in operation.path


def _names_of(properties: tuple[Property, ...]) -> Mapping[str, str]:
    return {letters_of(one.path[0]): one.path[0] for one in properties if len(one.path) == 1}


def _call(
    operation: Operation | None,
    bodies: Bodies,
    names: Mapping[str, str],
    schemas: Schemas,
    *,
    creation: bool = False,
) -> WriteCall | None:
    if operation is None:
        return None
    path = _with_own_names(operation.path, names, creation=creation)
    if path is None:
        return None
    sent = wrapped(operation.body, bodies.row, schemas)
    shown = wrapped(operation.answer, bodies.row, schemas)
    # Where no body is described it stands where the answer has it: most APIs wrap both alike.
    wrap: Path = sent if sent is not None else shown or ()
    if operation.media == _PATCH:
        wrap = ()
    if operation.method == "GET":
        return WriteCall(method="GET", path=path, wrap=shown or ())
    writes = operation.method != "DELETE"
    return WriteCall(
        method=operation.method,
        path=path,
        wrap=wrap if writes else (),
        answer_wrap=shown if writes and shown is not None and shown != wrap else None,
        answers=writes and shown is not None,
    )


def _with_own_names(path: str, names: Mapping[str, str], *, creation: bool) -> str | None:
    """Return a path whose holes are `{id}` and properties; None where no property fills one."""
    holes = _HOLE.findall(path)
    filled = path
    for place, hole in enumerate(holes):
        if place == len(holes) - 1 and not creation:
            name: str | None = "id"
        else:
            name = names.get(letters_of(hole))
        if name is None:
            return None
        filled = filled.replace(f"{{{hole}}}", f"{{{name}}}", 1)
    return filled


def _with_body(
    operation: Operation, call: WriteCall, properties: tuple[Property, ...], *, can_read: bool
) -> WriteCall | None:
    """Return an update with its body style: the safe one where the description cannot say."""
    body: BodyStyle | None = None
    nested = any(
        len(one.path) > 1 and not one.read_only and not one.create_only for one in properties
    )
    if operation.media == _PATCH:
        body = BodyStyle.JSON_PATCH
    elif operation.method == "PUT":
        body = BodyStyle.REPLACE if can_read else None
    elif nested:
        body = BodyStyle.MERGE_OBJECTS if can_read else BodyStyle.MERGE
    if operation.method == "PUT" and body is None:
        return None
    return WriteCall(
        method=call.method,
        path=call.path,
        wrap=call.wrap,
        answer_wrap=call.answer_wrap,
        answers=call.answers,
        body=body,
    )
