"""Keep PowerOffice GO Suppliers organisation data and Tripletex Supplier organisation
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
    suppliers_organisation_data_to_supplier_organisation_data as mapper,
)

FLOW = Flow(
    name="suppliers_organisation_data_to_supplier_organisation_data",
    document="powerofficego-tripletex.rst",
    source=Side(
        system="poweroffice-go",
        resource="Suppliers",
        label="PowerOffice GO Suppliers organisation data",
        subset=Condition(path=("IsPerson",), value=True, negate=True),
    ),
    target=Side(
        system="tripletex",
        resource="Supplier",
        label="Tripletex Supplier organisation data",
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
        "Before any synchronization can take place, a link between a PowerOffice GO Suppliers (organisation data) and a Tripletex Supplier (organisation data) must be established.",
        "If a matching Tripletex Supplier (organisation data) already exists, the PowerOffice GO Suppliers (organisation data) will be merged with the existing one.",
        "If no matching Tripletex Supplier (organisation data) is found, a new Tripletex Supplier (organisation data) will be created.",
        "A PowerOffice GO Suppliers (organisation data) will merge with a Tripletex Supplier (organisation data) if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Suppliers (organisation data) and a Tripletex Supplier (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Suppliers (organisation data) and a Tripletex Supplier (organisation data):",
        "Before any synchronization can take place, a link between a Tripletex Supplier (organisation data) and a PowerOffice GO Suppliers (organisation data) must be established.",
        "If a matching PowerOffice GO Suppliers (organisation data) already exists, the Tripletex Supplier (organisation data) will be merged with the existing one.",
        "If no matching PowerOffice GO Suppliers (organisation data) is found, a new PowerOffice GO Suppliers (organisation data) will be created.",
        "A Tripletex Supplier (organisation data) will merge with a PowerOffice GO Suppliers (organisation data) if one of the following property combinations match:",
        "Once a link between a Tripletex Supplier (organisation data) and a PowerOffice GO Suppliers (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Supplier (organisation data) and a PowerOffice GO Suppliers (organisation data):",
    ),
    to_target=mapper.to_supplier_organisation_data,
    to_source=mapper.to_suppliers_organisation_data,
    source_keys=mapper.suppliers_organisation_data_keys,
    target_keys=mapper.supplier_organisation_data_keys,
)
