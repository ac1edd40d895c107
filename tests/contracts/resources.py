"""Every resource of both profiles, through the connectors: what no document of the example maps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from specbridge.errors import SpecbridgeError
from specbridge.model.profile import Profile, Resource
from specbridge.model.values import Json
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connector
from specbridge.runtime.records import Connector, Create, Delete, Record, Update, Write, Written
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import running_sandbox

from tests.contracts.recording import Exchange, Recording
from tests.runtime.connectors.conftest import QUICK

_MANY = 5  # enough for a job


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """What a record is created with, `{}` being its number, and a property that is then changed."""

    created: Mapping[str, Json]
    changed: str = ""


_PERSON: Mapping[str, Json] = {"FirstName": "Eli", "LastName": "Foss {}"}
_SAMPLES: Mapping[tuple[str, str], _Sample] = {
    ("poweroffice-go", "Customers"): _Sample(created={"Name": "Kunde {}"}, changed="Name"),
    ("poweroffice-go", "ContactPersons"): _Sample(
        created={**_PERSON, "ContactId": 10_001}, changed="LastName"
    ),
    ("poweroffice-go", "Departments"): _Sample(
        created={"Name": "Avdeling {}", "IsActive": True}, changed="Name"
    ),
    ("poweroffice-go", "Suppliers"): _Sample(created={"Name": "Lever {}"}, changed="Name"),
    ("poweroffice-go", "Employees"): _Sample(created=_PERSON, changed="LastName"),
    ("poweroffice-go", "ContactGroups"): _Sample(created={"Name": "Gruppe {}"}, changed="Name"),
    ("poweroffice-go", "Products"): _Sample(created={"Name": "Vare {}"}, changed="Name"),
    ("poweroffice-go", "Projects"): _Sample(created={"Name": "Prosjekt {}"}, changed="Name"),
    ("zendesk", "Organizations"): _Sample(created={"name": "Kontrakt {}"}, changed="notes"),
    ("zendesk", "Users"): _Sample(
        created={"name": "Kontrakt {}", "email": "kontrakt{}@kontrakt.example"}, changed="notes"
    ),
}


@contextmanager
def connected(profile: Profile, environment: Mapping[str, str]) -> Iterator[Connector]:
    """Give a connector without limits of its own."""
    connector = build_connector(replace(profile, limits=()), environment, QUICK)
    try:
        yield connector
    finally:
        connector.close()


def record_use(
    options: SandboxOptions, profile: Profile, use: Callable[[Connector], None]
) -> list[Exchange]:
    """Return what is exchanged while a spoilt profile is used, until it is refused."""
    recording = Recording()
    with running_sandbox(options) as sandbox:
        recording.attach(sandbox)
        # What it asks for is nonsense to the sandbox, too.
        refused = suppress(SpecbridgeError, AssertionError)
        with refused, connected(profile, sandbox.environment) as connector:
            use(connector)
    return recording.exchanges


def use_every_resource(environment: Mapping[str, str], recording: Recording) -> None:
    """Create, find, change, read and delete records of every resource of both profiles."""
    for name in ("poweroffice-go", "zendesk"):
        profile = load_profiles()[name]
        with connected(profile, environment) as connector:
            for resource in profile.resources:
                if (name, resource.name) in _SAMPLES:
                    _use(connector, profile, resource)
            if name == "zendesk":
                _use_relations(connector)


def use_resource(connector: Connector, profile: Profile, name: str) -> None:
    """Do the same with one resource."""
    _use(connector, profile, next(one for one in profile.resources if one.name == name))


def _use(connector: Connector, profile: Profile, resource: Resource) -> None:
    sample = _SAMPLES[profile.name, resource.name]
    names = frozenset(prop.path[0] for prop in resource.properties)
    creates = [_create(sample, number) for number in range(_MANY)]
    # Few are created singly, many by a job where there is one.
    records = written(connector, resource.name, creates[:1], names)
    records += written(connector, resource.name, creates[1:], names)
    *_, last = connector.read_changes(resource.name, None, names)
    list(connector.read_changes(resource.name, last.cursor, names))
    list(connector.read_records(resource.name, [record.id for record in records], names))
    for prop in resource.properties:
        if connector.can_find(resource.name, prop.path):
            values = [record.properties.get(prop.path[0]) for record in records]
            wanted = [str(value) for value in values if value is not None]
            list(connector.find_records(resource.name, prop.path, wanted, names))
    path = (sample.changed,)
    # And changed likewise.
    for number in (1, _MANY):
        updates = [_update(record, path, f"Endret {number}") for record in records[:number]]
        changed = written(connector, resource.name, updates, names)
        records = [*changed, *records[number:]]
    list(
        connector.write_records(
            resource.name, [Delete(key=record.id, current=record) for record in records], names
        )
    )


def _use_relations(connector: Connector) -> None:
    """Give users an organization and another e-mail address; make and end a membership."""
    names = frozenset({"name", "email", "organization_id", "notes"})
    organizations = _find_all(connector, "Organizations", names)
    users = [one for one in _find_all(connector, "Users", names) if one.properties["email"]]
    free = [one for one in users if one.properties["organization_id"] is None][:_MANY]
    held = [one for one in users if one.properties["organization_id"] is not None][:_MANY]
    wanted = int(organizations[-1].id)
    for chosen in (free, held, held[:1]):
        updates = [_update(one, ("organization_id",), wanted) for one in chosen]
        list(connector.write_records("Users", updates, names))
        wanted = int(organizations[0].id)
    moved = [_update(one, ("email",), f"ny{one.id}@kontrakt.example") for one in held[:2]]
    list(connector.write_records("Users", moved, names))
    _use_memberships(connector, free[:_MANY], int(organizations[1].id))


def _use_memberships(connector: Connector, users: list[Record], organization: int) -> None:
    names = frozenset({"user_id", "organization_id", "default"})
    for count in (1, _MANY):
        creates = [
            Create(
                key=user.id,
                properties={"user_id": int(user.id), "organization_id": organization + count - 1},
                external_reference="",
            )
            for user in users[:count]
        ]
        list(connector.write_records("OrganizationMemberships", creates, names))
    rows = _find_all(connector, "OrganizationMemberships", names)
    list(connector.read_records("OrganizationMemberships", [rows[0].id], names))
    gone = Delete(key="d", current=rows[-1])
    list(connector.write_records("OrganizationMemberships", [gone], names))


def _find_all(connector: Connector, resource: str, names: frozenset[str]) -> list[Record]:
    pages = connector.read_changes(resource, None, names)
    return [one for page in pages for one in page.changes if isinstance(one, Record)]


def written(
    connector: Connector, resource: str, writes: Sequence[Write], names: frozenset[str]
) -> list[Record]:
    """Carry out writes, each of which must succeed, and return the records."""
    outcomes = list(connector.write_records(resource, writes, names))
    done = [one.record for one in outcomes if isinstance(one, Written) and one.record is not None]
    assert len(done) == len(writes), f"{resource}: {outcomes}"
    return done


def _create(sample: _Sample, number: int) -> Create:
    stated = {
        name: value.format(number) if isinstance(value, str) else value
        for name, value in sample.created.items()
    }
    return Create(key=str(number), properties=stated, external_reference=f"kontrakt-{number}")


def _update(record: Record, path: tuple[str, ...], value: Json) -> Update:
    return Update(key=record.id, current=record, changes={path: value})
