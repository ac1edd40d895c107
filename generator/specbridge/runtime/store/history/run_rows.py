"""A run as people are told of it: when it was, how it ended, what it wrote."""

from datetime import UTC, datetime
from typing import Any

from specbridge.model.values import Json
from specbridge.runtime.store.tables.rows import read_json

_WRITES = ("created", "updated", "deleted")


def run_row(row: Any) -> dict[str, Json]:
    """Return a row of the store's runs as JSON; `seconds`, `writes` and `error` are null where nobody knows."""
    report = read_json(row.report) if row.report else None
    told = report if isinstance(report, dict) else {}
    ended = row.ended_at
    return {
        "run": str(row.number),
        "kind": row.kind,
        "packages": read_json(row.packages),
        "started_at": datetime.fromtimestamp(row.started_at, UTC).isoformat(),
        "seconds": None if ended is None else round(ended - row.started_at, 3),
        # A run that was killed could not say how it ended.
        "outcome": row.outcome or "interrupted",
        "writes": _writes(told.get("flows")),
        "error": told.get("error"),
    }


def _writes(flows: Json) -> Json:
    """Return how many records a report says were written, None where it does not say."""
    if not isinstance(flows, list):
        return None
    counted = (flow.get(kind) for flow in flows if isinstance(flow, dict) for kind in _WRITES)
    sides = (count for counts in counted if isinstance(counts, dict) for count in counts.values())
    return sum(count for count in sides if isinstance(count, int))
