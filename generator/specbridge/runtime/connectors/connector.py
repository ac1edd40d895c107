"""A connector: one system, seen through its profile; a thin face of the modules beside it."""

from collections.abc import Iterator, Sequence
from threading import Event

import httpx

from specbridge.errors import ProfileError
from specbridge.model.profile import Resource
from specbridge.model.values import Path
from specbridge.runtime.connectors.diagnosis import diagnose
from specbridge.runtime.connectors.discretion import discreet
from specbridge.runtime.connectors.identity import read_fingerprint
from specbridge.runtime.connectors.probing import probe
from specbridge.runtime.connectors.reading.changes import read_changes
from specbridge.runtime.connectors.reading.finding import (
    find_rows,
    look_again,
    lookup_of,
    read_rows_by_id,
)
from specbridge.runtime.connectors.reading.rows import to_record
from specbridge.runtime.connectors.reading.selecting import select_properties
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.updating import write_records
from specbridge.runtime.connectors.writing.jobs import await_former
from specbridge.runtime.hiding import Secrets
from specbridge.runtime.records import (
    Change,
    Finding,
    Outcomes,
    Page,
    Record,
    Tombstone,
    Usage,
    Write,
)


class RestConnector:
    """Reads and writes one system's records over HTTP (see `specbridge.runtime.records.Connector`).

    Records keep, besides the names asked for, the properties that the addresses of the resource's
    own calls need.
    """

    def __init__(self, access: Access, client: httpx.Client, closing: Event) -> None:
        """Keep what the calls share; `build_connector` makes the parts."""
        self.system: str = access.profile.name
        self.usage: Usage = access.transport.usage
        self.secrets: Secrets = access.secrets
        self._access = access
        self._client = client
        self._fingerprint: str | None = None
        self._closing = closing
        self._resources = {resource.name: resource for resource in access.profile.resources}
        self._selected: dict[tuple[str, frozenset[str]], Resource] = {}

    @discreet
    def read_changes(
        self, resource: str, cursor: str | None, names: frozenset[str]
    ) -> Iterator[Page]:
        """Yield what changed since `cursor`, everything where it is None; the last page has a cursor."""
        return read_changes(self._access, self._asking(resource, names), cursor, names)

    @discreet
    def read_records(
        self, resource: str, ids: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield those of the records that exist, in any order."""
        known = self._asking(resource, names)
        for row in read_rows_by_id(self._access, known, ids):
            yield to_record(known, row, names, self._access.where(resource))

    @discreet
    def look_again(
        self, resource: str, known: Sequence[Record], names: frozenset[str], *, listed: bool = False
    ) -> Iterator[Change]:
        """Yield each record as it is now, or a tombstone where the system says that it is gone."""
        definition = self._asking(resource, names)
        rows = {record.id: record.properties for record in known}
        for id_, row in look_again(self._access, definition, rows, listed=listed):
            if row is None:
                yield Tombstone(id_)
            else:
                yield to_record(definition, row, names, self._access.where(resource))

    @discreet
    def find_records(
        self, resource: str, path: Path, values: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield the records whose property has one of the values, capitals and outer blanks aside."""
        known = self._asking(resource, names)
        for row in find_rows(self._access, known, path, values):
            yield to_record(known, row, names, self._access.where(resource))

    def can_find(self, resource: str, path: Path) -> bool:
        """Return whether find_records can search by this property."""
        return lookup_of(self._resource(resource), path) is not None

    @discreet
    def write_records(
        self, resource: str, writes: Sequence[Write], names: frozenset[str]
    ) -> Outcomes:
        """Carry out the writes; yield each outcome as it is known."""
        return write_records(self._access, self._asking(resource, names), writes, names)

    def await_former(self, resource: str, count: int) -> None:
        """Return when no job is under way that an earlier run may have started for so many records."""
        for _ in self._await_former(self._resource(resource), count):
            pass

    @discreet
    def _await_former(self, resource: Resource, count: int) -> Iterator[None]:
        await_former(self._access, resource, count)
        yield from ()

    @discreet
    def diagnose(self) -> Iterator[Finding]:
        """Yield what `doctor` reports: credentials, reachability, privileges, clock."""
        return diagnose(self._access)

    def fingerprint(self) -> str | None:
        """Return a digest of what tells the account from others; the system is asked once."""
        if not self._fingerprint:
            (self._fingerprint,) = self._ask_account()
        return self._fingerprint

    @discreet
    def _ask_account(self) -> Iterator[str | None]:
        yield read_fingerprint(self._access)

    @discreet
    def probe(self) -> Iterator[Finding]:
        """Yield what `profile probe` reports: each call that reads, as the system answers it."""
        return probe(self._access)

    def close(self) -> None:
        """Wake up whoever waits, end the threads and release the connections."""
        # First: whoever sleeps until a turn or a job comes would keep the pool from ending.
        self._closing.set()
        self._access.pool.shutdown(wait=True, cancel_futures=True)
        # Last: what the pool still had under way used its connections.
        self._client.close()

    def _asking(self, name: str, names: frozenset[str]) -> Resource:
        """Return a resource whose calls ask for what is in use."""
        key = name, names
        if key not in self._selected:
            self._selected[key] = select_properties(self._resource(name), names)
        return self._selected[key]

    def _resource(self, name: str) -> Resource:
        if name not in self._resources:
            raise ProfileError(f"{self._access.profile.path}: there is no resource {name}")
        return self._resources[name]
