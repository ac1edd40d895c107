"""Keep HubSpot Companies organisation data and Tripletex Customer organisation data in
sync.

From hubspot-tripletex.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Flow,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import (
    companies_organisation_data_to_customer_organisation_data as mapper,
)

FLOW = Flow(
    name="companies_organisation_data_to_customer_organisation_data",
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
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("properties", "name"),
            target=("name",),
            statement="properties.name | name",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "name"),
            target=("name",),
            statement='properties.name | name | "string"',
        ),
        PropertyMapping(
            source=("properties", "phone"),
            target=("phoneNumber",),
            statement='properties.phone | phoneNumber | "string"',
        ),
        PropertyMapping(
            source=("properties", "website"),
            target=("website",),
            statement='properties.website | website | "string"',
        ),
        PropertyMapping(
            source=("properties", "description"),
            target=("description",),
            statement='properties.description | description | "string"',
        ),
        PropertyMapping(
            source=("properties", "city"),
            target=("postalAddress", "city"),
            statement='properties.city | postalAddress.city | "string"',
        ),
        PropertyMapping(
            source=("properties", "zip"),
            target=("postalAddress", "postalCode"),
            statement='properties.zip | postalAddress.postalCode | "string"',
        ),
        PropertyMapping(
            source=("properties", "address"),
            target=("postalAddress", "addressLine1"),
            statement='properties.address | postalAddress.addressLine1 | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies (organisation data) and a Tripletex Customer (organisation data) must be established.",
        "If a matching Tripletex Customer (organisation data) already exists, the HubSpot Companies (organisation data) will be merged with the existing one.",
        "If no matching Tripletex Customer (organisation data) is found, a new Tripletex Customer (organisation data) will be created.",
        "A HubSpot Companies (organisation data) will merge with a Tripletex Customer (organisation data) if one of the following property combinations match:",
        "Once a link between a HubSpot Companies (organisation data) and a Tripletex Customer (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies (organisation data) and a Tripletex Customer (organisation data):",
        "Before any synchronization can take place, a link between a Tripletex Customer (organisation data) and a HubSpot Companies (organisation data) must be established.",
        "If a matching HubSpot Companies (organisation data) already exists, the Tripletex Customer (organisation data) will be merged with the existing one.",
        "If no matching HubSpot Companies (organisation data) is found, a new HubSpot Companies (organisation data) will be created.",
        "A Tripletex Customer (organisation data) will merge with a HubSpot Companies (organisation data) if one of the following property combinations match:",
        "Once a link between a Tripletex Customer (organisation data) and a HubSpot Companies (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Customer (organisation data) and a HubSpot Companies (organisation data):",
    ),
    to_target=mapper.to_customer_organisation_data,
    to_source=mapper.to_companies_organisation_data,
    source_keys=mapper.companies_organisation_data_keys,
    target_keys=mapper.customer_organisation_data_keys,
)
