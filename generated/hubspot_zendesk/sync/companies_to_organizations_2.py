"""Keep HubSpot Companies and Zendesk Organizations in sync.

From hubspot-zendesk.rst.
"""

from specbridge.runtime.flow import Flow, Side

from ..mappers import companies_to_organizations_2 as mapper

FLOW = Flow(
    name="companies_to_organizations_2",
    document="hubspot-zendesk.rst",
    source=Side(system="hubspot", resource="Companies", label="HubSpot Companies"),
    target=Side(
        system="zendesk",
        resource="Organizations",
        label="Zendesk Organizations",
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Companies and a Zendesk Organizations must be established.",
        "Once a link between a HubSpot Companies and a Zendesk Organizations is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Companies and a Zendesk Organizations:",
        "Before any synchronization can take place, a link between a Zendesk Organizations and a HubSpot Companies must be established.",
        "Once a link between a Zendesk Organizations and a HubSpot Companies is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Zendesk Organizations and a HubSpot Companies:",
    ),
    to_target=mapper.to_organizations,
    to_source=mapper.to_companies,
    source_keys=mapper.companies_keys,
    target_keys=mapper.organizations_keys,
)
