"""The records that both systems start with; every name is invented.

The small world shows every case of the first document (docs/sandbox.md names them). Instants are
ticks, counted back from a fixed day, so that a world is the same whenever it is built.
"""

import random
from dataclasses import dataclass, field

from specbridge.sandbox.clock import parse_ticks

_DAY = 24 * 60 * 60 * 10_000_000
_FIRST_DAY = parse_ticks("2024-03-01T08:00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer of PowerOffice; `names` are a person's first and last name."""

    name: str = ""
    names: tuple[str, str] | None = None
    email: str | None = None
    website: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact person; `customer` is the position of its customer, from 0."""

    customer: int
    names: tuple[str, str]
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of Zendesk; `organization` is the position of its organization, from 0."""

    name: str
    email: str | None
    organization: int | None = None
    role: str = "end-user"
    second_email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A supplier, by its name."""

    name: str
    email: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """An employee; `names` are the first and the last name."""

    names: tuple[str, str]
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product; the price is without taxes."""

    name: str
    code: str
    price: float


@dataclass(slots=True, kw_only=True)
class World:
    """The records of the systems; `changed` gives each a day on which it was last changed.

    `deleted` are users who were deleted, whose addresses are free again. Suppliers, employees and products are of
    worlds with more than two systems.
    """

    customers: list[Customer] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    departments: list[str] = field(default_factory=list)
    organizations: list[str] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    deleted: list[User] = field(default_factory=list)
    suppliers: list[Supplier] = field(default_factory=list)
    employees: list[Employee] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)


_SUPPLIERS = (
    Supplier(name="Papir og Perm AS", email="ordre@papir.example", city="Hamar"),
    Supplier(name="Nordvik Transport", city="Alta"),
    Supplier(name="Lampe & Lys DA", email="post@lampe.example"),
)
_EMPLOYEES = (
    Employee(names=("Signe", "Aune"), email="signe@eksempel.example"),
    Employee(names=("Truls", "Bakke"), email="truls@eksempel.example"),
    Employee(names=("Vera", "Dale")),
)
_PRODUCTS = (
    Product(name="Kaffe, hel", code="K-1", price=129.5),
    Product(name="Kaffe, malt", code="K-2", price=119.0),
    Product(name="Servietter", code="S-1", price=24.9),
)


def changed(position: int) -> int:
    """Return the ticks at which the record at a position was last changed: one a minute."""
    # Fractions differ too: PowerOffice shows all seven digits, Zendesk drops them.
    return _FIRST_DAY + position % 50_000 * (_DAY // 1440) + position * 1_234_567 % 10_000_000


def build_world(records: int | None, seed: int) -> World:
    """Return the small world, followed by generated records up to `records` customers."""
    world = small_world()
    if records is not None:
        _populate(world, records, random.Random(seed))
    return world


def small_world() -> World:
    """Return the world that shows every case; positions matter, they become ids."""
    return World(
        customers=[
            Customer(name="Fjellheim Kaffe AS", website="https://fjellheim.example", city="Voss"),
            Customer(name="Nordlys Elektro AS", city="Tromsø"),
            # Two customers of one name, which Zendesk takes for one organization only.
            Customer(name="Havblikk Regnskap AS", city="Bodø"),
            Customer(name="Havblikk Regnskap AS", city="Larvik"),
            # Also the name of a department: both flows would create the organization.
            Customer(name="Salg"),
            Customer(name="Bjørk & Sønner ANS", website="https://bjork.example"),
            Customer(name="Kystfisk AS"),
            Customer(name="Granli Bygg AS"),
            Customer(names=("Kari", "Solberg"), email="kari.solberg@post.example"),
            Customer(names=("Ola", "Myhre"), email="ola.myhre@post.example"),
        ],
        contacts=[
            Contact(customer=0, names=("Ingrid", "Dahl"), email="ingrid.dahl@fjellheim.example"),
            Contact(customer=0, names=("Jonas", "Eide"), email="Jonas.Eide@Fjellheim.example"),
            Contact(customer=1, names=("Marte", "Lunde"), email="marte.lunde@nordlys.example"),
            Contact(customer=1, names=("Per", "Aas"), email="per.aas@nordlys.example"),
            Contact(customer=2, names=("Siri", "Holm"), email="post@havblikk.example"),
            Contact(customer=2, names=("Nils", "Holm"), email="post@havblikk.example"),
            Contact(customer=5, names=("Åse", "Bjørk"), email="aase@bjork.example"),
            Contact(customer=6, names=("Tor", "Vik"), email=None),
            Contact(customer=7, names=("Berit", "Moen"), email="berit.moen@granli.example"),
        ],
        departments=["Salg", "Innkjøp", "Økonomi", "Drift"],
        organizations=["Nordlys Elektro AS", "KYSTFISK AS", "Drift", "Gamle Kunder"],
        users=[
            User(name="Anne Support", email="anne@helpdesk.example", role="admin"),
            User(name="Ingrid Dahl", email="ingrid.dahl@fjellheim.example"),
            User(name="Jonas Eide", email="jonas.eide@fjellheim.example"),
            User(name="Marte Lunde", email="marte.lunde@nordlys.example", organization=0),
            User(name="Havblikk", email="post@havblikk.example"),
            User(
                name="Åse Bjørk",
                email="aase@bjork.example",
                second_email="aase.privat@post.example",
            ),
            User(name="Berit Moen", email="berit.moen@granli.example", organization=3),
            User(name="Kari Solberg", email="Kari.Solberg@post.example"),
            User(name="Unn Ukjent", email="unn@elsewhere.example"),
            User(name="Ringte Inn", email=None),
        ],
        suppliers=list(_SUPPLIERS),
        employees=list(_EMPLOYEES),
        products=list(_PRODUCTS),
    )


_FIRST = ("Arne", "Bente", "Dag", "Eli", "Frode", "Guro", "Hanne", "Ivar", "Lise", "Odd")
_LAST = ("Berg", "Foss", "Haug", "Krog", "Lie", "Nes", "Ruud", "Strand", "Tveit", "Wik")
_TRADES = ("Bakeri", "Frukt", "Maskin", "Reklame", "Taxi", "Trelast", "Verft", "Vask")
_FORMS = ("AS", "ANS", "DA", "SA")
_IN_BOTH = 0.5  # the share of customers and contact persons that Zendesk knows already
_IN_CAPITALS = 0.1  # the share of e-mail addresses that it knows in other capitals

_DELETED_EVERY = 3  # of those whom Zendesk does not know, one in so many was deleted there


def _populate(world: World, records: int, choice: random.Random) -> None:
    """Add records: names and addresses never repeat, about half of them are in both systems."""
    for number in range(len(world.customers), records):
        # The number makes names and addresses unique without remembering those that were drawn.
        names = (choice.choice(_FIRST), f"{choice.choice(_LAST)}-{number}")
        email = f"{names[0]}.{names[1]}@kunde{number}.example".lower()
        if number % 10 == 0:
            world.customers.append(Customer(names=names, email=email))
            continue
        name = f"{choice.choice(_LAST)} {choice.choice(_TRADES)} {number} {choice.choice(_FORMS)}"
        world.customers.append(Customer(name=name, website=f"https://kunde{number}.example"))
        organization = None
        if choice.random() < _IN_BOTH:
            organization = len(world.organizations)
            world.organizations.append(name)
        world.contacts.append(Contact(customer=number, names=names, email=email))
        if choice.random() < _IN_BOTH:
            shown = email.capitalize() if choice.random() < _IN_CAPITALS else email
            linked = organization if choice.random() < _IN_BOTH else None
            world.users.append(User(name=" ".join(names), email=shown, organization=linked))
        elif number % _DELETED_EVERY == 0:
            # Who links by address must not link to somebody who is gone.
            world.deleted.append(User(name=" ".join(names), email=email))
        if number % 20 == 1:
            world.departments.append(f"Avdeling {number}")
