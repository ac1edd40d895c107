"""Map Tripletex Customer organisation data to Zendesk Organizations and back.

From tripletex-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CustomerOrganisationData(TypedDict, total=False):
    name: str | None
    description: str | None


class Organizations(TypedDict, total=False):
    name: str | None
    notes: str | None


def to_organizations(
    record: CustomerOrganisationData, references: References
) -> Organizations:
    """Return what Zendesk Organizations is to hold for Tripletex Customer organisation
    data.

    name | name | "string"
    description | notes | "string"
    """
    organizations: Organizations = {}
    if "name" in record:
        organizations["name"] = record["name"]
    if "description" in record:
        organizations["notes"] = record["description"]
    return organizations


def to_customer_organisation_data(
    record: Organizations, references: References
) -> CustomerOrganisationData:
    """Return what Tripletex Customer organisation data is to hold for Zendesk
    Organizations.

    name | name | "string"
    description | notes | "string"
    """
    customer_organisation_data: CustomerOrganisationData = {}
    if "name" in record:
        customer_organisation_data["name"] = record["name"]
    if "notes" in record:
        customer_organisation_data["description"] = record["notes"]
    return customer_organisation_data


def customer_organisation_data_keys(record: CustomerOrganisationData) -> LinkKeys:
    """Return the link keys of Tripletex Customer organisation data, one per rule.

    name | name
    """
    return (conversions.link_key(record.get("name")),)


def organizations_keys(record: Organizations) -> LinkKeys:
    """Return the link keys of Zendesk Organizations, one per rule.

    name | name
    """
    return (conversions.link_key(record.get("name")),)
