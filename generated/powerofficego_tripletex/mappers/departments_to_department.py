"""Map PowerOffice GO Departments to Tripletex Department and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class Departments(TypedDict, total=False):
    Name: str | None
    Code: str | None
    ManagerEmployeeId: Identifier | None


class DepartmentDepartmentManager(TypedDict, total=False):
    id: Identifier | None


class Department(TypedDict, total=False):
    name: str | None
    departmentNumber: str | None
    departmentManager: DepartmentDepartmentManager | None


def to_department(record: Departments, references: References) -> Department:
    """Return what Tripletex Department is to hold for PowerOffice GO Departments.

    Name | name | "string"
    Code | departmentNumber | "string"
    ManagerEmployeeId | departmentManager.id | "integer"
    """
    department: Department = {}
    department_department_manager: DepartmentDepartmentManager = {}
    if "Name" in record:
        department["name"] = record["Name"]
    if "Code" in record:
        department["departmentNumber"] = record["Code"]
    if "ManagerEmployeeId" in record:
        id = translate(
            references, ("Employees", "Employee"), record["ManagerEmployeeId"]
        )
        if id is not WAITING:
            department_department_manager["id"] = id
    if department_department_manager:
        department["departmentManager"] = department_department_manager
    return department


def to_departments(record: Department, references: References) -> Departments:
    """Return what PowerOffice GO Departments is to hold for Tripletex Department.

    Name | name | "string"
    Code | departmentNumber | "string"
    ManagerEmployeeId | departmentManager.id | "integer"
    """
    departments: Departments = {}
    if "name" in record:
        departments["Name"] = record["name"]
    if "departmentNumber" in record:
        departments["Code"] = record["departmentNumber"]
    department_manager = record.get("departmentManager")
    if department_manager is not None and "id" in department_manager:
        manager_employee_id = translate(
            references, ("Employees", "Employee"), department_manager["id"]
        )
        if manager_employee_id is not WAITING:
            departments["ManagerEmployeeId"] = manager_employee_id
    return departments


def departments_keys(record: Departments) -> LinkKeys:
    """Return the link keys of PowerOffice GO Departments, one per rule.

    Name | name
    """
    return (conversions.link_key(record.get("Name")),)


def department_keys(record: Department) -> LinkKeys:
    """Return the link keys of Tripletex Department, one per rule.

    Name | name
    """
    return (conversions.link_key(record.get("name")),)
