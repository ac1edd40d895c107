"""A connector that writes nothing: `plan` runs with it, and sees what a run would lead to."""

from collections.abc import Iterator, Sequence
from itertools import count

from specbridge.model.values import Path
from specbridge.runtime.decide.paths import LIST, make_place, set_place
from specbridge.runtime.records import (
    Change,
    Connector,
    Create,
    Delete,
    Finding,
    Identified,
    Outcomes,
    Page,
    Record,
    Update,
    Usage,
    Write,
    Written,
)


class DryConnector:
    """Reads through another connector; answers writes as if they had been carried out."""

    def __init__(self, connector: Connector) -> None:
        """Read through `connector`."""
        self._connector = connector
        self._numbers = count(1)
        self.system = connector.system
        self.usage: Usage = connector.usage

    def read_changes(
        self, resource: str, cursor: str | None, names: frozenset[str]
    ) -> Iterator[Page]:
        """Yield what changed since `cursor`."""
        return self._connector.read_changes(resource, cursor, names)

    def read_records(
        self, resource: str, ids: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield those of the records that exist."""
        return self._connector.read_records(resource, ids, names)

    def look_again(
        self, resource: str, known: Sequence[Record], names: frozenset[str], *, listed: bool = False
    ) -> Iterator[Change]:
        """Yield each record as it is now, or a tombstone."""
        return self._connector.look_again(resource, known, names, listed=listed)

    def find_records(
        self, resource: str, path: Path, values: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield the records whose property has one of the values."""
        return self._connector.find_records(resource, path, values, names)

    def can_find(self, resource: str, path: Path) -> bool:
        """Return whether find_records can search by this property."""
        return self._connector.can_find(resource, path)

    def write_records(
        self, resource: str, writes: Sequence[Write], names: frozenset[str]
    ) -> Outcomes:
        """Yield what a system would answer that takes everything as it is; send nothing."""
        for write in writes:
            match write:
                case Create():
                    # No system has such an id, so nothing that is stored can be mistaken for it.
                    new = f"new-{next(self._numbers)}"
                    record = Record(
                        new, "", {n: v for n, v in write.properties.items() if n in names}
                    )
                    yield Written(key=write.key, id=new, record=record)
                case Update():
                    changed = _apply(write)
                    yield Written(key=write.key, id=changed.id, record=changed)
                case Delete():
                    yield Written(key=write.key, id=write.current.id, record=None)

    def fingerprint(self) -> str | None:
        """Return what tells the account from others, None where the connector cannot tell."""
        return self._connector.fingerprint() if isinstance(self._connector, Identified) else None

    def diagnose(self) -> Iterator[Finding]:
        """Yield what `doctor` reports."""
        return self._connector.diagnose()

    def close(self) -> None:
        """Release connections."""
        self._connector.close()


def _apply(update: Update) -> Record:
    properties = dict(update.current.properties)
    for path, value in update.changes.items():
        # A list is given whole: the path is that of the list, and not of an element in it.
        plain = tuple(step.removesuffix(LIST) for step in path)
        properties = set_place(properties, make_place(plain), value)
    return Record(update.current.id, update.current.modified_at, properties)
