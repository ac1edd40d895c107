"""PowerOffice Go: its records and its calls."""

import time
from collections.abc import Iterable
from copy import deepcopy
from itertools import count
from typing import Any

from specbridge.sandbox.clock import Clock, fine_text
from specbridge.sandbox.credentials import Credentials
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.limits import Buckets
from specbridge.sandbox.messages import Answer, Call, RefusalError, Route, Router, Row
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.poweroffice_go.access import Access
from specbridge.sandbox.poweroffice_go.kinds import KINDS, Kind
from specbridge.sandbox.poweroffice_go.patching import apply_patch
from specbridge.sandbox.poweroffice_go.queries import list_rows
from specbridge.sandbox.poweroffice_go.refusals import in_use, invalid, not_found, throttled
from specbridge.sandbox.world import World, changed

_REQUESTS_PER_SECOND = 10
_FIRST_ID = 10_001
_PRIVILEGES = ["Customer_Full", "ContactPerson_Full", "Department_Full"]


class PowerOfficeGo:
    """The system's state and the answer to every request; one company's data."""

    name = "poweroffice"

    def __init__(  # what a server is made of, given once
        self,
        options: SandboxOptions,
        credentials: Credentials,
        clock: Clock,
        faults: FaultBox,
        world: World,
    ) -> None:
        """Load the world."""
        self.clock = clock
        self.faults = faults
        self._options = options
        self._access = Access(credentials, clock, options.token_seconds)
        self._buckets = Buckets()
        self._ids = count(_FIRST_ID)
        self._rows: dict[str, dict[int, Row]] = {name: {} for name in KINDS}
        self._unique: dict[tuple[str, str, str], int] = {}
        self._router = Router(self._routes(), any_case=True)
        self._load(world)

    def answer(self, call: Call) -> Answer:
        """Carry out a request: limits first, then access, then the call itself."""
        try:
            if call.path.lower() == "/oauth/token":
                return self._access.give_token(call)
            self._check_limit()
            self._access.check(call)
            found = self._router.find(call.method, call.path)
            if found is None:
                return Answer(status=404, body={"statusCode": 404, "message": "Resource not found"})
            handler, names = found
            return handler(call, **names)
        except RefusalError as refusal:
            return refusal.answer
        except ValueError:
            detail = {"title": "Bad request", "detail": "The body is not valid JSON."}
            return Answer(status=400, body=detail)

    def throttle(self, call: Call) -> Answer:
        """Return the gateway's 429."""
        return throttled(1.0)

    def fail(self, status: int) -> Answer:
        """Return a failure of the server."""
        return Answer(status=status, body={"title": "Error", "detail": "An error occurred."})

    def world(self) -> dict[str, list[Row]]:
        """Return copies of all records by kind, in the order of their ids."""
        return {kind: deepcopy(list(rows.values())) for kind, rows in self._rows.items()}

    def _routes(self) -> list[Route]:
        routes = [Route("GET", "/v2/ClientIntegrationInformation", self._show_client)]
        for kind in KINDS.values():
            base = f"/v2/{kind.name}"
            one = f"{base}/{{contact}}/{{identifier}}" if kind.nested else f"{base}/{{identifier}}"
            create = f"{base}/{{contact}}" if kind.nested else base
            routes += [
                Route("GET", base, _bind(kind, self._list)),
                Route("POST", create, _bind(kind, self._create)),
                Route("GET", one, _bind(kind, self._read)),
                Route("PATCH", one, _bind(kind, self._patch)),
                Route("DELETE", one, _bind(kind, self._delete)),
            ]
        return routes

    def _check_limit(self) -> None:
        if self._options.limits is LimitsPlan.OFF:
            return
        # The subscription key's, which all companies of an integration share. In real time:
        # so a client waits, however the server's clock is moved.
        verdict = self._buckets.take("all", _REQUESTS_PER_SECOND, 1.0, time.monotonic())
        if verdict.wait:
            raise RefusalError(throttled(verdict.wait))

    def _show_client(self, call: Call) -> Answer:
        return Answer(
            body={
                "ActiveClientSubscriptions": [],
                "ClientId": "5a0d7c1e-0000-4000-8000-000000000001",
                "ClientName": "Eksempel AS",
                "InvalidPrivileges": [],
                "ValidPrivileges": _PRIVILEGES,
            }
        )

    def _list(self, kind: Kind, call: Call) -> Answer:
        return list_rows(kind, self._rows[kind.name].values(), call.query)

    def _read(self, kind: Kind, call: Call, identifier: str, contact: str = "") -> Answer:
        return Answer(body=self._find(kind, identifier, contact))

    def _create(self, kind: Kind, call: Call, contact: str = "") -> Answer:
        sent = call.json()
        if not isinstance(sent, dict):
            raise invalid(kind, "The body is not an object.")
        # What a POST does not know is ignored: the documentation leaves it open.
        names = {name.lower(): name for name in kind.defaults}
        known = {names[k.lower()]: v for k, v in sent.items() if k.lower() in names}
        row = {n: deepcopy(d) for n, d in kind.defaults.items()}
        row |= {name: value for name, value in known.items() if name not in kind.read_only}
        if kind.nested:
            row["ContactId"] = self._find_contact(kind, contact)
        _complete_address(kind, row)
        self._check(kind, row)
        self._add(kind, row, self.clock.ticks())
        return Answer(status=kind.created_status, body=row)

    def _patch(self, kind: Kind, call: Call, identifier: str, contact: str = "") -> Answer:
        # Plain JSON is refused: the vendor's description names this type only.
        if call.headers.get("content-type", "").partition(";")[0] != "application/json-patch+json":
            return Answer(status=415, body={"title": "Unsupported Media Type", "detail": ""})
        row = self._find(kind, identifier, contact)
        patched = apply_patch(kind, row, call.json())
        self._check(kind, patched)
        for name in kind.unique:
            self._unique.pop(_unique_key(kind, name, row), None)
        row.update(patched)
        self._register(kind, row)
        row["LastChangedDateTimeOffset"] = fine_text(self.clock.ticks())
        return Answer(body=row) if kind.answers_patch else Answer()

    def _delete(self, kind: Kind, call: Call, identifier: str, contact: str = "") -> Answer:
        row = self._find(kind, identifier, contact)
        people = self._rows["ContactPersons"].values()
        if kind.name == "Customers" and any(p["ContactId"] == row["Id"] for p in people):
            raise in_use(kind, identifier)
        for name in kind.unique:
            self._unique.pop(_unique_key(kind, name, row), None)
        del self._rows[kind.name][row["Id"]]
        return Answer()

    def _find(self, kind: Kind, identifier: str, contact: str) -> Row:
        row = self._rows[kind.name].get(int(identifier)) if identifier.isdigit() else None
        # A contact person has an id of its own, yet is found below its own customer only.
        if row is None or (kind.nested and str(row["ContactId"]) != contact):
            raise not_found(kind, identifier)
        return row

    def _find_contact(self, kind: Kind, contact: str) -> int:
        # Employees are contacts as well, but have no contact persons.
        for owner in ("Customers", "Suppliers"):
            if contact.isdigit() and int(contact) in self._rows[owner]:
                return int(contact)
        raise not_found(KINDS["Customers"], contact)

    def _check(self, kind: Kind, row: Row) -> None:
        """Raise RefusalError for a record that misses what it needs, or takes what is unique."""
        for name in _required(kind, row):
            if not str(row[name] or "").strip():
                raise invalid(kind, f"{name} is required.")
        email = row.get("EmailAddress")
        if email is not None and email != "" and "@" not in str(email):
            raise invalid(kind, "EmailAddress is not a valid e-mail address.")
        for name in kind.unique:
            owner = self._unique.get(_unique_key(kind, name, row))
            if row[name] is not None and owner not in (None, row["Id"]):
                raise invalid(
                    kind,
                    f"{name} is already in use. '{row[name]}' is used on (contact) Id = {owner}.",
                )

    def _add(self, kind: Kind, row: Row, ticks: int) -> None:
        row["Id"] = next(self._ids)
        row["LastChangedDateTimeOffset"] = row[kind.created] = fine_text(ticks)
        if "ContactCreatedDateTimeOffset" in row:
            row["ContactCreatedDateTimeOffset"] = row[kind.created]
        if "SubledgerAccountId" in row:
            row["SubledgerAccountId"] = row["Id"]
        if "Number" in row and row["Number"] is None:
            row["Number"] = row["Id"]
        self._rows[kind.name][row["Id"]] = row
        self._register(kind, row)

    def _register(self, kind: Kind, row: Row) -> None:
        for name in kind.unique:
            if row[name] is not None:
                self._unique[_unique_key(kind, name, row)] = row["Id"]

    def _load(self, world: World) -> None:
        customers = self._load_kind("Customers", (_customer_row(c) for c in world.customers))
        people = (_contact_row(c, customers[c.customer]) for c in world.contacts)
        self._load_kind("ContactPersons", people)
        departments = ({"Name": name, "IsActive": True} for name in world.departments)
        self._load_kind("Departments", departments)

    def _load_kind(self, name: str, rows: Iterable[Row]) -> list[int]:
        kind = KINDS[name]
        for position, row in enumerate(rows):
            defaults = {n: deepcopy(d) for n, d in kind.defaults.items()}
            self._add(kind, {**defaults, **row}, changed(position))
        return list(self._rows[name])


def _bind(kind: Kind, handler: Any) -> Any:
    return lambda call, **names: handler(kind, call, **names)


def _unique_key(kind: Kind, name: str, row: Row) -> tuple[str, str, str]:
    # Unique within a class: a customer and a supplier may hold the same reference.
    return kind.name, name, str(row[name]).lower()


def _required(kind: Kind, row: Row) -> tuple[str, ...]:
    if "IsPerson" in row:
        # The vendor's schema requires nothing of a customer: this is found out when it is sent.
        return ("FirstName", "LastName") if row["IsPerson"] else ("Name",)
    return kind.required


def _complete_address(kind: Kind, row: Row) -> None:
    address = row.get("MailAddress")
    if address is None:
        return
    if not address.get("City") or not address.get("ZipCode"):
        raise invalid(kind, "City and ZipCode are required in an address.")
    address.setdefault("CountryCode", "NO")


def _customer_row(customer: Any) -> Row:
    row: Row = {"EmailAddress": customer.email, "WebsiteUrl": customer.website}
    if customer.names is not None:
        row |= {"IsPerson": True, "FirstName": customer.names[0], "LastName": customer.names[1]}
    else:
        row["Name"] = customer.name
    if customer.city is not None:
        row["MailAddress"] = {"City": customer.city, "ZipCode": "1000", "CountryCode": "NO"}
    return row


def _contact_row(contact: Any, customer: int) -> Row:
    return {
        "ContactId": customer,
        "FirstName": contact.names[0],
        "LastName": contact.names[1],
        "EmailAddress": contact.email,
    }
