"""Records as answers show them: what is asked for, objects by their address unless they are opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from specbridge.sandbox.messages import Call, Row
from specbridge.sandbox.tripletex.fields import Wanted, check_names
from specbridge.sandbox.tripletex.kinds import ON_DEMAND, Kind, kind_within

Find = Callable[[str, int], Row | None]
"""Finds the record of a kind by its id, None where it is not there."""

UNASKED = Wanted(whole=True)
"""What an answer shows where nothing is asked for."""

_CHANGE = frozenset({"employeeId", "timestamp", "changeType"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """How records are shown to whoever calls: references are found, addresses lead back to the port."""

    find: Find
    origin: str

    def record(self, kind: Kind, row: Mapping[str, Any], wanted: Wanted) -> Row:
        """Return what is shown of a record; raises RefusalError 400 for a field that it has not."""
        check_names(wanted, kind.names)
        shown: Row = {}
        if wanted.whole:
            for name in row:
                if name not in ON_DEMAND:
                    shown[name] = self._value(kind, row, name, wanted.parts.get(name))
        for name, inner in wanted.parts.items():
            shown[name] = self._value(kind, row, name, inner)
        return shown

    def _value(
        self, kind: Kind, row: Mapping[str, Any], name: str, wanted: Wanted | None
    ) -> object:
        value = row.get(name)
        if name == "url":
            return self._address(kind, row["id"])
        if name == "changes":
            return _changes(value, wanted or Wanted())
        if not isinstance(value, Mapping):
            return value
        inner = kind_within(kind, name)
        whole = value if "version" in value else self.find(kind.nested[name], value["id"])
        if inner is None or whole is None:
            return dict(value)
        # Neither `*` nor its bare name opens an object.
        if wanted is None or not (wanted.whole or wanted.parts):
            return {"id": value["id"], "url": self._address(inner, value["id"])}
        return self.record(inner, whole, wanted)

    def _address(self, kind: Kind, identifier: int) -> str:
        return f"{self.origin}/v2/{kind.name}/{identifier}"


def showing_to(call: Call, find: Find) -> Showing:
    """Return how records are shown to a caller."""
    return Showing(find=find, origin=f"http://{call.headers.get('host', 'localhost')}")


def _changes(value: object, wanted: Wanted) -> object:
    check_names(wanted, _CHANGE)
    rows = value if isinstance(value, list) else []
    if wanted.whole or not wanted.parts:
        return [dict(row) for row in rows]
    return [{name: row[name] for name in wanted.parts} for row in rows]
