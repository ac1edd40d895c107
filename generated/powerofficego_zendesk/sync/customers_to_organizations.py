"""Keep Powerofficego Customers and Zendesk Organizations in sync.

From powerofficego-zendesk.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Direction,
    Flow,
    Held,
    PropertyMapping,
    Side,
)

from ..mappers import customers_to_organizations as mapper

FLOW = Flow(
    name="customers_to_organizations",
    document="powerofficego-zendesk.rst",
    source=Side(
        system="poweroffice-go",
        resource="Customers",
        label="Powerofficego Customers",
        subset=Condition(path=("IsPerson",), value=True, negate=True),
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
        PropertyMapping(
            source=("WebsiteUrl",),
            target=("url",),
            direction=Direction.NONE,
            held=(
                Held(
                    direction=Direction.BOTH,
                    code="W408",
                    reason="`url` of Organizations is read-only, the record's own address in Zendesk: it would overwrite what the other side means",
                ),
            ),
            statement='WebsiteUrl | url | "string"',
        ),
    ),
    statements=(
        "Every Powerofficego Customers will be synchronized with a Zendesk Organizations.",
        "Once a link between a Powerofficego Customers and a Zendesk Organizations is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Powerofficego Customers and a Zendesk Organizations:",
    ),
    to_target=mapper.to_organizations,
    to_source=mapper.to_customers,
    source_keys=mapper.customers_keys,
    target_keys=mapper.organizations_keys,
)
