"""A store of a company that has left something of each kind over, under names of any kind."""

from collections.abc import Mapping, Sequence

from specbridge.runtime.store.engine import Store, open_store
from specbridge.runtime.store.tables import schema
from specbridge.runtime.store.tables.rows import insert_rows, storable, write_json
from sqlalchemy import Table, insert

PLAIN = ("Acme og Venner AS", "Ada Byron", "", "Bo & Co")
"""Names of records as people write them; one of them has none."""

HOSTILE = (
    "\x1b[2J\x1b[H",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1bc",
    "\x1b(0",
    "\x1b[?1049h",
    "\x1b[6n",
    "\x9b2J",
    "\x9d0;title\x9c",
    "\x90q\x9c",
    "over\rwritten",
    "two\nlines",
    "two\r\nlines",
    "\x0b\x0c",
    "back\x08\x08\x08",
    "\x07",
    "nul\0nul",
    "\x7f",
    "\x85",
    "\u2028\u2029",
    "\u202eevil",
    "\u2066x\u2069",
    "\u200f\u200e\u061c",
    "\ufeff\u200b\u00ad",
    "\ud800",
    "[red]x[/red]",
    "[link=http://evil.example]x[/link] :smile:",
    "%s %n {0} {{x}}",
    "\"quoted\" \\ 'it' `$(id)`",
    "a\tb",
    "日本語" * 30,
    "x" * 400,
    "e\u0301" * 60,
)
"""What may stand in a name, an id, a value or a reason; half of it a terminal would obey."""


def fill(url: str, names: Sequence[str], *, ids: str | None = None) -> None:
    """Make a store with rows of each kind for each of the names.

    They stand in values and reasons too, and in ids unless something else does.
    """
    with open_store(url) as store:
        _fill_company(store, names)
        for number, name in enumerate(map(storable, names)):
            _fill_pair(store, number, name, name if ids is None else ids)
        store.commit()


def _fill_company(store: Store, names: Sequence[str]) -> None:
    first = storable(names[0])
    rows: Mapping[Table, Sequence[Mapping[str, object]]] = {
        schema.companies: [{"number": 1, "name": ""}],
        schema.packages: [{"number": 1, "company": 1, "name": "package"}],
        schema.accounts: [
            {"number": 1, "company": 1, "system": "ledgerly"},
            {"number": 2, "company": 1, "system": "acme"},
        ],
        schema.resources: [
            {"number": 1, "account": 1, "name": "Persons"},
            {"number": 2, "account": 2, "name": "users"},
            {"number": 3, "account": 2, "name": "companies"},
        ],
        schema.pairings: [
            {"number": 1, "source": 1, "target": 2},
            {"number": 2, "source": 1, "target": 3},
        ],
        schema.flows: [
            {"number": 1, "package": 1, "name": "persons", "pairing": 1},
            {"number": 2, "package": 1, "name": "firms", "pairing": 2},
        ],
        schema.runs: [
            {
                **{"number": 1, "company": 1, "packages": '["package"]', "kind": "sync"},
                **{"started_at": 1.7e9, "ended_at": 1.7e9 + 2, "outcome": "failed"},
                "report": write_json({"flows": [], "error": f"acme refused: {first}"}),
            }
        ],
        schema.pauses: [{"company": 1, "package": "package", "since": 1.7e9, "reason": first}],
    }
    for table, values in rows.items():
        for value in values:
            store.connection.execute(insert(table).values(**value))


def _fill_pair(store: Store, number: int, name: str, called: str) -> None:
    """Put a pair of records, and for it a link, a conflict, a dead letter and a write."""
    source, target = f"{number}s{called}"[:250], f"{number}t{called}"[:250]
    held = ("2026-01-01T00:00:00Z", "", "d" * 32, "{}", 1)
    columns = ("resource", "id", "modified_at", "edited_at", "digest", "properties", "generation")
    gone = number % 4 == 1
    rows = [(1, source, *held, False, name), (2, target, *held, gone, name)]
    insert_rows(store.connection, schema.records, (*columns, "gone", "name"), rows)
    ends = ("pairing", "source_id", "target_id")
    how = (gone, number % 4 == 2, "{}", 1, "rule")
    linked = (*ends, "vanished", "pinned", "base", "made_in", "made_by")
    insert_rows(store.connection, schema.links, linked, [(1, source, target, *how)])
    insert_rows(store.connection, schema.candidates, ends, [(2, source, target)])
    insert_rows(store.connection, schema.splits, ends, [(2, source, f"{target}2")])
    winner, state = ((None, "open"), ("source", "chosen"), ("target", "settled"))[number % 3]
    clash = (1, 1, source, target, "phone", write_json(name), write_json([name]), winner, state)
    values = ("unit", "source_value", "target_value", "winner", "state")
    insert_rows(store.connection, schema.conflicts, ("run", *ends, *values), [clash])
    letter = (1, number % 2, (source, target)[number % 2], None, f"refused: {name}", 1)
    listed = ("pairing", "side", "id", "other_id", "reason", "run")
    insert_rows(store.connection, schema.dead_letters, listed, [letter])
    entry = (1, 1, "create", 2, target, source, "{}", write_json({"phone": name}), "null", "done")
    written = ("run", "pairing", "kind", "resource", "record_id", "origin", "before", "after")
    insert_rows(
        store.connection, schema.journal, (*written, "effects", "state", "reason"), [(*entry, "")]
    )
