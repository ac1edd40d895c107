"""Records and changes as connectors give and take them; the same for every system."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from msgspec import Struct

from specbridge.model.values import Json, Path


class Record(Struct, frozen=True, gc=False):
    """A record as its system holds it now.

    `id` is the id as text; `modified_at` the system's own text of the instant, "" where there is
    none; `properties` is the record's JSON, cut to the top-level names that were asked for. `name` is
    what people call it, "" where it has no name, None where what was read does not say.
    """

    id: str
    # Text: PowerOffice writes seven digits of a fraction, and a datetime keeps six.
    modified_at: str
    properties: Mapping[str, Json]
    # When a person last edited it, as far as the store knows; "" where nothing is known.
    edited_at: str = ""
    name: str | None = None


class Tombstone(Struct, frozen=True, gc=False):
    """A record that its system says is deleted.

    `into` is the id of the record that it was merged into, "" where it was not, or nobody knows.
    """

    id: str
    into: str = ""


# PowerOffice deletes without a trace, so not every system gives the second kind.
Change = Record | Tombstone


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A batch of changes, and the cursor from which the next run may go on once it is stored.

    `cursor` is the connector's own text, handed back exactly as given; None: not known yet.
    """

    changes: Sequence[Change]
    # Text too: Zendesk's is opaque, PowerOffice's is an instant to the last digit.
    cursor: str | None


class Create(Struct, frozen=True, gc=False, kw_only=True):
    """A record to be created; `key` comes back with its outcome.

    `external_reference` goes into the resource's external reference property, where it has one, so
    that the record can be found again after a crash. `properties` is nested JSON.
    """

    key: str
    properties: Mapping[str, Json]
    external_reference: str


class Update(Struct, frozen=True, gc=False, kw_only=True):
    """Properties of a record to be changed; `key` comes back with its outcome.

    `changes` maps paths to new values (None: emptied). No path goes through a list: a list that
    changes is given whole. `current` is the record that the change was planned on: a connector
    refuses with a conflict where it can tell that the server holds other values at those paths.
    `fresh`: `current` was read just now, and need not be read again for that. `resumed`: an earlier
    attempt may have been carried out in part; then `current` is the record as it was before that.
    """

    key: str
    current: Record
    # An index into a list would mean another element once somebody has edited the list.
    changes: Mapping[Path, Json]
    fresh: bool = False
    resumed: bool = False


class Delete(Struct, frozen=True, gc=False, kw_only=True):
    """A record to be deleted (only where the settings propagate deletions)."""

    key: str
    current: Record


Write = Create | Update | Delete


class Written(Struct, frozen=True, gc=False, kw_only=True):
    """A write that the server has carried out; `record` is what it now holds.

    `record` is None after a delete, and where the call gave nothing back and the record could not
    be read again. `found`: a creation after which the record was found by its external reference. It
    may have been there long before, and others may have edited it.
    """

    key: str
    id: str
    record: Record | None
    found: bool = False


class Refused(Struct, frozen=True, gc=False, kw_only=True):
    """A write that the server refused for good; the others went on.

    `reason` is one sentence without personal data where the server's words allow it; `status` the
    HTTP status (422, 404, …), 409 for a concurrent edit (`stale`), 404 with `gone` for a record
    that is no longer there. `duplicate` names the property whose unique value is taken, `holder` the id
    of the record that has it, where the server says so.
    """

    key: str
    status: int
    reason: str
    # By the property: Zendesk words its reasons in the language of whoever calls.
    duplicate: str | None = None
    holder: str | None = None
    stale: bool = False
    gone: bool = False


Outcome = Written | Refused

Outcomes = Generator[Outcome, None, None]
"""Outcomes as they become known. Whoever has enough closes it: nothing more is begun then."""


@dataclass(slots=True)
class Usage:
    """The HTTP requests made so far; a bulk call counts as one write, a poll of its job as a read.

    `throttled` counts answers 429, `retried` the requests repeated for whatever reason.
    """

    read: int = 0
    write: int = 0
    throttled: int = 0
    retried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that `doctor` looked at: what, whether it is well, and what to do if not.

    A `warning` is well today, and will not be for ever.
    """

    subject: str
    well: bool
    message: str
    warning: bool = False


@runtime_checkable
class Identified(Protocol):
    """A connector that can tell which account of its system it works with."""

    def fingerprint(self) -> str | None:
        """Return a digest of what tells the account from others, "" where the system does not say.

        None: nobody knows how accounts of this system are told apart. Raises ApiError where the system cannot be asked.
        """
        ...


@runtime_checkable
class Laborious(Protocol):
    """A connector to a system that goes on with what it was given when nobody waits for it any more."""

    def await_former(self, resource: str, count: int) -> None:
        """Return when no work is under way that an earlier run may have given it.

        `count` is how many records' writes that may be at most. Raises ApiError.
        """
        ...


class Connector(Protocol):
    """One system, seen through its profile. `names` are those of BoundResource.

    Every method raises an ApiError when the system cannot be worked with; what was yielded before
    stands. `names` are the top-level properties that records are cut to.
    """

    system: str
    usage: Usage

    def read_changes(
        self, resource: str, cursor: str | None, names: frozenset[str]
    ) -> Iterator[Page]:
        """Yield what changed since `cursor`, at least once each; everything where it is None."""

    def read_records(
        self, resource: str, ids: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield those of the records that exist, in any order."""

    def look_again(
        self, resource: str, known: Sequence[Record], names: frozenset[str], *, listed: bool = False
    ) -> Iterator[Change]:
        """Yield each record as it is now, or a tombstone where its system says that it is gone.

        `known` are the records as they were last seen. One is left out of which the system says
        neither: that a list lacks it proves nothing. `listed`: all were listed just now, so that
        reading a list again would tell nothing new.
        """

    def find_records(
        self, resource: str, path: Path, values: Sequence[str], names: frozenset[str]
    ) -> Iterator[Record]:
        """Yield the records whose property has one of the values; it must be searchable."""

    def can_find(self, resource: str, path: Path) -> bool:
        """Return whether find_records can search by this property."""

    def write_records(
        self, resource: str, writes: Sequence[Write], names: frozenset[str]
    ) -> Outcomes:
        """Carry out the writes, in bulk where the API can; yield each outcome as it is known.

        A write that is not answered when an ApiError is raised, or when the outcomes are closed, may
        or may not have happened.
        """

    def diagnose(self) -> Iterator[Finding]:
        """Yield what `doctor` reports: credentials, reachability, privileges, clock."""

    def close(self) -> None:
        """Release connections; the connector is not used afterwards."""
