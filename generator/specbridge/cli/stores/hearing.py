"""How a package hears of changes by itself, as `status` tells it: webhooks, and whether they are silent."""

from collections.abc import Collection, Iterator, Sequence

from specbridge.cli.next_steps import counted
from specbridge.cli.printing import instant
from specbridge.cli.stores.listing import Row
from specbridge.model.values import Json
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.seen.wakes import hearings


def hearing_rows(store: Store, company: int, systems: Collection[str]) -> list[Json]:
    """Return a row for each of the systems whose webhooks are taken in for a company."""
    return [
        {
            "system": one.system,
            "since": instant(one.since),
            "last_event": instant(one.heard_at),
            "missed": one.missed,
        }
        for one in hearings(store.connection, company)
        if one.system in systems
    ]


def hearing_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each system whose webhooks are taken in."""
    for row in rows:
        last = row["last_event"]
        heard = f"last event {last}" if last else f"no event since {row['since']}"
        yield f"webhooks of {row['system']}: {heard}{_silence(row)}"


def _silence(row: Row) -> str:
    missed = int(str(row["missed"]))
    return f"; {counted(missed, 'change')} found by reading since then" if missed else ""
