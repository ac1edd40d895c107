"""Creating, changing and deleting: a PUT changes what it names, and a version that is sent guards it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call, RefusalError, Row
from specbridge.sandbox.tripletex.checking import Checking
from specbridge.sandbox.tripletex.countries import NORWAY
from specbridge.sandbox.tripletex.kinds import ADDRESS, ADDRESS_KIND, DELIVERY_KIND, Kind
from specbridge.sandbox.tripletex.refusals import (
    INVALID,
    envelope,
    forbidden,
    invalid,
    not_found,
    refuse,
    told,
)
from specbridge.sandbox.tripletex.showing import UNASKED, showing_to
from specbridge.sandbox.tripletex.state import State
from specbridge.sandbox.tripletex.twins import join_lists

_CREATED = 201
_DELIVERY = "deliveryAddress"
# Seen to work; the others are BETA, and were refused.
_OPEN_LISTS = ("department",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The calls that write, on a state."""

    state: State
    checking: Checking
    otherwise: frozenset[Doubt]

    def create(self, kind: Kind, call: Call) -> Answer:
        """Create one record."""
        row = self._create(kind, _sent(call))
        return self._answer(kind, row, call, status=_CREATED)

    def update(self, kind: Kind, call: Call, identifier: str) -> Answer:
        """Change one record by what is sent of it."""
        row = self._update(kind, self.one(kind, identifier), _sent(call))
        return self._answer(kind, row, call)

    def delete(self, kind: Kind, call: Call, identifier: str) -> Answer:
        """Delete one record, unless it is used."""
        self._delete(kind, self.one(kind, identifier))
        return Answer(status=204)

    def create_list(self, kind: Kind, call: Call) -> Answer:
        """Create many records, or none of them."""
        return self._list(kind, call, status=_CREATED)

    def update_list(self, kind: Kind, call: Call) -> Answer:
        """Change many records, or none of them; each with its id and its version."""
        return self._list(kind, call, status=200)

    def delete_list(self, kind: Kind, call: Call) -> Answer:
        """Delete the records of the ids."""
        rows = [self.one(kind, one) for one in call.query.get("ids", "").split(",")]
        for row in rows:
            self._delete(kind, row)
        return Answer(status=204)

    def one(self, kind: Kind, identifier: str) -> Row:
        """Return the record of an id in an address; raises RefusalError 404 where there is none."""
        found = self.state.find(kind.name, int(identifier)) if identifier.isdecimal() else None
        if found is None:
            raise not_found()
        return found

    def _create(self, kind: Kind, sent: Row) -> Row:
        language = self.checking.language
        for name in ("id", "version"):
            if name in sent:
                status = 400 if Doubt.TX_ID_ON_POST_400 in self.otherwise else 422
                raise invalid(name, "id", language, status)
        row = kind.empty_row()
        row |= {own: True for own in (_own_mark(kind),) if own}
        self._apply(kind, row, sent, creates=True)
        self.checking.record(kind, row, sent)
        stored = self.state.add(kind, row, self.state.clock.seconds())
        join_lists(self.state, kind, stored, self.otherwise)
        return stored

    def _update(self, kind: Kind, row: Row, sent: Row) -> Row:
        if sent.get("id", row["id"]) != row["id"]:
            raise invalid("id", "format", self.checking.language)
        if sent.get("version", row["version"]) != row["version"]:
            text = told("revision", self.checking.language)
            raise refuse(409, 8000, text, "RevisionException")
        changed = deepcopy(row)
        self._apply(kind, changed, sent, creates=False)
        self.checking.record(kind, changed, sent)
        if changed != row:
            moves = self._moves(kind, row, changed)
            row.update(changed)
            if moves:
                self.state.touch(kind, row)
            join_lists(self.state, kind, row, self.otherwise)
        return row

    def _moves(self, kind: Kind, before: Row, after: Row) -> bool:
        """Return whether a change moves the version of the record, not that of its address alone."""
        apart = Doubt.TX_ADDRESSES_APART in self.otherwise
        changed = [name for name in after if after[name] != before[name]]
        return not apart or any(kind.nested.get(name) != ADDRESS for name in changed)

    def _apply(self, kind: Kind, row: Row, sent: Row, *, creates: bool) -> None:
        for name, value in sent.items():
            if name not in kind.names:
                raise invalid(name, "unknown", self.checking.language)
            if name in kind.never or name in ("id", "version"):
                continue
            if name not in kind.nested:
                row[name] = self.checking.value(kind, name, value)
            elif kind.nested[name] == ADDRESS:
                self._set_address(row, name, value, creates=creates)
            else:
                self._set_reference(kind, row, name, value, creates=creates)

    def _set_reference(
        self, kind: Kind, row: Row, name: str, value: object, *, creates: bool
    ) -> None:
        found = None if value is None else self._reference(kind.nested[name], value)
        stays = Doubt.TX_CONTACTS_STAY in self.otherwise and kind.name == "contact"
        if stays and name == "customer" and not creates and row[name] != found:
            raise invalid(name, "moved", self.checking.language)
        row[name] = found

    def _reference(self, kind: str, value: object) -> Row:
        if not isinstance(value, Mapping):
            raise refuse(422, 16000, "Request mapping failed", "a reference is an object")
        # Whoever sends a name along is told that there is no such object.
        if set(value) != {"id"} or self.state.find(kind, value["id"]) is None:
            raise not_found()
        return {"id": value["id"]}

    def _set_address(self, row: Row, name: str, value: object, *, creates: bool) -> None:
        # It has an endpoint of its own.
        if name == _DELIVERY and not creates:
            return
        if value is None:
            row[name] = None
            return
        if not isinstance(value, Mapping):
            raise refuse(422, 16000, "Request mapping failed", "an address is an object")
        current: Row | None = row[name]
        if "id" in value and (current is None or value["id"] != current["id"]):
            raise not_found()
        kind = DELIVERY_KIND if name == _DELIVERY else ADDRESS_KIND
        known = "id" in value or Doubt.TX_ADDRESSES_FOUND in self.otherwise
        row[name] = self._address(kind, current if known else None, value)

    def _address(self, kind: Kind, current: Row | None, value: Mapping[str, object]) -> Row:
        parts = {**kind.empty_row(), "country": {"id": NORWAY}}
        if current is not None and Doubt.TX_ADDRESSES_MERGED in self.otherwise:
            parts = {name: current[name] for name in parts}
        for name, part in value.items():
            if name not in kind.names:
                raise invalid(name, "unknown", self.checking.language)
            if name in kind.never or name in ("id", "version"):
                continue
            if name in kind.nested:
                found = None if part is None else self._reference(kind.nested[name], part)
                parts[name] = found or {"id": NORWAY}
            else:
                parts[name] = self.checking.value(kind, name, part)
        if current is None:
            return self.state.new_address(parts)
        same = all(current[name] == part for name, part in parts.items())
        return {**current, **parts, "version": current["version"] + (0 if same else 1)}

    def _delete(self, kind: Kind, row: Row) -> None:
        if (kind.name, row["id"]) in self.state.booked:
            fault = (None, told("kept", self.checking.language))
            message = told("invalid", self.checking.language)
            raise RefusalError(envelope(422, INVALID, message, fields=[fault]))
        del self.state.rows[kind.name][row["id"]]

    def _list(self, kind: Kind, call: Call, *, status: int) -> Answer:
        if kind.name not in _OPEN_LISTS and Doubt.TX_LISTS_OPEN not in self.otherwise:
            raise forbidden()
        before = deepcopy(self.state.rows[kind.name])
        try:
            rows = [self._write(kind, sent, creates=status == _CREATED) for sent in _many(call)]
        except RefusalError:
            self.state.rows[kind.name] = before
            raise
        showing = showing_to(call, self.state.find)
        shown = [showing.record(kind, row, UNASKED) for row in rows]
        body = {"fullResultSize": len(rows), "from": 0, "count": len(rows), "values": shown}
        return Answer(status=status, body={**body, "versionDigest": ""})

    def _write(self, kind: Kind, sent: Row, *, creates: bool) -> Row:
        if creates:
            return self._create(kind, sent)
        for name in ("id", "version"):
            if name not in sent:
                raise invalid(name, "null", self.checking.language)
        return self._update(kind, self.one(kind, str(sent["id"])), sent)

    def _answer(self, kind: Kind, row: Row, call: Call, *, status: int = 200) -> Answer:
        shown = showing_to(call, self.state.find).record(kind, row, UNASKED)
        return Answer(status=status, body={"value": shown})


def _own_mark(kind: Kind) -> str:
    """Return the flag that says what a record is by the list that it is in."""
    return {"customer": "isCustomer", "supplier": "isSupplier"}.get(kind.name, "")


def _sent(call: Call) -> Row:
    sent = _body(call)
    if not isinstance(sent, dict):
        raise refuse(422, 22000, "The body is no object")
    return sent


def _many(call: Call) -> list[Row]:
    sent = _body(call)
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        raise refuse(422, 22000, "The body is no list of objects")
    return sent


def _body(call: Call) -> object:
    try:
        return call.json()
    except ValueError:
        raise refuse(422, 22000, "Malformed JSON") from None
