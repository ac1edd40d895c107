"""Map Powerofficego Departments to Zendesk Organizations and back.

From powerofficego-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class Departments(TypedDict, total=False):
    Name: str | None


class Organizations(TypedDict, total=False):
    name: str | None


def to_organizations(record: Departments, references: References) -> Organizations:
    """Return what Zendesk Organizations is to hold for Powerofficego Departments.

    Name | name | "string"
    """
    organizations: Organizations = {}
    if "Name" in record:
        organizations["name"] = record["Name"]
    return organizations


def to_departments(record: Organizations, references: References) -> Departments:
    """Return what Powerofficego Departments is to hold for Zendesk Organizations.

    Name | name | "string"
    """
    departments: Departments = {}
    if "name" in record:
        departments["Name"] = record["name"]
    return departments


def departments_keys(record: Departments) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()


def organizations_keys(record: Organizations) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()
