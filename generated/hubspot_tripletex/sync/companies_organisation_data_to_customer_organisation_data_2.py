"""Keep HubSpot Companies organisation data and Tripletex Customer organisation data in
sync.

From hubspot-tripletex.rst.
"""

from specbridge.runtime.flow import Condition, Flow, LinkRule, PropertyMapping, Side

from ..mappers import (
    companies_organisation_data_to_customer_organisation_data_2 as mapper,
)

FLOW = Flow(
    name="companies_organisation_data_to_customer_organisation_data_2",
    document="hubspot-tripletex.rst",
    source=Side(
        system="hubspot",
        resource="Companies",
        label="HubSpot Companies organisation data",
        subset=Condition(path=("archived",), value=True, negate=True),
    ),
    target=Side(
        system="tripletex",
        resource="Customer",
        label="Tripletex Customer organisation data",
        subset=Condition(path=("isPrivateIndividual",), value=True, negate=True),
    ),
    link_rules=(
        LinkRule(
            source=("properties", "name"),
            target=("name",),
            statement="properties.name | name",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "city"),
            target=("physicalAddress", "city"),
            statement='properties.city | physicalAddress.city | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies (organisation data) and a Tripletex Customer (organisation data) must be established.",
        "A HubSpot Companies (organisation data) will merge with a Tripletex Customer (organisation data) if one of the following property combinations match:",
        "Once a link between a HubSpot Companies (organisation data) and a Tripletex Customer (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies (organisation data) and a Tripletex Customer (organisation data):",
        "Before any synchronization can take place, a link between a Tripletex Customer (organisation data) and a HubSpot Companies (organisation data) must be established.",
        "A Tripletex Customer (organisation data) will merge with a HubSpot Companies (organisation data) if one of the following property combinations match:",
        "Once a link between a Tripletex Customer (organisation data) and a HubSpot Companies (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Customer (organisation data) and a HubSpot Companies (organisation data):",
    ),
    to_target=mapper.to_customer_organisation_data,
    to_source=mapper.to_companies_organisation_data,
    source_keys=mapper.companies_organisation_data_keys,
    target_keys=mapper.customer_organisation_data_keys,
)
