"""Keep HubSpot Contacts human data and PowerOffice GO ContactPersons in sync.

From hubspot-powerofficego.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Direction,
    Flow,
    Held,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import contacts_human_data_to_contactpersons as mapper

FLOW = Flow(
    name="contacts_human_data_to_contactpersons",
    document="hubspot-powerofficego.rst",
    source=Side(
        system="hubspot",
        resource="Contacts",
        label="HubSpot Contacts human data",
        subset=Condition(path=("archived",), value=True, negate=True),
    ),
    target=Side(
        system="poweroffice-go",
        resource="ContactPersons",
        label="PowerOffice GO ContactPersons",
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
        PropertyMapping(
            source=("properties", "jobtitle"),
            target=("Title",),
            statement='properties.jobtitle | title | "string"',
        ),
        PropertyMapping(
            source=("properties", "mobilephone"),
            target=("PhoneNumber",),
            statement='properties.mobilephone | phoneNumber | "string"',
        ),
        PropertyMapping(
            source=("properties", "phone"),
            target=("PhoneNumber",),
            statement='properties.phone | phoneNumber | "string"',
        ),
        PropertyMapping(
            source=("properties", "associatedcompanyid"),
            target=("ContactId",),
            direction=Direction.TO_SOURCE,
            reference=("Companies", "Customers"),
            held=(
                Held(
                    direction=Direction.TO_TARGET,
                    code="W403",
                    reason="`ContactId` of ContactPersons is written on creation only",
                ),
            ),
            statement='properties.associatedcompanyid | partyId | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Contacts (human data) and a PowerOffice GO ContactPersons must be established.",
        "A HubSpot Contacts (human data) will merge with a PowerOffice GO ContactPersons if one of the following property combinations match:",
        "Once a link between a HubSpot Contacts (human data) and a PowerOffice GO ContactPersons is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Contacts (human data) and a PowerOffice GO ContactPersons:",
        "Before any synchronization can take place, a link between a PowerOffice GO ContactPersons and a HubSpot Contacts (human data) must be established.",
        "If a matching HubSpot Contacts (human data) already exists, the PowerOffice GO ContactPersons will be merged with the existing one.",
        "If no matching HubSpot Contacts (human data) is found, a new HubSpot Contacts (human data) will be created.",
        "A PowerOffice GO ContactPersons will merge with a HubSpot Contacts (human data) if one of the following property combinations match:",
        "Once a link between a PowerOffice GO ContactPersons and a HubSpot Contacts (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO ContactPersons and a HubSpot Contacts (human data):",
    ),
    to_target=mapper.to_contactpersons,
    to_source=mapper.to_contacts_human_data,
    source_keys=mapper.contacts_human_data_keys,
    target_keys=mapper.contactpersons_keys,
)
