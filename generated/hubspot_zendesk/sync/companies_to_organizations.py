"""Keep HubSpot Companies and Zendesk Organizations in sync.

From hubspot-zendesk.rst.
"""

from specbridge.runtime.flow import ALWAYS, Flow, LinkRule, PropertyMapping, Side

from ..mappers import companies_to_organizations as mapper

FLOW = Flow(
    name="companies_to_organizations",
    document="hubspot-zendesk.rst",
    source=Side(system="hubspot", resource="Companies", label="HubSpot Companies"),
    target=Side(
        system="zendesk",
        resource="Organizations",
        label="Zendesk Organizations",
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
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies and a Zendesk Organizations must be established.",
        "If a matching Zendesk Organizations already exists, the HubSpot Companies will be merged with the existing one.",
        "If no matching Zendesk Organizations is found, a new Zendesk Organizations will be created.",
        "A HubSpot Companies will merge with a Zendesk Organizations if one of the following property combinations match:",
        "Once a link between a HubSpot Companies and a Zendesk Organizations is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies and a Zendesk Organizations:",
        "Before any synchronization can take place, a link between a Zendesk Organizations and a HubSpot Companies must be established.",
        "If a matching HubSpot Companies already exists, the Zendesk Organizations will be merged with the existing one.",
        "If no matching HubSpot Companies is found, a new HubSpot Companies will be created.",
        "A Zendesk Organizations will merge with a HubSpot Companies if one of the following property combinations match:",
        "Once a link between a Zendesk Organizations and a HubSpot Companies is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Zendesk Organizations and a HubSpot Companies:",
    ),
    to_target=mapper.to_organizations,
    to_source=mapper.to_companies,
    source_keys=mapper.companies_keys,
    target_keys=mapper.organizations_keys,
)
