"""Map HubSpot Companies to Zendesk Organizations and back.

From hubspot-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CompaniesProperties(TypedDict, total=False):
    name: str | None


class Companies(TypedDict, total=False):
    properties: CompaniesProperties | None


class Organizations(TypedDict, total=False):
    name: str | None


def to_organizations(record: Companies, references: References) -> Organizations:
    """Return what Zendesk Organizations is to hold for HubSpot Companies.

    properties.name | name | "string"
    """
    organizations: Organizations = {}
    properties = record.get("properties")
    if properties is not None and "name" in properties:
        organizations["name"] = properties["name"]
    return organizations


def to_companies(record: Organizations, references: References) -> Companies:
    """Return what HubSpot Companies is to hold for Zendesk Organizations.

    properties.name | name | "string"
    """
    companies: Companies = {}
    companies_properties: CompaniesProperties = {}
    if "name" in record:
        companies_properties["name"] = record["name"]
    if companies_properties:
        companies["properties"] = companies_properties
    return companies


def companies_keys(record: Companies) -> LinkKeys:
    """Return the link keys of HubSpot Companies, one per rule.

    properties.name | name
    """
    return (conversions.link_key((record.get("properties") or {}).get("name")),)


def organizations_keys(record: Organizations) -> LinkKeys:
    """Return the link keys of Zendesk Organizations, one per rule.

    properties.name | name
    """
    return (conversions.link_key(record.get("name")),)
