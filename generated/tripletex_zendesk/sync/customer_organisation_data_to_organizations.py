"""Keep Tripletex Customer organisation data and Zendesk Organizations in sync.

From tripletex-zendesk.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Flow,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import customer_organisation_data_to_organizations as mapper

FLOW = Flow(
    name="customer_organisation_data_to_organizations",
    document="tripletex-zendesk.rst",
    source=Side(
        system="tripletex",
        resource="Customer",
        label="Tripletex Customer organisation data",
        subset=Condition(path=("isPrivateIndividual",), value=True, negate=True),
    ),
    target=Side(
        system="zendesk",
        resource="Organizations",
        label="Zendesk Organizations",
    ),
    create_target=ALWAYS,
    link_rules=(LinkRule(source=("name",), target=("name",), statement="name | name"),),
    properties=(
        PropertyMapping(
            source=("name",),
            target=("name",),
            statement='name | name | "string"',
        ),
        PropertyMapping(
            source=("description",),
            target=("notes",),
            statement='description | notes | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a Tripletex Customer (organisation data) and a Zendesk Organizations must be established.",
        "If a matching Zendesk Organizations already exists, the Tripletex Customer (organisation data) will be merged with the existing one.",
        "If no matching Zendesk Organizations is found, a new Zendesk Organizations will be created.",
        "A Tripletex Customer (organisation data) will merge with a Zendesk Organizations if one of the following property combinations match:",
        "Once a link between a Tripletex Customer (organisation data) and a Zendesk Organizations is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Customer (organisation data) and a Zendesk Organizations:",
    ),
    to_target=mapper.to_organizations,
    to_source=mapper.to_customer_organisation_data,
    source_keys=mapper.customer_organisation_data_keys,
    target_keys=mapper.organizations_keys,
)
