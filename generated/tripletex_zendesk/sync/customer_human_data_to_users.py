"""Keep Tripletex Customer human data and Zendesk Users in sync.

From tripletex-zendesk.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Flow,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import customer_human_data_to_users as mapper

FLOW = Flow(
    name="customer_human_data_to_users",
    document="tripletex-zendesk.rst",
    source=Side(
        system="tripletex",
        resource="Customer",
        label="Tripletex Customer human data",
        subset=Condition(path=("isPrivateIndividual",), value=True),
    ),
    target=Side(system="zendesk", resource="Users", label="Zendesk Users"),
    create_target=ALWAYS,
    link_rules=(
        LinkRule(source=("email",), target=("email",), statement="email | email"),
    ),
    properties=(
        PropertyMapping(
            source=("name",),
            target=("name",),
            statement='name | name | "string"',
        ),
        PropertyMapping(
            source=("email",),
            target=("email",),
            case_insensitive=True,
            statement='email | email | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a Tripletex Customer (human data) and a Zendesk Users must be established.",
        "If a matching Zendesk Users already exists, the Tripletex Customer (human data) will be merged with the existing one.",
        "If no matching Zendesk Users is found, a new Zendesk Users will be created.",
        "A Tripletex Customer (human data) will merge with a Zendesk Users if one of the following property combinations match:",
        "Once a link between a Tripletex Customer (human data) and a Zendesk Users is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Customer (human data) and a Zendesk Users:",
    ),
    to_target=mapper.to_users,
    to_source=mapper.to_customer_human_data,
    source_keys=mapper.customer_human_data_keys,
    target_keys=mapper.users_keys,
)
