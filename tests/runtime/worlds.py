"""A small system in memory that speaks the Connector protocol, for tests of the engine.

It keeps what a real system keeps: ids, modification instants of its own clock, unique properties,
external references. Faults are asked for, one at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from specbridge.errors import ServerError
from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.naming import name_of
from specbridge.runtime.records import (
    Change,
    Create,
    Delete,
    Finding,
    Outcome,
    Outcomes,
    Page,
    Record,
    Refused,
    Tombstone,
    Update,
    Usage,
    Write,
    Written,
)

START = datetime(2026, 1, 1, tzinfo=UTC)

NAMED = Resource(name="Named", id=("id",), named_by=((("Called",),), (("Name",),), (("name",),)))
"""What a record is called in every world, on whichever side it is; no flow has `Called`."""


class Crash(BaseException):
    """The process dies here: nothing of ours may catch it."""


@dataclass
class Stored:
    """A record as the system keeps it, with the number of its last change."""

    properties: dict[str, Json]
    instant: datetime
    change: int
    reference: str = ""


@dataclass
class Clock:
    """The time in both worlds, moved by hand."""

    now: float = START.timestamp()

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float = 60.0) -> None:
        self.now += seconds


@dataclass
class World:
    """One system: records by resource and id, and how it behaves.

    `unique` names unique properties by resource; `fraction` is how many digits its instants have;
    `skew` how many seconds its clock is ahead. `fail_before` and `fail_after` count down to a write
    call that fails before or after the write was carried out, `crash_before` and `crash_after` to a
    crash, `fail_read` to a reading that fails; `refuse` decides on refusals, `meddle` may change
    records just before a write. Properties that it `ignores` it never takes, and says that all is well.
    """

    system: str
    clock: Clock = field(default_factory=Clock)
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fraction: int = 0
    skew: float = 0.0
    searchable: bool = True
    page_size: int = 100
    resources: dict[str, dict[str, Stored]] = field(default_factory=dict)
    references: dict[tuple[str, str], str] = field(default_factory=dict)
    tombstones: dict[str, dict[str, int]] = field(default_factory=dict)
    normalise: Callable[[str, Json], Json] = lambda _name, value: value
    refuse: Callable[[Write], Refused | None] = lambda _write: None
    ignores: frozenset[str] = frozenset()
    crash_before: int | None = None
    crash_after: int | None = None
    fail_before: int | None = None
    fail_after: int | None = None
    fail_read: int | None = None
    meddle: Callable[[Write], None] = lambda _write: None
    announce_deletes: bool = False
    last_change: int = 0
    last_id: int = 0
    writes: int = 0

    def put(self, resource: str, properties: Mapping[str, Json], reference: str = "") -> str:
        """Create a record as a person would; return its id."""
        self.last_id += 1
        id_ = str(self.last_id)
        stored = Stored({"id": self.last_id, **properties}, self._instant(), 0, reference)
        self.records(resource)[id_] = stored
        if reference:
            self.references[resource, reference] = id_
        self._touch(stored)
        return id_

    def edit(self, resource: str, id_: str, **properties: Json) -> None:
        """Change a record as a person would."""
        stored = self.records(resource)[id_]
        stored.properties.update(properties)
        self._touch(stored)

    def remove(self, resource: str, id_: str) -> None:
        """Delete a record as a person would."""
        del self.records(resource)[id_]
        self.last_change += 1
        self.tombstones.setdefault(resource, {})[id_] = self.last_change

    def records(self, resource: str) -> dict[str, Stored]:
        """Return the records of a resource by id."""
        return self.resources.setdefault(resource, {})

    def rows(self, resource: str) -> list[dict[str, Json]]:
        """Return the properties of a resource's records, ids left out, in the order of creation."""
        found = self.records(resource).values()
        return [{n: v for n, v in s.properties.items() if n != "id"} for s in found]

    def _touch(self, stored: Stored) -> None:
        self.last_change += 1
        stored.change, stored.instant = self.last_change, self._instant()

    def _instant(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now + self.skew, UTC)

    def record(self, resource: str, id_: str, names: frozenset[str]) -> Record:
        """Return a record as the system answers it."""
        stored = self.records(resource)[id_]
        text = f"{stored.instant:%Y-%m-%dT%H:%M:%S}"
        if self.fraction:
            text += f".{stored.instant.microsecond:06d}0"[: self.fraction + 1]
        held = {"ref": stored.reference, **stored.properties}
        cut = {name: value for name, value in held.items() if name in names}
        return Record(id_, text + "Z", cut, name=name_of(NAMED, held))


class WorldConnector:
    """The Connector protocol over a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.system = world.system
        self.usage = Usage()

    def read_changes(
        self, resource: str, cursor: str | None, names: frozenset[str]
    ) -> Iterator[Page]:
        world, since = self.world, int(cursor or 0)
        end = world.last_change
        found: list[Change] = [
            world.record(resource, id_, names)
            for id_, stored in world.records(resource).items()
            if stored.change > since
        ]
        if world.announce_deletes and cursor is not None:
            gone = world.tombstones.get(resource, {})
            found += [Tombstone(id_) for id_, change in gone.items() if change > since]
        for start in range(0, max(len(found), 1), world.page_size):
            self._fault("fail_read")
            self.usage.read += 1
            last = start + world.page_size >= len(found)
            page = found[start : start + world.page_size]
            yield Page(changes=page, cursor=str(end) if last else None)

    def read_records(
        self, resource: str, ids: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        self.usage.read += 1
        for id_ in ids:
            if id_ in self.world.records(resource):
                yield self.world.record(resource, id_, names)

    def look_again(
        self, resource: str, known: Sequence[Record], names: frozenset[str], *, listed: bool = False
    ) -> Iterator[Change]:
        self.usage.read += 1
        for record in known:
            if record.id in self.world.records(resource):
                yield self.world.record(resource, record.id, names)
            else:
                yield Tombstone(record.id)

    def find_records(
        self, resource: str, path: Path, values: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        self.usage.read += 1
        wanted = {value.strip().casefold() for value in values}
        for id_, stored in self.world.records(resource).items():
            value = stored.reference if path == ("ref",) else stored.properties.get(path[0])
            if str(value or "").strip().casefold() in wanted:
                yield self.world.record(resource, id_, names)

    def can_find(self, resource: str, path: Path) -> bool:
        return self.world.searchable

    def write_records(
        self, resource: str, writes: Sequence[Write], names: frozenset[str]
    ) -> Outcomes:
        for write in writes:
            self._fault("crash_before")
            self._fault("fail_before")
            self.usage.write += 1
            self.world.meddle(write)
            outcome = self.world.refuse(write) or self._write(resource, write, names)
            if isinstance(outcome, Written):
                self.world.writes += 1
            self._fault("crash_after")
            self._fault("fail_after")
            yield outcome

    def _fault(self, kind: str) -> None:
        left = getattr(self.world, kind)
        if left is not None:
            setattr(self.world, kind, left - 1 if left else None)
            if left == 0 and kind.startswith("crash"):
                raise Crash
            if left == 0:
                raise ServerError(f"{self.system}: 500")

    def _write(self, resource: str, write: Write, names: frozenset[str]) -> Outcome:
        match write:
            case Create():
                return self._create(resource, write, names)
            case Update():
                return self._update(resource, write, names)
            case Delete():
                self.world.remove(resource, write.current.id)
                return Written(key=write.key, id=write.current.id, record=None)

    def _create(self, resource: str, write: Create, names: frozenset[str]) -> Outcome:
        world = self.world
        if world.references.get((resource, write.external_reference)) in world.records(resource):
            return Refused(key=write.key, status=422, reason="taken", duplicate="ref")
        properties: dict[str, Json] = {
            n: None if n in world.ignores else world.normalise(n, v)
            for n, v in write.properties.items()
        }
        if (taken := self._taken(resource, properties, "")) is not None:
            return Refused(key=write.key, status=422, reason="taken", duplicate=taken)
        id_ = world.put(resource, properties, write.external_reference)
        return Written(key=write.key, id=id_, record=world.record(resource, id_, names))

    def _update(self, resource: str, write: Update, names: frozenset[str]) -> Outcome:
        world, id_ = self.world, write.current.id
        if id_ not in world.records(resource):
            return Refused(key=write.key, status=404, reason="not there", gone=True)
        stored = world.records(resource)[id_]
        for (name, *rest), _ in write.changes.items():
            assert not rest or isinstance(stored.properties.get(name), dict)
            if stored.properties.get(name) != write.current.properties.get(name):
                return Refused(key=write.key, status=409, reason="changed", stale=True)
        changes = {
            path[0]: world.normalise(path[0], v)
            for path, v in write.changes.items()
            if path[0] not in world.ignores
        }
        if (taken := self._taken(resource, changes, id_)) is not None:
            return Refused(key=write.key, status=422, reason="taken", duplicate=taken)
        world.edit(resource, id_, **changes)
        return Written(key=write.key, id=id_, record=world.record(resource, id_, names))

    def _taken(self, resource: str, properties: Mapping[str, Json], own: str) -> str | None:
        for name in self.world.unique.get(resource, ()):
            wanted = str(properties.get(name) or "").strip().casefold()
            for id_, stored in self.world.records(resource).items():
                held = str(stored.properties.get(name) or "").strip().casefold()
                if wanted and id_ != own and held == wanted:
                    return name
        return None

    def diagnose(self) -> Iterator[Finding]:
        yield Finding(subject=self.system, well=True, message="in memory")

    def close(self) -> None:
        return


def later(seconds: float) -> str:
    """Return an instant after the start, as text."""
    return (START + timedelta(seconds=seconds)).isoformat()
