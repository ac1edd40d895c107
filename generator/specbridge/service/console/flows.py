"""Packages and their flows: how they stand, what is paused, and by whom it goes on."""

from collections.abc import Mapping

from specbridge.model.values import Json
from specbridge.pages.console import Button, Cell, ConsoleView, Form, Input, Row, Section, table
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause, read_pauses
from specbridge.runtime.store.leftover.deciding import mark
from specbridge.runtime.store.leftover.summary import summarise_flow
from specbridge.runtime.store.packages import KnownPackage, known_flows, known_packages
from specbridge.runtime.store.seen.queue import queue_length
from specbridge.service.console.asking import Asking, in_a_list, instant

_COUNTS = {
    "links": "Links",
    "ambiguous": "Ambiguous",
    "waiting": "Waiting",
    "dead_letters": "Dead letters",
    "open_conflicts": "Conflicts",
}


def show_flows(asking: Asking) -> ConsoleView:
    """Show companies with their packages, each with its flows, and the forms that pause it."""
    packages = known_packages(asking.store.connection)
    pauses = {
        number: read_pauses(asking.store.connection, number)
        for number in sorted({one.company for one in packages})
    }
    sections = [_company(asking, number, held) for number, held in pauses.items()]
    sections += [_package(asking, one, pauses[one.company]) for one in packages]
    if not sections:
        empty = "The store knows no package yet: run one."
        sections.append(Section(id="packages", heading="Packages", empty=empty))
    return ConsoleView(heading="Flows", here="/flows", sections=sections)


def _company(asking: Asking, number: int, pauses: Mapping[str, Pause]) -> Section:
    name = asking.companies[number]
    pause = pauses.get(WHOLE)
    stands = "goes on" if pause is None else _told(pause)
    return Section(
        id=f"company-{number}",
        heading=f"Company {name}" if name else "All packages",
        facts={"Stands": stands},
        forms=[_pausing(number, WHOLE, pause, f"{asking.whose(number)}all packages")],
    )


def _package(asking: Asking, package: KnownPackage, pauses: Mapping[str, Pause]) -> Section:
    connection = asking.store.connection
    mine = [x for x in known_flows(connection, package.name) if x.company == package.company]
    rows = []
    for flow in mine:
        counts = summarise_flow(connection, flow)
        rows.append(Row(cells=[Cell(text=", ".join(flow.names)), *_counts(counts)]))
    pause = pauses.get(package.name)
    heading = f"{asking.whose(package.company)}{package.name}"
    return table(
        *(f"package-{package.number}", heading, ("Flow", *_COUNTS.values())),
        rows,
        facts={
            "Stands": "goes on" if pause is None else _told(pause),
            "Records queued": str(queue_length(connection, [flow.number for flow in mine])),
        },
        forms=[_pausing(package.company, package.name, pause, heading)],
    )


def _counts(counts: Mapping[str, Json]) -> list[Cell]:
    return [Cell(text=str(counts[key])) for key in _COUNTS]


def _told(pause: Pause) -> str:
    why = f" ({in_a_list(pause.reason)})" if pause.reason else ""
    return f"paused since {instant(pause.since)}{why}"


def _pausing(company: int, package: str, pause: Pause | None, of: str) -> Form:
    unseen = [("company", str(company)), ("package", package), ("seen", mark(pause))]
    if pause is not None:
        buttons = [Button(text="Resume", of=of, value="resume")]
        return Form(action="/do/pause", buttons=buttons, unseen=unseen, stays=True)
    buttons = [Button(text="Pause", of=of, value="pause")]
    inputs = [Input(name="reason", label=f"Why to pause {of}")]
    return Form(action="/do/pause", buttons=buttons, unseen=unseen, inputs=inputs, stays=True)
