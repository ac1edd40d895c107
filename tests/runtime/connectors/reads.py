"""Short ways to read what a test needs from a connector."""

from specbridge.model.values import Json
from specbridge.runtime.records import Connector, Record, Tombstone

NAMES = frozenset({"Name", "EmailAddress", "name", "email", "organization_id", "notes"})


def read_all(connector: Connector, resource: str, cursor: str | None = None) -> list[Record]:
    """Return the records of a read, without the tombstones."""
    pages = connector.read_changes(resource, cursor, NAMES)
    return [change for page in pages for change in page.changes if isinstance(change, Record)]


def read_tombstones(connector: Connector, resource: str, cursor: str | None = None) -> set[str]:
    """Return the ids that a read says are deleted."""
    pages = connector.read_changes(resource, cursor, NAMES)
    return {change.id for page in pages for change in page.changes if isinstance(change, Tombstone)}


def read_cursor(connector: Connector, resource: str, cursor: str | None = None) -> str:
    """Return the cursor of a read."""
    *_, last = connector.read_changes(resource, cursor, NAMES)
    assert last.cursor is not None
    return last.cursor


def find(connector: Connector, resource: str, name: str, value: Json) -> Record:
    """Return the one record of a full read whose property has the value."""
    (record,) = [r for r in read_all(connector, resource) if r.properties.get(name) == value]
    return record
