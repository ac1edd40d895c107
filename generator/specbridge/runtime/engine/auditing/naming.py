"""Findings as they are told: with the names of their records, and what their dead letters say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.identity.things import Place
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.auditing.findings import Finding, letter_places, with_letter
from specbridge.runtime.engine.session import Session
from specbridge.runtime.reports.audit_report import Example
from specbridge.runtime.store.history.auditing import letters_of
from specbridge.runtime.store.seen.naming import names_of


class Naming:
    """Tells findings of one pairing; each list of them asks the store once."""

    def __init__(self, session: Session, flow: BoundFlow) -> None:
        """Ask the session's store about the pairing's records."""
        self._connection = session.connection
        self._flow = flow

    def tell(self, findings: Sequence[Finding]) -> tuple[Example, ...]:
        """Return findings as examples, in their order."""
        letters = {
            place[1]: letters_of(self._connection, place, ids)
            for place, ids in letter_places(self._flow.number, findings).items()
        }
        examples = [with_letter(finding, letters).example for finding in findings]
        places = {place for example in examples for place in self._places(example) if place}
        names = names_of(self._connection, places)
        return tuple(self._named(example, names) for example in examples)

    def _places(self, example: Example) -> tuple[Place | None, Place | None]:
        source, target = self._flow.resources
        return (
            None if example.source is None else (source, example.source),
            None if example.target is None else (target, example.target),
        )

    def _named(self, example: Example, names: Mapping[Place, str]) -> Example:
        places = self._places(example)
        if not any(place in names for place in places):
            return example
        found = [names.get(place) if place is not None else None for place in places]
        return replace(example, names=(found[SOURCE], found[TARGET]))
