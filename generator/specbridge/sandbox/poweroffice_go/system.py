"""PowerOffice Go: its records and its calls."""

import time
from collections.abc import Iterable
from copy import deepcopy
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from specbridge.sandbox.clock import Clock, fine_text
from specbridge.sandbox.credentials import Credentials
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.limits import Buckets
from specbridge.sandbox.messages import Answer, Call, RefusalError, Route, Router, Row
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.poweroffice_go.access import Access
from specbridge.sandbox.poweroffice_go.checking import (
    check_required,
    known_names,
    stored_address,
    stored_parts,
    stored_values,
    writable,
)
from specbridge.sandbox.poweroffice_go.kinds import KINDS, Code, Kind
from specbridge.sandbox.poweroffice_go.patching import (
    apply_patch,
    sets_whole_address,
    touches_address_only,
)
from specbridge.sandbox.poweroffice_go.queries import list_rows
from specbridge.sandbox.poweroffice_go.refusals import (
    in_use,
    invalid,
    not_found,
    refuse,
    throttled,
)
from specbridge.sandbox.poweroffice_go.unique import Taken
from specbridge.sandbox.world import Employee, Product, Supplier, World, changed

_CLIENTS = UUID("5a0d7c1e-0000-4000-8000-000000000001")
"""What clients' ids are made of, together with their keys."""

_REQUESTS_PER_SECOND = 10
_FIRST_ID = 10_001
_FIRST_ADDRESS = 500_001
_PATCH_TYPE = "application/json-patch+json"
_PRIVILEGES = ["Customer_Full", "ContactPerson_Full", "Department_Full"]
_MORE_PRIVILEGES = ["Supplier_Full", "Employee_Full", "Product_Full"]


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
        self._credentials = credentials
        self._buckets = Buckets()
        self._otherwise = options.otherwise
        self._ids = count(_FIRST_ID)
        self._address_ids = count(_FIRST_ADDRESS)
        self._rows: dict[str, dict[int, Row]] = {name: {} for name in KINDS}
        self._taken = Taken(Doubt.REFERENCES_WITH_CAPITALS in self._otherwise)
        exact = Doubt.PATHS_WITH_CAPITALS in self._otherwise
        self._router = Router(self._routes(), any_case=not exact)
        self._load(world)

    def answer(self, call: Call) -> Answer:
        """Carry out a request: limits first, then access, then the call itself."""
        try:
            if call.path.lower() == "/oauth/token":
                self._check_limit("token")
                return self._access.give_token(call)
            self._check_limit("all")
            self._access.check(call)
            found = self._router.find(call.method, call.path)
            if found is None:
                return Answer(status=404, body={"statusCode": 404, "message": "Resource not found"})
            handler, names = found
            return handler(call, **names)
        except RefusalError as refusal:
            return refusal.answer
        except (ValueError, AttributeError, KeyError, TypeError):
            detail = {"title": "Bad request", "detail": "The body could not be understood."}
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

    def _check_limit(self, bucket: str) -> None:
        if self._options.limits is LimitsPlan.OFF:
            return
        # The subscription key's, which all companies of an integration share. In real time:
        # so a client waits, however the server's clock is moved.
        verdict = self._buckets.take(bucket, _REQUESTS_PER_SECOND, 1.0, time.monotonic())
        if verdict.wait:
            raise RefusalError(throttled(verdict.wait, worded=bucket == "token"))

    def _show_client(self, call: Call) -> Answer:
        more = _MORE_PRIVILEGES if self._options.systems else ()
        return Answer(
            body={
                "ActiveClientSubscriptions": [],
                # Of the client key: another key is another company's.
                "ClientId": str(uuid5(_CLIENTS, self._credentials.client_key)),
                "ClientName": "Eksempel AS",
                "InvalidPrivileges": [],
                "ValidPrivileges": [*_PRIVILEGES, *more],
            }
        )

    def _list(self, kind: Kind, call: Call) -> Answer:
        return list_rows(kind, self._rows, call, self._otherwise)

    def _read(self, kind: Kind, call: Call, identifier: str, contact: str = "") -> Answer:
        return Answer(body=self._find(kind, identifier, contact))

    def _create(self, kind: Kind, call: Call, contact: str = "") -> Answer:
        sent = call.json()
        if not isinstance(sent, dict):
            raise invalid(kind, "The body is not an object.")
        known = known_names(kind, sent, self._otherwise)
        row = {n: deepcopy(d) for n, d in kind.defaults.items()}
        stored = stored_values(kind, writable(kind, known), self._otherwise)
        row |= {name: value for name, value in stored.items() if name not in kind.unshown}
        if kind.nested:
            row["ContactId"] = self._find_contact(kind, contact)
        for name, code in kind.codes.items():
            self._resolve(row, name, code)
        address = known.get("MailAddress")
        if address is not None:
            row["MailAddress"] = stored_address(kind, address, self._otherwise)
        check_required(kind, row)
        self._taken.check(kind, row)
        self._add(kind, row, self.clock.ticks())
        return Answer(status=kind.created_status, body=row)

    def _patch(self, kind: Kind, call: Call, identifier: str, contact: str = "") -> Answer:
        media_type = call.headers.get("content-type", "").partition(";")[0]
        # Plain JSON is refused: the vendor's description names one type only.
        if media_type != _PATCH_TYPE and Doubt.PLAIN_PATCHES not in self._otherwise:
            return Answer(status=415, body={"title": "Unsupported Media Type", "detail": ""})
        row, operations = self._find(kind, identifier, contact), call.json()
        new_address = Doubt.ADDRESS_FROM_PARTS in self._otherwise
        patched = apply_patch(kind, row, operations, new_address=new_address)
        patched |= stored_values(kind, writable(kind, patched), self._otherwise)
        address = patched.get("MailAddress")
        if address is not None:
            settle = stored_address if sets_whole_address(operations) else stored_parts
            patched["MailAddress"] = settle(kind, address, self._otherwise)
        check_required(kind, patched)
        self._taken.check(kind, patched)
        # What belongs to a contact moves its own instant, not the contact's.
        still = kind.own_address and touches_address_only(operations)
        self._replace(kind, row, patched, moves=not still)
        return Answer(body=row) if kind.answers_patch else Answer()

    def _replace(self, kind: Kind, row: Row, patched: Row, *, moves: bool) -> None:
        instant = fine_text(self.clock.ticks())
        self._taken.release(kind, row)
        self._stamp_address(kind, patched, row.get("MailAddress"), instant)
        row.update(patched)
        self._taken.claim(kind, row)
        if moves:
            row["LastChangedDateTimeOffset"] = instant
        self._settle_default(kind, row)

    def _delete(self, kind: Kind, call: Call, identifier: str, contact: str = "") -> Answer:
        row = self._find(kind, identifier, contact)
        people = self._rows["ContactPersons"].values()
        if kind.name == "Customers" and any(p["ContactId"] == row["Id"] for p in people):
            raise in_use(kind, identifier)
        self._taken.release(kind, row)
        del self._rows[kind.name][row["Id"]]
        return Answer()

    def _find(self, kind: Kind, identifier: str, contact: str) -> Row:
        row = self._rows[kind.name].get(int(identifier)) if identifier.isdigit() else None
        # A contact person has an id of its own, yet is found below its own customer only.
        if row is None or (kind.nested and str(row["ContactId"]) != contact):
            raise not_found(kind, identifier)
        return row

    def _find_contact(self, kind: Kind, contact: str) -> int:
        # Employees are contacts as well, but have no contact persons; nor have persons.
        for owner in ("Customers", "Suppliers"):
            row = self._rows[owner].get(int(contact)) if contact.isdigit() else None
            if row is not None and row["IsPerson"]:
                raise invalid(kind, f"The contact with id = {contact} is a person.")
            if row is not None:
                return int(contact)
        raise not_found(KINDS["Customers"], contact)

    def _resolve(self, row: Row, name: str, code: Code) -> None:
        """Look a code up; raises RefusalError 404 for one that nobody has, of a POST though it is."""
        value = row[name]
        # Where both are sent, the id counts.
        if value is None or row.get(code.gives) is not None:
            return
        for other in self._rows.get(code.kind, {}).values():
            if other[code.by] == value:
                row[code.gives] = other["Id"]
                return
        detail = f"{code.singular} with {code.by.lower()} = '{value}' not found."
        raise refuse(404, "Object(s) not found", detail)

    def _add(self, kind: Kind, row: Row, ticks: int) -> None:
        row["Id"] = next(self._ids)
        row["LastChangedDateTimeOffset"] = row[kind.created] = fine_text(ticks)
        if "ContactCreatedDateTimeOffset" in row:
            row["ContactCreatedDateTimeOffset"] = row[kind.created]
        if "SubledgerAccountId" in row:
            row["SubledgerAccountId"] = row["Id"]
        if "Number" in row and row["Number"] is None:
            row["Number"] = row["Id"]
        self._stamp_address(kind, row, None, row["LastChangedDateTimeOffset"])
        self._rows[kind.name][row["Id"]] = row
        self._taken.claim(kind, row)
        self._settle_default(kind, row)

    def _stamp_address(self, kind: Kind, row: Row, before: Row | None, instant: str) -> None:
        """Give an address its id, and its instant where it is another than it was."""
        address = row.get("MailAddress")
        if address is None or not kind.own_address:
            return
        old = before or {"Id": next(self._address_ids), "LastChangedDateTimeOffset": instant}
        same = before is not None and all(before[name] == address[name] for name in kind.address)
        changed = old["LastChangedDateTimeOffset"] if same else instant
        address |= {"Id": old["Id"], "LastChangedDateTimeOffset": changed}

    def _settle_default(self, kind: Kind, row: Row) -> None:
        """Have a customer's other contact persons be default no more."""
        if not row.get("IsDefault") or Doubt.SEVERAL_DEFAULTS in self._otherwise:
            return
        for other in self._rows[kind.name].values():
            if other is not row and other["ContactId"] == row["ContactId"] and other["IsDefault"]:
                other["IsDefault"] = False
                other["LastChangedDateTimeOffset"] = row["LastChangedDateTimeOffset"]

    def _load(self, world: World) -> None:
        customers = self._load_kind("Customers", (_customer_row(c) for c in world.customers))
        people = (_contact_row(c, customers[c.customer]) for c in world.contacts)
        self._load_kind("ContactPersons", people)
        departments = ({"Name": name, "IsActive": True} for name in world.departments)
        self._load_kind("Departments", departments)
        # Beside two systems alone nobody has a counterpart for these.
        if self._options.systems:
            self._load_kind("Suppliers", (_supplier_row(one) for one in world.suppliers))
            self._load_kind("Employees", (_employee_row(one) for one in world.employees))
            self._load_kind("Products", (_product_row(one) for one in world.products))

    def _load_kind(self, name: str, rows: Iterable[Row]) -> list[int]:
        kind = KINDS[name]
        for position, row in enumerate(rows):
            defaults = {n: deepcopy(d) for n, d in kind.defaults.items()}
            self._add(kind, {**defaults, **row}, changed(position))
        return list(self._rows[name])


def _bind(kind: Kind, handler: Any) -> Any:
    return lambda call, **names: handler(kind, call, **names)


def _customer_row(customer: Any) -> Row:
    row: Row = {"EmailAddress": customer.email, "WebsiteUrl": customer.website}
    if customer.names is not None:
        row |= {"IsPerson": True, "FirstName": customer.names[0], "LastName": customer.names[1]}
    else:
        row["Name"] = customer.name
    return row | _address(customer.city)


def _address(city: str | None) -> Row:
    if city is None:
        return {}
    parts = dict.fromkeys(KINDS["Customers"].address)
    return {"MailAddress": {**parts, "City": city, "ZipCode": "1000", "CountryCode": "NO"}}


def _supplier_row(supplier: Supplier) -> Row:
    row: Row = {"Name": supplier.name, "EmailAddress": supplier.email}
    return row | _address(supplier.city)


def _employee_row(employee: Employee) -> Row:
    first, last = employee.names
    return {"FirstName": first, "LastName": last, "EmailAddress": employee.email}


def _product_row(product: Product) -> Row:
    return {"Name": product.name, "Code": product.code, "UnitPrice": product.price}


def _contact_row(contact: Any, customer: int) -> Row:
    return {
        "ContactId": customer,
        "FirstName": contact.names[0],
        "LastName": contact.names[1],
        "EmailAddress": contact.email,
    }
