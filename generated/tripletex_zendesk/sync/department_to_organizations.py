"""Keep Tripletex Department and Zendesk Organizations in sync.

From tripletex-zendesk.rst.
"""

from specbridge.runtime.flow import Flow, LinkRule, PropertyMapping, Side

from ..mappers import department_to_organizations as mapper

FLOW = Flow(
    name="department_to_organizations",
    document="tripletex-zendesk.rst",
    source=Side(
        system="tripletex",
        resource="Department",
        label="Tripletex Department",
    ),
    target=Side(
        system="zendesk",
        resource="Organizations",
        label="Zendesk Organizations",
    ),
    link_rules=(LinkRule(source=("name",), target=("name",), statement="name | name"),),
    properties=(
        PropertyMapping(
            source=("name",),
            target=("name",),
            statement='name | name | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a Tripletex Department and a Zendesk Organizations must be established.",
        "A Tripletex Department will merge with a Zendesk Organizations if one of the following property combinations match:",
        "Once a link between a Tripletex Department and a Zendesk Organizations is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Department and a Zendesk Organizations:",
    ),
    to_target=mapper.to_organizations,
    to_source=mapper.to_department,
    source_keys=mapper.department_keys,
    target_keys=mapper.organizations_keys,
)
