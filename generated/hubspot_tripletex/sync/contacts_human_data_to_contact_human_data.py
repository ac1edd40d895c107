"""Keep HubSpot Contacts human data and Tripletex Contact human data in sync.

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

from ..mappers import contacts_human_data_to_contact_human_data as mapper

FLOW = Flow(
    name="contacts_human_data_to_contact_human_data",
    document="hubspot-tripletex.rst",
    source=Side(
        system="hubspot",
        resource="Contacts",
        label="HubSpot Contacts human data",
        subset=Condition(path=("archived",), value=True, negate=True),
    ),
    target=Side(
        system="tripletex",
        resource="Contact",
        label="Tripletex Contact human data",
        subset=Condition(path=("id",), value=0, negate=True),
    ),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("properties", "email"),
            target=("email",),
            statement="properties.email | email",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "firstname"),
            target=("firstName",),
            statement='properties.firstname | firstName | "string"',
        ),
        PropertyMapping(
            source=("properties", "lastname"),
            target=("lastName",),
            statement='properties.lastname | lastName | "string"',
        ),
        PropertyMapping(
            source=("properties", "email"),
            target=("email",),
            case_insensitive=True,
            statement='properties.email | email | "string"',
        ),
        PropertyMapping(
            source=("properties", "phone"),
            target=("phoneNumberWork",),
            statement='properties.phone | phoneNumberWork | "string"',
        ),
        PropertyMapping(
            source=("properties", "associatedcompanyid"),
            target=("customer", "id"),
            reference=("Companies", "Customer"),
            statement='properties.associatedcompanyid | customer.id | "integer"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Contacts (human data) and a Tripletex Contact (human data) must be established.",
        "If a matching Tripletex Contact (human data) already exists, the HubSpot Contacts (human data) will be merged with the existing one.",
        "If no matching Tripletex Contact (human data) is found, a new Tripletex Contact (human data) will be created.",
        "A HubSpot Contacts (human data) will merge with a Tripletex Contact (human data) if one of the following property combinations match:",
        "Once a link between a HubSpot Contacts (human data) and a Tripletex Contact (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Contacts (human data) and a Tripletex Contact (human data):",
        "Before any synchronization can take place, a link between a Tripletex Contact (human data) and a HubSpot Contacts (human data) must be established.",
        "If a matching HubSpot Contacts (human data) already exists, the Tripletex Contact (human data) will be merged with the existing one.",
        "If no matching HubSpot Contacts (human data) is found, a new HubSpot Contacts (human data) will be created.",
        "A Tripletex Contact (human data) will merge with a HubSpot Contacts (human data) if one of the following property combinations match:",
        "Once a link between a Tripletex Contact (human data) and a HubSpot Contacts (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Contact (human data) and a HubSpot Contacts (human data):",
    ),
    to_target=mapper.to_contact_human_data,
    to_source=mapper.to_contacts_human_data,
    source_keys=mapper.contacts_human_data_keys,
    target_keys=mapper.contact_human_data_keys,
)
