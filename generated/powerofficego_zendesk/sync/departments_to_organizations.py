"""Keep Powerofficego Departments and Zendesk Organizations in sync.

From powerofficego-zendesk.rst.
"""

from specbridge.runtime.flow import ALWAYS, Flow, PropertyMapping, Side

from ..mappers import departments_to_organizations as mapper

FLOW = Flow(
    name="departments_to_organizations",
    document="powerofficego-zendesk.rst",
    source=Side(
        system="poweroffice-go",
        resource="Departments",
        label="Powerofficego Departments",
    ),
    target=Side(
        system="zendesk",
        resource="Organizations",
        label="Zendesk Organizations",
    ),
    create_target=ALWAYS,
    properties=(
        PropertyMapping(
            source=("Name",),
            target=("name",),
            statement='Name | name | "string"',
        ),
    ),
    statements=(
        "Every Powerofficego Departments will be synchronized with a Organizations.",
        "Once a link between a Powerofficego Departments and a Organizations is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Powerofficego Departments and a Organizations:",
    ),
    to_target=mapper.to_organizations,
    to_source=mapper.to_departments,
    source_keys=mapper.departments_keys,
    target_keys=mapper.organizations_keys,
)
