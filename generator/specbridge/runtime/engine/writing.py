"""Writing: into the journal first, then to the system, then what it answered into the store."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import blake2b
from typing import NamedTuple

from specbridge.errors import ApiError
from specbridge.model.values import Path
from specbridge.runtime.decide.binding import BoundFlow, BoundPackage, BoundResource
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Outcome, Record, Write, Written
from specbridge.runtime.store.journal import Closing, Entry, close_entries, open_entries
from specbridge.runtime.store.records import Reading, absorb_records, queue_records

LONGEST_REFERENCE = 50
"""Characters of an external reference where the profile does not say how many there may be."""


class Intent(NamedTuple):
    """A write and its journal entry; the write's key is its own among those sent together."""

    entry: Entry
    write: Write


class Answer(NamedTuple):
    """An intent, its number in the journal, and what the system made of it."""

    number: int
    intent: Intent
    outcome: Outcome


class Dispatch:
    """Writes of one resource that are sent together; the answers come as they are known.

    `error` is the failure that ended it early, as does the wish to stop; intents without an answer
    stay open in the journal, and the next run looks up what became of them.
    """

    def __init__(
        self, session: Session, resource: BoundResource, intents: Sequence[Intent]
    ) -> None:
        """Take the writes."""
        self._session = session
        self._resource = resource
        self._intents = intents
        self.error: ApiError | None = None

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
        session.edges.progress(f"write {resource.key[0]} {resource.name}", 0)
        # Kept until the end: the lease is renewed in between, which commits, and no answer may be
        # committed without what follows from it.
        answers: list[Answer] = []
        try:
            connector = session.connector(resource)
            with closing(
                connector.write_records(resource.name, writes, resource.names)
            ) as outcomes:
                for outcome in outcomes:
                    number, intent = sent[outcome.key]
                    answers.append(Answer(number=number, intent=intent, outcome=outcome))
                    session.keep_lease()
                    if session.edges.stop.is_set():
                        break
        except ApiError as error:
            self.error = error
        close_entries(session.connection, [_closing(answer) for answer in answers])
        session.edges.progress(f"write {resource.key[0]} {resource.name}", len(answers))
        yield from answers


def _closing(answer: Answer) -> Closing:
    entry, outcome = answer.intent.entry, answer.outcome
    number = answer.number
    if isinstance(outcome, Written):
        return Closing(number=number, state="done", record_id=outcome.id)
    return Closing(number=number, state="refused", record_id=entry.record_id, reason=outcome.reason)


def take_back(
    session: Session, resource: BoundResource, records: Sequence[Record], again: Sequence[str]
) -> None:
    """Store records as they are after a write; queue those that must be looked at again.

    These are the ones in `again`, and all where several flows use the resource.
    """
    # Seen, or a listing that lags would have it asked for; quiet, or it would come round again.
    reading = Reading(generation=session.generations.get(resource.number, 0), quiet=True)
    changed = absorb_records(session.connection, resource, records, reading)
    # Another flow may have planned on the record as it was.
    shared = changed if len(resource.uses) > 1 else []
    queue_records(session.connection, resource.number, [*again, *shared])
    if session.lettered:
        session.wake_letters(resource, changed)


def external_reference(
    package: BoundPackage, flow: BoundFlow, origin: BoundResource, id_: str, longest: int
) -> str:
    """Return the text by which a created record is found again after a crash.

    The same origin has the same text in every run; one that is too long is shortened to a digest.
    """
    text = f"specbridge:{package.name}:{flow.name}:{origin.name}:{id_}"
    if len(text) <= longest:
        return text
    # PowerOffice's references have 50 characters; cut off, those of two records could be the same.
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"specbridge:{digest}"[:longest]


def longest_reference(resource: BoundResource) -> int:
    """Return how long an external reference of a resource may be."""
    definition = resource.definition
    if definition is None or definition.external_reference is None:
        return LONGEST_REFERENCE
    for item in definition.properties:
        if item.path == definition.external_reference and item.max_length is not None:
            return item.max_length
    return LONGEST_REFERENCE


def reference_path(resource: BoundResource) -> Path | None:
    """Return the property that carries external references, None where there is none."""
    return None if resource.definition is None else resource.definition.external_reference
