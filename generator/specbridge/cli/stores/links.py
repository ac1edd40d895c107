"""`links`: links, split pairs and ambiguous ones; and the hand that settles them."""

from collections.abc import Callable, Iterator

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
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.handwork import (
    list_splits,
    pin_link,
    split_link,
    unpin_link,
)
from specbridge.runtime.store.links import read_links
from specbridge.runtime.store.matching import ambiguous_pairs
from specbridge.runtime.store.packages import (
    KnownFlow,
)


@click.group(invoke_without_command=True)
@group_options
def links(context: click.Context, store: str | None, package: str | None, as_json: bool) -> None:
    """List links, split pairs and ambiguous ones; split, pin and unpin them by hand."""
    asked = ask_store(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (opened, flows):
            rows = [row for flow in flows for row in _link_rows(opened, flow)]
        print_rows(
            asked,
            rows,
            lambda row: f"{row['flow']} {row['source']} {row['target']} {row['state']}",
        )


def _link_rows(store: Store, flow: KnownFlow) -> Iterator[Json]:
    for part in read_links(store.connection, flow.number):
        for row in part:
            whole = "pinned" if row.pinned else "linked"
            # Vanished before pinned: a pinned link to what is gone is what somebody must see.
            state = "vanished" if row.vanished else whole
            yield _link_row(flow, (row.source_id, row.target_id), state, row.made_by)
    for pair in list_splits(store.connection, flow):
        yield _link_row(flow, pair, "split", "hand")
    for pair in ambiguous_pairs(store.connection, flow.number):
        yield _link_row(flow, pair, "ambiguous", "rule")


def _link_row(flow: KnownFlow, pair: tuple[str, str], state: str, made_by: str) -> Json:
    return {
        "flow": flow.name,
        "source": pair[0],
        "target": pair[1],
        "state": state,
        "made_by": made_by,
    }


def _link_command(name: str, act: Callable[..., None], text: str) -> None:
    @links.command(name, help=text)
    @click.argument("flow")
    @click.argument("source")
    @click.argument("target")
    @click.pass_obj
    def command(asked: Asked, flow: str, source: str, target: str) -> None:
        with open_asked(asked, write=True) as (store, flows):
            act(store.connection, find_flow(flows, flow), (source, target))
        click.echo(f"{name}: {flow} {source} {target}; the next sync goes by it")


_link_command("split", split_link, "Take a link apart; it stays apart, whatever the rules say.")


_link_command("pin", pin_link, "Link a pair, or keep it linked, whatever the rules say.")


_link_command("unpin", unpin_link, "Leave a pinned link, or a split pair, to the rules again.")
