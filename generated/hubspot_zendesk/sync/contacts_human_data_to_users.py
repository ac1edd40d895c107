"""Keep HubSpot Contacts human data and Zendesk Users in sync.

From hubspot-zendesk.rst.
"""

from specbridge.runtime.flow import Condition, Flow, LinkRule, PropertyMapping, Side

from ..mappers import contacts_human_data_to_users as mapper

FLOW = Flow(
    name="contacts_human_data_to_users",
    document="hubspot-zendesk.rst",
    source=Side(
        system="hubspot",
        resource="Contacts",
        label="HubSpot Contacts human data",
        subset=Condition(path=("archived",), value=True, negate=True),
    ),
    target=Side(system="zendesk", resource="Users", label="Zendesk Users"),
    link_rules=(
        LinkRule(
            source=("properties", "email"),
            target=("email",),
            statement="properties.email | email",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "email"),
            target=("email",),
            case_insensitive=True,
            statement='properties.email | email | "string"',
        ),
        PropertyMapping(
            source=("properties", "jobtitle"),
            target=("details",),
            statement='properties.jobtitle | details | "string"',
        ),
        PropertyMapping(
            source=("properties", "message"),
            target=("notes",),
            statement='properties.message | notes | "string"',
        ),
        PropertyMapping(
            source=("properties", "associatedcompanyid"),
            target=("organization_id",),
            reference=("Companies", "Organizations"),
            statement='properties.associatedcompanyid | organization_id | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Contacts (human data) and a Zendesk Users must be established.",
        "A HubSpot Contacts (human data) will merge with a Zendesk Users if one of the following property combinations match:",
        "Once a link between a HubSpot Contacts (human data) and a Zendesk Users is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Contacts (human data) and a Zendesk Users:",
        "Before any synchronization can take place, a link between a Zendesk Users and a HubSpot Contacts (human data) must be established.",
        "A Zendesk Users will merge with a HubSpot Contacts (human data) if one of the following property combinations match:",
        "Once a link between a Zendesk Users and a HubSpot Contacts (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Zendesk Users and a HubSpot Contacts (human data):",
    ),
    to_target=mapper.to_users,
    to_source=mapper.to_contacts_human_data,
    source_keys=mapper.contacts_human_data_keys,
    target_keys=mapper.users_keys,
)
