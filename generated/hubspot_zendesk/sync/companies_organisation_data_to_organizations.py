"""Keep HubSpot Companies organisation data and Zendesk Organizations in sync.

From hubspot-zendesk.rst.
"""

from specbridge.runtime.flow import Condition, Flow, PropertyMapping, Side

from ..mappers import companies_organisation_data_to_organizations as mapper

FLOW = Flow(
    name="companies_organisation_data_to_organizations",
    document="hubspot-zendesk.rst",
    source=Side(
        system="hubspot",
        resource="Companies",
        label="HubSpot Companies organisation data",
        subset=Condition(path=("archived",), value=True, negate=True),
    ),
    target=Side(
        system="zendesk",
        resource="Organizations",
        label="Zendesk Organizations",
    ),
    properties=(
        PropertyMapping(
            source=("properties", "description"),
            target=("details",),
            statement='properties.description | details | "string"',
        ),
        PropertyMapping(
            source=("properties", "about_us"),
            target=("notes",),
            statement='properties.about_us | notes | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies (organisation data) and a Zendesk Organizations must be established.",
        "Once a link between a HubSpot Companies (organisation data) and a Zendesk Organizations is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies (organisation data) and a Zendesk Organizations:",
        "Before any synchronization can take place, a link between a Zendesk Organizations and a HubSpot Companies (organisation data) must be established.",
        "Once a link between a Zendesk Organizations and a HubSpot Companies (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Zendesk Organizations and a HubSpot Companies (organisation data):",
    ),
    to_target=mapper.to_organizations,
    to_source=mapper.to_companies_organisation_data,
    source_keys=mapper.companies_organisation_data_keys,
    target_keys=mapper.organizations_keys,
)
