"""Keep PowerOffice GO Customers organisation data and Tripletex Customer organisation
data in sync.

From powerofficego-tripletex.rst.
"""

from specbridge.runtime.flow import (
    ALWAYS,
    Condition,
    Flow,
    LinkRule,
    PropertyMapping,
    Side,
)

from ..mappers import (
    customers_organisation_data_to_customer_organisation_data as mapper,
)

FLOW = Flow(
    name="customers_organisation_data_to_customer_organisation_data",
    document="powerofficego-tripletex.rst",
    source=Side(
        system="poweroffice-go",
        resource="Customers",
        label="PowerOffice GO Customers organisation data",
        subset=Condition(path=("IsPerson",), value=True, negate=True),
    ),
    target=Side(
        system="tripletex",
        resource="Customer",
        label="Tripletex Customer organisation data",
        subset=Condition(path=("isPrivateIndividual",), value=True, negate=True),
    ),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("OrganizationNumber",),
            target=("organizationNumber",),
            statement="OrganizationNumber | organizationNumber",
        ),
        LinkRule(source=("Name",), target=("name",), statement="Name | name"),
    ),
    properties=(
        PropertyMapping(
            source=("Name",),
            target=("name",),
            statement='Name | name | "string"',
        ),
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
            source=("WebsiteUrl",),
            target=("website",),
            statement='WebsiteUrl | website | "string"',
        ),
        PropertyMapping(
            source=("IsArchived",),
            target=("isInactive",),
            statement='IsArchived | isInactive | "boolean"',
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
        "Before any synchronization can take place, a link between a PowerOffice GO Customers (organisation data) and a Tripletex Customer (organisation data) must be established.",
        "If a matching Tripletex Customer (organisation data) already exists, the PowerOffice GO Customers (organisation data) will be merged with the existing one.",
        "If no matching Tripletex Customer (organisation data) is found, a new Tripletex Customer (organisation data) will be created.",
        "A PowerOffice GO Customers (organisation data) will merge with a Tripletex Customer (organisation data) if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Customers (organisation data) and a Tripletex Customer (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Customers (organisation data) and a Tripletex Customer (organisation data):",
        "Before any synchronization can take place, a link between a Tripletex Customer (organisation data) and a PowerOffice GO Customers (organisation data) must be established.",
        "If a matching PowerOffice GO Customers (organisation data) already exists, the Tripletex Customer (organisation data) will be merged with the existing one.",
        "If no matching PowerOffice GO Customers (organisation data) is found, a new PowerOffice GO Customers (organisation data) will be created.",
        "A Tripletex Customer (organisation data) will merge with a PowerOffice GO Customers (organisation data) if one of the following property combinations match:",
        "Once a link between a Tripletex Customer (organisation data) and a PowerOffice GO Customers (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Customer (organisation data) and a PowerOffice GO Customers (organisation data):",
    ),
    to_target=mapper.to_customer_organisation_data,
    to_source=mapper.to_customers_organisation_data,
    source_keys=mapper.customers_organisation_data_keys,
    target_keys=mapper.customer_organisation_data_keys,
)
