"""Keep PowerOffice GO ContactPersons and Tripletex Contact human data in sync.

From powerofficego-tripletex.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Direction,
    Flow,
    Held,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import contactpersons_to_contact_human_data as mapper

FLOW = Flow(
    name="contactpersons_to_contact_human_data",
    document="powerofficego-tripletex.rst",
    source=Side(
        system="poweroffice-go",
        resource="ContactPersons",
        label="PowerOffice GO ContactPersons",
    ),
    target=Side(
        system="tripletex",
        resource="Contact",
        label="Tripletex Contact human data",
        subset=Condition(path=("id",), value=0, negate=True),
    ),
    create_target=ALWAYS,
    link_rules=(
        LinkRule(
            source=("EmailAddress",),
            target=("email",),
            statement="EmailAddress | email",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("FirstName",),
            target=("firstName",),
            statement='FirstName | firstName | "string"',
        ),
        PropertyMapping(
            source=("LastName",),
            target=("lastName",),
            statement='LastName | lastName | "string"',
        ),
        PropertyMapping(
            source=("EmailAddress",),
            target=("email",),
            statement='EmailAddress | email | "string"',
        ),
        PropertyMapping(
            source=("PhoneNumber",),
            target=("phoneNumberMobile",),
            statement='PhoneNumber | phoneNumberMobile | "string"',
        ),
        PropertyMapping(
            source=("ContactId",),
            target=("customer", "id"),
            direction=Direction.TO_TARGET,
            reference=("Customers", "Customer"),
            held=(
                Held(
                    direction=Direction.TO_SOURCE,
                    code="W403",
                    reason="`ContactId` of ContactPersons is written on creation only",
                ),
            ),
            statement='ContactId | customer.id | "integer"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a PowerOffice GO ContactPersons and a Tripletex Contact (human data) must be established.",
        "If a matching Tripletex Contact (human data) already exists, the PowerOffice GO ContactPersons will be merged with the existing one.",
        "If no matching Tripletex Contact (human data) is found, a new Tripletex Contact (human data) will be created.",
        "A PowerOffice GO ContactPersons will merge with a Tripletex Contact (human data) if one of the following property combinations match:",
        "Once a link between a PowerOffice GO ContactPersons and a Tripletex Contact (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO ContactPersons and a Tripletex Contact (human data):",
        "Before any synchronization can take place, a link between a Tripletex Contact (human data) and a PowerOffice GO ContactPersons must be established.",
        "A Tripletex Contact (human data) will merge with a PowerOffice GO ContactPersons if one of the following property combinations match:",
        "Once a link between a Tripletex Contact (human data) and a PowerOffice GO ContactPersons is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Contact (human data) and a PowerOffice GO ContactPersons:",
    ),
    to_target=mapper.to_contact_human_data,
    to_source=mapper.to_contactpersons,
    source_keys=mapper.contactpersons_keys,
    target_keys=mapper.contact_human_data_keys,
)
