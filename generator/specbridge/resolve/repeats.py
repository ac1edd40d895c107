"""Flows of one pair of resources: they run as one, so that what they say twice must not differ."""

from collections.abc import Sequence
from dataclasses import replace

from specbridge.errors import Problem
from specbridge.model.conversion import Conversion
from specbridge.model.resolved import Held, ResolvedFlow, ResolvedMapping
from specbridge.model.values import Direction, Path
from specbridge.resolve.problems import Fault, line_of, problem, reason

_Spot = tuple[Path, str, Path, str]
"""A row's two properties, conditions included."""


def settle_repeats(
    flows: Sequence[ResolvedFlow],
) -> tuple[list[ResolvedFlow], list[Problem]]:
    """Return the flows in their order, with rows held that an earlier flow states with another type.

    Only flows about the same records of the same two resources are compared. A flow of a resource
    to itself has nothing to keep equal: it is not run.
    """
    settled: list[ResolvedFlow] = []
    problems: list[Problem] = []
    stated: dict[tuple[object, ...], dict[_Spot, tuple[str, ResolvedMapping]]] = {}
    for flow in flows:
        if joins_itself(flow):
            problems.append(_itself(flow))
            settled.append(replace(flow, runnable=False))
            continue
        rows = stated.setdefault(_records(flow), {})
        mappings = []
        for row in flow.mappings:
            spot = _spot(row)
            settled_row, fault = _hold(flow, row, rows.get(spot))
            mappings.append(settled_row)
            problems += [fault] if fault else []
            # What is held gives nothing: a row that it stands before is still the first.
            if row.direction is not Direction.NONE:
                rows.setdefault(spot, (flow.name, row))
        settled.append(replace(flow, mappings=tuple(mappings)))
    return settled, problems


def once_told(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems without those that say more of a row which is left out or aside."""
    aside = {one.where for one in problems if one.code in _ASIDE}
    return tuple(
        one for one in problems if one.where not in aside or not one.code.startswith(_OF_ROWS)
    )


_ASIDE = frozenset({"W331", "W332", "W362"})
_OF_ROWS = ("W40", "W424")
"""What is told of rows that are to be kept equal: why they are held, and that the mirror lacks them."""


def joins_itself(flow: ResolvedFlow) -> bool:
    """Return whether a flow joins a resource with itself, whatever its subsets are."""
    source, target = flow.source, flow.target
    return (source.system, source.resource) == (target.system, target.resource)


def _itself(flow: ResolvedFlow) -> Problem:
    return problem("W361", flow.where, flow.name, resource=flow.source.resource)


def _records(flow: ResolvedFlow) -> tuple[object, ...]:
    """Return which records a flow is about: both resources and both subsets."""
    return tuple((one.system, one.resource, one.subset) for one in (flow.source, flow.target))


def _spot(row: ResolvedMapping) -> _Spot:
    # As text: a condition's value may be a list, which no dict takes.
    ends = (row.source, row.target)
    texts = [repr([(c.path, c.value, c.negate) for c in one.conditions]) for one in ends]
    return row.source.path, texts[0], row.target.path, texts[1]


def _hold(
    flow: ResolvedFlow, row: ResolvedMapping, before: tuple[str, ResolvedMapping] | None
) -> tuple[ResolvedMapping, Problem | None]:
    if before is None or not _differs(before[1], row, one_flow=before[0] == flow.name):
        return row, None
    other, first = before
    line = line_of(first.where, row.where)
    place, bare = (
        (line, "an earlier row") if other == flow.name else (f"flow `{other}`, {line}", "")
    )
    texts = {"row": row.statement, "type": _type(first, row)}
    fault = problem("W362", row.where, flow.name, place=place, **texts)
    # Without the line: generated code quotes the reason, and a document's lines mean nothing.
    why = reason(Fault("W362", {"place": bare or f"flow `{other}`", **texts}))
    held = Held(direction=Direction.BOTH, code="W362", reason=why)
    changed = replace(row, direction=Direction.NONE, create_only=Direction.NONE, held=(held,))
    return changed, fault


def _differs(first: ResolvedMapping, row: ResolvedMapping, *, one_flow: bool) -> bool:
    # What is held already gives nothing that could differ.
    if row.direction is Direction.NONE:
        return False
    if (first.forward, first.reference) != (row.forward, row.reference):
        return True
    # Only in one flow: of two, one alone may have a mirror that states the way back.
    return one_flow and first.backward != row.backward


def _type(first: ResolvedMapping, row: ResolvedMapping) -> str:
    """Return the type of the first row, in the direction in which the other one differs."""
    conversion: Conversion | None = first.forward
    if first.forward == row.forward:
        conversion = first.backward
    return "N/A" if conversion is None else conversion.text
