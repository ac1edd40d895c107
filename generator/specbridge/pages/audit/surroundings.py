"""What the audit's page tells beside the report: who is who, where it is written, and how it was before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

StatementKey = tuple[str, str, str]
"""A statement: the flow, the kind, and the text."""

Stated = tuple[str, int]
"""Where it stands: the document's bare name, and the line in it, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedSystem:
    """A system by its profile's name: what people call it, and at which address it was read."""

    name: str
    called: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAudit:
    """An earlier audit of the same packages, in counts; `at` is in seconds since 1970."""

    at: float
    checked: int
    holds: int
    fails: int
    left_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All that the page tells and the report does not hold.

    `at` is the audit's instant with the zone that it is told in. `lines` say where statements stand, for
    documents that were found; `mends` what to do about what is held, by the code of its problem. `history` is of earlier
    audits, oldest first; `kept` says in a sentence why there is none, or what it is.
    """

    at: datetime
    systems: tuple[AuditedSystem, ...] = ()
    lines: Mapping[StatementKey, Stated] = field(default_factory=dict)
    mends: Mapping[str, str] = field(default_factory=dict)
    history: tuple[PastAudit, ...] = ()
    kept: str = ""
