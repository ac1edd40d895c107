"""What a run did, as values and as the JSON that `plan` and `sync` print (docs/json.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from specbridge.model.values import Json
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.records import Usage

SIDES = ("source", "target")


class RunOutcome(Enum):
    """How a run ended."""

    CLEAN = "clean"
    LEFT_OVER = "left_over"  # dead letters, conflicts that wait for a person, something paused
    PAUSED = "paused"  # all that was asked for: nothing was read, nothing written
    GUARD = "guard"  # stopped before its first write
    FAILED = "failed"  # an API could not be worked with; the next run goes on

    @property
    def exit_code(self) -> int:
        """Return the exit code of the command."""
        return {"clean": 0, "left_over": 3, "paused": 3, "guard": 4, "failed": 5}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that a run did or would do; `before` and `after` hold values by dotted path.

    `name` is what people call the record, None where that is not known or not to be seen.
    """

    flow: str
    kind: str
    side: str
    id: str | None
    before: Mapping[str, Json] = field(default_factory=dict)
    after: Mapping[str, Json] = field(default_factory=dict)
    reason: str = ""
    name: str | None = None

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {
            "flow": self.flow,
            "kind": self.kind,
            "side": self.side,
            "id": self.id,
            "name": self.name,
            "before": dict(self.before),
            "after": dict(self.after),
            "reason": self.reason,
        }


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run counts of one flow while it goes on; lists hold the source and the target."""

    linked: int = 0
    created: list[int] = field(default_factory=lambda: [0, 0])
    updated: list[int] = field(default_factory=lambda: [0, 0])
    deleted: list[int] = field(default_factory=lambda: [0, 0])
    conflicts: int = 0
    # Records for which nothing is created, because their thing has a counterpart all the same.
    withheld: int = 0
    # Numbers, not a count: a pair may be written on both sides, and again in the next round.
    changed: set[int] = field(default_factory=set)  # numbers of links of which a side was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a flow stands after a run, as the store has it."""

    links: int = 0
    ambiguous: int = 0
    waiting: int = 0
    dead_letters: int = 0
    open_conflicts: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReport:
    """What a run did to one flow, and how the flow stands now.

    `shared` are the flows between the same two resources: they work as one, and are counted here. `ends` are
    the systems and resources of source and target, `resources` their numbers in the store.
    """

    name: str
    package: str
    tally: Tally
    standing: Standing
    shared: tuple[str, ...] = ()
    ends: tuple[tuple[str, str], tuple[str, str]]
    resources: tuple[int, int]

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        tally, standing = self.tally, self.standing
        return {
            "name": self.name,
            "package": self.package,
            "shared": list(self.shared),
            "sides": {
                side: {"system": system, "resource": resource}
                for side, (system, resource) in zip(SIDES, self.ends, strict=True)
            },
            "links": standing.links,
            "linked": tally.linked,
            "created": _by_side(tally.created),
            "updated": _by_side(tally.updated),
            "deleted": _by_side(tally.deleted),
            # A link that was written may have vanished later in the run, and is counted no more.
            "unchanged": max(0, standing.links - len(tally.changed)),
            "conflicts": tally.conflicts,
            "open_conflicts": standing.open_conflicts,
            "ambiguous": standing.ambiguous,
            "withheld": tally.withheld,
            "waiting": standing.waiting,
            "dead_letters": standing.dead_letters,
            "held": standing.held,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A record that matches, but not without doubt: all its candidates on the other side.

    `name` is what people call it, None where that is not known or not to be seen.
    """

    flow: str
    side: str
    id: str
    candidates: tuple[str, ...]
    name: str | None = None

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        return {
            "flow": self.flow,
            "side": self.side,
            "id": self.id,
            "name": self.name,
            "candidates": list(self.candidates),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """What a run left alone because people have paused it: a package, "" for all of the company's.

    `since` is seconds since 1970; `reason` is empty where nobody gave one.
    """

    package: str
    since: float
    reason: str = ""

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object; without a package it is the company."""
        since = datetime.fromtimestamp(self.since, UTC).isoformat(timespec="seconds")
        return {"package": self.package or None, "since": since, "reason": self.reason}

    def told(self) -> str:
        """Return what a terminal shows."""
        shown = self.as_json()
        why = f" ({self.reason})" if self.reason else ""
        again = f"specbridge resume {self.package}".rstrip()
        return f"{self.package or 'the company'} is paused since {shown['since']}{why}: `{again}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did; `error` is the message where it was stopped or failed.

    `actions` are kept for `plan`, and for `sync` on request. `seconds` is wall time.
    """

    run: int
    packages: tuple[str, ...]
    outcome: RunOutcome
    rounds: int
    seconds: float
    flows: tuple[FlowReport, ...]
    requests: Mapping[str, Usage]
    actions: Sequence[Action] | None = None
    ambiguities: tuple[Ambiguity, ...] = ()
    error: str | None = None
    paused: tuple[Paused, ...] = ()

    @property
    def package(self) -> str:
        """Return the name of the package, the names of all where it ran several."""
        return ", ".join(self.packages)

    @property
    def writes(self) -> int:
        """Return how many records were created, updated or deleted."""
        return sum(
            sum(counts)
            for flow in self.flows
            for counts in (flow.tally.created, flow.tally.updated, flow.tally.deleted)
        )

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object that the commands print."""
        printed: dict[str, Json] = {
            "run": str(self.run),
            "package": self.package,
            "packages": list(self.packages),
            "outcome": self.outcome.value,
            "rounds": self.rounds,
            "seconds": round(self.seconds, 3),
            "flows": [flow.as_json() for flow in self.flows],
            "requests": {system: usage_json(usage) for system, usage in self.requests.items()},
            "ambiguities": [item.as_json() for item in self.ambiguities],
            "error": self.error,
            "paused": [item.as_json() for item in self.paused],
        }
        if self.actions is not None:
            # Left out where nobody asked: [] would say that nothing was done.
            printed["actions"] = [action.as_json() for action in self.actions]
        return printed


def usage_json(usage: Usage) -> dict[str, Json]:
    """Return the JSON object of a system's requests."""
    return {
        "read": usage.read,
        "write": usage.write,
        "throttled": usage.throttled,
        "retried": usage.retried,
    }


def usage_since(now: Usage, before: Usage) -> Usage:
    """Return the requests made since an earlier count."""
    return Usage(
        read=now.read - before.read,
        write=now.write - before.write,
        throttled=now.throttled - before.throttled,
        retried=now.retried - before.retried,
    )


def _by_side(counts: Sequence[int]) -> dict[str, Json]:
    return {"source": counts[SOURCE], "target": counts[TARGET]}
