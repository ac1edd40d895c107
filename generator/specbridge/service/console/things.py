"""Things over all systems: records and what is joined with them; and a pair, side by side."""

from collections.abc import Sequence

from specbridge.errors import PackageError
from specbridge.pages.console import Button, Cell, ConsoleView, Form, Input, Row, Section, table
from specbridge.runtime.decide.identity.things import Things
from specbridge.runtime.store.leftover.deciding import find_letter, read_pair
from specbridge.runtime.store.leftover.listing import list_conflicts_of
from specbridge.runtime.store.linking.things import PlacedLink, all_pairings, links_around
from specbridge.runtime.store.seen.looking import Found, company_of_resource, list_records
from specbridge.runtime.store.seen.naming import Place
from specbridge.service.console.asking import (
    AT_ONCE,
    Asking,
    in_a_list,
    pair_address,
    record_cell,
    thing_address,
)
from specbridge.service.console.open_work import (
    conflict_rows,
    describe_pair,
    letter_rows,
    pair_form,
)


def show_things(asking: Asking) -> ConsoleView:
    """Show a resource's records, each with those of all systems that are joined with it."""
    known = asking.systems
    resource = asking.number("resource")
    if resource not in known:
        resource = min(known, default=None)
    words = asking.query.get("words", "").strip()
    form = _choosing(asking, resource, words)
    if resource is None:
        empty = Section(id="records", heading="Records", empty="The store knows no record yet.")
        return ConsoleView(heading="Things", here="/things", sections=[empty])
    after = asking.query.get("after", "")
    found = list_records(asking.store.connection, resource, words, after, AT_ONCE + 1)
    shown, more = asking.one_page("/things", found, lambda last: {"after": last.id})
    section = table(
        *("records", " ".join(known[resource]), ("Record", "One with")),
        _thing_rows(asking, resource, shown),
        empty="There is none.",
        more=more,
        forms=[form],
    )
    return ConsoleView(heading="Things", here="/things", sections=[section])


def _choosing(asking: Asking, resource: int | None, words: str) -> Form:
    owners = company_of_resource(asking.store.connection)
    choices = []
    for number, (system, name) in asking.systems.items():
        called = f"{asking.whose(owners[number])}{system} {name}"
        choices.append((str(number), called, number == resource))
    inputs = [
        Input(name="resource", label="Of which system", choices=choices),
        Input(name="words", label="Called or numbered", value=words),
    ]
    return Form(action="/things", buttons=[Button(text="Show")], inputs=inputs, asks=True)


def _thing_rows(asking: Asking, resource: int, shown: Sequence[Found]) -> list[Row]:
    places = [(resource, one.id) for one in shown]
    connection = asking.store.connection
    around = links_around(connection, all_pairings(connection), places)
    joined = Things([(link.source, link.target) for link in around])
    members = [[one for one in joined.members(place) if one != place] for place in places]
    names = asking.names([place for own in members for place in own])
    rows = []
    for one, place, others in zip(shown, places, members, strict=True):
        gone = ", gone" if one.gone else ""
        texts = [
            f"{asking.systems[x[0]][0]} {in_a_list(names.get(x, ''))} ({in_a_list(x[1])})"
            for x in sorted(others)
        ]
        with_it = Cell(text="; ".join(texts) or "nothing")
        called, id_ = in_a_list(one.name or one.id), in_a_list(one.id)
        record = Cell(text=called, href=thing_address(place), note=f"{id_}{gone}")
        rows.append(Row(cells=[record, with_it]))
    return rows


def show_thing(asking: Asking) -> ConsoleView:
    """Show a record with all that is joined with it, over all systems, side by side."""
    resource, id_ = asking.number("resource"), asking.query.get("id", "")
    if resource is None or resource not in asking.systems:
        raise PackageError("the store knows no such records")
    connection, place = asking.store.connection, (resource, id_)
    links = links_around(connection, all_pairings(connection), [place])
    ends = {end for link in links for end in (link.source, link.target)} - {place}
    places = [place, *sorted(ends)]
    beside = Section(id="records", heading="The records", beside=[asking.beside(x) for x in places])
    joined = table(
        *("links", "What joins them", ("Flow", "Source", "Target", "Stands")),
        _link_rows(asking, links),
        empty="Nothing: no link is of this record.",
    )
    letters = [
        letter
        for flow in asking.flows
        for side, of in enumerate(flow.resources)
        for at in places
        if at[0] == of and (letter := find_letter(connection, (flow.number, side), at[1]))
    ]
    left = table(
        *("letters", "Why it could not be dealt with", ("Record", "Flow", "Reason", "Run")),
        letter_rows(asking, letters),
        empty="There is no dead letter of it.",
    )
    names = asking.names([place])
    heading = names.get(place) or id_
    return ConsoleView(heading=heading, sections=[beside, joined, left])


def _link_rows(asking: Asking, links: Sequence[PlacedLink]) -> list[Row]:
    flows = asking.by_number
    names = asking.names([end for link in links for end in (link.source, link.target)])
    rows = []
    # Links of pairings that no flow states any more are nobody's to act on.
    for link in (one for one in links if one.pairing in flows):
        flow, pair = flows[link.pairing], (link.source[1], link.target[1])
        stands = read_pair(asking.store.connection, flow.number, pair)
        text, state = describe_pair(stands, pair)
        cells = [
            Cell(text=asking.called(flow), href=pair_address(flow.number, *pair)),
            record_cell(link.source, names),
            record_cell(link.target, names),
            Cell(text=text, state=state),
        ]
        rows.append(Row(cells=cells, forms=[pair_form(flow, pair, stands)]))
    return rows


def show_pair(asking: Asking) -> ConsoleView:
    """Show both records of a pair side by side, what is undecided between them, and what can be done."""
    flow = asking.flow(asking.number("flow"))
    pair = asking.query.get("source", ""), asking.query.get("target", "")
    connection = asking.store.connection
    places: list[Place] = list(zip(flow.resources, pair, strict=True))
    stands = read_pair(connection, flow.number, pair)
    word, _ = describe_pair(stands, pair)
    records = Section(
        id="records",
        heading="Both records",
        facts={"Flow": asking.called(flow), "Stands": word},
        beside=[asking.beside(place) for place in places],
        forms=[pair_form(flow, pair, stands)],
    )
    found = list_conflicts_of(connection, flow.number, pair)
    undecided = table(
        *("conflicts", "Conflicts", ("Conflict", "Property", "Source", "Target", "Stands")),
        conflict_rows(asking, found),
        empty="No conflict between them waits.",
    )
    names = asking.names(places)
    heading = " and ".join(names.get(place) or place[1] for place in places)
    return ConsoleView(heading=heading, sections=[records, undecided])
