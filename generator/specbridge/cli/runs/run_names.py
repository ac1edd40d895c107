"""What the records of a report are called, from the store; or nothing that names them, where nobody is to see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.runtime.decide.paths import read_name
from specbridge.runtime.hiding import HIDDEN
from specbridge.runtime.reports.report import SIDES, Action, Ambiguity, FlowReport, Report
from specbridge.runtime.store.naming import Place, names_of


def name_records(
    report: Report, connection: Connection, profiles: Mapping[str, Profile], *, shown: bool
) -> Report:
    """Return a report with the names of its records, or where they are not `shown` without a trace of them."""
    return _with_names(report, connection) if shown else _without_names(report, profiles)


def _with_names(report: Report, connection: Connection) -> Report:
    """Return a report whose records have their names; one that is created has its origin's."""
    flows = {flow.name: flow for flow in report.flows}
    named: list[Action | Ambiguity] = [*(report.actions or ()), *report.ambiguities]
    wanted = (place for one in named for place in _places(one, flows[one.flow]))
    found = names_of(connection, wanted)

    def name(one: Action | Ambiguity) -> str | None:
        return next((found[at] for at in _places(one, flows[one.flow]) if at in found), None)

    actions = report.actions
    return replace(
        report,
        actions=None if actions is None else [replace(one, name=name(one)) for one in actions],
        ambiguities=tuple(replace(one, name=name(one)) for one in report.ambiguities),
    )


def _without_names(report: Report, profiles: Mapping[str, Profile]) -> Report:
    """Return a report that shows no value of a property which names a record."""
    flows = {flow.name: flow for flow in report.flows}
    naming = {
        (flow.name, side): _naming_properties(profiles, flow.ends[number])
        for flow in report.flows
        for number, side in enumerate(SIDES)
    }
    actions = [
        replace(one, before=_hide(one.before, hidden), after=_hide(one.after, hidden))
        for one in report.actions or ()
        for hidden in (naming[flows[one.flow].name, one.side],)
    ]
    return replace(report, actions=None if report.actions is None else actions)


def _places(one: Action | Ambiguity, flow: FlowReport) -> Iterator[Place]:
    side = SIDES.index(one.side)
    if one.id is not None:
        yield flow.resources[side], one.id
    if isinstance(one, Action) and one.kind == "create":
        yield flow.resources[1 - side], one.reason


def _naming_properties(profiles: Mapping[str, Profile], end: tuple[str, str]) -> Sequence[str]:
    """Return the first steps of the properties that name a resource's records."""
    system, resource = end
    known = profiles[system].resources if system in profiles else ()
    found = (one for one in known if one.name == resource)
    return [path[0] for one in found for way in one.named_by for path in way]


def _hide(values: Mapping[str, Json], hidden: Sequence[str]) -> Mapping[str, Json]:
    return {
        name: HIDDEN if read_name(name)[0] in hidden and value is not None else value
        for name, value in values.items()
    }
