"""Map PowerOffice GO Customers organisation data to Tripletex Customer organisation
data and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class CustomersOrganisationDataMailAddress(TypedDict, total=False):
    City: str | None


class CustomersOrganisationData(TypedDict, total=False):
    OrganizationNumber: str | None
    InvoiceEmailAddress: str | None
    MailAddress: CustomersOrganisationDataMailAddress | None
    DepartmentId: Identifier | None
    SalesPersonEmployeeId: Identifier | None


class CustomerOrganisationDataPhysicalAddress(TypedDict, total=False):
    city: str | None


class CustomerOrganisationDataDepartment(TypedDict, total=False):
    id: Identifier | None


class CustomerOrganisationDataAccountManager(TypedDict, total=False):
    id: Identifier | None


class CustomerOrganisationData(TypedDict, total=False):
    organizationNumber: str | None
    invoiceEmail: str | None
    physicalAddress: CustomerOrganisationDataPhysicalAddress | None
    department: CustomerOrganisationDataDepartment | None
    accountManager: CustomerOrganisationDataAccountManager | None


def to_customer_organisation_data(
    record: CustomersOrganisationData, references: References
) -> CustomerOrganisationData:
    """Return what Tripletex Customer organisation data is to hold for PowerOffice GO
    Customers organisation data.

    OrganizationNumber | organizationNumber | ["replace"," ","",["string","_."]]
    InvoiceEmailAddress | invoiceEmail | "string"
    MailAddress.City | physicalAddress.city | "string"
    DepartmentId | department.id | "integer"
    SalesPersonEmployeeId | accountManager.id | "integer"
    """
    customer_organisation_data: CustomerOrganisationData = {}
    customer_organisation_data_physical_address: (
        CustomerOrganisationDataPhysicalAddress
    ) = {}
    customer_organisation_data_department: CustomerOrganisationDataDepartment = {}
    customer_organisation_data_account_manager: (
        CustomerOrganisationDataAccountManager
    ) = {}
    if "OrganizationNumber" in record:
        customer_organisation_data["organizationNumber"] = conversions.replace(
            " ", "", record["OrganizationNumber"], at="OrganizationNumber"
        )
    if "InvoiceEmailAddress" in record:
        customer_organisation_data["invoiceEmail"] = record["InvoiceEmailAddress"]
    mail_address = record.get("MailAddress")
    if mail_address is not None and "City" in mail_address:
        customer_organisation_data_physical_address["city"] = mail_address["City"]
    if "DepartmentId" in record:
        id = translate(
            references, ("Departments", "Department"), record["DepartmentId"]
        )
        if id is not WAITING:
            customer_organisation_data_department["id"] = id
    if "SalesPersonEmployeeId" in record:
        account_manager_id = translate(
            references, ("Employees", "Employee"), record["SalesPersonEmployeeId"]
        )
        if account_manager_id is not WAITING:
            customer_organisation_data_account_manager["id"] = account_manager_id
    if customer_organisation_data_physical_address:
        customer_organisation_data["physicalAddress"] = (
            customer_organisation_data_physical_address
        )
    if customer_organisation_data_department:
        customer_organisation_data["department"] = customer_organisation_data_department
    if customer_organisation_data_account_manager:
        customer_organisation_data["accountManager"] = (
            customer_organisation_data_account_manager
        )
    return customer_organisation_data


def to_customers_organisation_data(
    record: CustomerOrganisationData, references: References
) -> CustomersOrganisationData:
    """Return what PowerOffice GO Customers organisation data is to hold for Tripletex
    Customer organisation data.

    OrganizationNumber | organizationNumber | ["replace"," ","",["string","_."]]
    InvoiceEmailAddress | invoiceEmail | "string"
    MailAddress.City | physicalAddress.city | "string"
    DepartmentId | department.id | "integer"
    SalesPersonEmployeeId | accountManager.id | "integer"
    """
    customers_organisation_data: CustomersOrganisationData = {}
    customers_organisation_data_mail_address: CustomersOrganisationDataMailAddress = {}
    if "organizationNumber" in record:
        customers_organisation_data["OrganizationNumber"] = record["organizationNumber"]
    if "invoiceEmail" in record:
        customers_organisation_data["InvoiceEmailAddress"] = record["invoiceEmail"]
    physical_address = record.get("physicalAddress")
    if physical_address is not None and "city" in physical_address:
        customers_organisation_data_mail_address["City"] = physical_address["city"]
    department = record.get("department")
    if department is not None and "id" in department:
        department_id = translate(
            references, ("Departments", "Department"), department["id"]
        )
        if department_id is not WAITING:
            customers_organisation_data["DepartmentId"] = department_id
    account_manager = record.get("accountManager")
    if account_manager is not None and "id" in account_manager:
        sales_person_employee_id = translate(
            references, ("Employees", "Employee"), account_manager["id"]
        )
        if sales_person_employee_id is not WAITING:
            customers_organisation_data["SalesPersonEmployeeId"] = (
                sales_person_employee_id
            )
    if customers_organisation_data_mail_address:
        customers_organisation_data["MailAddress"] = (
            customers_organisation_data_mail_address
        )
    return customers_organisation_data


def customers_organisation_data_keys(record: CustomersOrganisationData) -> LinkKeys:
    """Return the link keys of PowerOffice GO Customers organisation data, one per rule.

    OrganizationNumber | organizationNumber
    """
    return (conversions.link_key(record.get("OrganizationNumber")),)


def customer_organisation_data_keys(record: CustomerOrganisationData) -> LinkKeys:
    """Return the link keys of Tripletex Customer organisation data, one per rule.

    OrganizationNumber | organizationNumber
    """
    return (conversions.link_key(record.get("organizationNumber")),)
