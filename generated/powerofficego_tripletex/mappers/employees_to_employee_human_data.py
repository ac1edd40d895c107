"""Map PowerOffice GO Employees to Tripletex Employee human data and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class Employees(TypedDict, total=False):
    FirstName: str | None
    LastName: str | None
    EmailAddress: str | None
    PhoneNumber: str | None
    DepartmentId: Identifier | None
    DateOfBirth: str | None
    Number: int | None


class EmployeeHumanDataDepartment(TypedDict, total=False):
    id: Identifier | None


class EmployeeHumanData(TypedDict, total=False):
    firstName: str | None
    lastName: str | None
    email: str | None
    phoneNumberMobile: str | None
    department: EmployeeHumanDataDepartment | None
    dateOfBirth: str | None
    employeeNumber: str | None


def to_employee_human_data(
    record: Employees, references: References
) -> EmployeeHumanData:
    """Return what Tripletex Employee human data is to hold for PowerOffice GO
    Employees.

    FirstName | firstName | "string"
    LastName | lastName | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumberMobile | "string"
    DepartmentId | department.id | "integer"
    DateOfBirth | dateOfBirth | ["datetime-format","%Y-%m-%d","_."]
    """
    employee_human_data: EmployeeHumanData = {}
    employee_human_data_department: EmployeeHumanDataDepartment = {}
    if "FirstName" in record:
        employee_human_data["firstName"] = record["FirstName"]
    if "LastName" in record:
        employee_human_data["lastName"] = record["LastName"]
    if "EmailAddress" in record:
        employee_human_data["email"] = record["EmailAddress"]
    if "PhoneNumber" in record:
        employee_human_data["phoneNumberMobile"] = record["PhoneNumber"]
    if "DepartmentId" in record:
        id = translate(
            references, ("Departments", "Department"), record["DepartmentId"]
        )
        if id is not WAITING:
            employee_human_data_department["id"] = id
    if "DateOfBirth" in record:
        employee_human_data["dateOfBirth"] = conversions.format_datetime(
            "%Y-%m-%d", record["DateOfBirth"], at="DateOfBirth"
        )
    if employee_human_data_department:
        employee_human_data["department"] = employee_human_data_department
    return employee_human_data


def to_employees(record: EmployeeHumanData, references: References) -> Employees:
    """Return what PowerOffice GO Employees is to hold for Tripletex Employee human
    data.

    FirstName | firstName | "string"
    LastName | lastName | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumberMobile | "string"
    DepartmentId | department.id | "integer"
    DateOfBirth | dateOfBirth | ["datetime-format","%Y-%m-%d","_."]
    """
    employees: Employees = {}
    if "firstName" in record:
        employees["FirstName"] = record["firstName"]
    if "lastName" in record:
        employees["LastName"] = record["lastName"]
    if "email" in record:
        employees["EmailAddress"] = record["email"]
    if "phoneNumberMobile" in record:
        employees["PhoneNumber"] = record["phoneNumberMobile"]
    department = record.get("department")
    if department is not None and "id" in department:
        department_id = translate(
            references, ("Departments", "Department"), department["id"]
        )
        if department_id is not WAITING:
            employees["DepartmentId"] = department_id
    if "dateOfBirth" in record:
        employees["DateOfBirth"] = conversions.format_datetime(
            "%Y-%m-%d", record["dateOfBirth"], at="dateOfBirth"
        )
    return employees


def employees_keys(record: Employees) -> LinkKeys:
    """Return the link keys of PowerOffice GO Employees, one per rule.

    EmailAddress | email
    Number | employeeNumber
    """
    return (
        conversions.link_key(record.get("EmailAddress")),
        conversions.link_key(record.get("Number")),
    )


def employee_human_data_keys(record: EmployeeHumanData) -> LinkKeys:
    """Return the link keys of Tripletex Employee human data, one per rule.

    EmailAddress | email
    Number | employeeNumber
    """
    return (
        conversions.link_key(record.get("email")),
        conversions.link_key(record.get("employeeNumber")),
    )
