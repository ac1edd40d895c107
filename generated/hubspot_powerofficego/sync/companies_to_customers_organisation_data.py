"""Keep HubSpot Companies and PowerOffice GO Customers organisation data in sync.

From hubspot-powerofficego.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Flow,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import companies_to_customers_organisation_data as mapper

FLOW = Flow(
    name="companies_to_customers_organisation_data",
    document="hubspot-powerofficego.rst",
    source=Side(system="hubspot", resource="Companies", label="HubSpot Companies"),
    target=Side(
        system="poweroffice-go",
        resource="Customers",
        label="PowerOffice GO Customers organisation data",
        subset=Condition(path=("IsPerson",), value=True, negate=True),
    ),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("properties", "name"),
            target=("Name",),
            statement="properties.name | name",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "name"),
            target=("Name",),
            statement='properties.name | name | "string"',
        ),
        PropertyMapping(
            source=("properties", "phone"),
            target=("PhoneNumber",),
            statement='properties.phone | phoneNumber | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies and a PowerOffice GO Customers (organisation data) must be established.",
        "If a matching PowerOffice GO Customers (organisation data) already exists, the HubSpot Companies will be merged with the existing one.",
        "If no matching PowerOffice GO Customers (organisation data) is found, a new PowerOffice GO Customers (organisation data) will be created.",
        "A HubSpot Companies will merge with a PowerOffice GO Customers (organisation data) if one of the following property combinations match:",
        "Once a link between a HubSpot Companies and a PowerOffice GO Customers (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies and a PowerOffice GO Customers (organisation data):",
        "Before any synchronization can take place, a link between a PowerOffice GO Customers (organisation data) and a HubSpot Companies must be established.",
        "If a matching HubSpot Companies already exists, the PowerOffice GO Customers (organisation data) will be merged with the existing one.",
        "If no matching HubSpot Companies is found, a new HubSpot Companies will be created.",
        "A PowerOffice GO Customers (organisation data) will merge with a HubSpot Companies if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Customers (organisation data) and a HubSpot Companies is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Customers (organisation data) and a HubSpot Companies:",
    ),
    to_target=mapper.to_customers_organisation_data,
    to_source=mapper.to_companies,
    source_keys=mapper.companies_keys,
    target_keys=mapper.customers_organisation_data_keys,
)
