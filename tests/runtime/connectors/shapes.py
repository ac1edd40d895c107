"""Servers in the three commonest shapes of docs/new-system.md, strict about what makes each of them one."""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from specbridge.model.values import Json

from tests.runtime.connectors.servers import Received, Reply

Row = dict[str, Json]
_EPOCH = int(datetime(2026, 11, 23, 11, tzinfo=UTC).timestamp() * 1000)


@dataclass
class Contacts:
    """Contacts by id, each a second younger than the one before; `note` is in no profile."""

    rows: dict[int, Row] = field(default_factory=dict)
    instants: dict[int, int] = field(default_factory=dict)
    ticks: int = 0
    made: int = 0

    def add(self, **values: Json) -> int:
        """Store a contact, and return its id."""
        self.made += 1
        identifier = self.made
        self.rows[identifier] = {"id": identifier, "version": 0, "note": "kept"}
        self.put(identifier, {**self.rows[identifier], "external_id": None, **values})
        return identifier

    def put(self, identifier: int, row: Row) -> None:
        """Replace a contact; the server itself sets id, version and instant."""
        self.ticks += 1
        self.instants[identifier] = _EPOCH + self.ticks * 1000
        version = self.rows[identifier]["version"]
        assert isinstance(version, int)
        self.rows[identifier] = {**row, "id": identifier, "version": version + 1}

    def pass_time(self) -> None:
        """Have what is changed next be changed now."""
        self.ticks = (int(datetime.now(UTC).timestamp() * 1000) - _EPOCH) // 1000

    def found(self, since: int, reference: str | None) -> list[int]:
        """Return the ids of those changed since, with the external id if one is asked for."""
        return [
            one
            for one, row in self.rows.items()
            if self.instants[one] >= since and reference in (None, row["external_id"])
        ]


@dataclass
class Shape:
    """What makes an API one of its shape: `admit` refuses who may not call, or answers a token call."""

    contacts: Contacts
    admit: Callable[[Received], Reply | None]
    page: Callable[[Received, list[Row]], Reply]
    since: Callable[[Received], int]
    instant: Callable[[int], Json]
    change: Callable[[Received, Row], Row | int]
    wrap: str = ""

    def answer(self, request: Received) -> Reply:
        """Answer a request."""
        refused = self.admit(request)
        if refused is not None:
            return refused
        tail = request.path.rpartition("/")[2]
        if tail == "me":
            return Reply(body={"id": 7, "name": "robot"})
        if tail == "contacts":
            return self._post(request) if request.method == "POST" else self._list(request)
        return self._answer_one(request, int(tail))

    def _answer_one(self, request: Received, identifier: int) -> Reply:
        if identifier not in self.contacts.rows:
            return Reply(status=404, body={"message": "not here"})
        if request.method == "DELETE":
            del self.contacts.rows[identifier]
            return Reply(status=204)
        if request.method != "GET":
            changed = self.change(request, self.show(identifier))
            if isinstance(changed, int):
                return Reply(status=changed, body={"message": "somebody was faster"})
            self.contacts.put(identifier, {k: v for k, v in changed.items() if k != "updated_at"})
        return self._one(identifier)

    def show(self, identifier: int) -> Row:
        """Return a contact as the API shows it."""
        row = deepcopy(self.contacts.rows[identifier])
        return {**row, "updated_at": self.instant(self.contacts.instants[identifier])}

    def _list(self, request: Received) -> Reply:
        found = self.contacts.found(self.since(request), request.query.get("external_id"))
        return self.page(request, [self.show(one) for one in found])

    def _post(self, request: Received) -> Reply:
        given = json.loads(request.text)
        reply = self._one(self.contacts.add(**given.get("data", given)))
        return Reply(status=201, body=reply.body)

    def _one(self, identifier: int) -> Reply:
        row = self.show(identifier)
        body: Row = {self.wrap: row} if self.wrap else row
        return Reply(body=body, headers={"ETag": f'"{row["version"]}"'})


def harbor(contacts: Contacts) -> Shape:
    """Return an API with a key and Link headers, whose titles hold commas."""

    def admit(request: Received) -> Reply | None:
        return None if request.headers.get("x-api-key") == "harbor-key" else Reply(status=401)

    def page(request: Received, rows: list[Row]) -> Reply:
        start, size = int(request.query.get("from", 0)), min(
            2, int(request.query.get("per_page", 50))
        )
        link = (
            f'</v1/contacts?per_page={size}&from={start + size}>; title="more, please"; rel="next"'
        )
        headers = {"Link": link} if start + size < len(rows) else {}
        return Reply(body=list[Json](rows[start : start + size]), headers=headers)

    def change(request: Received, held: Row) -> Row | int:
        return {**held, **json.loads(request.text)}

    return Shape(
        contacts,
        admit,
        page,
        lambda request: _milliseconds(request.query.get("updated_since", "")),
        _text,
        change,
    )


def quarry(contacts: Contacts) -> Shape:
    """Return an API with OAuth 2, a cursor that is null in the end, and PATCH with If-Match."""

    def admit(request: Received) -> Reply | None:
        if request.path == "/oauth/token":
            sent = dict(parse_qsl(request.text))
            right = (sent["client_id"], sent["client_secret"]) == ("quarry-id", "quarry-secret")
            assert sent["scope"] == "contacts.read contacts.write"
            return (
                Reply(body={"access_token": "t0ken", "expires_in": 600})
                if right
                else Reply(status=401)
            )
        return None if request.headers.get("authorization") == "Bearer t0ken" else Reply(status=401)

    def page(request: Received, rows: list[Row]) -> Reply:
        start, size = int(request.query.get("after", 0)), min(
            2, int(request.query.get("limit", 50))
        )
        after: Json = start + size if start + size < len(rows) else None
        body: Row = {"data": list[Json](rows[start : start + size]), "paging": {"after": after}}
        return Reply(body=body)

    def since(request: Received) -> int:
        return _milliseconds(request.query.get("filter", "").removeprefix("updated_at ge "))

    def change(request: Received, held: Row) -> Row | int:
        stated = request.headers.get("if-match")
        if stated != f'"{held["version"]}"':
            return 428 if stated is None else 412
        return {**held, **json.loads(request.text)["data"]}

    return Shape(contacts, admit, page, since, _text, change, wrap="data")


def orchard(contacts: Contacts) -> Shape:
    """Return an API with sessions, totals, epochs, and a true PUT that insists on the version."""

    def admit(request: Received) -> Reply | None:
        if request.path == "/api/session":
            right = json.loads(request.text) == {"consumer": "orchard-c", "employee": "orchard-e"}
            return Reply(body={"value": {"token": "s3ssion"}}) if right else Reply(status=401)
        sent = base64.b64encode(b"0:s3ssion").decode()
        return (
            None if request.headers.get("authorization") == f"Basic {sent}" else Reply(status=401)
        )

    def page(request: Received, rows: list[Row]) -> Reply:
        # Capped at one, whatever is asked for: only the total says that there is more.
        start = int(request.query["from"])
        return Reply(
            body={"values": list[Json](rows[start : start + 1]), "fullResultSize": len(rows)}
        )

    def change(request: Received, held: Row) -> Row | int:
        given: Row = json.loads(request.text)
        return given if given.get("version") == held["version"] else 409

    return Shape(
        contacts,
        admit,
        page,
        lambda request: int(request.query.get("changedSince", 0)),
        lambda instant: instant,
        change,
        wrap="value",
    )


def _text(instant: int) -> Json:
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000) if text else 0
