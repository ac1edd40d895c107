"""Keep Powerofficego Contactperson and Zendesk Users in sync.

From powerofficego-zendesk.rst.
"""

from specbridge.runtime.flow import (
    Direction,
    Flow,
    Held,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import contactperson_to_users as mapper

FLOW = Flow(
    name="contactperson_to_users",
    document="powerofficego-zendesk.rst",
    source=Side(
        system="poweroffice-go",
        resource="ContactPersons",
        label="Powerofficego Contactperson",
    ),
    target=Side(system="zendesk", resource="Users", label="Zendesk Users"),
    link_rules=(
        LinkRule(
            source=("EmailAddress",),
            target=("email",),
            statement="emailAddress | email",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("EmailAddress",),
            target=("email",),
            case_insensitive=True,
            statement='emailAddress | email | "string"',
        ),
        PropertyMapping(
            source=("ContactId",),
            target=("organization_id",),
            direction=Direction.TO_TARGET,
            reference=("Customers", "Organizations"),
            held=(
                Held(
                    direction=Direction.TO_SOURCE,
                    code="W403",
                    reason="`ContactId` of ContactPersons is written on creation only",
                ),
            ),
            statement='partyId | organization_id | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a Powerofficego Contactperson and a Users must be established.",
        "A Powerofficego Contactperson will merge with a Users if one of the following property combinations match:",
        "Once a link between a Powerofficego Contactperson and a Users is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Powerofficego Contactperson and a Users:",
    ),
    to_target=mapper.to_users,
    to_source=mapper.to_contactperson,
    source_keys=mapper.contactperson_keys,
    target_keys=mapper.users_keys,
)
