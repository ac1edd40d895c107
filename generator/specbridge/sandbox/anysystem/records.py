"""The records of one kind: what they hold, when each was changed, which are deleted."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from specbridge.model.calls import ReadCall
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property, Resource
from specbridge.model.values import Json, Path
from specbridge.sandbox.anysystem.values import (
    Row,
    grain_of,
    overlaid,
    set_at,
    value_at,
    write_instant,
)
from specbridge.sandbox.clock import Clock

_FIRST_ID = 1001


@dataclass(slots=True, kw_only=True)
class Held:
    """A record; `changed` is in microseconds since 1970, as fine as the API shows it."""

    row: Row
    changed: int = 0
    version: int = 0
    deleted: bool = False


@dataclass(slots=True)
class Records:
    """All records of a resource by their ids as texts, in the order in which they were made."""

    resource: Resource
    clock: Clock
    held: dict[str, Held] = field(default_factory=dict)
    _made: int = 0

    def add(self, values: Row) -> Held:
        """Make a record of values; what is not among them is empty."""
        self._made += 1
        number = _FIRST_ID + self._made - 1
        identifier: Json = number if self.resource.id_type is ValueType.INTEGER else f"{number}"
        row = overlaid(self._blank(), values)
        assert isinstance(row, dict)
        set_at(row, self.resource.id, identifier)
        one = Held(row=row)
        for path, value in self._marks():
            set_at(row, path, self._unmarked(path, value))
        self.stamp(one)
        self.held[str(identifier)] = one
        return one

    def stamp(self, one: Held) -> None:
        """Say that a record was changed now."""
        dated = self.property(self.resource.modified_at)
        microseconds = self.clock.ticks() // 10
        one.changed = microseconds - microseconds % grain_of(dated)
        one.version += 1
        if dated is not None:
            set_at(one.row, dated.path, write_instant(dated, microseconds))
        update = self.resource.update
        if update is not None and update.version:
            versioned = self.property(update.version)
            as_text = versioned is not None and versioned.type is ValueType.STRING
            set_at(one.row, update.version, str(one.version) if as_text else one.version)

    def delete(self, one: Held) -> None:
        """Delete a record: from now on it is a tombstone, where the profile knows of any."""
        one.deleted = True
        self.stamp(one)
        for path, value in self._marks():
            set_at(one.row, path, "deleted" if self._is_any(path, value) else value)

    def find(self, identifier: str) -> Held | None:
        """Return the record of an id, None where there is none, or none any more."""
        one = self.held.get(identifier)
        return None if one is None or one.deleted else one

    def present(self) -> Iterator[Held]:
        """Yield the records that are not deleted."""
        return (one for one in self.held.values() if not one.deleted)

    def listed(self, call: ReadCall) -> Sequence[Held]:
        """Return the records of a list: tombstones are among them where it has any."""
        if call is self.resource.archived:
            return [one for one in self.held.values() if one.deleted]
        shown = bool(call.tombstones)
        return [one for one in self.held.values() if shown or not one.deleted]

    def property(self, path: Path) -> Property | None:
        """Return the property at a path, None where it is not listed."""
        return next((one for one in self.resource.properties if one.path == path), None)

    def _blank(self) -> Row:
        row: Row = {}
        for prop in self.resource.properties:
            if prop.type is ValueType.OBJECT:
                row.setdefault(prop.path[0], {})
            place = next((n for n, step in enumerate(prop.path) if step.endswith("[]")), None)
            if place is not None:
                path = prop.path[: place + 1]
                set_at(row, (*path[:-1], path[-1].removesuffix("[]")), [])
            elif prop.type is not ValueType.OBJECT:
                empty: Json = [] if prop.type is ValueType.LIST else prop.clear
                set_at(row, prop.path, deepcopy(empty))
        return row

    def _marks(self) -> Iterator[tuple[Path, Json]]:
        calls = (self.resource.list, self.resource.incremental)
        for call in calls:
            yield from call.tombstones if call is not None else ()

    def _unmarked(self, path: Path, value: Json) -> Json:
        """Return what a mark's property has while the record is there."""
        return None if self._is_any(path, value) or not isinstance(value, bool) else not value

    def _is_any(self, path: Path, value: Json) -> bool:
        """Return whether a mark is any value but null."""
        prop = self.property(path)
        return value is True and (prop is None or prop.type is not ValueType.BOOLEAN)


def texts_at(one: Held, path: Path) -> str:
    """Return a value as the text by which it is looked for; empty where there is none."""
    value = value_at(one.row, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
