"""Rows that runs hold because they close a circle over several pairs of datatypes, in whatever documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from specbridge.circles import End, Tie, Want, find_closing_ties, make_end
from specbridge.errors import Location, Problem
from specbridge.model.resolved import (
    ResolvedFlow,
    ResolvedMapping,
    ResolvedPackage,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import Direction
from specbridge.resolve.problems import file_name, problem
from specbridge.resolve.repeats import joins_itself
from specbridge.resolve.tables.conversions import converts_values


@dataclass(frozen=True, slots=True, kw_only=True)
class TiedRow:
    """A row of a flow, with the two properties that it ties; `package` is its package's name."""

    package: str
    flow: ResolvedFlow
    row: ResolvedMapping
    tie: Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRow:
    """A row that is held, and the others of a circle that it would close, as one walks round.

    `circle` is empty where there are too many ways to tell one.
    """

    held: TiedRow
    circle: tuple[TiedRow, ...]


def closing_rows(packages: Sequence[ResolvedPackage]) -> tuple[ClosingRow, ...]:
    """Return the rows that a run of these packages holds, in the packages' and flows' order.

    Flows that cannot run, or join a datatype with itself, take no part.
    """
    rows = [row for package in packages for row in _tied_rows(package)]
    closing = find_closing_ties([row.tie for row in rows])
    return tuple(
        ClosingRow(held=rows[number], circle=tuple(rows[other] for other in closing[number]))
        for number in sorted(closing)
    )


def tell_closing(closing: ClosingRow) -> Problem:
    """Return the warning about a row that closes a circle."""
    held = closing.held
    values = {
        "source": held.row.source.text,
        "target": held.row.target.text,
        "walk": _tell_walk(closing) or "one of very many",
        "places": _tell_places([one.row.where for one in closing.circle]) or "the package",
    }
    return problem("W431", held.row.where, held.flow.name, **values)


def _tied_rows(package: ResolvedPackage) -> Iterator[TiedRow]:
    for flow in package.flows:
        if not flow.runnable or joins_itself(flow):
            continue
        for row in flow.mappings:
            if row.direction is not Direction.NONE:
                ends = (_end(flow.source, row.source), _end(flow.target, row.target))
                tie = Tie(ends, converts=converts_values(row))
                yield TiedRow(package=package.name, flow=flow, row=row, tie=tie)


def _end(side: ResolvedSide, property_: ResolvedProperty) -> End:
    wants = [Want(one.path, one.value, one.negate) for one in property_.conditions]
    if side.predicate is not None:
        wants.append(Want(side.predicate.path, side.predicate.equals, side.predicate.negate))
    return make_end((side.system, side.resource), property_.path, wants)


def _tell_walk(closing: ClosingRow) -> str:
    """Return the properties of the circle, one after the other, each with its datatype."""
    spot = closing.held.tie.ends[0].spot
    words = []
    for one in closing.circle:
        turned = one.tie.ends[0].spot != spot
        side = one.flow.target if turned else one.flow.source
        read = one.row.target if turned else one.row.source
        words.append(f"{side.datatype} {read.text}")
        spot = one.tie.ends[0 if turned else 1].spot
    if words:
        words.append(f"{closing.held.flow.target.datatype} {closing.held.row.target.text}")
    return " - ".join(words)


def _tell_places(places: Sequence[Location]) -> str:
    """Return lines by file: `a-b.rst:12, 30; b-a.rst:7`."""
    lines: dict[str, list[int]] = {}
    for place in sorted(places):
        lines.setdefault(file_name(place.path), []).append(place.line)
    return "; ".join(f"{name}:{', '.join(map(str, found))}" for name, found in lines.items())
