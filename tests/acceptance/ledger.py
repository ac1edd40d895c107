"""A book-keeping system as strict as such systems are: sessions that end, answers that open what was named only,
a PUT that keeps what is left out but makes another address of one without its id, versions, capped pages.
"""

import base64
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from zoneinfo import ZoneInfo

from specbridge.model.values import Json

from tests.runtime.connectors.servers import Received, Reply

Row = dict[str, Json]

LEDGER_PROFILE = """
name = "ledger"
labels = ["Ledger"]
base_url = "https://ledger.example"
errors = ["validationMessages[].message", "message"]
probe = { path = "/whoami", paging = { style = "none" } }
account = ["value.company"]

[paging]
style = "offset"
end = "empty-page"
size = 1000
parameters = { page = "from", size = "count" }
constants = { sorting = "id" }

[[auth]]
style = "session"
token_method = "PUT"
token_url = "{BASE_URL}/session"
token_query = { consumerToken = "{CONSUMER}", employeeToken = "{EMPLOYEE}" }
token_path = "value.token"
expires_in = 3600
user = "0"
token_text = "Basic {basic}"

[[resources]]
name = "customer"
id = "id"
modified_at = "changes[].timestamp"
external_reference = "number"
select = { parameter = "fields", style = "nested", whole = "*,address(*)" }
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "version", type = "integer", read_only = true },
    { path = "changes[].timestamp", type = "datetime", read_only = true },
    { path = "number", type = "string", unique = true, max_length = 60 },
    { path = "name", type = "string", required = true },
    { path = "employees", type = "integer", clear = 0 },
    { path = "organizationNumber", type = "string", clear = "", along = ["address.country.id"] },
    { path = "address.city", type = "string", clear = "" },
    { path = "address.country.id", type = "integer" },
]
list = { path = "/customer", items = "values", queries = [{ isInactive = "false" }, { isInactive = "true" }] }
lookups = [{ path = "/customer", property = "number", parameter = "number", items = "values" }]
read = { method = "GET", path = "/customer/{id}", wrap = "value" }
create = { method = "POST", path = "/customer", answer_wrap = "value" }
update = { method = "PUT", path = "/customer/{id}", answer_wrap = "value", body = "merge-objects", precondition = "version", version = "version", conflicts = [409] }

[resources.incremental]
path = "/customer"
items = "values"
since = "changedSince"
since_form = "local"
since_zone = "Europe/Oslo"
overlap_seconds = 60
queries = [{ isInactive = "false" }, { isInactive = "true" }]

[[resources]]
name = "contact"
id = "id"
external_reference = "origin"
parent = { resource = "customer", property = "customerId" }
properties = [
    { path = "id", type = "integer", read_only = true },
    { path = "origin", type = "string", unique = true },
    { path = "customerId", type = "integer", reference = "customer" },
    { path = "email", type = "string", clear = "" },
    { path = "name", type = "string" },
]
list = { path = "/customer/{parent}/contact", items = "values" }
lookups = [{ path = "/contact", property = "origin", parameter = "origin", items = "values" }]
read = { method = "GET", path = "/contact/{id}", wrap = "value" }
create = { method = "POST", path = "/contact", answer_wrap = "value" }
update = { method = "PUT", path = "/contact/{id}", answer_wrap = "value", body = "merge" }
"""


@dataclass
class Ledger:
    """Customers and contacts by id; every address that was ever made is counted."""

    customers: dict[int, Row] = field(default_factory=dict)
    contacts: dict[int, Row] = field(default_factory=dict)
    addresses: "count[int]" = field(default_factory=lambda: count(900))
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    sessions: list[str] = field(default_factory=list)
    ticks: int = 0
    lock: Lock = field(default_factory=Lock)

    def add_customer(self, **values: Json) -> int:
        """Store a customer with what no row of the document names, and return its id."""
        identifier = next(self.numbers)
        address: Row = {
            "id": next(self.addresses),
            "line": "x 1",
            "city": "Oslo",
            "country": {"id": 161},
        }
        given = values.pop("address", None)
        self.customers[identifier] = {
            "id": identifier,
            "version": 0,
            "changes": [{"timestamp": self._stamp(), "changeType": "CREATE"}],
            "note": f"note {identifier}",
            "isInactive": False,
            "organizationNumber": "",
            "employees": 0,
            "address": {**address, **(given if isinstance(given, dict) else {})},
            **values,
        }
        return identifier

    def edit_customer(self, identifier: int, **values: Json) -> None:
        """Change a customer as a person would."""
        held = self.customers[identifier]
        version, changes = held["version"], held["changes"]
        assert isinstance(version, int)
        assert isinstance(changes, list)
        change: Row = {"timestamp": self._stamp(), "changeType": "UPDATE"}
        self.customers[identifier] = {
            **held,
            **values,
            "version": version + 1,
            "changes": [change, *changes],
        }

    def add_contact(self, **values: Json) -> int:
        """Store a contact, and return its id."""
        identifier = next(self.numbers)
        self.contacts[identifier] = {
            "id": identifier,
            "email": "",
            "phone": f"55{identifier}",
            **values,
        }
        return identifier

    def answer(self, request: Received) -> Reply:
        """Answer a request, one at a time."""
        with self.lock:
            return self._answer(request)

    def _answer(self, request: Received) -> Reply:  # noqa: PLR0911  # one for each address
        if request.path == "/session":
            known = request.query.get("consumerToken"), request.query.get("employeeToken")
            if request.method != "PUT" or known != ("c0nsumer", "empl0yee"):
                return Reply(status=400, body={"message": "no session"})
            self.sessions.append(f"session-{len(self.sessions)}")
            return Reply(body={"value": {"token": self.sessions[-1]}})
        wanted = [base64.b64encode(f"0:{one}".encode()).decode() for one in self.sessions[-1:]]
        if request.headers.get("authorization", "").removeprefix("Basic ") not in wanted:
            return Reply(status=401, body={"message": "No credentials"})
        words = request.path.strip("/").split("/")
        match words:
            case ["whoami"]:
                return Reply(body={"value": {"company": 4711}})
            case ["customer"]:
                return (
                    self._post_customer(request)
                    if request.method == "POST"
                    else self._list(request)
                )
            case ["customer", identifier]:
                return self._one_customer(int(identifier), request)
            case ["customer", identifier, "contact"]:
                own = [
                    row
                    for row in self.contacts.values()
                    if row.get("customerId") == int(identifier)
                ]
                # Whose they are is said by the address alone.
                shown = [
                    {name: value for name, value in row.items() if name != "customerId"}
                    for row in own
                ]
                return _page(shown, request)
            case ["contact", *rest]:
                return self._contact(rest, request)
        return Reply(status=404)

    def _list(self, request: Received) -> Reply:
        inactive = request.query.get("isInactive", "false") == "true"
        since = request.query.get("changedSince")
        number = request.query.get("number")
        rows = [
            row
            for row in self.customers.values()
            if number is not None or row["isInactive"] is inactive
            if since is None or _changed(row) >= datetime.fromisoformat(since).replace(tzinfo=_OSLO)
            if number in (None, row.get("number"))
        ]
        return _page([_shown(row, request) for row in rows], request)

    def _post_customer(self, request: Received) -> Reply:
        given = json.loads(request.text)
        if "id" in given or "version" in given:
            return Reply(status=422, body={"message": "id cannot be set"})
        identifier = self.add_customer(**given)
        return Reply(status=201, body={"value": _shown(self.customers[identifier], request)})

    def _one_customer(self, identifier: int, request: Received) -> Reply:
        if identifier not in self.customers:
            return Reply(status=404, body={"message": "Object not found"})
        if request.method == "PUT":
            given, held = json.loads(request.text), self.customers[identifier]
            if given.pop("version", None) != held["version"]:
                return Reply(status=409, body={"code": 8000, "message": "revision"})
            address = given.pop("address", None)
            if "organizationNumber" in given and not (address or {}).get("country"):
                return Reply(status=422, body={"message": "of which country?"})
            if address is not None:
                # Without its id it is another address, and what it leaves out is empty.
                given["address"] = (
                    address if "id" in address else {"id": next(self.addresses), **address}
                )
            self.edit_customer(identifier, **given)
        return Reply(body={"value": _shown(self.customers[identifier], request)})

    def _contact(self, rest: list[str], request: Received) -> Reply:
        if not rest:
            if request.method == "POST":
                identifier = self.add_contact(**json.loads(request.text))
                return Reply(status=201, body={"value": dict(self.contacts[identifier])})
            origin = request.query.get("origin")
            return _page(
                [dict(row) for row in self.contacts.values() if row.get("origin") == origin],
                request,
            )
        identifier = int(rest[0])
        if identifier not in self.contacts:
            return Reply(status=404, body={"message": "Object not found"})
        if request.method == "PUT":
            self.contacts[identifier] |= json.loads(request.text)
        return Reply(body={"value": dict(self.contacts[identifier])})

    def _stamp(self) -> str:
        # Whole seconds with the zone's offset, as such systems write them.
        self.ticks += 1
        return (datetime.now(_OSLO) - timedelta(seconds=5)).isoformat(timespec="seconds")


_OSLO = ZoneInfo("Europe/Oslo")
_OWN = ("id", "version", "name", "number", "organizationNumber", "employees", "isInactive", "note")


def _changed(row: Row) -> datetime:
    changes = row["changes"]
    assert isinstance(changes, list)
    return max(
        datetime.fromisoformat(str(one["timestamp"])) for one in changes if isinstance(one, dict)
    )


def _shown(row: Row, request: Received) -> Row:
    """Return what `fields` names; objects are opened where it says so, and else show their ids alone."""
    fields = request.query.get("fields", "*")
    shown = {name: row.get(name) for name in _OWN if name in fields or fields.startswith("*")}
    if "changes(" in fields:
        shown["changes"] = row["changes"]
    address = row["address"]
    assert isinstance(address, dict)
    named = {
        name: value for name, value in address.items() if name in fields.partition("address(")[2]
    }
    opened = address if "address(*)" in fields else named
    shown["address"] = opened or {"id": address["id"]}
    return deepcopy({**shown, "id": row["id"]})


def _page(rows: list[Row], request: Received, cap: int = 3) -> Reply:
    start = int(request.query.get("from", 0))
    return Reply(body={"fullResultSize": 99, "values": list[Json](rows[start : start + cap])})
