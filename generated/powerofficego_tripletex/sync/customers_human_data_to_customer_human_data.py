"""Keep PowerOffice GO Customers human data and Tripletex Customer human data in sync.

From powerofficego-tripletex.rst.
"""

from specbridge.runtime.flow import Condition, Flow, LinkRule, PropertyMapping, Side

from ..mappers import customers_human_data_to_customer_human_data as mapper

FLOW = Flow(
    name="customers_human_data_to_customer_human_data",
    document="powerofficego-tripletex.rst",
    source=Side(
        system="poweroffice-go",
        resource="Customers",
        label="PowerOffice GO Customers human data",
        subset=Condition(path=("IsPerson",), value=True),
    ),
    target=Side(
        system="tripletex",
        resource="Customer",
        label="Tripletex Customer human data",
        subset=Condition(path=("isPrivateIndividual",), value=True),
    ),
    link_rules=(
        LinkRule(
            source=("EmailAddress",),
            target=("email",),
            statement="EmailAddress | email",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("EmailAddress",),
            target=("email",),
            statement='EmailAddress | email | "string"',
        ),
        PropertyMapping(
            source=("PhoneNumber",),
            target=("phoneNumber",),
            statement='PhoneNumber | phoneNumber | "string"',
        ),
        PropertyMapping(
            source=("MailAddress", "AddressLine1"),
            target=("postalAddress", "addressLine1"),
            statement='MailAddress.AddressLine1 | postalAddress.addressLine1 | "string"',
        ),
        PropertyMapping(
            source=("MailAddress", "AddressLine2"),
            target=("postalAddress", "addressLine2"),
            statement='MailAddress.AddressLine2 | postalAddress.addressLine2 | "string"',
        ),
        PropertyMapping(
            source=("MailAddress", "ZipCode"),
            target=("postalAddress", "postalCode"),
            statement='MailAddress.ZipCode | postalAddress.postalCode | "string"',
        ),
        PropertyMapping(
            source=("MailAddress", "City"),
            target=("postalAddress", "city"),
            statement='MailAddress.City | postalAddress.city | "string"',
        ),
        PropertyMapping(
            source=("MailAddress", "CountryCode"),
            target=("postalAddress", "country", "id"),
            statement='MailAddress.CountryCode | postalAddress.country.id | "string"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a PowerOffice GO Customers (human data) and a Tripletex Customer (human data) must be established.",
        "A PowerOffice GO Customers (human data) will merge with a Tripletex Customer (human data) if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Customers (human data) and a Tripletex Customer (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Customers (human data) and a Tripletex Customer (human data):",
        "Before any synchronization can take place, a link between a Tripletex Customer (human data) and a PowerOffice GO Customers (human data) must be established.",
        "A Tripletex Customer (human data) will merge with a PowerOffice GO Customers (human data) if one of the following property combinations match:",
        "Once a link between a Tripletex Customer (human data) and a PowerOffice GO Customers (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Customer (human data) and a PowerOffice GO Customers (human data):",
    ),
    to_target=mapper.to_customer_human_data,
    to_source=mapper.to_customers_human_data,
    source_keys=mapper.customers_human_data_keys,
    target_keys=mapper.customer_human_data_keys,
)
