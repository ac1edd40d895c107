"""A connector: one system, seen through its profile; a thin face of the modules beside it."""

from collections.abc import Iterable, Iterator, Sequence
from threading import Event

import httpx

from specbridge.errors import ProfileError
from specbridge.model.profile import Resource
from specbridge.model.values import Path
from specbridge.runtime.connectors.diagnosis import Used, diagnose
from specbridge.runtime.connectors.discretion import discreet
from specbridge.runtime.connectors.hooks import ListedWebhook, list_webhooks
from specbridge.runtime.connectors.identity import read_fingerprint
from specbridge.runtime.connectors.probing import probe
from specbridge.runtime.connectors.reading.associated import associate_each, associate_pages
from specbridge.runtime.connectors.reading.changes import read_changes
from specbridge.runtime.connectors.reading.codes import ListedCodes
from specbridge.runtime.connectors.reading.finding import (
    find_rows,
    look_again,
    lookup_of,
    read_rows_by_id,
)
from specbridge.runtime.connectors.reading.rows import Row, row_id, to_record
from specbridge.runtime.connectors.reading.selecting import select_properties
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.connections import drop_connections
from specbridge.runtime.connectors.updating import write_associated
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
        self._codes = ListedCodes(access)

    @discreet
    def read_changes(
        self, resource: str, cursor: str | None, names: frozenset[str]
    ) -> Iterator[Page]:
        """Yield what changed since `cursor`, everything where it is None; the last page has a cursor."""
        known = self._asking(resource, names)
        pages = read_changes(self._access, known, cursor, names)
        return associate_pages(self._access, known, pages, names)

    @discreet
    def read_records(
        self, resource: str, ids: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield those of the records that exist, in any order."""
        known = self._asking(resource, names)
        rows = read_rows_by_id(self._access, known, ids)
        yield from self._records(known, rows, names)

    @discreet
    def look_again(
        self, resource: str, known: Sequence[Record], names: frozenset[str], *, listed: bool = False
    ) -> Iterator[Change]:
        """Yield each record as it is now, or a tombstone where the system says that it is gone."""
        definition = self._asking(resource, names)
        changes = self._look_again(definition, known, names, listed=listed)
        yield from associate_each(self._access, definition, changes, names)

    @discreet
    def find_records(
        self, resource: str, path: Path, values: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield the records whose property has one of the values, capitals and outer blanks aside."""
        known = self._asking(resource, names)
        rows = find_rows(self._access, known, path, values)
        yield from self._records(known, rows, names)

    def can_find(self, resource: str, path: Path) -> bool:
        """Return whether find_records can search by this property."""
        return lookup_of(self._resource(resource), path) is not None

    @discreet
    def write_records(
        self, resource: str, writes: Sequence[Write], names: frozenset[str]
    ) -> Outcomes:
        """Carry out the writes; yield each outcome as it is known."""
        known = self._asking(resource, names)
        return write_associated(self._access, known, writes, names)

    def await_former(self, resource: str, count: int) -> None:
        """Return when no job is under way that an earlier run may have started for so many records."""
        for _ in self._await_former(self._resource(resource), count):
            pass

    @discreet
    def _await_former(self, resource: Resource, count: int) -> Iterator[None]:
        await_former(self._access, resource, count)
        yield from ()

    @discreet
    def diagnose(self, used: Used | None = None) -> Iterator[Finding]:
        """Yield what `doctor` reports: credentials, reachability, privileges, properties `used`, clock."""
        return diagnose(self._access, used)

    def fingerprint(self) -> str | None:
        """Return a digest of what tells the account from others; the system is asked once."""
        if not self._fingerprint:
            (self._fingerprint,) = self._ask_account()
        return self._fingerprint

    @discreet
    def _ask_account(self) -> Iterator[str | None]:
        yield read_fingerprint(self._access)

    @discreet
    def probe(self, *, writes: bool = False) -> Iterator[Finding]:
        """Yield what `profile probe` reports: each call as the system answers it.

        Nothing is written; with `writes` a test record of each resource is, and deleted again.
        """
        return probe(self._access, writes=writes)

    @discreet
    def webhooks(self) -> Iterator[ListedWebhook]:
        """Yield the webhooks that the system lists; none where no call is known for it."""
        known = self._access.profile.webhooks
        if known is not None and known.check is not None:
            yield from list_webhooks(self._access, known.check)

    def rest(self) -> None:
        """Give back threads and connections until the next call; what is known of the system stays.

        While nothing is under way: tokens and whose account it is need not be asked for again.
        """
        self._access.threads.rest()
        drop_connections(self._client)

    def close(self) -> None:
        """Wake up whoever waits, end the threads and release the connections.

        Reads under way are given up, and what changes something has some seconds to be answered.
        """
        # First: whoever waits for a turn, a job or a server would keep the pool from ending.
        self._closing.set()
        self._access.threads.end()
        # Last: what the pool still had under way used its connections.
        self._client.close()

    def _records(
        self, resource: Resource, rows: Iterable[Row], names: frozenset[str]
    ) -> Iterator[Record]:
        where = self._access.where(resource.name)
        records = (to_record(resource, row, names, where) for row in rows)
        for change in associate_each(self._access, resource, records, names):
            if isinstance(change, Record):
                yield change

    def _look_again(
        self, resource: Resource, known: Sequence[Record], names: frozenset[str], *, listed: bool
    ) -> Iterator[Change]:
        where = self._access.where(resource.name)
        rows = {record.id: record.properties for record in known}
        merged: dict[str, Row] = {}
        for id_, row in look_again(self._access, resource, rows, listed=listed, merged=merged):
            if row is not None:
                yield to_record(resource, row, names, where)
            elif id_ in merged:
                yield Tombstone(id_, row_id(resource, merged[id_], where))
            else:
                yield Tombstone(id_)

    def _asking(self, name: str, names: frozenset[str]) -> Resource:
        """Return a resource whose calls ask for what is in use."""
        key = name, names
        if key not in self._selected:
            chosen = select_properties(self._resource(name), names)
            self._selected[key] = self._codes.fill(chosen, names)
        return self._selected[key]

    def _resource(self, name: str) -> Resource:
        if name not in self._resources:
            raise ProfileError(f"{self._access.profile.path}: there is no resource {name}")
        return self._resources[name]
