"""The world's HubSpot side, brought in by the same rules as everything later."""

from specbridge.sandbox.hubspot.associations import join
from specbridge.sandbox.hubspot.state import Held, State
from specbridge.sandbox.hubspot.writing import create
from specbridge.sandbox.messages import Row
from specbridge.sandbox.world import Contact, Customer, World, changed

_TICKS = 10_000
_UNKNOWN_EVERY = 3  # of the world's firms and people, one in so many is not in HubSpot


def load_world(state: State, world: World) -> None:
    """Create companies, contacts and products, each with an instant of its own, known to searches."""
    companies: dict[int, Held] = {}
    for place, customer in enumerate(world.customers):
        if customer.names is None and place % _UNKNOWN_EVERY != _UNKNOWN_EVERY - 1:
            companies[place] = _dated(state, "companies", _company(customer), place)
        elif customer.names is not None and customer.email:
            sent = _person(customer.names, customer.email)
            _dated(state, "contacts", sent, place)
    # Two companies with one domain: nothing refuses that.
    twin = {"name": "Fjellheim Kaffe avd. Voss", "domain": "fjellheim.example"}
    _dated(state, "companies", twin, len(world.customers))
    for place, contact in enumerate(world.contacts):
        _load_contact(state, place, contact, companies)
    for place, product in enumerate(world.products):
        if place % _UNKNOWN_EVERY != 1:
            # As somebody typed it: the same number may have more digits.
            sent = {"name": product.name, "hs_sku": product.code, "price": f"{product.price:.2f}"}
            _dated(state, "products", sent, place)
    _dated(state, "products", {"name": "Befaring", "hs_sku": "B-1", "price": "0"}, 99)


def _load_contact(state: State, place: int, contact: Contact, companies: dict[int, Held]) -> None:
    mail = (contact.email or "").lower()
    if place % _UNKNOWN_EVERY == 1 or (mail and state.holder("contacts", "email", mail)):
        return
    held = _dated(state, "contacts", _person(contact.names, contact.email), place)
    if mail.startswith("aase@"):
        # An address that is taken though it is nobody's `email`.
        held.emails = ("aase.privat@post.example",)
        state.claim("contacts", held)
    if contact.customer in companies:
        join(state, held.id, companies[contact.customer].id, primary=True)


def _company(customer: Customer) -> Row:
    domain = (customer.website or "").removeprefix("https://")
    sent = {"name": customer.name, "domain": domain, "city": customer.city or ""}
    return {name: value for name, value in sent.items() if value}


def _person(names: tuple[str, str], email: str | None) -> Row:
    sent = {"firstname": names[0], "lastname": names[1]}
    return {**sent, "email": email} if email else sent


def _dated(state: State, kind: str, values: Row, place: int) -> Held:
    # Through the same function as a request: a world that breaks the rules does not load.
    held = create(state, kind, {"properties": values})
    held.created = held.updated = changed(place) // _TICKS
    snapshot = {name: value for name, value in state.all_values(kind, held).items() if value}
    held.index, held.coming = snapshot, []
    return held
