"""Runs, what each wrote, and what people did by hand."""

from collections.abc import Sequence
from typing import Any

from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.pages.console import Button, Cell, ConsoleView, Form, Row, Section, table
from specbridge.runtime.store.history.deeds import DoneDeed, list_deeds
from specbridge.runtime.store.history.journal import Entry, find_run, last_runs
from specbridge.runtime.store.history.run_rows import run_row
from specbridge.runtime.store.history.undoing import entries_of_run
from specbridge.service.console.asking import (
    AT_ONCE,
    Asking,
    address,
    as_text,
    in_a_list,
    instant,
    pair_address,
    thing_address,
)

_STATES = {"clean": "holds", "left_over": "held", "paused": "waits", "guard": "fails"}


def show_runs(asking: Asking) -> ConsoleView:
    """Show the last runs, newest first."""
    before = asking.number("before")
    found = last_runs(asking.store.connection, None, AT_ONCE + 1, before)
    shown, more = asking.one_page("/runs", found, lambda last: {"before": last.number})
    columns = ("Run", "Kind", "Outcome", "Written", "Packages")
    rows = [Row(cells=_run_cells(asking, row, run_row(row))) for row in shown]
    section = table("runs", "Newest first", columns, rows, empty="There was no run yet.", more=more)
    return ConsoleView(heading="Runs", here="/runs", sections=[section])


def _run_cells(asking: Asking, kept: Any, row: dict[str, Json]) -> list[Cell]:
    number, outcome = str(row["run"]), str(row["outcome"])
    packages = row["packages"] if isinstance(row["packages"], list) else []
    took = "" if row["seconds"] is None else f"{row['seconds']} s"
    whose = asking.companies[kept.company] if asking.several else ""
    state = _STATES.get(outcome, "fails")
    return [
        Cell(text=number, href=address("/run", number=number), note=instant(kept.started_at)),
        Cell(text=str(row["kind"]), note=took),
        Cell(text=outcome, state=state, note=str(row["error"] or "")),
        Cell(text="" if row["writes"] is None else str(row["writes"])),
        Cell(text=", ".join(map(str, packages)), note=whose),
    ]


def show_run(asking: Asking) -> ConsoleView:
    """Show a run's writes, newest first, and how to undo them."""
    number = asking.number("number")
    row = None if number is None else find_run(asking.store.connection, number)
    if number is None or row is None:
        raise PackageError("the store has no such run")
    told = run_row(row)
    facts = {
        "Kind": str(told["kind"]),
        "Began": instant(row.started_at),
        "Ended": str(told["outcome"]),
        "Records written": "" if told["writes"] is None else str(told["writes"]),
        **({"Error": str(told["error"])} if told["error"] else {}),
    }
    about = Section(id="run", heading="The run", facts=facts)
    entries = entries_of_run(asking.store.connection, number, asking.number("before"))
    shown, more = asking.one_page("/run", entries, lambda last: {"before": last.number})
    writes = table(
        *("writes", "What it wrote", ("Write", "Record", "Before", "Written")),
        _write_rows(asking, shown),
        empty="It wrote nothing.",
        more=more,
        forms=[_undoing(number)] if shown else [],
    )
    return ConsoleView(heading=f"Run {number}", sections=[about, writes])


def _undoing(run: int) -> Form:
    buttons = [
        Button(text="Undo the chosen writes", value="chosen"),
        Button(text="Undo all that it overwrote", value="overwritten"),
        Button(text="Undo all, and delete what it created", value="creations"),
    ]
    return Form(action="/do/undo", id="undo", buttons=buttons, unseen=[("run", str(run))])


def _write_rows(asking: Asking, shown: Sequence[Entry]) -> list[Row]:
    names = asking.names([(one.resource, one.record_id or "") for one in shown])
    rows = []
    for one in shown:
        system, resource = asking.systems.get(one.resource, ("?", "?"))
        place = one.resource, one.record_id or ""
        state = "" if one.state == "done" else f", {one.state}"
        cells = [
            Cell(text=str(one.number), note=f"{one.kind}{state}"),
            Cell(
                text=in_a_list(names.get(place) or place[1]),
                href=thing_address(place),
                note=f"{system} {resource} {in_a_list(place[1])}",
            ),
            Cell(text=_values(one.before)),
            Cell(text=_values(one.after)),
        ]
        box = "undo", "write", str(one.number), f"Choose write {one.number}"
        undone = one.state == "done" and one.kind in ("update", "create")
        rows.append(Row(cells=cells, boxes=[box] if undone else []))
    return rows


def _values(values: object) -> str:
    found = values if isinstance(values, dict) else {}
    return "; ".join(f"{name}: {in_a_list(as_text(value))}" for name, value in found.items())


def show_deeds(asking: Asking) -> ConsoleView:
    """Show what people did by hand, with commands and here, newest first."""
    found = list_deeds(asking.store.connection, asking.number("before"), AT_ONCE + 1)
    shown, more = asking.one_page("/deeds", found, lambda last: {"before": last.number})
    columns = ("When", "Who", "What", "About", "How")
    rows = [Row(cells=_deed_cells(asking, one)) for one in shown]
    empty = "Nobody has done anything by hand yet."
    section = table("deeds", "Newest first", columns, rows, empty=empty, more=more)
    return ConsoleView(heading="By hand", here="/deeds", sections=[section])


def _deed_cells(asking: Asking, one: DoneDeed) -> list[Cell]:
    flow = asking.by_number.get(one.pairing)
    who, what = Cell(text=one.who or "somebody"), Cell(text=one.kind)
    about = Cell(note=asking.companies[one.company] if asking.several else "")
    if flow is not None and one.source_id is not None and one.target_id is not None:
        href = pair_address(flow.number, one.source_id, one.target_id)
        about = Cell(
            text=f"{in_a_list(one.source_id)} and {in_a_list(one.target_id)}",
            href=href,
            note=asking.called(flow),
        )
    elif flow is not None:
        side = 0 if one.source_id is not None else 1
        place = flow.resources[side], one.source_id or one.target_id or ""
        about = Cell(text=in_a_list(place[1]), href=thing_address(place), note=asking.called(flow))
    return [Cell(text=instant(one.at)), who, what, about, Cell(text=in_a_list(one.detail))]
