"""Writing: into the journal first, then to the system, then what it answered into the store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from time import monotonic
from typing import Self

from msgspec import Struct

from specbridge.errors import ApiError
from specbridge.model.values import Json, Path
from specbridge.runtime.decide.binding import BoundCompany, BoundFlow, BoundResource
from specbridge.runtime.decide.equality import MISSING, Value, alike, equal_values
from specbridge.runtime.decide.owning import shorten_reference
from specbridge.runtime.decide.paths import read_name, read_path
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Outcome, Record, Refused, Update, Write, Written
from specbridge.runtime.store.history.journal import Closing, Entry, close_entries, open_entries
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.seen.records import Reading, absorb_records

LONGEST_REFERENCE = 50
"""Characters of an external reference where the profile does not say how many there may be."""


_OFTEN = 0.05
"""Seconds after which the lease is looked at again: of bulk writes, a thousand are answered at once."""


class Intent(Struct, frozen=True, gc=False):
    """A write and its journal entry; the write's key is its own among those sent together."""

    entry: Entry
    write: Write


class Answer(Struct, frozen=True, gc=False):
    """An intent, its number in the journal, and what the system made of it.

    `untaken` names what a system holds as it was before, though it answered that it took it.
    """

    number: int
    intent: Intent
    outcome: Outcome
    untaken: tuple[str, ...] = ()

    @property
    def ignored(self) -> bool:
        """Return whether nothing at all of the write was taken."""
        return bool(self.untaken) and len(self.untaken) == len(self.intent.entry.after)

    @property
    def reason(self) -> str:
        """Return why the write, or a part of it, was not carried out; "" where it was."""
        if isinstance(self.outcome, Refused):
            return f"refused it ({self.outcome.status}): {self.outcome.reason}"
        names = ", ".join(self.untaken)
        return f"answered that it took it, but {names} is as it was before" if names else ""


class Dispatch:
    """Writes of one resource that are sent together; the answers come as they are known.

    A failure ends it early, as does the wish to stop; intents without an answer stay open in the
    journal, and the next run looks up what became of them.
    """

    def __init__(
        self, session: Session, resource: BoundResource, intents: Sequence[Intent]
    ) -> None:
        """Take the writes."""
        self._session = session
        self._resource = resource
        self._intents = intents
        self._subject = f"write {resource.key[0]} {resource.name}"
        self._errors: list[ApiError] = []

    def send(self) -> Iterator[Answer]:
        """Journal the writes, send them, and yield the answers; the journal is kept up to date."""
        if not self._intents:
            return
        session, resource = self._session, self._resource
        entries = [intent.entry for intent in self._intents]
        numbers = open_entries(session.connection, session.run, entries)
        sent = {
            intent.write.key: (number, intent)
            for number, intent in zip(numbers, self._intents, strict=True)
        }
        # What is sent must be known to whoever comes after a crash.
        session.store.commit()
        writes = [intent.write for intent in self._intents]
        # Kept until the end: no answer may be committed without what follows from it.
        answers: list[Answer] = []
        stop = session.edges.stop
        session.keep_lease()
        checked, told = monotonic(), 0
        self._tell(0)
        try:
            connector = session.connector(resource)
            with closing(
                connector.write_records(resource.name, writes, resource.names)
            ) as outcomes:
                for outcome in outcomes:
                    number, intent = sent[outcome.key]
                    left = find_untaken(intent, outcome)
                    answers.append(Answer(number, intent, outcome, left))
                    if (now := monotonic()) > checked + _OFTEN:
                        session.keep_lease()
                        self._tell(len(answers) - told)
                        checked, told = now, len(answers)
                    if stop.is_set():
                        break
        except ApiError as error:
            self._errors.append(error)
        close_entries(session.connection, [_closing(answer) for answer in answers])
        self._tell(len(answers) - told)
        yield from answers

    def announced(self) -> Self:
        """Say how many writes are to come, where nobody has said it before; return the same."""
        self._session.edges.expect(self._subject, lambda: len(self._intents))
        return self

    def _tell(self, written: int) -> None:
        self._session.edges.progress(self._subject, written)

    def raise_error(self) -> None:
        """Raise the failure that ended the writes early, if one did."""
        if self._errors:
            # Taken out: the error knows the frames that know this, which must not know the error.
            raise self._errors.pop()


def _closing(answer: Answer) -> Closing:
    entry, outcome = answer.intent.entry, answer.outcome
    number = answer.number
    if isinstance(outcome, Written) and not answer.ignored:
        # What was found may have been there long before: how we left it is not known.
        made = None if outcome.found else outcome.record
        instant = None if made is None else made.modified_at
        return Closing(number=number, state="done", record_id=outcome.id, instant=instant)
    reason = outcome.reason if isinstance(outcome, Refused) else answer.reason
    return Closing(number=number, state="refused", record_id=entry.record_id, reason=reason)


def find_untaken(intent: Intent, outcome: Outcome) -> tuple[str, ...]:
    """Return the properties of an update that the system holds as they were before it.

    A value that the system writes in its own way is taken, though it be the old one: it trims blanks,
    lowers the capitals of addresses, adds the path to a host.
    """
    if not isinstance(intent.write, Update) or not isinstance(outcome, Written):
        return ()
    if outcome.record is None:
        return ()
    entry, held = intent.entry, outcome.record.properties
    return tuple([name for name in entry.after if _is_untaken(entry, name, held)])


def _is_untaken(entry: Entry, name: str, held: Mapping[str, Json]) -> bool:
    before, after = entry.before.get(name), entry.after[name]
    # Most are at the top, and hold what was sent, and no more is asked of them.
    if name in held and held[name] == after and type(held[name]) is type(after):
        return False
    now = _read_stated(held, read_name(name))
    if now is MISSING or not equal_values(now, before) or equal_values(before, after):
        return False
    return not alike(now, after)


def _read_stated(held: Mapping[str, Json], path: Path) -> Value:
    """Return the value at a path; within an object that is null it is stated as null."""
    for depth in range(1, len(path)):
        if read_path(held, path[:depth]) is None:
            return None
    return read_path(held, path)


class Known(Struct, frozen=True, kw_only=True):
    """What the writer knows of records: the pairing they were written `by`, None where each may look at them.

    `matching` are the ids of those that match by what they matched by.
    """

    by: int | None = None
    matching: frozenset[str] = frozenset()


_NOTHING = Known()


def take_back(
    session: Session,
    resource: BoundResource,
    records: Sequence[Record],
    again: Sequence[str],
    known: Known = _NOTHING,
) -> None:
    """Store records as they are after a write; queue those that must be looked at again.

    These are the ones in `again`, and all for the pairings that use the resource besides the one that is known.
    """
    # Seen, or a listing that lags would have it asked for; quiet, or it would come round again.
    generation = session.generations.get(resource.number, 0)
    reading = Reading(generation=generation, quiet=True, matching=known.matching)
    changed = absorb_records(session.connection, resource, records, reading)
    # Another pairing may have planned on the record as it was.
    others = [side for side in resource.sides if side[0] != known.by and len(resource.sides) > 1]
    queue_records(session.connection, others, [*again, *changed])
    queue_records(session.connection, set(resource.sides).difference(others), again)
    if session.lettered:
        session.wake_letters(resource, changed)


def external_reference(company: BoundCompany, origin: BoundResource, id_: str, longest: int) -> str:
    """Return the text by which a created record is found again after a crash.

    It names company, system, resource and id: the same origin has the same text in every run, whatever
    flow it is created by. One that is too long is shortened to a digest.
    """
    text = f"specbridge:{company.name}:{':'.join(origin.key)}:{id_}"
    return shorten_reference(text, company.name, longest)


def older_references(
    flow: BoundFlow, origin: BoundResource, id_: str, longest: int
) -> Iterator[str]:
    """Yield the texts that earlier versions gave such a record: they named package and flow."""
    for package, name in flow.full_names:
        text = f"specbridge:{package}:{name}:{origin.name}:{id_}"
        yield shorten_reference(text, "", longest)


def longest_reference(resource: BoundResource) -> int:
    """Return how long an external reference of a resource may be."""
    definition = resource.definition
    if definition is None or definition.external_reference is None:
        return LONGEST_REFERENCE
    for item in definition.properties:
        if item.path == definition.external_reference and item.max_length is not None:
            return item.max_length
    return LONGEST_REFERENCE
