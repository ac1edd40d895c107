"""What a record may hold: known fields, types, e-mail addresses, numbers that nobody else has."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Row
from specbridge.sandbox.tripletex.countries import NORWAY
from specbridge.sandbox.tripletex.kinds import Kind, Type
from specbridge.sandbox.tripletex.refusals import ENGLISH, NORWEGIAN, invalid, refuse
from specbridge.sandbox.tripletex.state import State

_MAIL = re.compile(r"[^@\s;]+@(?:[^.@\s;]+\.)+[A-Za-z]{2,}")
_NORWEGIAN_NUMBER = re.compile(r"\d{9}")
_UNIQUE = ("departmentNumber", "employeeNumber", "number")
_SHARED = ("customerNumber", "supplierNumber")


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


_TESTS: Mapping[Type, Callable[[object], bool]] = {
    Type.TEXT: lambda value: isinstance(value, str),
    Type.MAIL: lambda value: isinstance(value, str),
    Type.NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    Type.WHOLE: lambda value: isinstance(value, int) and not isinstance(value, bool),
    Type.TRUTH: lambda value: isinstance(value, bool),
    Type.DAY: _is_day,
    Type.TEXTS: lambda value: isinstance(value, list),
}
_UNSET: Mapping[Type, object] = {Type.NUMBER: 0.0, Type.WHOLE: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """Refuses what no record may hold."""

    state: State
    otherwise: frozenset[Doubt]

    @property
    def language(self) -> str:
        """Return the language in which the account is told."""
        return ENGLISH if Doubt.TX_ENGLISH in self.otherwise else NORWEGIAN

    def value(self, kind: Kind, name: str, value: object) -> object:
        """Return a value as it is stored; raises RefusalError for one that the field cannot hold."""
        type_ = kind.values[name]
        if value is None:
            return self._unset(kind, name, type_)
        if not _TESTS[type_](value):
            raise refuse(422, 16000, "Request mapping failed", f"{name}: wrong type")
        if name in kind.choices and value not in kind.choices[name]:
            raise refuse(422, 16000, "Request mapping failed", f"{name}: no such value")
        if type_ is Type.MAIL and value and not all(map(_MAIL.fullmatch, str(value).split(";"))):
            raise invalid(name, "format", self.language)
        return value

    def record(self, kind: Kind, row: Row, sent: Row) -> None:
        """Raise RefusalError for a record that misses what it needs, or has what another one has."""
        for name in kind.required:
            if not row[name]:
                raise invalid(name, "null", self.language)
        if kind.needed and not any(row[name] for name in kind.needed):
            raise invalid(None, "null", self.language)
        self._numbers(kind, row)
        self._organization(kind, row, sent)
        numbered = Doubt.TX_DEPARTMENTS_NUMBERED in self.otherwise
        if kind.name == "department" and numbered and not row["departmentNumber"]:
            raise invalid("departmentNumber", "null", self.language)
        by_ehf = row.get("invoiceSendMethod") == "EHF" and not row.get("isPrivateIndividual")
        if Doubt.TX_EHF_ADDRESSED in self.otherwise and by_ehf and row["postalAddress"] is None:
            raise invalid("postalAddress", "address", self.language)

    def _unset(self, kind: Kind, name: str, type_: Type) -> object:
        if name in kind.choices or type_ is Type.TRUTH:
            raise invalid(name, "null", self.language)
        if type_ in (Type.TEXT, Type.MAIL):
            if Doubt.TX_NULLS_REFUSED in self.otherwise:
                raise invalid(name, "null", self.language)
            return ""
        return [] if type_ is Type.TEXTS else _UNSET.get(type_)

    def _numbers(self, kind: Kind, row: Row) -> None:
        shared = Doubt.TX_NUMBERS_SHARED in self.otherwise
        for name in (*_UNIQUE, *(() if shared else _SHARED)):
            own = name in kind.values and (name not in _SHARED or name == kind.number)
            if own and row[name] and self._is_held(kind, row, name):
                raise invalid(name, "used", self.language)

    def _organization(self, kind: Kind, row: Row, sent: Row) -> None:
        number = sent.get("organizationNumber")
        if not number:
            return
        # Of the address in the request itself, and of Norway where that says nothing.
        address = sent.get("physicalAddress") or {}
        country = (address.get("country") or {}).get("id", NORWAY)
        if country == NORWAY and not _NORWEGIAN_NUMBER.fullmatch(str(number)):
            raise invalid("organizationNumber", "format", self.language)
        unique = Doubt.TX_ORGANIZATIONS_UNIQUE in self.otherwise
        if unique and self._is_held(kind, row, "organizationNumber"):
            raise invalid("organizationNumber", "taken", self.language)

    def _is_held(self, kind: Kind, row: Row, name: str) -> bool:
        others = self.state.rows[kind.name].values()
        return any(other[name] == row[name] and other["id"] != row.get("id") for other in others)
