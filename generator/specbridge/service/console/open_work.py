"""What waits for a person: conflicts, dead letters, ambiguous pairs, links of which a record is gone."""

from collections.abc import Iterator, Sequence

from specbridge.model.values import Json
from specbridge.pages.console import Button, Cell, ConsoleView, Form, Row, Section, table
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.leftover.deciding import Pair, mark, read_pair
from specbridge.runtime.store.leftover.listing import (
    VANISHED,
    Conflict,
    Letter,
    links_that_are,
    list_conflicts,
    list_dead_letters,
    list_links,
    list_pairs,
)
from specbridge.runtime.store.leftover.summary import count_noted, summarise_flow
from specbridge.runtime.store.packages import KnownFlow
from specbridge.runtime.store.tables.rows import read_json
from specbridge.runtime.store.tables.schema import candidates
from specbridge.service.console.asking import (
    Asking,
    address,
    as_text,
    in_a_list,
    pair_address,
    read_number,
    record_cell,
    sent,
    thing_address,
)

LISTS = {
    "open_conflicts": ("Conflicts", "/conflicts"),
    "dead_letters": ("Dead letters", "/letters"),
    "ambiguous": ("Ambiguous pairs", "/ambiguous"),
    "vanished": ("Vanished links", "/vanished"),
}


def show_open_work(asking: Asking) -> ConsoleView:
    """Show how much waits in each flow, with the way to each list."""
    counted = [(x, _counts(asking, x)) for x in asking.wanted()]
    columns = ["Flow", *(name for name, _ in LISTS.values()), "References that wait", "Links"]
    rows = [Row(cells=_flow_cells(asking, flow, counts)) for flow, counts in counted]
    totals = {
        name: f"{sum(int(str(counts[key])) for _, counts in counted):,}"
        for key, (name, _) in LISTS.items()
    }
    waiting = Section(
        id="waiting",
        heading="What waits for a person",
        note="Nothing of it is written until somebody decides, or until it is mended in its system.",
        facts=totals,
    )
    empty = "The store knows no flow yet: run one."
    forms = [asking.filter("/")] if asking.several else []
    flows = table("flows", "By flow", columns, rows, empty=empty, forms=forms)
    return ConsoleView(heading="Open work", here="/", sections=[waiting, flows])


def _counts(asking: Asking, flow: KnownFlow) -> dict[str, Json]:
    connection = asking.store.connection
    vanished = count_noted(connection, flow.number)
    return {**summarise_flow(connection, flow), "vanished": vanished}


def _flow_cells(asking: Asking, flow: KnownFlow, counts: dict[str, Json]) -> list[Cell]:
    def linked(key: str, path: str) -> Cell:
        return Cell(text=str(counts[key]), href=address(path, flow=flow.number))

    lists = [linked(key, path) for key, (_, path) in LISTS.items()]
    others = [Cell(text=str(counts[key])) for key in ("waiting", "links")]
    return [Cell(text=asking.called(flow)), *lists, *others]


def show_conflicts(asking: Asking) -> ConsoleView:
    """Show conflicts that are not settled, oldest first, with both values of each."""
    flows = [flow.number for flow in asking.wanted()]
    after = asking.number("after") or 0
    found = list_conflicts(asking.store.connection, flows, everything=False, after=after)
    shown, more = asking.one_page("/conflicts", found, lambda last: {"after": last.number})
    section = table(
        *("conflicts", "Both sides were changed", _CONFLICT),
        conflict_rows(asking, shown),
        empty="No conflict waits.",
        more=more,
        forms=[asking.filter("/conflicts")],
    )
    return ConsoleView(heading="Conflicts", sections=[section])


_CONFLICT = ("Conflict", "Property", "Source", "Target", "Stands")


def conflict_rows(asking: Asking, found: Sequence[Conflict]) -> list[Row]:
    """Return conflicts as rows, each with the buttons that settle it."""
    flows = asking.by_number
    ends = [zip(flows[x.pairing].resources, (x.source_id, x.target_id), strict=True) for x in found]
    names = asking.names([place for pair in ends for place in pair])
    rows = []
    for one in found:
        flow = flows[one.pairing]
        source, target = flow.resources
        cells = [
            Cell(
                text=str(one.number),
                href=pair_address(one.pairing, one.source_id, one.target_id),
                note="both records",
            ),
            Cell(text=in_a_list(one.unit), note=asking.called(flow)),
            record_cell((source, one.source_id), names, as_text(read_json(one.source_value))),
            record_cell((target, one.target_id), names, as_text(read_json(one.target_value))),
            _stands(one),
        ]
        rows.append(Row(cells=cells, forms=[_settling(asking, one, flow)]))
    return rows


def _stands(one: Conflict) -> Cell:
    if one.state == "open":
        return Cell(text="waits", state="held")
    return Cell(text=f"{one.winner} wins at the next run", state="waits")


def _settling(asking: Asking, one: Conflict, flow: KnownFlow) -> Form:
    of = f"in conflict {one.number}, {in_a_list(one.unit)}"
    systems = [asking.systems[resource][0] for resource in flow.resources]
    buttons = [
        Button(text=f"{system} wins", of=f"({side}) {of}", value=side)
        for side, system in zip(SIDES, systems, strict=True)
    ]
    unseen = [("conflict", str(one.number)), ("flow", str(one.pairing)), ("seen", mark(*one[6:]))]
    return Form(action="/do/settle", buttons=buttons, unseen=unseen, stays=True)


def show_letters(asking: Asking) -> ConsoleView:
    """Show dead letters, with the reason of each."""
    flows = asking.wanted()
    found = list_dead_letters(asking.store.connection, flows, after=_after_letter(asking))
    shown, more = asking.one_page(
        "/letters", found, lambda last: {"after": f"{last.pairing} {last.side} {last.id}"}
    )
    section = table(
        *("letters", "Records that could not be dealt with", _LETTER),
        letter_rows(asking, shown),
        empty="There are no dead letters.",
        more=more,
        forms=[asking.filter("/letters"), *(_for_all(asking) if shown else ())],
    )
    return ConsoleView(heading="Dead letters", sections=[section])


def _after_letter(asking: Asking) -> tuple[int, int, str] | None:
    """Return the flow, side and id of the last letter of the page before, None where the list begins."""
    flow, side, id_ = [*asking.query.get("after", "").split(" ", 2), "", "", ""][:3]
    number = read_number(flow)
    if number is None or number not in asking.by_number or side not in ("0", "1"):
        return None
    return number, int(side), id_


_LETTER = ("Record", "Flow", "Reason", "Run")


def letter_rows(asking: Asking, found: Sequence[Letter]) -> list[Row]:
    """Return dead letters as rows, each with the buttons that have it tried or note that it was seen."""
    flows = asking.by_number
    places = [(flows[one.pairing].resources[one.side], one.id) for one in found]
    names = asking.names(places)
    rows = []
    for one, place in zip(found, places, strict=True):
        also = ", ".join(asking.called(flows[n]) for n in (one.pairing, *one.also))
        reason = in_a_list(one.reason)
        seen = Cell(text="acknowledged", state="waits", note=reason)
        cells = [
            Cell(
                text=in_a_list(names.get(place) or one.id),
                href=thing_address(place),
                note=f"{asking.systems[place[0]][0]} {in_a_list(one.id)}",
            ),
            Cell(text=also),
            seen if one.acknowledged else Cell(text=reason),
            Cell(text=str(one.run), href=address("/run", number=one.run)),
        ]
        rows.append(Row(cells=cells, forms=[_letter_form(one)]))
    return rows


def _letter_form(one: Letter) -> Form:
    of = f"the record {in_a_list(one.id)}"
    buttons = [Button(text="Try again", of=of, value="retry")]
    if not one.acknowledged:
        buttons.append(Button(text="Acknowledge", of=of, value="acknowledge"))
    numbers = " ".join(str(number) for number in (one.pairing, *one.also))
    seen = mark(one.reason, one.acknowledged)
    unseen = [("flows", numbers), ("side", str(one.side)), ("id", sent(one.id)), ("seen", seen)]
    return Form(action="/do/letter", buttons=buttons, unseen=unseen, stays=True)


def _for_all(asking: Asking) -> Iterator[Form]:
    """Yield the form that deals with all dead letters of the flows that are shown."""
    numbers = " ".join(str(flow.number) for flow in asking.wanted())
    buttons = [
        Button(text="Try all again", value="retry"),
        Button(text="Acknowledge all", value="acknowledge"),
    ]
    yield Form(action="/do/letters", buttons=buttons, unseen=[("flows", numbers)], stays=True)


def show_ambiguous(asking: Asking) -> ConsoleView:
    """Show pairs that match but not without doubt; nothing is written to them until one is pinned."""
    return _show_pairs(asking, "/ambiguous", ("Ambiguous pairs", "Which belong together?"))


def show_vanished(asking: Asking) -> ConsoleView:
    """Show links of which a record is gone."""
    return _show_pairs(asking, "/vanished", ("Vanished links", "A record of each is gone"))


def _show_pairs(asking: Asking, path: str, words: tuple[str, str]) -> ConsoleView:
    """Show the pairs of one list, flow after flow; a page begins after a flow's number and a pair."""
    shown, more = asking.one_page(path, _pairs(asking, path), _place_of)
    section = table(
        *("pairs", words[1], _PAIR),
        _pair_rows(asking, shown),
        empty="There are none.",
        more=more,
        forms=[asking.filter(path)],
    )
    return ConsoleView(heading=words[0], sections=[section])


_PAIR = ("Flow", "Source", "Target", "Stands")


def _place_of(row: tuple[KnownFlow, tuple[str, str]]) -> dict[str, object]:
    flow, (source, target) = row
    return {"at": flow.number, "source": source, "target": target}


def _pairs(asking: Asking, path: str) -> Iterator[tuple[KnownFlow, tuple[str, str]]]:
    connection, at = asking.store.connection, asking.number("at")
    after = asking.query.get("source", ""), asking.query.get("target", "")
    for flow in asking.wanted():
        if at is not None and flow.number < at:
            continue
        begin = after if flow.number == at else ("", "")
        if path == "/ambiguous":
            for pair in list_pairs(connection, candidates, flow.number, begin):
                yield flow, pair
            continue
        gone = links_that_are([VANISHED])
        for part in list_links(connection, flow.number, gone, after=begin[0]):
            for row in part:
                yield flow, (row.source_id, row.target_id)


def _pair_rows(asking: Asking, shown: Sequence[tuple[KnownFlow, tuple[str, str]]]) -> list[Row]:
    ends = [place for flow, pair in shown for place in zip(flow.resources, pair, strict=True)]
    names = asking.names(ends)
    rows = []
    for flow, pair in shown:
        stands = read_pair(asking.store.connection, flow.number, pair)
        cells = [
            Cell(
                text=asking.called(flow), href=pair_address(flow.number, *pair), note="both records"
            ),
            *(record_cell(place, names) for place in zip(flow.resources, pair, strict=True)),
            _pair_stands(stands, pair),
        ]
        rows.append(Row(cells=cells, forms=[pair_form(flow, pair, stands)]))
    return rows


def _pair_stands(stands: Pair, pair: tuple[str, str]) -> Cell:
    text, state = describe_pair(stands, pair)
    return Cell(text=text, state=state)


def describe_pair(stands: Pair, pair: tuple[str, str]) -> tuple[str, str]:
    """Return how a pair stands, in a word, and the class of that word."""
    link = stands.of_source
    if link is not None and link[0] == pair[1]:
        whole = "pinned" if link[2] else "linked"
        return ("vanished", "fails") if link[1] else (whole, "holds")
    if stands.split:
        return "split", "waits"
    return ("ambiguous", "held") if stands.ambiguous else ("not linked", "")


def pair_form(flow: KnownFlow, pair: tuple[str, str], stands: Pair) -> Form:
    """Return the form with what can be done about a pair as it stands."""
    of = f"{in_a_list(pair[0])} and {in_a_list(pair[1])}"
    linked = stands.of_source is not None and stands.of_source[0] == pair[1]
    pinned = stands.of_source is not None and linked and stands.of_source[2]
    buttons = []
    if not pinned:
        buttons.append(Button(text="Pin", of=of, value="pin"))
    if pinned or stands.split:
        buttons.append(Button(text="Leave to the rules", of=of, value="unpin"))
    if linked:
        buttons.append(Button(text="Split", of=of, value="split"))
        buttons.append(Button(text="Split with all that joins them", of=of, value="cut"))
    ends = ("source", sent(pair[0])), ("target", sent(pair[1]))
    unseen = [("flow", str(flow.number)), *ends, ("seen", mark(stands))]
    return Form(action="/do/pair", buttons=buttons, unseen=unseen, stays=True)
