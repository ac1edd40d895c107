"""Two systems that nobody wrote code for, strict by their RFCs, and the profiles that reach them.

Books: session tokens that end, pages capped below what is asked for, a PUT that replaces and insists on
the version, instants as epoch milliseconds. Crm: an API key, searches by POST that give four results at most,
cursors that are null at the end, batches answered row by row, PATCH with If-Match, an archive of its own.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from specbridge.model.values import Json

from tests.runtime.connectors.servers import Received, Reply

Row = dict[str, Json]

BOOKS_PROFILE = """
name = "books"
labels = ["Books"]
base_url = "https://books.example"
errors = ["message"]
paging = { style = "page-number", end = "empty-page", size = 100, parameters = { page = "page", size = "count" } }
probe = { path = "/me", paging = { style = "none" } }

[[auth]]
style = "session"
token_url = "{BASE_URL}/session"
token_body = { secret = "{SECRET}" }
body_style = "json"
token_path = "value.token"
expires_in = 3600
token_header = "X-Session"
token_text = "{token}"

[[resources]]
name = "Customers"
datatypes = ["Customer"]
id = "id"
modified_at = "modified"
external_reference = "origin"
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "version", type = "integer", read_only = true },
    { path = "modified", type = "datetime", form = "epoch-milliseconds", read_only = true },
    { path = "origin", type = "string", unique = true },
    { path = "title", type = "string", required = true },
    { path = "phone", type = "string", clear = "" },
    { path = "address.city", type = "string" },
    { path = "state", type = "string", codes = { active = 1, closed = 2 } },
]
list = { path = "/customers", items = "data.rows" }
incremental = { path = "/customers", items = "data.rows", since = "modifiedFrom", since_form = "epoch-milliseconds", inclusive = true }
lookups = [{ path = "/customers", property = "origin", parameter = "origin", items = "data.rows" }]
read = { method = "GET", path = "/customers/{id}", wrap = "value" }
create = { method = "POST", path = "/customers", answer_wrap = "value" }
update = { method = "PUT", path = "/customers/{id}", answer_wrap = "value", body = "replace", precondition = "version", version = "version", conflicts = [409], omits = ["modified"] }
"""
CRM_PROFILE = """
name = "crm"
labels = ["Crm"]
base_url = "https://crm.example"
errors = ["message"]

[[auth]]
style = "api-key"
query = { key = "{API_KEY}" }

[[resources]]
name = "Contacts"
datatypes = ["Contact"]
id = "id"
id_type = "string"
modified_at = "updated"
external_reference = "properties.ref"
properties = [
    { path = "id", type = "string", read_only = true },
    { path = "updated", type = "datetime", read_only = true },
    { path = "properties", type = "object" },
    { path = "properties.ref", type = "string", unique = true },
    { path = "properties.name", type = "string" },
    { path = "properties.phone", type = "string" },
    { path = "properties.city", type = "string" },
    { path = "properties.state", type = "string" },
]
read = { method = "GET", path = "/contacts/{id}" }
create = { method = "POST", path = "/contacts" }
create_batch = { method = "POST", path = "/contacts/batch", wrap = "inputs", size = 3, results = "results", result_index = "at", result_status = "code", result_error = "message" }
update = { method = "PATCH", path = "/contacts/{id}", body = "merge", precondition = "etag" }

[resources.list]
path = "/contacts"
items = "results"
paging = { style = "cursor", end = "no-cursor", size = 2, parameters = { size = "limit", cursor = "after" }, fields = { cursor = ["next.after"] } }

[resources.archived]
path = "/contacts?archived=true"
items = "results"
paging = { style = "cursor", end = "no-cursor", parameters = { cursor = "after", size = "limit" }, fields = { cursor = ["next.after"] } }

[resources.incremental]
method = "POST"
path = "/contacts/search"
items = "results"
inclusive = true
most = 4
since_form = "epoch-milliseconds"
body = { filters = [{ name = "updated", operator = "GTE", value = "{since}" }], sorts = ["updated"], limit = "{size}", after = "{cursor}" }
paging = { style = "cursor", end = "no-cursor", size = 2, fields = { cursor = ["next.after"] } }

[[resources.lookups]]
method = "POST"
path = "/contacts/read"
property = "properties.ref"
size = 50
items = "results"
body = { refs = ["{value}"] }
"""
DOCUMENT = """\
====================
Books to Crm Dataflow
====================

Generated: 2026-11-23 00:00:01

Introduction
------------

What is kept equal between Books and Crm.

Books Customer to Crm Contact
-----------------------------
Every Books Customer will be synchronized with a Crm Contact.

Once a link between a Books Customer and a Crm Contact is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Books Customer and a Crm Contact:

.. list-table::
   :header-rows: 1

   * - Books Customer Property
     - Crm Contact Property
     - Crm Data Type
   * - title
     - properties.name
     - "string"
   * - phone
     - properties.phone
     - "string"
   * - address.city
     - properties.city
     - "string"
   * - state
     - properties.state
     - "string"
"""


def now() -> int:
    """Return the milliseconds since 1970."""
    return int(datetime.now(UTC).timestamp() * 1000)


@dataclass
class Books:
    """Customers by id. `meddle` is called once before the next PUT is looked at: somebody else at work."""

    customers: dict[int, Row] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    meddle: Callable[[], None] | None = None
    lock: Lock = field(default_factory=Lock)
    cap: int = 3

    def add(self, **values: Json) -> int:
        """Store a customer with what no row of the document names, and return its id."""
        identifier = len(self.customers) + 1
        more: Row = {"note": f"note {identifier}", "lines": [{"id": identifier, "text": "x"}]}
        address: Row = {"id": 70 + identifier, "city": "Oslo", "zip": "0150"}
        self.customers[identifier] = {
            "id": identifier,
            "version": 1,
            "modified": now(),
            "origin": None,
            "phone": "",
            "state": 1,
            "address": address,
            **more,
            **values,
        }
        return identifier

    def edit(self, identifier: int, **values: Json) -> None:
        """Change a customer as a person would."""
        held = self.customers[identifier]
        version = held["version"]
        assert isinstance(version, int)
        self.customers[identifier] = {**held, **values, "version": version + 1, "modified": now()}

    def answer(self, request: Received) -> Reply:
        """Answer a request, one at a time."""
        with self.lock:
            return self._answer(request)

    def _answer(self, request: Received) -> Reply:
        if request.path == "/session":
            self.tokens.append(f"session-{len(self.tokens)}")
            return Reply(body={"value": {"token": self.tokens[-1]}})
        if request.headers.get("x-session") not in self.tokens[-1:]:
            return Reply(status=401, body={"message": "the session has ended"})
        if request.path == "/customers":
            return self._post(request) if request.method == "POST" else self._list(request)
        return Reply(body={"name": "robot"}) if request.path == "/me" else self._one(request)

    def _one(self, request: Received) -> Reply:
        identifier = int(request.path.rpartition("/")[2])
        if identifier not in self.customers:
            return Reply(status=404)
        if request.method == "PUT":
            return self._put(identifier, request)
        return Reply(body={"value": deepcopy(self.customers[identifier])})

    def _list(self, request: Received) -> Reply:
        since, origin = int(request.query.get("modifiedFrom", 0)), request.query.get("origin")
        rows = [
            deepcopy(row)
            for row in self.customers.values()
            if int(str(row["modified"])) >= since and origin in (None, row["origin"])
        ]
        start = (int(request.query.get("page", 1)) - 1) * self.cap
        return Reply(body={"data": {"rows": list[Json](rows[start : start + self.cap])}})

    def _post(self, request: Received) -> Reply:
        given = json.loads(request.text)
        return Reply(status=201, body={"value": deepcopy(self.customers[self.add(**given)])})

    def _put(self, identifier: int, request: Received) -> Reply:
        if self.meddle is not None:
            meddle, self.meddle = self.meddle, None
            meddle()
        given = json.loads(request.text)
        held = self.customers[identifier]
        if "modified" in given:
            return Reply(status=422, body={"message": "modified is the server's"})
        if given.get("version") != held["version"]:
            return Reply(status=409, body={"message": "another version is there"})
        # A true PUT: what the body leaves out is gone.
        self.customers[identifier] = {**given, "id": identifier, "version": held["version"]}
        self.edit(identifier)
        return Reply(body={"value": deepcopy(self.customers[identifier])})


@dataclass
class Crm:
    """Contacts by id; `stall` is called after a batch was carried out, before it is answered."""

    contacts: dict[str, Row] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    stall: Callable[[], None] | None = None
    latest: int = 0
    lock: Lock = field(default_factory=Lock)

    def edit(self, identifier: str, **values: Json) -> None:
        """Change a contact as a person would."""
        held = self.contacts[identifier]
        properties = held["properties"]
        assert isinstance(properties, dict)
        # One instant each: a search gives four of them at most.
        self.latest = max(self.latest + 1, now())
        instant = datetime.fromtimestamp(self.latest / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.contacts[identifier] = {
            **held,
            "properties": {**properties, **values},
            "updated": instant,
        }

    def answer(self, request: Received) -> Reply:
        """Answer a request, one at a time."""
        if request.query.get("key") != "k3y-of-crm":
            return Reply(status=401, body={"message": "who are you?"})
        with self.lock:
            reply = self._answer(request)
        if self.stall is not None and request.path == "/contacts/batch":
            self.stall()
        return reply

    def _answer(self, request: Received) -> Reply:
        if request.path == "/contacts" and request.method == "GET":
            gone = request.query.get("archived") == "true"
            rows = [row for row in self.contacts.values() if (row["id"] in self.archived) is gone]
            return _page(rows, request.query.get("after"), int(request.query["limit"]))
        if request.path == "/contacts/search":
            return self._search(json.loads(request.text))
        if request.path == "/contacts/read":
            refs = json.loads(request.text)["refs"]
            found = [row for row in self._shown() if dict_of(row, "properties").get("ref") in refs]
            return Reply(body={"results": list[Json](found)})
        if request.path == "/contacts/batch":
            inputs = enumerate(json.loads(request.text)["inputs"])
            results: list[Json] = [
                {"at": n, "code": 201, **self._add(given)} for n, given in inputs
            ]
            return Reply(status=207, body={"results": results[::-1]})
        if request.path == "/contacts":
            return Reply(status=201, body=self._add(json.loads(request.text)))
        return self._one(request)

    def _one(self, request: Received) -> Reply:
        identifier = request.path.rpartition("/")[2]
        if identifier not in self.contacts or identifier in self.archived:
            return Reply(status=404)
        etag = f'"{self.contacts[identifier]["updated"]}"'
        if request.method == "PATCH":
            if request.headers.get("if-match") != etag:
                return Reply(status=412 if "if-match" in request.headers else 428)
            self.edit(identifier, **json.loads(request.text)["properties"])
        shown = self.contacts[identifier]
        return Reply(body=deepcopy(shown), headers={"ETag": f'"{shown["updated"]}"'})

    def _add(self, given: Row) -> Row:
        identifier = f"c{len(self.contacts) + 1}"
        self.contacts[identifier] = {
            "id": identifier,
            "properties": {"owner": "eva"},
            "tags": ["x"],
        }
        self.edit(identifier, **dict_of(given, "properties"))
        return deepcopy(self.contacts[identifier])

    def _search(self, body: Row) -> Reply:
        since = body["filters"][0]["value"]  # type: ignore[index,call-overload]  # as the profile has it
        after = int(str(body.get("after", 0)))
        if not isinstance(since, int) or after >= 4:
            return Reply(status=400, body={"message": "no such filter, or too far"})
        found = [row for row in self._shown() if _milliseconds(row) >= since]
        found.sort(key=_milliseconds)
        return _page(found[:4], str(after), int(str(body["limit"])))

    def _shown(self) -> list[Row]:
        return [deepcopy(row) for row in self.contacts.values() if row["id"] not in self.archived]


def dict_of(row: Row, name: str) -> Row:
    """Return what a row has under a name, as an object."""
    value = row[name]
    assert isinstance(value, dict)
    return value


def _milliseconds(row: Row) -> int:
    return int(datetime.fromisoformat(str(row["updated"])).timestamp() * 1000)


def _page(rows: list[Row], after: str | None, size: int) -> Reply:
    start = int(after or 0)
    following: Json = str(start + size) if start + size < len(rows) else None
    return Reply(body={"results": list[Json](rows[start : start + size]), "next.after": following})
