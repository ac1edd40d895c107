"""Keep HubSpot Companies and PowerOffice GO Customers organisation data in sync.

From hubspot-powerofficego.rst.
"""

from specbridge.runtime.flow import Condition, Flow, PropertyMapping, Side

from ..mappers import companies_to_customers_organisation_data_2 as mapper

FLOW = Flow(
    name="companies_to_customers_organisation_data_2",
    document="hubspot-powerofficego.rst",
    source=Side(system="hubspot", resource="Companies", label="HubSpot Companies"),
    target=Side(
        system="poweroffice-go",
        resource="Customers",
        label="PowerOffice GO Customers organisation data",
        subset=Condition(path=("IsPerson",), value=True, negate=True),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "website"),
            target=("WebsiteUrl",),
            statement='properties.website | websiteUrl | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies and a PowerOffice GO Customers (organisation data) must be established.",
        "Once a link between a HubSpot Companies and a PowerOffice GO Customers (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies and a PowerOffice GO Customers (organisation data):",
        "Before any synchronization can take place, a link between a PowerOffice GO Customers (organisation data) and a HubSpot Companies must be established.",
        "Once a link between a PowerOffice GO Customers (organisation data) and a HubSpot Companies is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Customers (organisation data) and a HubSpot Companies:",
    ),
    to_target=mapper.to_customers_organisation_data,
    to_source=mapper.to_companies,
    source_keys=mapper.companies_keys,
    target_keys=mapper.customers_organisation_data_keys,
)
