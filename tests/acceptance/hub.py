"""A CRM as strict as such systems are: answers hold what was asked for, searches end at a cap, batches are told
row by row or refused whole, merged records answer under another id, associations have calls of their own.

Its profile says all of it; nobody wrote code for it.
"""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import Lock

from specbridge.model.values import Json

from tests.runtime.connectors.servers import Received, Reply

Row = dict[str, Json]

CAP = 6
"""The most results of one search, however they are paged."""

PAGE = 2
"""The most rows of a page, whatever is asked for."""

HUB_PROFILE = """
name = "hub"
labels = ["Hub"]
base_url = "https://hub.example"
errors = ["message"]
probe = { path = "/account", paging = { style = "none" } }
account = ["portal"]

[paging]
style = "cursor"
end = "no-cursor"
size = 100
parameters = { size = "limit", cursor = "after" }
fields = { cursor = "paging.next.after" }

[[auth]]
style = "bearer"
token = "{TOKEN}"

[[limits]]
requests = 1000
seconds = 10.0
header = "X-RateLimit-Max"
remaining = "X-RateLimit-Remaining"

[[limits]]
requests = 250000
seconds = 86400.0
stops = true
words = ["DAILY"]
"""
_RESOURCE = """
[[resources]]
name = "NAME"
datatypes = ["KIND"]
id = "id"
id_type = "string"
modified_at = "updatedAt"
external_reference = "properties.ref"
merged = "properties.merged"
select = { parameter = "properties", below = "properties", longest = 8000 }
properties = [
    { path = "id", type = "string", read_only = true },
    { path = "updatedAt", type = "datetime", read_only = true },
    { path = "properties", type = "object" },
    { path = "properties.ref", type = "string", unique = true },
    { path = "properties.merged", type = "string", read_only = true },
    PROPERTIES
]
taken = [
    { path = "message", pattern = "Existing ID: (?P<holder>[0-9]+)", property = "properties.TAKEN" },
    { path = "errors[].message", pattern = "Existing ID: (?P<holder>[0-9]+)", property = "properties.TAKEN" },
]
list = { path = "/objects/NAME", items = "results" }
archived = { path = "/objects/NAME?archived=true", items = "results" }
read = { method = "GET", path = "/objects/NAME/{id}", merges = true }
create = { method = "POST", path = "/objects/NAME" }
update = { method = "PATCH", path = "/objects/NAME/{id}", body = "merge" }
lookups = [{ path = "/objects/NAME/{value}?idProperty=ref", property = "properties.ref", one = true }]

[resources.incremental]
method = "POST"
path = "/objects/NAME/search"
items = "results"
since_form = "epoch-milliseconds"
overlap_seconds = 5
inclusive = true
most = 6
body = { filterGroups = [{ filters = [{ propertyName = "updated", operator = "GTE", value = "{since}" }] }], sorts = ["updated"], properties = "{fields}", limit = "{size}", after = "{cursor}" }
paging = { style = "cursor", end = "no-cursor", fields = { cursor = "paging.next.after", total = "total" } }

[resources.read_many]
method = "POST"
path = "/objects/NAME/batch/read"
property = "id"
size = 100
items = "results"
body = { properties = "{fields}", inputs = [{ id = "{value}" }] }

[resources.create_batch]
method = "POST"
path = "/objects/NAME/batch/create"
wrap = "inputs"
size = 100
results = "results"
errors = "errors"
error_ids = "context.objectWriteTraceId"
trace = "objectWriteTraceId"

[resources.update_batch]
method = "POST"
path = "/objects/NAME/batch/update"
wrap = "inputs"
size = 100
results = "results"
errors = "errors"
error_ids = "context.ids"
"""
_COMPANIES = """{ path = "properties.name", type = "string", required = true },
    { path = "properties.city", type = "string", clear = "" },
    { path = "properties.employees", type = "integer", form = "text" },"""
_CONTACTS = """{ path = "properties.email", type = "string", unique = true, case_insensitive = true },
    { path = "properties.name", type = "string" },
    { path = "employer", type = "string", reference = "companies" },"""
_EMPLOYER = """
[[resources.associations]]
property = "employer"
read_many = { method = "POST", path = "/associations/contacts/companies/batch/read", property = "id", size = 100, items = "results", body = { inputs = [{ id = "{value}" }] } }
record = "from.id"
each = "to"
other = "toObjectId"
mark = "associationTypes[].typeId"
marked = 1
add = { method = "PUT", path = "/objects/contacts/{id}/associations/companies/{other}", constants = { types = [1] } }
remove = { method = "DELETE", path = "/objects/contacts/{id}/associations/companies/{other}" }
"""


def _resource(name: str, kind: str, properties: str, taken: str) -> str:
    text = _RESOURCE.replace("NAME", name).replace("KIND", kind)
    return text.replace("PROPERTIES", properties).replace("TAKEN", taken)


HUB_PROFILE += _resource("companies", "Company", _COMPANIES, "ref")
HUB_PROFILE += _resource("contacts", "Contact", _CONTACTS, "email") + _EMPLOYER
_KNOWN = {
    "companies": {"ref", "name", "city", "employees", "owner"},
    "contacts": {"ref", "email", "name", "owner"},
}


@dataclass
class Hub:
    """Objects by kind and id; `employers` are the associations: contact, company, and whether it is the main one."""

    objects: dict[str, dict[str, Row]] = field(
        default_factory=lambda: {"companies": {}, "contacts": {}}
    )
    archived: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)
    employers: dict[tuple[str, str], bool] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(101))
    latest: int = 0
    batches: int = 0
    daily: bool = False
    lock: Lock = field(default_factory=Lock)

    def add(self, kind: str, **properties: Json) -> str:
        """Store an object with what no row of the document names, and return its id."""
        identifier = str(next(self.numbers))
        self.objects[kind][identifier] = {"id": identifier, "properties": {"owner": "eva"}}
        self.edit(kind, identifier, **properties)
        return identifier

    def edit(self, kind: str, identifier: str, **properties: Json) -> None:
        """Change an object as a person would; "" empties a property, and all values are texts."""
        held = self.objects[kind][identifier]
        self.latest = max(self.latest + 1, int(datetime.now(UTC).timestamp() * 1000))
        instant = datetime.fromtimestamp(self.latest / 1000, UTC).isoformat(timespec="milliseconds")
        texts = {name: _text(value) for name, value in properties.items()}
        held["properties"] = {**properties_of(held), **texts}
        held["updatedAt"] = instant.replace("+00:00", "Z")

    def merge(self, kind: str, primary: str, other: str) -> str:
        """Merge two objects as a person would: the result has an id of its own."""
        properties = {
            **properties_of(self.objects[kind][other]),
            **properties_of(self.objects[kind][primary]),
        }
        new = self.add(
            kind, **{name: value for name, value in properties.items() if value is not None}
        )
        properties_of(self.objects[kind][new])["merged"] = f"{primary};{other}"
        for old in (primary, other):
            del self.objects[kind][old]
            self.merged[old] = new
        moved = {pair: main for pair, main in self.employers.items() if pair[0] in (primary, other)}
        for (contact, company), main in moved.items():
            del self.employers[contact, company]
            self.employers[new, company] = main
        return new

    def main_employer(self, contact: str) -> str | None:
        """Return the company that a contact's main association leads to."""
        return next(
            (two for (one, two), main in self.employers.items() if one == contact and main), None
        )

    def answer(self, request: Received) -> Reply:
        """Answer a request, one at a time."""
        if request.headers.get("authorization") != "Bearer t0ken-of-hub":
            return Reply(status=401, body={"message": "who are you?"})
        if self.daily:
            return Reply(
                status=429,
                body={"message": "You have reached your daily limit.", "policyName": "DAILY"},
            )
        with self.lock:
            return self._answer(request)

    def _answer(self, request: Received) -> Reply:  # noqa: PLR0911  # one for each address
        words = request.path.strip("/").split("/")
        match words:
            case ["account"]:
                return Reply(body={"portal": 62515})
            case ["associations", *_]:
                return self._read_employers(json.loads(request.text))
            case ["objects", "contacts", contact, "associations", "companies", company]:
                return self._associate(request.method, contact, company)
            case ["objects", kind]:
                return (
                    self._post(kind, request)
                    if request.method == "POST"
                    else self._list(kind, request)
                )
            case ["objects", kind, "search"]:
                return self._search(kind, json.loads(request.text))
            case ["objects", kind, "batch", verb]:
                return self._batch(kind, verb, json.loads(request.text))
            case ["objects", kind, identifier]:
                return self._one(kind, identifier, request)
        return Reply(status=404)

    def _list(self, kind: str, request: Received) -> Reply:
        gone = request.query.get("archived") == "true"
        rows = [row for id_, row in self.objects[kind].items() if (id_ in self.archived) is gone]
        return _page(
            [self._shown(row, _asked(request)) for row in rows], request.query.get("after")
        )

    def _search(self, kind: str, body: Row) -> Reply:
        (group,) = list_of(body, "filterGroups")
        (one,) = list_of(group, "filters")
        assert isinstance(one, dict)
        after, properties = int(str(body.get("after", "0"))), list_of(body, "properties")
        if one["operator"] != "GTE" or not isinstance(one["value"], int) or after >= CAP:
            return Reply(status=400, body={"message": "no such filter, or too far"})
        since = one["value"]
        rows = [row for id_, row in self.objects[kind].items() if id_ not in self.archived]
        found = sorted((row for row in rows if _instant(row) >= since), key=_instant)
        shown = [self._shown(row, [str(name) for name in properties]) for row in found]
        reply = _page(shown, str(after), CAP)
        assert isinstance(reply.body, dict)
        return Reply(body={**reply.body, "total": min(len(found), CAP)})

    def _one(self, kind: str, identifier: str, request: Received) -> Reply:
        if request.query.get("idProperty") == "ref":
            known = [
                id_
                for id_, row in self.objects[kind].items()
                if properties_of(row).get("ref") == identifier
            ]
            identifier = known[0] if known else ""
        identifier = self.merged.get(identifier, identifier)
        row = self.objects[kind].get(identifier)
        if row is None or identifier in self.archived:
            return Reply(status=404, body={"message": "resource not found"})
        if request.method == "PATCH":
            given = properties_of(json.loads(request.text))
            if refused := self._refusal(kind, given, identifier):
                return refused
            self.edit(kind, identifier, **given)
            # What was sent, and no more.
            return Reply(body=self._shown(row, list(given)))
        return Reply(body=self._shown(row, _asked(request)))

    def _post(self, kind: str, request: Received) -> Reply:
        given = properties_of(json.loads(request.text))
        if refused := self._refusal(kind, given, ""):
            return refused
        identifier = self.add(kind, **given)
        return Reply(status=201, body=self._shown(self.objects[kind][identifier], list(given)))

    def _refusal(self, kind: str, given: Row, own: str) -> Reply | None:
        if wrong := [
            name
            for name, value in given.items()
            if name not in _KNOWN[kind] or not isinstance(value, str)
        ]:
            return Reply(
                status=400, body={"message": f"Property values were not valid: {wrong[0]}"}
            )
        for name in ("ref", "email"):
            for id_, row in self.objects[kind].items():
                if id_ != own and given.get(name) and given[name] in _values(row, name):
                    text = f"{kind} already exists. Existing ID: {id_}"
                    return Reply(status=409, body={"message": text, "category": "CONFLICT"})
        return None

    def _batch(self, kind: str, verb: str, body: Row) -> Reply:
        inputs = [row for row in list_of(body, "inputs") if isinstance(row, dict)]
        if verb == "read":
            asked = [str(name) for name in list_of(body, "properties")]
            known = [
                self.objects[kind].get(str(row["id"]))
                for row in inputs
                if row["id"] not in self.archived
            ]
            return Reply(body={"results": [self._shown(row, asked) for row in known if row]})
        self.batches += 1
        results: list[Json] = []
        errors: list[Json] = []
        for row in inputs:
            given, own = properties_of(row), str(row.get("id", ""))
            refused = self._refusal(kind, given, own)
            if refused is not None:
                assert isinstance(refused.body, dict)
                name = "objectWriteTraceId" if verb == "create" else "ids"
                whose: list[Json] = [row["objectWriteTraceId"] if verb == "create" else own]
                errors.append({**refused.body, "context": {name: whose}})
            elif verb == "create":
                results.append(
                    self._shown(self.objects[kind][self.add(kind, **given)], list(given))
                )
            else:
                self.edit(kind, own, **given)
                results.append(self._shown(self.objects[kind][own], list(given)))
        return Reply(
            status=207 if errors else 201, body={"results": results[::-1], "errors": errors}
        )

    def _read_employers(self, body: Row) -> Reply:
        results: list[Json] = []
        for row in list_of(body, "inputs"):
            assert isinstance(row, dict)
            own = [
                _employer(two, main=main)
                for (one, two), main in self.employers.items()
                if one == row["id"]
            ]
            if own:
                results.append({"from": {"id": row["id"]}, "to": own})
        return Reply(status=200, body={"results": results})

    def _associate(self, method: str, contact: str, company: str) -> Reply:
        if contact not in self.objects["contacts"] or company not in self.objects["companies"]:
            return Reply(status=404, body={"message": "resource not found"})
        if method == "DELETE":
            self.employers.pop((contact, company), None)
            return Reply(status=204)
        for pair in self.employers:
            self.employers[pair] = self.employers[pair] and pair[0] != contact
        self.employers[contact, company] = True
        return Reply(body={"fromObjectId": contact, "toObjectId": company})

    def _shown(self, row: Row, asked: list[str]) -> Row:
        held = {**dict.fromkeys(asked), **properties_of(row)}
        kept: Row = {
            name: held[name] or None
            for name in asked
            if name in {*_KNOWN["companies"], "email", "merged"}
        }
        return {"id": row["id"], "updatedAt": row["updatedAt"], "properties": kept}


def properties_of(row: Row) -> Row:
    """Return an object's properties."""
    value = row["properties"]
    assert isinstance(value, dict)
    return value


def list_of(row: Json, name: str) -> list[Json]:
    """Return what a row has under a name, as a list."""
    assert isinstance(row, dict)
    value = row[name]
    assert isinstance(value, list)
    return value


def _employer(company: str, *, main: bool) -> Json:
    """Return an association; the main one has a mark besides the plain one."""
    types: list[Json] = [{"typeId": one} for one in ((279, 1) if main else (279,))]
    return {"toObjectId": int(company), "associationTypes": types}


def _values(row: Row, name: str) -> list[Json]:
    """Return what counts as an object's values of a property: a contact's further addresses do, too."""
    properties = properties_of(row)
    more = str(row.get("further", "")) if name == "email" else ""
    return [value for value in (properties.get(name), more) if value]


def _text(value: Json) -> Json:
    return value if isinstance(value, str) else json.dumps(value)


def _asked(request: Received) -> list[str]:
    return [name for name in request.query.get("properties", "").split(",") if name]


def _instant(row: Row) -> int:
    return int(datetime.fromisoformat(str(row["updatedAt"])).timestamp() * 1000)


def _page(rows: list[Row], after: str | None, cap: int = 10**9) -> Reply:
    start = int(after or 0)
    body: Row = {"results": deepcopy(list[Json](rows[:cap][start : start + PAGE]))}
    if start + PAGE < min(len(rows), cap):
        body["paging"] = {
            "next": {"after": str(start + PAGE), "link": "https://elsewhere.example/x"}
        }
    return Reply(body=body)
