"""Keep PowerOffice GO Employees and Tripletex Employee human data in sync.

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

from ..mappers import employees_to_employee_human_data as mapper

FLOW = Flow(
    name="employees_to_employee_human_data",
    document="powerofficego-tripletex.rst",
    source=Side(
        system="poweroffice-go",
        resource="Employees",
        label="PowerOffice GO Employees",
    ),
    target=Side(
        system="tripletex",
        resource="Employee",
        label="Tripletex Employee human data",
        subset=Condition(path=("id",), value=0, negate=True),
    ),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("EmailAddress",),
            target=("email",),
            statement="EmailAddress | email",
        ),
        LinkRule(
            source=("Number",),
            target=("employeeNumber",),
            statement="Number | employeeNumber",
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
            source=("DepartmentId",),
            target=("department", "id"),
            reference=("Departments", "Department"),
            statement='DepartmentId | department.id | "integer"',
        ),
        PropertyMapping(
            source=("DateOfBirth",),
            target=("dateOfBirth",),
            converts=True,
            statement='DateOfBirth | dateOfBirth | ["datetime-format","%Y-%m-%d","_."]',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a PowerOffice GO Employees and a Tripletex Employee (human data) must be established.",
        "If a matching Tripletex Employee (human data) already exists, the PowerOffice GO Employees will be merged with the existing one.",
        "If no matching Tripletex Employee (human data) is found, a new Tripletex Employee (human data) will be created.",
        "A PowerOffice GO Employees will merge with a Tripletex Employee (human data) if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Employees and a Tripletex Employee (human data) is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Employees and a Tripletex Employee (human data):",
        "Before any synchronization can take place, a link between a Tripletex Employee (human data) and a PowerOffice GO Employees must be established.",
        "If a matching PowerOffice GO Employees already exists, the Tripletex Employee (human data) will be merged with the existing one.",
        "If no matching PowerOffice GO Employees is found, a new PowerOffice GO Employees will be created.",
        "A Tripletex Employee (human data) will merge with a PowerOffice GO Employees if one of the following property combinations match:",
        "Once a link between a Tripletex Employee (human data) and a PowerOffice GO Employees is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Employee (human data) and a PowerOffice GO Employees:",
    ),
    to_target=mapper.to_employee_human_data,
    to_source=mapper.to_employees,
    source_keys=mapper.employees_keys,
    target_keys=mapper.employee_human_data_keys,
)
