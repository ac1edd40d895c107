"""The records of one company, each with its version and the history of its changes."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.messages import Row
from specbridge.sandbox.tripletex.access import EMPLOYEE, OSLO
from specbridge.sandbox.tripletex.countries import COUNTRIES
from specbridge.sandbox.tripletex.kinds import KINDS, Kind

_FIRST_ID, _FIRST_ADDRESS = 80_000_001, 90_000_001
_KRONER = 1


@dataclass(slots=True)
class State:
    """Records by kind and id. `booked` are (kind, id) of those that invoices refer to."""

    clock: Clock
    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    booked: set[tuple[str, int]] = field(default_factory=set)
    _ids: "count[int]" = field(default_factory=lambda: count(_FIRST_ID))
    _addresses: "count[int]" = field(default_factory=lambda: count(_FIRST_ADDRESS))

    def __post_init__(self) -> None:
        """Have a place for every kind, and the records that nobody writes."""
        self.rows = {name: {} for name in KINDS}
        self.rows["country"] = {number: _country(number) for number in COUNTRIES}
        self.rows["currency"] = {_KRONER: _kroner()}

    def find(self, kind: str, identifier: int) -> Row | None:
        """Return the record of a kind, None where it is not there."""
        return self.rows.get(kind, {}).get(identifier)

    def add(self, kind: Kind, row: Row, seconds: int, identifier: int | None = None) -> Row:
        """Store a record that was made at an instant; it is given an id unless it has one in another list."""
        number = next(self._ids) if identifier is None else identifier
        head = {"id": number, "version": 1, "url": "", "changes": [_change("CREATE", seconds)]}
        stored = self.rows[kind.name][number] = {**head, **row}
        if kind.number and not stored[kind.number]:
            stored[kind.number] = self._next_number(kind)
        stored["displayName"] = display_name(kind, stored)
        return stored

    def touch(self, kind: Kind, row: Row) -> None:
        """Note that a record was changed now."""
        row["version"] += 1
        row["changes"].append(_change("UPDATE", self.clock.seconds()))
        row["displayName"] = display_name(kind, row)

    def touch_by_hand(self, row: Row, **values: object) -> None:
        """Change a record as somebody else would at this very moment."""
        kind = next(kind for kind in KINDS.values() if row in self.rows[kind.name].values())
        row.update(values)
        self.touch(kind, row)

    def new_address(self, parts: Row) -> Row:
        """Return an address with an id and a version of its own."""
        return {"id": next(self._addresses), "version": 0, "url": "", "changes": [], **parts}

    def copies(self) -> dict[str, list[Row]]:
        """Return copies of all records by kind, in the order of their ids."""
        return {name: deepcopy(list(self.rows[name].values())) for name in KINDS}

    def _next_number(self, kind: Kind) -> int:
        held: Iterable[int] = (row[kind.number] for row in self.rows[kind.name].values())
        return max(kind.first_number - 1, *held) + 1


def changed_at(row: Row) -> float:
    """Return the instant of a record's last change, in seconds since 1970."""
    return datetime.fromisoformat(row["changes"][-1]["timestamp"]).timestamp()


def display_name(kind: Kind, row: Row) -> str:
    """Return the name by which a record is shown."""
    if "firstName" in kind.values:
        return f"{row['firstName']} {row['lastName']}".strip()
    number = row.get(kind.number) if kind.number else ""
    return f"{row['name']} ({number})" if number else str(row["name"])


def _change(word: str, seconds: int) -> Row:
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(OSLO)
    return {"employeeId": EMPLOYEE, "timestamp": moment.isoformat(), "changeType": word}


def _country(number: int) -> Row:
    code = COUNTRIES[number]
    row = {"isoAlpha2Code": code, "isoAlpha3Code": "", "isoNumericCode": ""}
    named = {"name": code, "displayName": code}
    return {"id": number, "version": 0, "url": "", "changes": [], **named, **row}


def _kroner() -> Row:
    named = {"code": "NOK", "description": "Norge", "displayName": "NOK"}
    more = {"factor": 1, "isDisabled": False}
    return {"id": _KRONER, "version": 0, "url": "", "changes": [], **named, **more}
