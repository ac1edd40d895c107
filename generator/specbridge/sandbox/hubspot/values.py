"""Whether what a record is written with can be: names, texts, options, addresses, numbers, instants."""

import re
from collections.abc import Callable, Iterator, Mapping

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.instants import parse_instant
from specbridge.sandbox.hubspot.properties import STAGES, Definition
from specbridge.sandbox.hubspot.refusals import invalid, invalid_values, refuse, taken_email
from specbridge.sandbox.hubspot.state import Held, State

_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NEEDED = {"contacts": ("email", "firstname", "lastname"), "companies": ("name", "domain")}
Fault = Mapping[str, str]


def read_values(state: State, kind: str, sent: object) -> dict[str, str]:
    """Return the properties that a body sends, each a text; raises RefusalError for what cannot be written."""
    if not isinstance(sent, dict):
        raise invalid("Invalid input JSON: properties is missing")
    faults = [fault for name, value in sent.items() for fault in _faults(state, kind, name, value)]
    if faults:
        # One bad property refuses the whole record.
        raise invalid_values(faults)
    return {name: _stored(state, name, value) for name, value in sent.items()}


def check_needed(kind: str, values: Mapping[str, str]) -> None:
    """Raise RefusalError where a new record has none of the properties of which it needs one."""
    needed = _NEEDED.get(kind, ())
    if needed and not any(values.get(name) for name in needed):
        raise invalid(f"Cannot create a record without one of {', '.join(needed)}")


def check_free(state: State, kind: str, values: Mapping[str, str], own: Held | None) -> None:
    """Raise RefusalError where a unique value is another record's."""
    for name, value in values.items():
        one = state.definitions.of(kind)[name]
        if not (one.unique and value):
            continue
        if name == "email" and value.lower() in state.blocked:
            raise invalid("The contact was deleted for good, and its address is blocked")
        other = state.holder(kind, name, value)
        if other is not None and other is not own:
            raise _taken(state, one, other, own)


def stage_moves_back(held: Held, name: str, value: str) -> bool:
    """Return whether a value would take a lifecycle stage back, which only clearing it first allows."""
    now = held.values.get("lifecyclestage")
    if name != "lifecyclestage" or not value or now is None:
        return False
    return STAGES.index(value) < STAGES.index(now)


def _taken(state: State, one: Definition, other: Held, own: Held | None) -> Exception:
    if one.name == "email":
        if own is not None and state.does(Doubt.TAKEN_ON_PATCH_400):
            return invalid("A contact with that address exists")
        return taken_email(other.id)
    status = 409 if state.does(Doubt.TAKEN_VALUES_409) else 400
    mine = own.id if own is not None else "null"
    text = f"Cannot set {one.name} on {mine}. {other.id} already has that value."
    fault = {"name": one.name, "error": "CONFLICTING_UNIQUE_VALUE", "message": text}
    return invalid_values([fault], status)


def _stored(state: State, name: str, value: object) -> str:
    text = "" if value is None else str(value)
    if name == "email" and not state.does(Doubt.MAIL_OF_CONTACTS_WITH_CAPITALS):
        return text.lower()
    return text


def _faults(state: State, kind: str, name: str, value: object) -> Iterator[Fault]:
    one = state.definitions.of(kind).get(name)
    if one is None:
        yield _fault(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    elif one.read_only:
        yield _fault(name, "READ_ONLY_VALUE", f'"{name}" is a read only property')
    elif value is None and state.does(Doubt.NULLS_CLEAR):
        return
    elif not isinstance(value, str):
        raise refuse(400, f"Invalid input JSON: {name} is no text", "VALIDATION_ERROR")
    elif value:
        yield from _value_faults(one, value)


def _value_faults(one: Definition, value: str) -> Iterator[Fault]:
    if one.options and value not in one.options:
        told = f"{value} was not one of the allowed options: {list(one.options)}"
        yield _fault(one.name, "INVALID_OPTION", told)
    elif one.name == "email" and not _MAIL.fullmatch(value):
        yield _fault(one.name, "INVALID_EMAIL", "Email address is invalid")
    elif one.type == "number" and not _NUMBER.fullmatch(value):
        yield _fault(one.name, "INVALID_INTEGER", f"{value} was not a valid number.")
    elif one.type == "datetime" and not _is_read(parse_instant, value):
        yield _fault(one.name, "INVALID_DATE", f"{value} was not a valid date.")


def _is_read(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _fault(name: str, error: str, message: str) -> Fault:
    return {"name": name, "error": error, "message": message}
