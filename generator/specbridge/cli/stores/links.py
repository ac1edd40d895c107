"""`links`: links, split pairs and ambiguous ones; and the hand that settles them."""

from collections.abc import Iterator, Sequence
from itertools import repeat

import click

from specbridge.cli.stores.asking import (
    Asked,
    ask_store,
    find_flow,
    group_options,
    open_asked,
    print_rows,
)
from specbridge.model.values import Json
from specbridge.runtime.decide.identity.things import Things
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.handwork import pin_link, split_link, unpin_link
from specbridge.runtime.store.listing import list_links, list_pairs
from specbridge.runtime.store.packages import KnownFlow, resource_names
from specbridge.runtime.store.schema import candidates, splits
from specbridge.runtime.store.things import all_pairings, links_around


@click.group(invoke_without_command=True)
@group_options
def links(context: click.Context, store: str | None, package: str | None, as_json: bool) -> None:
    """List links, split pairs and ambiguous ones; split, pin and unpin them by hand."""
    asked = ask_store(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (opened, flows):
            around = _Around(opened)
            rows = (row for flow in flows for row in _link_rows(opened, flow, around))
            print_rows(rows, _link_text, as_json=asked.as_json)


def _link_rows(store: Store, flow: KnownFlow, around: "_Around") -> Iterator[Json]:
    for part in list_links(store.connection, flow.number):
        things = around.things_of(flow, [(row.source_id, row.target_id) for row in part])
        for row, thing in zip(part, things, strict=True):
            whole = "pinned" if row.pinned else "linked"
            # Vanished before pinned: a pinned link to what is gone is what somebody must see.
            state = "vanished" if row.vanished else whole
            pair = row.source_id, row.target_id
            yield {**_link_row(flow, pair, state, row.made_by), "thing": list(thing)}
    for pair in list_pairs(store.connection, splits, flow.number):
        yield _link_row(flow, pair, "split", "hand")
    for pair in list_pairs(store.connection, candidates, flow.number):
        yield _link_row(flow, pair, "ambiguous", "rule")


def _link_row(flow: KnownFlow, pair: tuple[str, str], state: str, made_by: str) -> dict[str, Json]:
    return {
        "flow": flow.name,
        "source": pair[0],
        "target": pair[1],
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
    ) -> Iterator[Sequence[Json]]:
        """Yield what each pair's thing holds besides the two: records that other links join with them."""
        if not self._is_joined(flow):
            yield from repeat((), len(pairs))
            return
        places = [(flow.resources[0], source) for source, _ in pairs]
        around = links_around(self._store.connection, self._pairings, places)
        things = Things([(link.source, link.target) for link in around])
        for place, (_, target) in zip(places, pairs, strict=True):
            own = {place, (flow.resources[1], target)}
            more = sorted(one for one in things.members(place) if one not in own)
            yield [self._called(number, id_) for number, id_ in more]

    def _is_joined(self, flow: KnownFlow) -> bool:
        """Return whether other pairings have a resource of the flow's: else there is nothing to ask."""
        others = [one for one in self._pairings if one.number != flow.number]
        return any(set(flow.resources) & set(one.resources) for one in others)

    def _called(self, resource: int, id_: str) -> Json:
        system, name = self._names[resource]
        return {"system": system, "resource": name, "id": id_}


def _link_text(row: dict[str, Json]) -> str:
    thing = row["thing"]
    assert isinstance(thing, list)
    more = [f"{x['system']} {x['resource']} {x['id']}" for x in thing if isinstance(x, dict)]
    with_them = f", one with {', '.join(more)}" if more else ""
    return f"{row['flow']} {row['source']} {row['target']} {row['state']}{with_them}"


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
        others = split_link(store.connection, find_flow(flows, flow), pair, cut=cut)
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
        pin_link(store.connection, find_flow(flows, flow), (source, target))
    _say("pin", flow, (source, target))


@links.command("unpin")
@click.argument("flow")
@click.argument("source")
@click.argument("target")
@click.pass_obj
def unpin(asked: Asked, flow: str, source: str, target: str) -> None:
    """Leave a pinned link, or a split pair, to the rules again."""
    with open_asked(asked, write=True) as (store, flows):
        unpin_link(store.connection, find_flow(flows, flow), (source, target))
    _say("unpin", flow, (source, target))


def _say(what: str, flow: str, pair: tuple[str, str], more: str = "") -> None:
    click.echo(f"{what}: {flow} {pair[0]} {pair[1]}{more}; the next sync goes by it")
