"""A customer that is a supplier too, or the other way round, is in both lists."""

from collections.abc import Mapping
from copy import deepcopy

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Row
from specbridge.sandbox.tripletex.kinds import KINDS, Kind
from specbridge.sandbox.tripletex.state import State

_OTHER: Mapping[str, tuple[str, str]] = {
    "customer": ("supplier", "isSupplier"),
    "supplier": ("customer", "isCustomer"),
}
_OWN = ("id", "version", "url", "changes", "displayName", "customerNumber", "supplierNumber")


def join_lists(state: State, kind: Kind, row: Row, otherwise: frozenset[Doubt]) -> None:
    """Put a record into the other list where it is both; under one id, or under another one."""
    if kind.name not in _OTHER:
        return
    name, mark = _OTHER[kind.name]
    other = KINDS[name]
    shared = [word for word in other.empty_row() if word in row and word not in _OWN]
    one_record = Doubt.TX_ONE_RECORD in otherwise
    twin = state.find(name, row["id"]) if one_record else None
    if twin is not None:
        twin.update({word: deepcopy(row[word]) for word in shared})
        state.touch(other, twin)
    elif row[mark] and not any(_is_twin(row, one) for one in state.rows[name].values()):
        copied = {word: deepcopy(row[word]) for word in shared}
        made = {**other.empty_row(), **copied, "isCustomer": True, "isSupplier": True}
        identifier = row["id"] if one_record else None
        state.add(other, made, state.clock.seconds(), identifier)


def _is_twin(row: Row, other: Row) -> bool:
    return bool(other["name"] == row["name"] and other["isCustomer"] and other["isSupplier"])
