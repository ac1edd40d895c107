"""Making, changing, archiving, deleting and merging records."""

from collections.abc import Mapping

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.associations import (
    associate_new,
    drop_associations,
    move_associations,
)
from specbridge.sandbox.hubspot.refusals import invalid
from specbridge.sandbox.hubspot.state import Held, State
from specbridge.sandbox.hubspot.values import (
    check_free,
    check_needed,
    read_values,
    stage_moves_back,
)


def create(state: State, kind: str, sent: Mapping[str, object]) -> Held:
    """Make a record of a body's `properties`, with its `associations`; raises RefusalError."""
    values = read_values(state, kind, sent.get("properties"))
    check_needed(kind, values)
    check_free(state, kind, values, None)
    now = state.now()
    held = Held(id=state.next_id(), values={}, created=now, updated=now)
    state.records[kind][held.id] = held
    _fill(state, kind, held, values)
    associate_new(state, kind, held, sent.get("associations"))
    return held


def update(state: State, kind: str, held: Held, sent: Mapping[str, object]) -> Held:
    """Change what a body's `properties` state, and nothing else; raises RefusalError."""
    values = read_values(state, kind, sent.get("properties"))
    check_free(state, kind, values, held)
    kept = {name: v for name, v in values.items() if not stage_moves_back(held, name, v)}
    _fill(state, kind, held, kept)
    return held


def replace(state: State, kind: str, held: Held, sent: Mapping[str, object]) -> Held:
    """Write a record whole: what the body leaves out is emptied, as an upsert by address does."""
    values = read_values(state, kind, sent.get("properties"))
    check_free(state, kind, values, held)
    _fill(state, kind, held, {**dict.fromkeys(held.values, ""), **values})
    return held


def archive(state: State, kind: str, held: Held) -> None:
    """Archive a record: its instant stays, and its unique values are free."""
    state.release(kind, held)
    held.archived = state.now()
    drop_associations(state, kind, held.id)


def purge(state: State, held: Held) -> None:
    """Delete a contact for good: nothing is left of it, and its address is blocked."""
    state.blocked.update(mail.lower() for mail in (held.values.get("email", ""), *held.emails))
    state.blocked.discard("")
    state.release("contacts", held)
    drop_associations(state, "contacts", held.id)
    del state.records["contacts"][held.id]


def merge(state: State, kind: str, primary: Held, other: Held) -> Held:
    """Merge a record into another one: the result has a new id, and the primary one's values first."""
    if primary is other:
        raise invalid("Cannot merge a record with itself")
    for one in (primary, other):
        state.release(kind, one)
    now = state.now()
    made = Held(id=state.next_id(), values={}, created=primary.created, updated=now)
    made.merged = (*primary.merged, *other.merged, primary.id, other.id)
    mails = [*primary.emails, other.values.get("email", ""), *other.emails]
    made.emails = tuple(mail for mail in dict.fromkeys(mails) if mail)
    state.records[kind][made.id] = made
    for one in (primary, other):
        move_associations(state, kind, one.id, made.id)
        state.merged_into[kind][one.id] = made.id
        _end_merged(state, kind, one, now)
    _fill(state, kind, made, {**other.values, **primary.values})
    return made


def _end_merged(state: State, kind: str, one: Held, now: int) -> None:
    if state.does(Doubt.MERGED_IN_ARCHIVE):
        one.archived = now
    else:
        del state.records[kind][one.id]


def _fill(state: State, kind: str, held: Held, values: Mapping[str, str]) -> None:
    state.release(kind, held)
    held.values.update(values)
    for name in [name for name, value in held.values.items() if not value]:
        del held.values[name]
    state.claim(kind, held)
    state.touch(kind, held)
