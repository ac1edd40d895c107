"""Keep HubSpot Contacts and PowerOffice GO Customers human data in sync.

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

from ..mappers import contacts_to_customers_human_data as mapper

FLOW = Flow(
    name="contacts_to_customers_human_data",
    document="hubspot-powerofficego.rst",
    source=Side(system="hubspot", resource="Contacts", label="HubSpot Contacts"),
    target=Side(
        system="poweroffice-go",
        resource="Customers",
        label="PowerOffice GO Customers human data",
        subset=Condition(path=("IsPerson",), value=True),
    ),
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("properties", "email"),
            target=("EmailAddress",),
            statement="properties.email | emailAddress",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "email"),
            target=("EmailAddress",),
            case_insensitive=True,
            statement='properties.email | emailAddress | "string"',
        ),
        PropertyMapping(
            source=("properties", "firstname"),
            target=("FirstName",),
            statement='properties.firstname | firstName | "string"',
        ),
        PropertyMapping(
            source=("properties", "lastname"),
            target=("LastName",),
            statement='properties.lastname | lastName | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Contacts and a PowerOffice GO Customers (human data) must be established.",
        "A HubSpot Contacts will merge with a PowerOffice GO Customers (human data) if one of the following property combinations match:",
        "Once a link between a HubSpot Contacts and a PowerOffice GO Customers (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Contacts and a PowerOffice GO Customers (human data):",
        "Before any synchronization can take place, a link between a PowerOffice GO Customers (human data) and a HubSpot Contacts must be established.",
        "If a matching HubSpot Contacts already exists, the PowerOffice GO Customers (human data) will be merged with the existing one.",
        "If no matching HubSpot Contacts is found, a new HubSpot Contacts will be created.",
        "A PowerOffice GO Customers (human data) will merge with a HubSpot Contacts if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Customers (human data) and a HubSpot Contacts is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Customers (human data) and a HubSpot Contacts:",
    ),
    to_target=mapper.to_customers_human_data,
    to_source=mapper.to_contacts,
    source_keys=mapper.contacts_keys,
    target_keys=mapper.customers_human_data_keys,
)
