"""Keep Powerofficego Customers person and Zendesk Users in sync.

From powerofficego-zendesk.rst.
"""

from specbridge.runtime.flow import Condition, Flow, LinkRule, Side

from ..mappers import customers_person_to_users as mapper

FLOW = Flow(
    name="customers_person_to_users",
    document="powerofficego-zendesk.rst",
    source=Side(
        system="poweroffice-go",
        resource="Customers",
        label="Powerofficego Customers person",
        subset=Condition(path=("IsPerson",), value=True),
    ),
    target=Side(system="zendesk", resource="Users", label="Zendesk Users"),
    link_rules=(
        LinkRule(
            source=("EmailAddress",),
            target=("email",),
            statement="EmailAddress | email",
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a Powerofficego Customers person and a Users must be established.",
        "A Powerofficego Customers person will merge with a Users if one of the following property combinations match:",
        "Once a link between a Powerofficego Customers person and a Users is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Powerofficego Customers person and a Users:",
    ),
    to_target=mapper.to_users,
    to_source=mapper.to_customers_person,
    source_keys=mapper.customers_person_keys,
    target_keys=mapper.users_keys,
)
