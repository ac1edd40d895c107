"""Lists: filters, order, pages, and the digest by which a client learns that nothing changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call, Row
from specbridge.sandbox.tripletex.access import OSLO
from specbridge.sandbox.tripletex.fields import read_fields
from specbridge.sandbox.tripletex.kinds import Kind
from specbridge.sandbox.tripletex.refusals import refuse
from specbridge.sandbox.tripletex.showing import showing_to
from specbridge.sandbox.tripletex.state import State, changed_at

MOST_ROWS = 10_000
_PAGE = 1000
_UNASKED = "'If-None-Match' header not specified"
_BOUNDLESS = ("customer", "contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The lists of a state; a query that finds more than `most` records fails."""

    state: State
    otherwise: frozenset[Doubt]
    most: int = MOST_ROWS

    def answer(self, kind: Kind, call: Call) -> Answer:
        """Return the page that is asked for, 304 where nothing changed since the digest that is sent."""
        wanted = read_fields(call.query.get("fields", ""))
        found = self._sorted(call, self._found(kind, call))
        bounded = kind.name not in _BOUNDLESS or Doubt.TX_LARGE_RESULTS not in self.otherwise
        if bounded and len(found) > self.most:
            raise refuse(
                422, 23000, f"Result set too large. Limit of {_dotted(self.most)} reached."
            )
        known = call.headers.get("if-none-match", "")
        digest = _digest(found) if known else _UNASKED
        if known == digest:
            return Answer(status=304)
        first, size = _number(call, "from", 0), _number(call, "count", _PAGE)
        if Doubt.TX_SMALL_PAGES in self.otherwise:
            size = min(size, _PAGE)
        page = found[first : first + size]
        showing = showing_to(call, self.state.find)
        values = [showing.record(kind, row, wanted) for row in page]
        body = {
            # A hint that there is more, and no more than that.
            "fullResultSize": first + len(page) + (1 if first + size < len(found) else 0),
            "from": first,
            "count": len(page),
            "versionDigest": digest,
            "values": values,
        }
        return Answer(body=body)

    def _found(self, kind: Kind, call: Call) -> list[Row]:
        rows: Iterable[Row] = self.state.rows[kind.name].values()
        if ids := call.query.get("id"):
            rows = [row for row in rows if str(row["id"]) in _listed(ids)]
        for name, target in kind.filters.items():
            # One that is in the address without a value asks for nothing.
            asked = [value for value in call.values(name) if value]
            exact = name == "customerName" and Doubt.TX_EXACT_NAMES in self.otherwise
            if asked:
                rows = [r for r in rows if any(_matches(r, target, one, exact) for one in asked)]
        if kind.active_only and "isInactive" not in call.query:
            shown = Doubt.TX_INACTIVE_LISTED in self.otherwise
            rows = [row for row in rows if shown or not row["isInactive"]]
        since = call.query.get("changedSince")
        if kind.since and since and Doubt.TX_SINCE_IGNORED not in self.otherwise:
            rows = self._since(rows, since)
        return list(rows)

    def _since(self, rows: Iterable[Row], text: str) -> list[Row]:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise refuse(400, 11000, f"Illegal date: {text[:40]}") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC if Doubt.TX_SINCE_UTC in self.otherwise else OSLO)
        instant = moment.timestamp()
        included = Doubt.TX_SINCE_INCLUDED in self.otherwise
        return [
            r for r in rows if changed_at(r) > instant or (included and changed_at(r) == instant)
        ]

    def _sorted(self, call: Call, rows: list[Row]) -> list[Row]:
        words = [word for word in call.query.get("sorting", "").split(",") if word]
        if not words:
            return rows[::-1] if Doubt.TX_NEWEST_FIRST in self.otherwise else rows
        ordered = list(rows)
        for word in reversed(words):
            name = word.removeprefix("-")
            if ordered and not isinstance(ordered[0].get(name), str | int | float):
                raise refuse(422, 17000, f"Illegal sorting: {name[:40]}")
            ordered.sort(key=lambda row: row[name], reverse=word.startswith("-"))
        return ordered


def _matches(row: Row, target: str, asked: str, exact: bool) -> bool:
    name, part = target.removesuffix("~"), target.endswith("~") and not exact
    value = row[name]
    if isinstance(value, dict):
        return str(value["id"]) in _listed(asked)
    if isinstance(value, bool):
        return str(value).lower() == asked.lower()
    if isinstance(value, int):
        return str(value) in _listed(asked)
    held, wanted = str(value or "").lower(), asked.lower()
    return wanted in held if part else held == wanted


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _number(call: Call, name: str, unless: int) -> int:
    text = call.query.get(name, str(unless))
    if not text.isdecimal():
        raise refuse(400, 11000, f"Illegal value of {name}: {text[:40]}")
    return int(text)


def _digest(rows: Sequence[Row]) -> str:
    versions = ",".join(f"{row['id']}:{row['version']}" for row in rows)
    return sha256(versions.encode()).hexdigest()[:32]


def _dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")
