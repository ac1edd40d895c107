"""Creations and deletions one by one: each is carried out, or refused with its reason."""

import json
from collections.abc import Mapping
from uuid import NAMESPACE_OID, uuid4, uuid5

from specbridge.model.calls import WriteCall
from specbridge.model.profile import Property, Resource
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.finding import (
    find_rows,
    look_again,
    lookup_of,
    read_one,
)
from specbridge.runtime.connectors.reading.forms import decode_row, encode_row, unknown_code
from specbridge.runtime.connectors.reading.parents import adopt
from specbridge.runtime.connectors.reading.rows import (
    Row,
    answered,
    has_path,
    is_of,
    is_tombstone,
    nest,
    row_id,
    value_at,
)
from specbridge.runtime.connectors.reading.selecting import paths_used
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import refusal
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import (
    NO_CONTENT,
    Answer,
    Request,
    fill_path,
    path_names,
)
from specbridge.runtime.connectors.writing.addresses import addressing
from specbridge.runtime.connectors.writing.outcomes import (
    UNCERTAIN,
    found,
    unsupported,
    untaken,
    wrap,
    written,
)
from specbridge.runtime.connectors.writing.overlay import merge_values
from specbridge.runtime.connectors.writing.updates import complete_row
from specbridge.runtime.records import Create, Delete, Outcome, Refused, Update, Write, Written

_BAD_REQUEST = 400


def create_one(access: Access, resource: Resource, write: Create, names: frozenset[str]) -> Outcome:
    """Create a record.

    Where the answer is lost, the record is looked up by its external reference before anything is
    sent again; without such a reference the failure is raised. A record that has a taken value and our
    reference is our own: an earlier attempt got through. A success that does not hold the record is
    believed where the record is found; else it is a refusal.
    """
    call = resource.create
    if call is None:
        return unsupported(resource, write, "create")
    # Taken before the first attempt: the search and the second create share its patience.
    until = access.clock.monotonic() + access.options.retry.patience
    request = _create_request(resource, call, write)
    try:
        answer = access.transport.send(request)
    except UNCERTAIN:
        settled = _settle(access, resource, write, names, (request, until))
        if settled is None:
            raise
        return settled
    if not answer.ok:
        return _refuse_create(access, resource, write, names, answer)
    return _take_created(access, resource, write, names, answer)


def delete_one(access: Access, resource: Resource, write: Delete) -> Outcome:
    """Delete a record; one that is not there any more counts as deleted.

    A success that neither is 204 nor holds the deleted record is believed where the record is gone.
    """
    call = resource.delete
    if call is None:
        return unsupported(resource, write, "delete")
    row = complete_row(access, resource, write.current.id, write.current.properties)
    if row is not None:
        path = fill_path(call.path, {**row, "id": write.current.id})
        answer = access.transport.send(Request(method=call.method, path=path, safe=True))
        if not answer.ok and not answer.gone:
            return refusal(access.profile, resource, write.key, answer, ())
        if answer.ok and _is_still_there(access, resource, write, row, answer):
            return untaken(write, answer)
    return Written(key=write.key, id=write.current.id, record=None)


def create_body(
    resource: Resource, write: Create, constants: Mapping[str, Json]
) -> dict[str, Json]:
    """Return what a create sends: the record, its external reference, the call's constants.

    What the call's address holds is not repeated in the body.
    """
    addressed = frozenset(path_names(resource.create.path)) if resource.create else frozenset()
    record, reference = write.properties, resource.external_reference
    if reference is not None and write.external_reference and reference[0] not in addressed:
        # Before it is encoded: it may lie in an array of keys and values.
        record = merge_values(record, nest({reference: write.external_reference}))
    sent = encode_row(resource, record)
    return {**constants, **{k: v for k, v in sent.items() if k not in addressed}}


def check_properties(resource: Resource, write: Write) -> Refused | None:
    """Return the refusal of a write that states a property which cannot be written so."""
    if isinstance(write, Delete):
        return None
    faults = [(".".join(prop.path), _fault(prop, write)) for prop in resource.properties]
    if isinstance(write, Create) and resource.create is not None:
        faults += [
            (name, "is missing, and the record's address needs it")
            for name in path_names(resource.create.path)
            if addressing(resource, write).get(name) is None
        ]
    for name, fault in faults:
        if fault is not None:
            return Refused(key=write.key, status=_BAD_REQUEST, reason=f"{name} {fault}")
    return None


def find_own(access: Access, resource: Resource, write: Create) -> Row | None:
    """Return the record that carries the write's external reference, None where there is none."""
    path = resource.external_reference
    if path is None or not write.external_reference or lookup_of(resource, path) is None:
        return None
    return next(find_rows(access, resource, path, [write.external_reference]), None)


def _settle(
    access: Access,
    resource: Resource,
    write: Create,
    names: frozenset[str],
    attempt: tuple[Request, float],
) -> Outcome | None:
    """Learn what became of a create whose answer was lost, and send it again if nothing did.

    Only where the reference is unique: the server then refuses the second of two that both got
    through late. `attempt` is the request, and when (monotonic seconds) our patience is over: nothing is
    sent after it. None where nothing could be learned.
    """
    request, until = attempt
    if not _is_told_by_reference(resource, write):
        return None
    for _ in range(access.options.retry.attempts):
        row = find_own(access, resource, write)
        if row is not None:
            return found(access, resource, write, row, names)
        if access.clock.monotonic() >= until:
            break
        try:
            answer = access.transport.send(request)
        except UNCERTAIN:
            # This one may have got through, too: it is looked for before anything else is sent.
            continue
        if not answer.ok:
            return _refuse_create(access, resource, write, names, answer)
        return _take_created(access, resource, write, names, answer)
    return None


def _is_told_by_reference(resource: Resource, write: Create) -> bool:
    """Return whether the reference tells for certain if a record has been created."""
    path = resource.external_reference
    unique = any(prop.path == path and prop.unique for prop in resource.properties)
    return bool(path and unique and write.external_reference and lookup_of(resource, path))


def _take_created(
    access: Access, resource: Resource, write: Create, names: frozenset[str], answer: Answer
) -> Outcome:
    """Return the outcome of a create that was answered with success.

    Raises MalformedResponseError where nobody can tell whether the record is there.
    """
    row = _own_row(resource, write, answer)
    if row is not None and resource.select is not None and not _shows_all(resource, row, names):
        # Nobody has asked the call that creates for what is in use.
        row = read_one(access, resource, row, row_id(resource, row, resource.name)) or row
    row = row or find_own(access, resource, write)
    if row is not None:
        return written(access, resource, write, row, names)
    if _is_told_by_reference(resource, write):
        return untaken(write, answer)
    text = f"the answer {answer.status} to a create holds no record"
    raise malformed(access.where(resource.name), text)


def _shows_all(resource: Resource, row: Row, names: frozenset[str]) -> bool:
    """Return whether an answer has all that is in use, though nobody has asked for it."""
    return all(has_path(row, path) for path in paths_used(resource, names))


def _own_row(resource: Resource, write: Create, answer: Answer) -> Row | None:
    """Return the created record in an answer, None for one without it and for another's record."""
    call, path = resource.create, resource.external_reference
    shown = answered(answer.body, call) if call is not None and call.answers else None
    if shown is None or value_at(shown, resource.id) is None:
        return None
    row = adopt(resource, decode_row(resource, shown), write.properties)
    held = value_at(row, path) if path else None
    # A server may have cut the reference short.
    own = write.external_reference.casefold().startswith(str(held or "").casefold())
    return row if own or not write.external_reference else None


def _refuse_create(
    access: Access, resource: Resource, write: Create, names: frozenset[str], answer: Answer
) -> Outcome:
    refused = refusal(access.profile, resource, write.key, answer, write.properties.values())
    # Whatever value is taken: the record that has it may be ours, of an earlier attempt.
    if refused.duplicate is not None:
        row = find_own(access, resource, write)
        if row is not None:
            return found(access, resource, write, row, names)
    return refused


def _is_still_there(
    access: Access, resource: Resource, write: Delete, row: Row, answer: Answer
) -> bool:
    """Return whether a record is there though its deletion was answered with success."""
    if answer.status == NO_CONTENT:
        return False
    # Zendesk keeps a deleted user, and shows it in the answer as not active.
    answer_row = answered(answer.body, resource.delete) if resource.delete else None
    shown = decode_row(resource, answer_row) if answer_row else None
    if shown and is_of(resource, shown, write.current.id) and is_tombstone(resource, shown):
        return False
    left = dict(look_again(access, resource, {write.current.id: row}))
    return left.get(write.current.id) is not None


def _create_request(resource: Resource, call: WriteCall, write: Create) -> Request:
    body = create_body(resource, write, call.constants)
    path = fill_path(call.path, addressing(resource, write))
    upsert = ".".join(resource.external_reference or ()) in path_names(call.path)
    headers = {call.idempotency: _key(resource, write, body)} if call.idempotency else {}
    return Request(
        method=call.method,
        path=path,
        body=wrap(call, body),
        headers=headers,
        # Else only a look tells, once it is under way, whether the record is there.
        safe=upsert or bool(headers),
    )


def _key(resource: Resource, write: Create, body: Mapping[str, Json]) -> str:
    """Return the key of a creation: the same for whoever makes it again, after a crash too.

    Of another body it is another one: servers refuse a key that comes again with something else.
    """
    if not write.external_reference:
        return str(uuid4())
    stated = json.dumps([resource.name, write.external_reference, body], sort_keys=True)
    return str(uuid5(NAMESPACE_OID, stated))


def _fault(prop: Property, write: Create | Update) -> str | None:
    if isinstance(write, Create):
        value = value_at(write.properties, prop.path)
        if value is not None and prop.read_only:
            return "is read-only"
        return "has no code for its value" if unknown_code(prop, value) else None
    if not any(path[: len(prop.path)] == prop.path for path in write.changes):
        return None
    # PowerOffice shows 'hidden' for such a value: nobody could tell an edit of it.
    if prop.read_only or prop.hidden:
        return "is read-only"
    if prop.create_only and not prop.strategy:
        return "can be written on creation only"
    return "has no code for its value" if unknown_code(prop, write.changes.get(prop.path)) else None
