"""The records that Tripletex starts with: about half of what PowerOffice has, and some of its own."""

from collections.abc import Iterable

from specbridge.sandbox.messages import Row
from specbridge.sandbox.tripletex.countries import NORWAY
from specbridge.sandbox.tripletex.kinds import ADDRESS_KIND, KINDS
from specbridge.sandbox.tripletex.state import State
from specbridge.sandbox.world import Customer, World, changed

_TICKS_PER_SECOND = 10_000_000


def load_world(state: State, world: World) -> None:
    """Load a world's records; positions in it decide which of them Tripletex knows."""
    customers = _known_customers(world)
    _load(state, "customer", [row for _, row in customers])
    ids = dict(zip((place for place, _ in customers), state.rows["customer"], strict=False))
    people = [
        {
            "firstName": one.names[0],
            "lastName": one.names[1],
            "email": one.email or "",
            "customer": {"id": ids[one.customer]} if one.customer in ids else None,
        }
        for place, one in enumerate(world.contacts)
        if place % 2 == 0
    ]
    _load(state, "contact", people)
    departments = [
        {"name": name, "departmentNumber": str(10 + place)}
        for place, name in enumerate(world.departments)
        if place % 2
    ]
    _load(state, "department", departments)
    _load_rest(state, world)
    # The first customer was sent an invoice: it cannot be deleted.
    state.booked |= {("customer", number) for number in list(state.rows["customer"])[:1]}


def _load_rest(state: State, world: World) -> None:
    suppliers = [
        {"name": one.name, "email": one.email or "", "isSupplier": True}
        for one in world.suppliers[:1]
    ]
    _load(state, "supplier", suppliers)
    employees = [
        {"firstName": one.names[0], "lastName": one.names[1], "email": one.email or ""}
        for one in world.employees[:1]
    ]
    _load(state, "employee", [{**row, "userType": "STANDARD"} for row in employees])
    products = [
        {"name": one.name, "number": one.code, "priceExcludingVatCurrency": one.price}
        for one in world.products[:1]
    ]
    _load(state, "product", products)


def _known_customers(world: World) -> list[tuple[int, Row]]:
    known = [(place, _customer(one)) for place, one in enumerate(world.customers) if place % 2]
    inactive = {"name": "Nedlagt Kunde AS", "isInactive": True, "isCustomer": True}
    own = {"name": "Tripletex Alene AS", "isCustomer": True, "email": "post@alene.example"}
    capitals = {"name": "KYSTFISK AS", "isCustomer": True}
    return [*known, (-1, inactive), (-2, own), (-3, capitals)]


def _customer(customer: Customer) -> Row:
    private = customer.names is not None
    row: Row = {
        "name": " ".join(customer.names) if customer.names else customer.name,
        "email": customer.email or "",
        "website": customer.website or "",
        "isPrivateIndividual": private,
        "isCustomer": True,
        "invoiceSendMethod": "EMAIL" if private else "EHF",
    }
    return row | ({"city": customer.city} if customer.city else {})


def _load(state: State, name: str, rows: Iterable[Row]) -> None:
    kind = KINDS[name]
    for position, row in enumerate(rows):
        city = row.pop("city", None)
        whole = {**kind.empty_row(), **row}
        if city is not None:
            parts = {**ADDRESS_KIND.empty_row(), "city": city, "country": {"id": NORWAY}}
            whole["postalAddress"] = state.new_address({**parts, "postalCode": "1000"})
        state.add(kind, whole, changed(position) // _TICKS_PER_SECOND)
