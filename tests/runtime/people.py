"""Flows between two invented systems, Ledgerly and Acme, with hand-written mappers.

`person`: linked by e-mail or phone, both ways, with a reference to the firm. `firm`: every firm of
Ledgerly becomes one of Acme, whose names are unique.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource
from specbridge.model.values import CreationPolicy, Direction, Json, Path
from specbridge.runtime.flow import (
    ALWAYS,
    NEVER,
    AnyFlow,
    Condition,
    Connection,
    CreationRule,
    Flow,
    LinkKeys,
    LinkRule,
    PropertyMapping,
    Side,
)
from specbridge.runtime.references import WAITING, Identifier, References, translate

from tests.runtime.worlds import NAMED

Properties = Mapping[str, Json]


def key(value: Json) -> str | None:
    """Return a link key: capitals and outer blanks aside; None for a blank."""
    text = "" if value is None else str(value).strip().casefold()
    return text or None


def rename(record: Properties, names: Mapping[str, str]) -> dict[str, Json]:
    """Return a record's properties under the other side's names; absent stays absent."""
    return {there: record[here] for here, there in names.items() if here in record}


PERSON = {"Name": "name", "Mail": "email", "Phone": "phone"}
FIRMS = ("Firms", "companies")


def person_to_user(record: Properties, references: References) -> Properties:
    """Map a person; the firm goes through the links."""
    user = rename(record, PERSON)
    if "FirmId" in record:
        firm = translate(references, FIRMS, cast("Identifier | None", record["FirmId"]))
        if firm is not WAITING:
            user["company_id"] = cast("Json", firm)
    return user


def user_to_person(record: Properties, references: References) -> Properties:
    """Map a user; the company goes through the links."""
    person = rename(record, {there: here for here, there in PERSON.items()})
    if "company_id" in record:
        firm = translate(references, FIRMS, cast("Identifier | None", record["company_id"]))
        if firm is not WAITING:
            person["FirmId"] = cast("Json", firm)
    return person


def person_keys(record: Properties) -> LinkKeys:
    """Return the keys of a person: e-mail, then phone."""
    return key(record.get("Mail")), key(record.get("Phone"))


def user_keys(record: Properties) -> LinkKeys:
    """Return the keys of a user: e-mail, then phone."""
    return key(record.get("email")), key(record.get("phone"))


def no_keys(_record: Properties) -> LinkKeys:
    """Return no keys: the flow has no link rules."""
    return ()


def row(source: str, target: str, **more: object) -> PropertyMapping:
    """Return a property mapping of two plain properties."""
    return PropertyMapping(source=(source,), target=(target,), statement=f"{source} {target}", **more)  # type: ignore[arg-type]  # the mapping's own fields


PERSON_ROWS = (
    row("Name", "name"),
    row("Mail", "email", case_insensitive=True),
    row("Phone", "phone"),
    row("FirmId", "company_id", reference=FIRMS),
)


def person_flow(
    create_target: CreationRule = NEVER,
    create_source: CreationRule = NEVER,
    rows: tuple[PropertyMapping, ...] = PERSON_ROWS,
    subset: Condition | None = None,
) -> AnyFlow:
    """Return the flow of persons and users."""
    return Flow(
        name="person_to_users",
        document="ledgerly-acme.rst",
        source=Side(system="ledgerly", resource="Persons", label="Ledgerly Persons", subset=subset),
        target=Side(system="acme", resource="users", label="Acme users"),
        create_target=create_target,
        create_source=create_source,
        link_rules=(
            LinkRule(source=("Mail",), target=("email",), statement="Mail email"),
            LinkRule(source=("Phone",), target=("phone",), statement="Phone phone"),
        ),
        properties=rows,
        to_target=person_to_user,
        to_source=user_to_person,
        source_keys=person_keys,
        target_keys=user_keys,
    )


def firm_flow(create_target: CreationRule = ALWAYS, create_source: CreationRule = NEVER) -> AnyFlow:
    """Return the flow of firms and companies: linked by creation only."""
    return Flow(
        name="firm_to_companies",
        document="ledgerly-acme.rst",
        source=Side(system="ledgerly", resource="Firms", label="Ledgerly Firms"),
        target=Side(system="acme", resource="companies", label="Acme companies"),
        create_target=create_target,
        create_source=create_source,
        properties=(row("Name", "name"),),
        statements=("Every Ledgerly Firms will be synchronized with a Acme companies.",),
        to_target=lambda record, _: rename(record, {"Name": "name"}),
        to_source=lambda record, _: rename(record, {"name": "Name"}),
        source_keys=no_keys,
        target_keys=no_keys,
    )


def branch_flow() -> AnyFlow:
    """Return the flow of branches, which become companies as well."""
    return Flow(
        name="branch_to_companies",
        document="ledgerly-acme.rst",
        source=Side(system="ledgerly", resource="Branches", label="Ledgerly Branches"),
        target=Side(system="acme", resource="companies", label="Acme companies"),
        create_target=ALWAYS,
        properties=(row("Title", "name"),),
        to_target=lambda record, _: rename(record, {"Title": "name"}),
        to_source=lambda record, _: rename(record, {"name": "Title"}),
        source_keys=no_keys,
        target_keys=no_keys,
    )


def mirror_flow(flow: AnyFlow) -> AnyFlow:
    """Return the flow with its sides swapped: what was the source is the target."""

    def turn(references: References) -> References:
        return {(there, here): ids for (here, there), ids in references.items()}

    return replace(
        flow,
        source=flow.target,
        target=flow.source,
        create_target=flow.create_source,
        create_source=flow.create_target,
        link_rules=tuple(
            replace(r, source=r.target, target=r.source, reference=_turned(r.reference))
            for r in flow.link_rules
        ),
        properties=tuple(
            replace(r, source=r.target, target=r.source, reference=_turned(r.reference))
            for r in flow.properties
        ),
        to_target=lambda record, references: flow.to_source(record, turn(references)),
        to_source=lambda record, references: flow.to_target(record, turn(references)),
        source_keys=flow.target_keys,
        target_keys=flow.source_keys,
    )


def _turned(reference: tuple[str, str] | None) -> tuple[str, str] | None:
    return None if reference is None else (reference[1], reference[0])


CONNECTED_FIRMS = CreationRule(
    policy=CreationPolicy.CONNECTED,
    connections=(Connection(resource="Persons", path=("FirmId",)),),
)
ONE_WAY = Direction.TO_TARGET


def resource(name: str, *properties: Property) -> Resource:
    """Return a resource with integer ids and an external reference `ref`."""
    return Resource(
        name=name,
        id=("id",),
        id_type=ValueType.INTEGER,
        named_by=NAMED.named_by,
        external_reference=("ref",),
        properties=(*properties, Property(path=("ref",), max_length=50)),
    )


def unique(path: Path) -> Property:
    """Return a unique text property."""
    return Property(path=path, type=ValueType.STRING, unique=True)


PROFILES: Mapping[str, Profile] = {
    "ledgerly": Profile(
        name="ledgerly",
        labels=("Ledgerly",),
        base_url="http://localhost",
        resources=(resource("Persons"), resource("Firms"), resource("Branches")),
    ),
    "acme": Profile(
        name="acme",
        labels=("Acme",),
        base_url="http://localhost",
        resources=(resource("users"), resource("companies", unique(("name",)))),
    ),
}
