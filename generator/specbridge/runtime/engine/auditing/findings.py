"""What an audit finds against a statement: counted, some of it kept, with the reason for each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow, PairingSide
from specbridge.runtime.decide.equality import MISSING, Value
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.decide.paths import read_place
from specbridge.runtime.decide.plan import Pair, PairPlan, Wait
from specbridge.runtime.decide.units import Unit, fitting_rows
from specbridge.runtime.engine.changing.creating import Creator
from specbridge.runtime.engine.linking.counterparts import find_members
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record
from specbridge.runtime.reports.audit_reasons import Explanation, Reason
from specbridge.runtime.reports.audit_report import Example

Called = tuple[str, str]
"""What people call the systems of a flow, source first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An example, and the side of the flow whose record or value is the one that counts."""

    example: Example
    side: int


@dataclass(slots=True)
class Count:
    """What was found of one statement so far; the first findings, `most` of them, are kept."""

    most: int
    holds: int = 0
    fails: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def wants(self) -> bool:
        """Return whether one more finding would be kept."""
        return len(self.findings) < self.most

    def fail(self, finding: Finding) -> None:
        """Count one record or pair for which it fails."""
        self.fails += 1
        if self.wants:
            self.findings.append(finding)


def explain(reason: Reason, called: Called, side: int, detail: str = "") -> Explanation:
    """Return a reason as it is told: what the record or the value of `side` is about."""
    here, there = called[side], called[1 - side]
    return Explanation(reason=reason, here=here, there=there, detail=detail)


def check_unlinked(
    session: Session,
    flow: BoundFlow,
    side: int,
    unlinked: Sequence[Record],
    terms: tuple[Called, Count],
) -> None:
    """Count the records of a side that should have a counterpart, and have none."""
    called, count = terms
    lacking = Creator(session, flow, 1 - side).eligible(unlinked)
    told = lacking[: max(count.most - len(count.findings), 0)]
    members = {record.id: one for record, one in find_members(session, flow, side, told)}
    for record in told:
        member = members.get(record.id)
        withheld = member is not None and member.reason is not None
        detail = (member.reason or "") if member is not None else ""
        reason = Reason.WITHHELD if withheld else Reason.NOT_CREATED
        because = explain(reason, called, side, detail)
        source, target = (record.id, None) if side == SOURCE else (None, record.id)
        example = Example(source=source, target=target, because=because)
        count.fail(Finding(example=example, side=side))
    count.fails += len(lacking) - len(told)


def check_units(
    flow: BoundFlow, pair: Pair, plan: PairPlan, called: Called
) -> Iterator[tuple[str, Finding | None]]:
    """Yield the units that are about a pair, by their keys; with what is found, None where they hold."""
    waiting = {wait.unit for wait in plan.waits}
    for unit in flow.units:
        if unit.key in waiting or (unit not in plan.concerned and plan.failure is None):
            continue
        holds = unit.key in plan.agreed or unit.key in plan.alike
        yield unit.key, None if holds else _finding(unit, pair, plan, called)


def _finding(unit: Unit, pair: Pair, plan: PairPlan, called: Called) -> Finding:
    rows = fitting_rows(unit, pair.source.properties, pair.target.properties)
    source = read_place(pair.source.properties, unit.sources[(rows or (0,))[0]])
    target = read_place(pair.target.properties, unit.target)
    side, because = _explain_unit(unit, pair, plan, called)
    example = Example(
        source=pair.source.id,
        target=pair.target.id,
        source_value=_json(source),
        target_value=_json(target),
        because=because,
    )
    return Finding(example=example, side=side)


def _explain_unit(
    unit: Unit, pair: Pair, plan: PairPlan, called: Called
) -> tuple[int, Explanation]:
    """Return the side whose value counts, and why the other does not have it."""
    if plan.failure is not None:
        return SOURCE, explain(Reason.UNCONVERTIBLE, called, SOURCE, plan.failure)
    clash = next((clash for clash in plan.clashes if clash.unit == unit.key), None)
    if clash is not None and clash.loser is None:
        return SOURCE, explain(Reason.UNDECIDED, called, SOURCE)
    if clash is not None and clash.loser is not None and unit.key not in pair.chosen:
        side = 1 - clash.loser
        return side, explain(Reason.CONTESTED, called, side)
    written = next((edit.side for edit in plan.edits if edit.unit is unit), None)
    if written is not None:
        return 1 - written, explain(Reason.NOT_CARRIED, called, 1 - written)
    return SOURCE, explain(Reason.DIFFERS, called, SOURCE)


def waiting_finding(pair: Pair, wait: Wait, called: Called) -> Finding:
    """Return what is found of a reference that waits."""
    because = explain(Reason.WAITING, called, wait.side, f"{wait.resource} {wait.id}")
    example = Example(source=pair.source.id, target=pair.target.id, because=because, unit=wait.unit)
    return Finding(example=example, side=wait.side)


def _json(value: Value) -> Json:
    return None if value is MISSING else value


_COME_TO_NOTHING = {
    Reason.NOT_CREATED: Reason.NOT_CREATABLE,
    Reason.NOT_CARRIED: Reason.REFUSED,
}
"""What a reason becomes where the store knows that a run tried, and what came of it."""


def letter_places(number: int, findings: Iterable[Finding]) -> dict[PairingSide, list[str]]:
    """Return the records of a pairing that may have dead letters, by their sides."""
    places: dict[PairingSide, list[str]] = {}
    for finding in findings:
        because = finding.example.because
        if because is not None and because.reason in _COME_TO_NOTHING:
            places.setdefault((number, finding.side), []).append(_id_of(finding))
    return places


def with_letter(finding: Finding, letters: dict[int, dict[str, str]]) -> Finding:
    """Return a finding with the reason that its record's dead letter tells, where it has one."""
    because = finding.example.because
    if because is None or because.reason not in _COME_TO_NOTHING:
        return finding
    detail = letters.get(finding.side, {}).get(_id_of(finding))
    if detail is None:
        return finding
    told = replace(because, reason=_COME_TO_NOTHING[because.reason], detail=detail)
    return replace(finding, example=replace(finding.example, because=told))


def _id_of(finding: Finding) -> str:
    example = finding.example
    found = example.source if finding.side == SOURCE else example.target
    assert found is not None
    return found
