"""Keep PowerOffice GO Departments and Tripletex Department in sync.

From powerofficego-tripletex.rst.
"""

from specbridge.runtime.flow import ALWAYS, Flow, LinkRule, PropertyMapping, Side

from ..mappers import departments_to_department as mapper

FLOW = Flow(
    name="departments_to_department",
    document="powerofficego-tripletex.rst",
    source=Side(
        system="poweroffice-go",
        resource="Departments",
        label="PowerOffice GO Departments",
    ),
    target=Side(
        system="tripletex",
        resource="Department",
        label="Tripletex Department",
    ),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(LinkRule(source=("Name",), target=("name",), statement="Name | name"),),
    properties=(
        PropertyMapping(
            source=("Name",),
            target=("name",),
            statement='Name | name | "string"',
        ),
        PropertyMapping(
            source=("Code",),
            target=("departmentNumber",),
            statement='Code | departmentNumber | "string"',
        ),
        PropertyMapping(
            source=("ManagerEmployeeId",),
            target=("departmentManager", "id"),
            reference=("Employees", "Employee"),
            statement='ManagerEmployeeId | departmentManager.id | "integer"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a PowerOffice GO Departments and a Tripletex Department must be established.",
        "If a matching Tripletex Department already exists, the PowerOffice GO Departments will be merged with the existing one.",
        "If no matching Tripletex Department is found, a new Tripletex Department will be created.",
        "A PowerOffice GO Departments will merge with a Tripletex Department if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Departments and a Tripletex Department is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Departments and a Tripletex Department:",
        "Before any synchronization can take place, a link between a Tripletex Department and a PowerOffice GO Departments must be established.",
        "If a matching PowerOffice GO Departments already exists, the Tripletex Department will be merged with the existing one.",
        "If no matching PowerOffice GO Departments is found, a new PowerOffice GO Departments will be created.",
        "A Tripletex Department will merge with a PowerOffice GO Departments if one of the following property combinations match:",
        "Once a link between a Tripletex Department and a PowerOffice GO Departments is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Department and a PowerOffice GO Departments:",
    ),
    to_target=mapper.to_department,
    to_source=mapper.to_departments,
    source_keys=mapper.departments_keys,
    target_keys=mapper.department_keys,
)
