"""Map Powerofficego Customers to Zendesk Organizations and back.

From powerofficego-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class Customers(TypedDict, total=False):
    Name: str | None
    WebsiteUrl: str | None


class Organizations(TypedDict, total=False):
    name: str | None
    url: str | None


def to_organizations(record: Customers, references: References) -> Organizations:
    """Return what Zendesk Organizations is to hold for Powerofficego Customers.

    Name | name | "string"
    """
    organizations: Organizations = {}
    if "Name" in record:
        organizations["name"] = record["Name"]
    return organizations


def to_customers(record: Organizations, references: References) -> Customers:
    """Return what Powerofficego Customers is to hold for Zendesk Organizations.

    Name | name | "string"
    """
    customers: Customers = {}
    if "name" in record:
        customers["Name"] = record["name"]
    return customers


def customers_keys(record: Customers) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()


def organizations_keys(record: Organizations) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()
