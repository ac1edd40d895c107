"""Keep PowerOffice GO Customers organisation data and Tripletex Customer organisation
data in sync.

From powerofficego-tripletex.rst.
"""

from specbridge.runtime.flow import Condition, Flow, LinkRule, PropertyMapping, Side

from ..mappers import (
    customers_organisation_data_to_customer_organisation_data_2 as mapper,
)

FLOW = Flow(
    name="customers_organisation_data_to_customer_organisation_data_2",
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
    link_rules=(
        LinkRule(
            source=("OrganizationNumber",),
            target=("organizationNumber",),
            statement="OrganizationNumber | organizationNumber",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("OrganizationNumber",),
            target=("organizationNumber",),
            converts=True,
            statement='OrganizationNumber | organizationNumber | ["replace"," ","",["string","_."]]',
        ),
        PropertyMapping(
            source=("InvoiceEmailAddress",),
            target=("invoiceEmail",),
            statement='InvoiceEmailAddress | invoiceEmail | "string"',
        ),
        PropertyMapping(
            source=("MailAddress", "City"),
            target=("physicalAddress", "city"),
            statement='MailAddress.City | physicalAddress.city | "string"',
        ),
        PropertyMapping(
            source=("DepartmentId",),
            target=("department", "id"),
            reference=("Departments", "Department"),
            statement='DepartmentId | department.id | "integer"',
        ),
        PropertyMapping(
            source=("SalesPersonEmployeeId",),
            target=("accountManager", "id"),
            reference=("Employees", "Employee"),
            statement='SalesPersonEmployeeId | accountManager.id | "integer"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a PowerOffice GO Customers (organisation data) and a Tripletex Customer (organisation data) must be established.",
        "A PowerOffice GO Customers (organisation data) will merge with a Tripletex Customer (organisation data) if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Customers (organisation data) and a Tripletex Customer (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Customers (organisation data) and a Tripletex Customer (organisation data):",
        "Before any synchronization can take place, a link between a Tripletex Customer (organisation data) and a PowerOffice GO Customers (organisation data) must be established.",
        "A Tripletex Customer (organisation data) will merge with a PowerOffice GO Customers (organisation data) if one of the following property combinations match:",
        "Once a link between a Tripletex Customer (organisation data) and a PowerOffice GO Customers (organisation data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Customer (organisation data) and a PowerOffice GO Customers (organisation data):",
    ),
    to_target=mapper.to_customer_organisation_data,
    to_source=mapper.to_customers_organisation_data,
    source_keys=mapper.customers_organisation_data_keys,
    target_keys=mapper.customer_organisation_data_keys,
)
