"""Two systems in this process and the flow between their persons, as cheap as a connector can be.

Their records are ready when they are asked for, so that what is measured is the engine.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.flow import ALWAYS, AnyFlow, Flow, LinkKeys, LinkRule, PropertyMapping, Side
from specbridge.runtime.records import (
    Change,
    Create,
    Finding,
    Outcomes,
    Page,
    Record,
    Refused,
    Update,
    Usage,
    Write,
    Written,
)
from specbridge.runtime.references import References

Properties = Mapping[str, Json]

NAMES = {"Uid": "uid", "Name": "name", "Mail": "email", "Phone": "phone", "City": "city"}
"""The five properties of a person, in Ledgerly and in Acme."""

_BACK = {there: here for here, there in NAMES.items()}


@dataclass
class MemorySystem:
    """A system and its connector: persons by id, and the log of what changed.

    Persons below `count` are made by `make` when they are read, and kept only once they change:
    a million of them take no memory.
    """

    system: str
    count: int
    make: Callable[[int], Properties]
    usage: Usage = field(default_factory=Usage)
    kept: dict[str, Record] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def keep(self) -> None:
        """Make all persons now, as a system in memory holds them."""
        self.kept = {str(n): self._make(str(n)) for n in range(self.count)}

    def edit(self, id_: str, **properties: Json) -> None:
        """Change a person."""
        old = self.kept.get(id_) or self._make(id_)
        self._keep(id_, {**old.properties, **properties})

    def _make(self, id_: str) -> Record:
        return Record(id_, "2026-01-01T00:00:00Z", self.make(int(id_)))

    def _keep(self, id_: str, properties: Properties) -> Record:
        self.log.append(id_)
        record = Record(id_, "2026-01-02T00:00:00Z", properties)
        self.kept[id_] = record
        return record

    def _all(self) -> Iterator[Record]:
        for number in range(self.count):
            id_ = str(number)
            yield self.kept.get(id_) or self._make(id_)

    def read_changes(
        self, _resource: str, cursor: str | None, _names: frozenset[str]
    ) -> Iterator[Page]:
        """Yield pages of a thousand."""
        end = str(len(self.log))
        changed = self.log[int(cursor or 0) :]
        found = self._all() if cursor is None else (self.kept[i] for i in dict.fromkeys(changed))
        page: list[Record] = []
        for record in found:
            page.append(record)
            if len(page) == 1000:  # a page
                self.usage.read += 1
                yield Page(changes=page, cursor=None)
                page = []
        self.usage.read += 1
        yield Page(changes=page, cursor=end)

    def read_records(
        self, _resource: str, ids: Sequence[str], _names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield persons by id."""
        self.usage.read += 1
        for id_ in ids:
            if int(id_) < self.count:
                yield self.kept.get(id_) or self._make(id_)

    def look_again(
        self,
        resource: str,
        known: Sequence[Record],
        names: frozenset[str],
        *,
        listed: bool = False,  # the protocol's
    ) -> Iterator[Change]:
        """Yield persons as they are: none is ever gone."""
        return self.read_records(resource, [record.id for record in known], names)

    def find_records(
        self, _resource: str, _path: Path, _values: Sequence[str], _names: frozenset[str]
    ) -> Iterator[Record]:
        """Find nothing: it cannot search."""
        return iter(())

    def can_find(self, _resource: str, _path: Path) -> bool:
        """Return that it cannot search."""
        return False

    def write_records(
        self, _resource: str, writes: Sequence[Write], _names: frozenset[str]
    ) -> Outcomes:
        """Carry out creations and updates."""
        for write in writes:
            self.usage.write += 1
            if isinstance(write, Create):
                id_, properties = str(self.count), write.properties
                self.count += 1
            elif isinstance(write, Update) and self._is_current(write):
                id_ = write.current.id
                changes = {path[0]: value for path, value in write.changes.items()}
                properties = {**write.current.properties, **changes}
            else:
                yield Refused(key=write.key, status=409, reason="changed", stale=True)
                continue
            yield Written(key=write.key, id=id_, record=self._keep(id_, properties))

    def _is_current(self, write: Update) -> bool:
        held = (self.kept.get(write.current.id) or self._make(write.current.id)).properties
        return all(held[path[0]] == write.current.properties[path[0]] for path in write.changes)

    def diagnose(self) -> Iterator[Finding]:
        """Yield that all is well."""
        yield Finding(subject=self.system, well=True, message="in memory")

    def close(self) -> None:
        """Do nothing."""


def person(number: int, first: int = 0, mark: str = "") -> Properties:
    """Return a person of Ledgerly with five properties."""
    number += first
    return {
        "Uid": f"{number}",
        "Name": f"Name {number}{mark}",
        "Mail": f"p{number}@x.example",
        "Phone": f"{number}",
        "City": f"City {number}",
    }


def user(number: int, first: int = 0, mark: str = "") -> Properties:
    """Return the same person as Acme has it."""
    return _to_user(person(number, first, mark), {})


def _to_user(record: Properties, _references: References) -> Properties:
    return {NAMES[name]: value for name, value in record.items()}


def _to_person(record: Properties, _references: References) -> Properties:
    return {_BACK[name]: value for name, value in record.items()}


def _keys_of(name: str) -> Callable[[Properties], LinkKeys]:
    return lambda record: (str(record[name]),)


FLOW: AnyFlow = Flow(
    name="person_to_users",
    document="ledgerly-acme.rst",
    source=Side(system="ledgerly", resource="Persons", label="Ledgerly Persons"),
    target=Side(system="acme", resource="users", label="Acme users"),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(LinkRule(source=("Uid",), target=("uid",), statement="Uid uid"),),
    properties=tuple(
        PropertyMapping(source=(here,), target=(there,), statement=f"{here} {there}")
        for here, there in NAMES.items()
    ),
    to_target=_to_user,
    to_source=_to_person,
    source_keys=_keys_of("Uid"),
    target_keys=_keys_of("uid"),
)


def _profile(system: str, resource: str) -> Profile:
    reference = Property(path=("ref",), max_length=50)
    definition = Resource(
        name=resource,
        id=("id",),
        id_type=ValueType.INTEGER,
        external_reference=("ref",),
        properties=(reference,),
    )
    return Profile(
        name=system, labels=(system,), base_url="http://localhost", resources=(definition,)
    )


PROFILES = {"ledgerly": _profile("ledgerly", "Persons"), "acme": _profile("acme", "users")}
