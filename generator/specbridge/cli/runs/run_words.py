"""Words for what a run did, or would do: its systems by their names, its records by theirs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from specbridge.cli.next_steps import counted
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.reports.report import SIDES, Action, FlowReport, Report, RunOutcome

_DONE = {"create": "created", "update": "updated", "delete": "deleted", "link": "linked"}
_WHERE = {
    "create": "in",
    "update": "in",
    "delete": "in",
    "link": "with",
    "conflict": "about",
    "vanished": "from",
    "withheld": "for",
    "dead_letter": "of",
}
_CALLED = {"withheld": "not created", "dead_letter": "dead letter"}
_NEW = "new-"
"""So a plan calls records that are not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How a report is told: `systems` are the systems' names for people; `planned`: it is yet to be done."""

    systems: Mapping[str, str] = field(default_factory=dict)
    planned: bool = False

    def system(self, name: str) -> str:
        """Return what people call a system."""
        return self.systems.get(name, name)

    def side(self, flow: FlowReport, side: int) -> str:
        """Return what people call a side of a flow: its system, with the resource where both are of one."""
        system, resource = flow.ends[side]
        twice = flow.ends[SOURCE][0] == flow.ends[TARGET][0]
        return f"{self.system(system)} {resource}" if twice else self.system(system)

    def done(self, kind: str) -> str:
        """Return the word for what was done, or is to be: `created`, `to create`."""
        return f"to {kind}" if self.planned else _DONE[kind]

    def deed(self, action: Action, flow: FlowReport) -> str:
        """Return what an action did and where: `created in Zendesk`, `would create in Zendesk`."""
        place = f"{_WHERE.get(action.kind, 'in')} {self.side(flow, SIDES.index(action.side))}"
        if action.kind in _DONE:
            word = f"would {action.kind}" if self.planned else _DONE[action.kind]
            return f"{word} {place}"
        return f"{_CALLED.get(action.kind, action.kind)} {place}"


def values_of(action: Action) -> Mapping[str, str]:
    """Return by property what an action changes: `"a" -> "b"`, or what a new record gets."""
    names = dict.fromkeys((*action.before, *action.after))
    return {name: _change(action, name) for name in names}


def record_of(action: Action) -> tuple[str, str | None]:
    """Return the id and the name of an action's record; of one that is not there yet, its origin's id."""
    id_ = action.id or ""
    if action.kind == "create" and id_.startswith(_NEW):
        return action.reason, action.name
    return id_, action.name


def reason_of(action: Action, flow: FlowReport, telling: Telling) -> str:
    """Return why, where the record does not say it already; of a conflict, whose value stands."""
    if action.kind == "create":
        return ""
    if action.kind == "conflict":
        for side, name in enumerate(SIDES):
            if action.reason == f"the {name} wins":
                return f"{telling.side(flow, side)} wins"
    return action.reason


def shown(value: Json) -> str:
    """Return a value as JSON writes it, in one line, and so that no terminal obeys it."""
    return in_one_line(json.dumps(value, ensure_ascii=False))


def summary(report: Report, telling: Telling) -> str:
    """Return the last line: how the run ended, and how much it wrote."""
    words = ending(report)
    count = counted(report.writes, "record")
    if telling.planned:
        return f"plan: {words}, would write {count} ({report.seconds:.1f} s)"
    return f"run {report.run}: {words}, {count} written in {report.seconds:.1f} s"


def ending(report: Report) -> str:
    """Return how a run ended; one that was asked to stop is neither clean nor did it fail."""
    stopped = report.error is not None and report.outcome in _ORDERLY
    return "stopped" if stopped else report.outcome.value.replace("_", " ")


_ORDERLY = (RunOutcome.CLEAN, RunOutcome.LEFT_OVER)


def colour(report: Report) -> str:
    """Return the colour of how a run ended."""
    if report.outcome in (RunOutcome.GUARD, RunOutcome.FAILED):
        return "red"
    return "green" if ending(report) == RunOutcome.CLEAN.value else "yellow"


def _change(action: Action, name: str) -> str:
    after = shown(action.after.get(name))
    if action.kind == "conflict":
        return f"{shown(action.before.get(name))} or {after}"
    if action.kind == "create":
        return after
    return f"{shown(action.before.get(name))} -> {after}"
