"""What an audit found, as values and as JSON (docs/json.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from specbridge.model.values import Json
from specbridge.runtime.reports.audit_reasons import Explanation

Result = Literal["holds", "fails", "held", "unchecked"]
"""How a statement stands: an `unchecked` one has no record or pair that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A record or a pair for which a statement fails, or of which nothing can be told.

    A side that is missing is None. Names are what people call the records, None where they are not known
    or not shown; `seen` are the addresses at which people can look at them, source first, "" where there
    is none. `unit` says which property is meant where no statement does. `masked`: names and values are
    left out, whatever they are.
    """

    source: str | None
    target: str | None
    source_value: Json = None
    target_value: Json = None
    because: Explanation | None = None
    names: tuple[str | None, str | None] = (None, None)
    seen: tuple[str, str] = ("", "")
    unit: str = ""
    masked: bool = False

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        because = self.because
        return {
            "source": self.source,
            "target": self.target,
            "source_value": self.source_value,
            "target_value": self.target_value,
            "source_name": self.names[0],
            "target_name": self.names[1],
            "reason": because.reason.value if because else None,
            "why": because.why if because else None,
            "mend": because.mend if because else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why a statement is held: the code of the problem, and its words."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of the document, and for how many records or pairs it holds.

    `kind` is `created`, `linked` or `property`. A held statement is not checked; one that is checked may be
    held in one of its directions, which `withheld` tells too.
    """

    flow: str
    kind: str
    text: str
    checked: int
    holds: int
    fails: int
    held: bool
    examples: tuple[Example, ...] = ()
    package: str = ""
    withheld: tuple[Withheld, ...] = ()

    @property
    def result(self) -> Result:
        """Return how it stands."""
        if self.held:
            return "held"
        if self.fails:
            return "fails"
        return "holds" if self.checked else "unchecked"

    def as_json(self, most: int | None = None) -> dict[str, Json]:
        """Return the JSON object, with so many examples at most."""
        return {
            "flow": self.flow,
            "package": self.package,
            "kind": self.kind,
            "text": self.text,
            "checked": self.checked,
            "holds": self.holds,
            "fails": self.fails,
            "held": self.held,
            "held_because": [{"code": x.code, "reason": x.reason} for x in self.withheld],
            "examples": [example.as_json() for example in self.examples[:most]],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """What of a flow no statement can be checked on, or waits for a person.

    `vanished` pairs have lost a record, of `open_conflicts` nobody has decided, `ambiguous` records
    match several, and `waiting` references are to records that are not linked. `examples` are some of
    each, by these names.
    """

    flow: str
    vanished: int
    open_conflicts: int
    ambiguous: int
    waiting: int
    package: str = ""
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)

    def counts(self) -> Iterator[tuple[str, int, str]]:
        """Yield what there is of it: the name, how many, and in words what they are."""
        for name, words in _LEFT_OVER.items():
            if count := getattr(self, name):
                yield name, count, words

    def as_json(self, most: int | None = None) -> dict[str, Json]:
        """Return the JSON object, with so many examples of each kind at most."""
        return {
            "flow": self.flow,
            "package": self.package,
            "vanished": self.vanished,
            "open_conflicts": self.open_conflicts,
            "ambiguous": self.ambiguous,
            "waiting": self.waiting,
            "examples": {
                name: [x.as_json() for x in some[:most]] for name, some in self.examples.items()
            },
        }

    def told(self) -> tuple[str, ...]:
        """Return what there is of it, each counted in words; none where nothing is left over."""
        return tuple(f"{words}: {count}" for _, count, words in self.counts())


_LEFT_OVER = {
    "vanished": "pairs with a record that is gone",
    "open_conflicts": "open conflicts",
    "ambiguous": "ambiguous records",
    "waiting": "references that wait",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedSide:
    """One side of a flow that was audited: its system's profile and name, resource, and label."""

    system: str
    called: str
    resource: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedFlow:
    """A flow that was audited, and how many of its pairs are linked and whole."""

    name: str
    package: str
    document: str
    source: AuditedSide
    target: AuditedSide
    links: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCount:
    """How many records of a resource were read."""

    system: str
    resource: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """All statements of packages' flows, in the documents' order, and what is left over by flow.

    `at` is when the audit began, in seconds since 1970; `after` is the last run before it that wrote, 0
    where the store knows none.
    """

    package: str
    statements: tuple[Statement, ...]
    left_over: tuple[LeftOver, ...] = ()
    flows: tuple[AuditedFlow, ...] = ()
    read: tuple[ReadCount, ...] = ()
    at: float = 0.0
    after: int = 0

    @property
    def holds(self) -> bool:
        """Return whether every statement holds, held ones aside."""
        return not any(statement.fails for statement in self.statements)

    @property
    def checked(self) -> int:
        """Return how many checks were made: of each statement, one for each record or pair."""
        return sum(statement.checked for statement in self.statements)

    @property
    def held_true(self) -> int:
        """Return how many of the checks hold."""
        return sum(statement.holds for statement in self.statements)

    def as_json(self, most: int | None = None) -> dict[str, Json]:
        """Return the JSON object that `audit --json` prints, with so many examples of each statement."""
        return {
            "package": self.package,
            "outcome": "holds" if self.holds else "fails",
            "at": datetime.fromtimestamp(self.at, UTC).isoformat(timespec="seconds"),
            "after_run": str(self.after) if self.after else None,
            "read": [
                {"system": x.system, "resource": x.resource, "records": x.records}
                for x in self.read
            ],
            "statements": [statement.as_json(most) for statement in self.statements],
            "left_over": [left.as_json(most) for left in self.left_over],
        }
