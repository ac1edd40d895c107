"""A drawn company as the engine takes it: flows with mappers, and its systems' profiles."""

from collections.abc import Mapping, Sequence
from random import Random

from specbridge.model.profile import Profile, Property
from specbridge.model.values import CreationPolicy, Direction, Json
from specbridge.runtime.decide.identity.pairings import turn_flow
from specbridge.runtime.decide.mapping import Mapper, Properties
from specbridge.runtime.flow import (
    ALWAYS,
    NEVER,
    AnyFlow,
    Condition,
    CreationRule,
    Flow,
    LinkKeys,
    LinkRule,
    PropertyMapping,
    Side,
)
from specbridge.runtime.references import References

from tests.runtime.identities.drawing import RESOURCES, Company, Row, Section
from tests.runtime.people import key, resource, unique

Document = tuple[str, Sequence[AnyFlow]]
"""A package's name, and its flows."""


def property_name(field: str, resource_name: str) -> str:
    """Return what a resource calls a property."""
    return f"{field}{resource_name}"


def turn_value(value: Json) -> Json:
    """Return a value backwards; what is empty stays empty."""
    return value[::-1] if isinstance(value, str) else value


def state_documents(company: Company, order: Random | None = None) -> list[Document]:
    """Return the company's packages; with `order` shuffled, and some flows from the other side."""
    documents = [
        (
            name_package(number),
            [
                make_flow(company, section, name_flow(section, number, index))
                for index, section in enumerate(sections)
            ],
        )
        for number, sections in enumerate(company.packages)
    ]
    if order is not None:
        documents = [(name, _shuffle(flows, order)) for name, flows in documents]
        order.shuffle(documents)
    return list(documents)


def _shuffle(flows: Sequence[AnyFlow], order: Random) -> list[AnyFlow]:
    turned = [turn_flow(flow) if order.random() < 0.5 else flow for flow in flows]
    order.shuffle(turned)
    return turned


def name_package(number: int) -> str:
    """Return the name of a company's package."""
    return f"package_{number}"


def name_flow(section: Section, package: int, index: int) -> str:
    """Return the name of the flow of a package's section."""
    return f"{section.source.lower()}_to_{section.target.lower()}_{package}{index}"


def make_flow(company: Company, section: Section, name: str) -> AnyFlow:
    """Return a section as a flow."""
    source, target = section.source, section.target
    return Flow(
        name=name,
        document="company.rst",
        source=_side(company, section, 0),
        target=_side(company, section, 1),
        create_target=_creation(section.forth, source),
        create_source=_creation(section.back, target),
        link_rules=_link_rules(section),
        properties=tuple(_mapping(row, source, target) for row in section.rows),
        to_target=_mapper(section.rows, source, target, Direction.TO_SOURCE),
        to_source=_mapper(section.rows, target, source, Direction.TO_TARGET),
        source_keys=lambda record: _keys(section, source, record),
        target_keys=lambda record: _keys(section, target, record),
    )


def make_profiles(company: Company) -> Mapping[str, Profile]:
    """Return the profiles of the company's systems."""
    found: dict[str, Profile] = {}
    for system in sorted(set(company.systems)):
        names = [name for name in RESOURCES if company.system(name) == system]
        found[system] = Profile(
            name=system,
            labels=(system.title(),),
            base_url="http://localhost",
            resources=tuple(resource(name, *_unique(company, name)) for name in names),
        )
    return found


def _side(company: Company, section: Section, index: int) -> Side:
    name, kind = (section.source, section.target)[index], section.within[index]
    subset = Condition(path=(property_name("kind", name),), value=kind) if kind else None
    return Side(system=company.system(name), resource=name, label=name, subset=subset)


def _creation(word: str, resource_name: str) -> CreationRule:
    if word in ("always", "never"):
        return ALWAYS if word == "always" else NEVER
    condition = Condition(path=(property_name("kind", resource_name),), value=word)
    return CreationRule(policy=CreationPolicy.WHEN, condition=condition)


def _link_rules(section: Section) -> tuple[LinkRule, ...]:
    if not section.rule:
        return ()
    paths = [(property_name(section.rule, name),) for name in (section.source, section.target)]
    return (LinkRule(source=paths[0], target=paths[1], statement=section.rule),)


def _keys(section: Section, resource_name: str, record: Properties) -> LinkKeys:
    return (key(record.get(property_name(section.rule, resource_name))),) if section.rule else ()


def _mapping(row: Row, source: str, target: str) -> PropertyMapping:
    return PropertyMapping(
        source=(property_name(row.field, source),),
        target=(property_name(row.field, target),),
        direction=row.direction,
        converts=row.turned,
        statement=f"{row.field} | {row.field} | {'turned' if row.turned else 'N/A'}",
    )


def _mapper(rows: Sequence[Row], here: str, there: str, against: Direction) -> Mapper:
    """Return the mapper of the rows that are not held in a direction."""
    kept = [row for row in rows if row.direction is not against]

    def across(record: Properties, _references: References) -> Properties:
        made: dict[str, Json] = {}
        for row in kept:
            name = property_name(row.field, here)
            if name in record:
                value = record[name]
                made[property_name(row.field, there)] = turn_value(value) if row.turned else value
        return made

    return across


def _unique(company: Company, name: str) -> tuple[Property, ...]:
    return (unique((property_name("name", name),)),) if name in company.unique else ()
