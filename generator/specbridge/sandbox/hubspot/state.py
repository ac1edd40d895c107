"""All records of a HubSpot account, what the search's index has of them, and how they are shown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.instants import instant_text
from specbridge.sandbox.hubspot.properties import (
    CHANGED,
    DEFAULTS,
    KINDS,
    Definitions,
    default_definitions,
)
from specbridge.sandbox.hubspot.refusals import not_found
from specbridge.sandbox.messages import Row

_FIRST_ID = 50_100_001
_TICKS = 10_000
Values = dict[str, str]  # a record's filled properties


@dataclass(slots=True, kw_only=True)
class Held:
    """A record: instants are in milliseconds since 1970; `archived` is 0 while it is not.

    `index` is what searches know of it, None where nothing yet; `coming` is what they will, and when.
    """

    id: str
    values: Values
    created: int
    updated: int
    archived: int = 0
    merged: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()  # a contact's additional addresses
    index: Values | None = None
    coming: list[tuple[int, Values]] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """The records by kind and id; `merged_into` leads from ids that were merged to the record of today.

    `lag` is how many seconds the index is behind; `blocked` are addresses of people who were deleted
    for good, `taken` the ids of those who have unique values; `primary` and `plain` are contacts' companies, by the contact's id.
    """

    clock: Clock
    otherwise: frozenset[Doubt] = frozenset()
    lag: float = 10.0
    definitions: Definitions = field(default_factory=default_definitions)
    records: dict[str, dict[str, Held]] = field(
        default_factory=lambda: {kind: {} for kind in KINDS}
    )
    merged_into: dict[str, dict[str, str]] = field(
        default_factory=lambda: {kind: {} for kind in KINDS}
    )
    blocked: set[str] = field(default_factory=set)
    taken: dict[tuple[str, str, str], str] = field(default_factory=dict)
    primary: dict[str, list[str]] = field(default_factory=dict)
    plain: dict[str, list[str]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(_FIRST_ID))

    def does(self, doubt: Doubt) -> bool:
        """Return whether a doubt is decided the other way."""
        return doubt in self.otherwise

    def next_id(self) -> str:
        """Return an id that no record has."""
        return str(next(self._ids))

    def now(self) -> int:
        """Return the instant now, in milliseconds."""
        return self.clock.ticks() // _TICKS

    def current(self, kind: str, identifier: str) -> str:
        """Return the id of today of a record that may have been merged since."""
        while identifier in self.merged_into[kind]:
            identifier = self.merged_into[kind][identifier]
        return identifier

    def find(self, kind: str, identifier: str, archived: bool = False) -> Held:
        """Return a record, by an id of before it was merged too; raises RefusalError 404."""
        held = self.records[kind].get(self.current(kind, identifier))
        if held is None or bool(held.archived) is not archived:
            raise not_found()
        return held

    def present(self, kind: str, archived: bool = False) -> list[Held]:
        """Return the records that are archived, or those that are not, in the order of their ids."""
        found = [one for one in self.records[kind].values() if bool(one.archived) is archived]
        return sorted(found, key=lambda one: int(one.id))

    def holder(self, kind: str, name: str, value: str) -> Held | None:
        """Return the record that has a unique value, as an additional address too."""
        identifier = self.taken.get((kind, name, value.lower() if name == "email" else value))
        return None if identifier is None else self.records[kind].get(identifier)

    def claim(self, kind: str, held: Held) -> None:
        """Note that a record's unique values, which were found free, are its own."""
        self.taken.update({(kind, *key): held.id for key in self._unique_of(kind, held)})

    def release(self, kind: str, held: Held) -> None:
        """Give a record's unique values back."""
        for key in self._unique_of(kind, held):
            if self.taken.get((kind, *key)) == held.id:
                del self.taken[(kind, *key)]

    def _unique_of(self, kind: str, held: Held) -> Iterator[tuple[str, str]]:
        for name, one in self.definitions.of(kind).items():
            if one.unique and name in held.values:
                value = held.values[name]
                yield name, value.lower() if name == "email" else value
        yield from (("email", mail.lower()) for mail in held.emails)

    def touch(self, kind: str, held: Held) -> None:
        """Note that a record was changed now: searches hear of it later."""
        held.updated = self.now()
        self.index_later(kind, held)

    def index_later(self, kind: str, held: Held) -> None:
        """Have searches know what a record holds by now, once the index has caught up."""
        snapshot = {name: value for name, value in self.all_values(kind, held).items() if value}
        held.coming.append((self.now() + int(self.lag * 1000), snapshot))

    def indexed(self, kind: str) -> Iterator[tuple[Held, Values]]:
        """Yield the records that the index knows by now, with what it knows of each."""
        now = self.now()
        for held in self.present(kind):
            while held.coming and held.coming[0][0] <= now:
                held.index = held.coming.pop(0)[1]
            if held.index is not None:
                yield held, held.index

    def all_values(self, kind: str, held: Held) -> dict[str, str | None]:
        """Return every value of a record, those that HubSpot sets too; None where there is none."""
        changed = self.text(held.updated)
        values: dict[str, str | None] = {
            **held.values,
            "hs_object_id": held.id,
            "createdate": self.text(held.created),
            CHANGED[kind]: changed,
            "hs_merged_object_ids": ";".join(held.merged) or None,
        }
        if kind == "contacts":
            mail = held.values.get("email", "")
            values["hs_additional_emails"] = ";".join(held.emails) or None
            values["hs_email_domain"] = mail.partition("@")[2] or None
            values["associatedcompanyid"] = next(iter(self.primary.get(held.id, ())), None)
        return values

    def show(self, kind: str, held: Held, asked: Iterable[str] = ()) -> Row:
        """Return a record as the API shows it: asked for and unset is null, not defined is left out."""
        values = self.all_values(kind, held)
        names = tuple(asked) or DEFAULTS[kind]
        known = self.definitions.of(kind)
        chosen = {*names, "hs_object_id", "createdate", CHANGED[kind]} & known.keys()
        row: Row = {
            "id": held.id,
            "properties": {name: values.get(name) for name in sorted(chosen)},
            "createdAt": self.text(held.created),
            "updatedAt": self.text(held.updated),
            "archived": bool(held.archived),
        }
        if held.archived:
            row["archivedAt"] = self.text(held.archived)
        return row

    def text(self, milliseconds: int) -> str:
        """Return an instant as this account writes it."""
        return instant_text(milliseconds, short=self.does(Doubt.SHORT_INSTANTS))
