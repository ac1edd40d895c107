"""What the records of a report are called, from the store; or nothing that names them, where nobody is to see it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from specbridge.cli.masking import hide_in_text, hide_names
from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.runtime.decide.paths import read_name
from specbridge.runtime.hiding import HIDDEN
from specbridge.runtime.reports.report import SIDES, Action, Ambiguity, FlowReport, Report
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.seen.naming import Place, names_of


def name_records(
    report: Report, store: Store, profiles: Mapping[str, Profile], *, shown: bool
) -> Report:
    """Return a report with the names of its records; where they are not `shown`, without a trace of them.

    A record that is created has its origin's name.
    """
    flows = {flow.name: flow for flow in report.flows}
    # Hidden ones too: else nobody could tell where another text holds them.
    named: list[Action | Ambiguity] = [*(report.actions or ()), *report.ambiguities]
    wanted = (place for one in named for place in _places(one, flows[one.flow]))
    found = names_of(store.connection, wanted)

    def names(one: Action | Ambiguity) -> list[str]:
        return [found[at] for at in _places(one, flows[one.flow]) if at in found]

    if not shown:
        return _without_names(report, names, profiles)

    def called(one: Action | Ambiguity) -> str | None:
        return next(iter(names(one)), None)

    actions = report.actions
    return replace(
        report,
        actions=None if actions is None else [replace(one, name=called(one)) for one in actions],
        ambiguities=tuple(replace(one, name=called(one)) for one in report.ambiguities),
    )


def _without_names(
    report: Report,
    names: Callable[[Action], Sequence[str]],
    profiles: Mapping[str, Profile],
) -> Report:
    """Return a report with no value of a property that names records, nor a name in any other."""
    naming = {
        flow.name: {name for end in flow.ends for name in _naming_properties(profiles, end)}
        for flow in report.flows
    }

    def hide(one: Action) -> Action:
        hidden, called = naming[one.flow], names(one)
        return replace(
            one,
            before=_hide(one.before, hidden, called),
            after=_hide(one.after, hidden, called),
            reason=one.reason if one.kind == "create" else hide_in_text(one.reason, called),
        )

    actions = report.actions
    return replace(report, actions=None if actions is None else [hide(one) for one in actions])


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


def _hide(
    values: Mapping[str, Json], hidden: Collection[str], names: Collection[str]
) -> Mapping[str, Json]:
    """Return values without names; of a conflict the property may be called as in either system."""
    return {
        name: (
            HIDDEN
            if read_name(name)[0] in hidden and value is not None
            else hide_names(value, names)
        )
        for name, value in values.items()
    }
