"""The invented book-keeping service of docs/new-system.md: a small server with a world of its own."""

import json
from dataclasses import dataclass, field
from itertools import count

from specbridge.model.values import Json

from tests.runtime.connectors.servers import Received, Reply

TOKEN = "t0ken"
EMPTY: dict[str, Json] = {"origin": None, "title": None, "phone": None, "note": None}


@dataclass
class Ledgerly:
    """Buyers by key; `minute` is the minute of the next change."""

    buyers: dict[str, dict[str, Json]] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    minute: int = 0

    def add(self, **values: Json) -> str:
        """Store a buyer, and return its key."""
        key = f"b{next(self.numbers)}"
        self.buyers[key] = {**EMPTY, "key": key, "removed": False, **values}
        self._touch(key)
        return key

    def answer(self, request: Received) -> Reply:
        """Answer a request as the page describes the service."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(status=401, body={"error": {"message": "who are you?"}})
        key = request.path.removeprefix("/api/buyers").strip("/")
        if request.path == "/api/me":
            return Reply(body={"name": "robot", "scopes": "write"})
        if key:
            return self._one(request, key)
        return self._post(request) if request.method == "POST" else self._list(request)

    def _list(self, request: Received) -> Reply:
        rows = [dict(row) for row in self.buyers.values() if _matches(row, request)]
        size, start = int(request.query.get("limit", 50)), int(request.query.get("from", 0))
        kept: dict[str, Json] = {"buyers": list[Json](rows[start : start + size])}
        if start + size < len(rows):
            since = request.query.get("changed_after", "")
            kept["next"] = f"/api/buyers?limit={size}&from={start + size}&changed_after={since}"
        return Reply(body=kept)

    def _post(self, request: Received) -> Reply:
        given = _given(request)
        for name in ("origin", "title"):
            if any(row[name] == given.get(name) is not None for row in self.buyers.values()):
                message = f"{name} {given[name]} is taken already"
                return Reply(status=422, body={"error": {"message": message}})
        return Reply(status=201, body={"buyer": dict(self.buyers[self.add(**given)])})

    def _one(self, request: Received, key: str) -> Reply:
        if key not in self.buyers:
            return Reply(status=404, body={"error": {"code": "not_found"}})
        if request.method == "DELETE":
            self.buyers[key]["removed"] = True
            self._touch(key)
            return Reply(status=204)
        if request.method == "PUT":
            if request.headers.get("if-match") != self._etag(key):
                return Reply(status=412, body={"error": {"code": "changed_meanwhile"}})
            # A true PUT: what the body leaves out is emptied.
            removed = self.buyers[key]["removed"]
            self.buyers[key] = {**EMPTY, **_given(request), "key": key, "removed": removed}
            self._touch(key)
        return Reply(body={"buyer": dict(self.buyers[key])}, headers={"ETag": self._etag(key)})

    def _etag(self, key: str) -> str:
        return f'"{key}/{self.buyers[key]["changed"]}"'

    def _touch(self, key: str) -> None:
        self.buyers[key]["changed"] = f"2026-11-23T11:{self.minute:02}:00.000Z"
        self.minute += 1


def _given(request: Received) -> dict[str, Json]:
    body = json.loads(request.text)
    given: dict[str, Json] = body["buyer"]
    return given


def _matches(row: dict[str, Json], request: Received) -> bool:
    asked = {name: request.query[name] for name in ("origin", "title") if name in request.query}
    after = request.query.get("changed_after", "")
    return all(row[name] == value for name, value in asked.items()) and str(row["changed"]) > after
