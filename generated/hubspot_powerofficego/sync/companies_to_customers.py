"""Keep HubSpot Companies and PowerOffice GO Customers in sync.

From hubspot-powerofficego.rst.
"""

from specbridge.runtime.flow import Condition, Flow, PropertyMapping, Side

from ..mappers import companies_to_customers as mapper

FLOW = Flow(
    name="companies_to_customers",
    document="hubspot-powerofficego.rst",
    source=Side(system="hubspot", resource="Companies", label="HubSpot Companies"),
    target=Side(
        system="poweroffice-go",
        resource="Customers",
        label="PowerOffice GO Customers",
        subset=Condition(path=("IsPerson",), value=True, negate=True),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "address"),
            target=("MailAddress", "AddressLine1"),
            statement='properties.address | mailAddress.address1 | "string"',
        ),
        PropertyMapping(
            source=("properties", "address2"),
            target=("MailAddress", "AddressLine2"),
            statement='properties.address2 | mailAddress.address2 | "string"',
        ),
        PropertyMapping(
            source=("properties", "zip"),
            target=("MailAddress", "ZipCode"),
            statement='properties.zip | mailAddress.zipCode | "string"',
        ),
        PropertyMapping(
            source=("properties", "city"),
            target=("MailAddress", "City"),
            statement='properties.city | mailAddress.city | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies and a PowerOffice GO Customers must be established.",
        "Once a link between a HubSpot Companies and a PowerOffice GO Customers is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies and a PowerOffice GO Customers:",
        "Before any synchronization can take place, a link between a PowerOffice GO Customers and a HubSpot Companies must be established.",
        "Once a link between a PowerOffice GO Customers and a HubSpot Companies is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Customers and a HubSpot Companies:",
    ),
    to_target=mapper.to_customers,
    to_source=mapper.to_companies,
    source_keys=mapper.companies_keys,
    target_keys=mapper.customers_keys,
)
