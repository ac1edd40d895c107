"""`links`: links, split pairs and ambiguous ones; and the hand that settles them."""

from collections.abc import Collection, Iterator, Sequence
from itertools import repeat
from typing import Any

import click

from specbridge.cli.next_steps import Step, counted
from specbridge.cli.stores.asking import (
    Asked,
    ask_store,
    find_flow,
    list_options,
    open_asked,
    places_on,
    side_option,
)
from specbridge.cli.stores.listing import Listing, Row, Seen, called, end_list, print_list, quoted
from specbridge.cli.stores.naming import Names, in_parts, look_up
from specbridge.cli.tables import Column
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.decide.binding import PairingSide
from specbridge.runtime.decide.identity.things import Things
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.history.deeds import this_user
from specbridge.runtime.store.leftover import deciding
from specbridge.runtime.store.leftover.listing import (
    LINKED,
    PINNED,
    VANISHED,
    links_that_are,
    links_without,
    list_links,
    list_pairs,
)
from specbridge.runtime.store.linking.things import all_pairings, links_around
from specbridge.runtime.store.packages import KnownFlow, resource_names
from specbridge.runtime.store.seen.naming import Place
from specbridge.runtime.store.tables.schema import candidates, splits

SPLIT, AMBIGUOUS = "split", "ambiguous"
_PAIRS = {SPLIT: (splits, "hand"), AMBIGUOUS: (candidates, "rule")}
_STATES = (LINKED, PINNED, VANISHED, SPLIT, AMBIGUOUS)


@click.group(invoke_without_command=True)
@list_options
@side_option("Only links whose record on this side is gone: source, target or a system.")
@click.option(
    "--state",
    "states",
    type=click.Choice(_STATES),
    multiple=True,
    help="Only these; several are fine.",
)
def links(context: click.Context, states: tuple[str, ...], **options: Any) -> None:
    """List links, split pairs and ambiguous ones; split, pin and unpin them by hand."""
    asked = ask_store(context, **options)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (store, flows):
            listed = _Listed(store, asked, states, places_on(store, asked, flows))
            rows = (row for flow in flows for row in listed.rows_of(flow))
            seen = print_list(asked, rows, _LISTING)
        end_list(asked, *_next(asked, seen))


class _Listed:
    """The rows of flows, as many as were asked for."""

    def __init__(
        self,
        store: Store,
        asked: Asked,
        states: Collection[str],
        places: Collection[PairingSide] | None,
    ) -> None:
        self._store, self._asked = store, asked
        # Of a side only what is gone is told: such a link has vanished.
        self._states = set(states or _STATES) & ({VANISHED} if places is not None else set(_STATES))
        self._places = places
        self._around = _Around(store)

    def rows_of(self, flow: KnownFlow) -> Iterator[Row]:
        """Yield the links of a flow that were asked for, then its split pairs and ambiguous ones."""
        yield from self._links(flow)
        for state, (table, made_by) in _PAIRS.items():
            if state in self._states:
                for part in in_parts(list_pairs(self._store.connection, table, flow.number)):
                    names = self._look_up(flow, part)
                    yield from (_row(flow, pair, (state, made_by), names) for pair in part)

    def _links(self, flow: KnownFlow) -> Iterator[Row]:
        states = self._states.difference(_PAIRS)
        wanted = [links_that_are(states)] if len(states) < len(_STATES) - len(_PAIRS) else []
        if self._places is not None:
            sides = [side for number, side in self._places if number == flow.number]
            wanted.append(links_without(flow, sides))
        for part in list_links(self._store.connection, flow.number, *wanted) if states else ():
            pairs = [(row.source_id, row.target_id) for row in part]
            things = list(self._around.things_of(flow, pairs))
            names = self._look_up(flow, pairs, [place for thing in things for place in thing])
            for row, pair, thing in zip(part, pairs, things, strict=True):
                whole = PINNED if row.pinned else LINKED
                # Vanished before pinned: a pinned link to what is gone is what somebody must see.
                state = VANISHED if row.vanished else whole
                more = [self._around.called(place, names) for place in thing]
                yield {**_row(flow, pair, (state, row.made_by), names), "thing": more}

    def _look_up(
        self, flow: KnownFlow, pairs: Sequence[tuple[str, str]], more: Sequence[Place] = ()
    ) -> Names:
        ends = [place for pair in pairs for place in zip(flow.resources, pair, strict=True)]
        return look_up(self._store, self._asked, [*ends, *more])


def _row(flow: KnownFlow, pair: tuple[str, str], how: tuple[str, str], names: Names) -> Row:
    state, made_by = how
    return {
        "flow": flow.name,
        "source": pair[0],
        "source_name": names.of(flow.resources[0], pair[0]),
        "target": pair[1],
        "target_name": names.of(flow.resources[1], pair[1]),
        "state": state,
        "made_by": made_by,
        "thing": [],
    }


class _Around:
    """What links join with a pair: asked of the store page by page, by pairings that are asked once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = resource_names(store.connection)
        self._pairings = all_pairings(store.connection)

    def things_of(
        self, flow: KnownFlow, pairs: Sequence[tuple[str, str]]
    ) -> Iterator[Sequence[Place]]:
        """Yield what each pair's thing holds besides the two: records that other links join with them."""
        if not self._is_joined(flow):
            yield from repeat((), len(pairs))
            return
        places = [(flow.resources[0], source) for source, _ in pairs]
        around = links_around(self._store.connection, self._pairings, places)
        things = Things([(link.source, link.target) for link in around])
        for place, (_, target) in zip(places, pairs, strict=True):
            own = {place, (flow.resources[1], target)}
            yield sorted(one for one in things.members(place) if one not in own)

    def called(self, place: Place, names: Names) -> Json:
        """Return a record as JSON has it."""
        system, resource = self._names[place[0]]
        return {"system": system, "resource": resource, "id": place[1], "name": names.of(*place)}

    def _is_joined(self, flow: KnownFlow) -> bool:
        """Return whether other pairings have a resource of the flow's: else there is nothing to ask."""
        others = [one for one in self._pairings if one.number != flow.number]
        return any(set(flow.resources) & set(one.resources) for one in others)


def _line(row: Row) -> str:
    more = [f"{x['system']} {x['resource']} {x['id']}" for x in _thing(row)]
    with_them = f", one with {', '.join(more)}" if more else ""
    text = f"{row['flow']} {row['source']} {row['target']} {row['state']}{with_them}"
    names = (row["source_name"], row["target_name"], *(x["name"] for x in _thing(row)))
    return in_one_line(text) + quoted(*names)


def _thing(row: Row) -> list[Row]:
    thing = row["thing"]
    assert isinstance(thing, list)
    return [one for one in thing if isinstance(one, dict)]


def _cells(row: Row) -> Sequence[str]:
    more = (f"{x['system']} {called(x['id'], x['name'])}" for x in _thing(row))
    state = ", one with ".join((str(row["state"]), *more))
    records = (called(row[side], row[f"{side}_name"]) for side in SIDES)
    return str(row["flow"]), *records, state


_LISTING = Listing(
    columns=(Column("Flow"), Column("Source"), Column("Target"), Column("State")),
    cells=_cells,
    line=_line,
    kind=lambda row: str(row["state"]),
    empty="no links",
)


def _next(asked: Asked, seen: Seen) -> Iterator[Step]:
    doubted = seen.first.get(AMBIGUOUS)
    if doubted is not None:
        pair = (str(doubted[key]) for key in ("flow", "source", "target"))
        waiting = counted(seen.counts[AMBIGUOUS], "ambiguous pair")
        yield Step(
            f"{waiting}, to which nothing is written; pin what belongs together",
            asked.words("links", "pin", *pair),
        )
    gone = seen.counts.get(VANISHED)
    if gone and seen.counts != {VANISHED: gone}:
        what = counted(gone, "link", " of which a record is gone")
        yield Step(what, asked.words("links", "--state", VANISHED))


@links.command("split")
@click.argument("flow")
@click.argument("source")
@click.argument("target")
@click.option("--cut", is_flag=True, help="Split the other links that join the two, as well.")
@click.pass_obj
def split(asked: Asked, flow: str, source: str, target: str, cut: bool) -> None:
    """Take a link apart; it stays apart, whatever the rules say.

    While other links join the two records it is refused: they would stay one thing.
    """
    with open_asked(asked, write=True) as (store, flows):
        pair = source, target
        own = find_flow(flows, flow)
        others = deciding.split(store.connection, own, pair, this_user(), cut=cut)
    more = f", and {len(others)} links that joined them" if others else ""
    _say("split", flow, pair, more)


@links.command("pin")
@click.argument("flow")
@click.argument("source")
@click.argument("target")
@click.pass_obj
def pin(asked: Asked, flow: str, source: str, target: str) -> None:
    """Link a pair, or keep it linked, whatever the rules say; links that it replaces are journalled."""
    with open_asked(asked, write=True) as (store, flows):
        deciding.pin(store.connection, find_flow(flows, flow), (source, target), this_user())
    _say("pin", flow, (source, target))


@links.command("unpin")
@click.argument("flow")
@click.argument("source")
@click.argument("target")
@click.pass_obj
def unpin(asked: Asked, flow: str, source: str, target: str) -> None:
    """Leave a pinned link, or a split pair, to the rules again."""
    with open_asked(asked, write=True) as (store, flows):
        deciding.unpin(store.connection, find_flow(flows, flow), (source, target), this_user())
    _say("unpin", flow, (source, target))


def _say(what: str, flow: str, pair: tuple[str, str], more: str = "") -> None:
    click.echo(f"{what}: {flow} {pair[0]} {pair[1]}{more}; the next sync goes by it")
