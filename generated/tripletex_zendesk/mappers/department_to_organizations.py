"""Map Tripletex Department to Zendesk Organizations and back.

From tripletex-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class Department(TypedDict, total=False):
    name: str | None


class Organizations(TypedDict, total=False):
    name: str | None


def to_organizations(record: Department, references: References) -> Organizations:
    """Return what Zendesk Organizations is to hold for Tripletex Department.

    name | name | "string"
    """
    organizations: Organizations = {}
    if "name" in record:
        organizations["name"] = record["name"]
    return organizations


def to_department(record: Organizations, references: References) -> Department:
    """Return what Tripletex Department is to hold for Zendesk Organizations.

    name | name | "string"
    """
    department: Department = {}
    if "name" in record:
        department["name"] = record["name"]
    return department


def department_keys(record: Department) -> LinkKeys:
    """Return the link keys of Tripletex Department, one per rule.

    name | name
    """
    return (conversions.link_key(record.get("name")),)


def organizations_keys(record: Organizations) -> LinkKeys:
    """Return the link keys of Zendesk Organizations, one per rule.

    name | name
    """
    return (conversions.link_key(record.get("name")),)
