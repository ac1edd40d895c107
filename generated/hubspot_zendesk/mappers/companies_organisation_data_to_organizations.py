"""Map HubSpot Companies organisation data to Zendesk Organizations and back.

From hubspot-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CompaniesOrganisationDataProperties(TypedDict, total=False):
    description: str | None
    about_us: str | None


class CompaniesOrganisationData(TypedDict, total=False):
    properties: CompaniesOrganisationDataProperties | None


class Organizations(TypedDict, total=False):
    details: str | None
    notes: str | None


def to_organizations(
    record: CompaniesOrganisationData, references: References
) -> Organizations:
    """Return what Zendesk Organizations is to hold for HubSpot Companies organisation
    data.

    properties.description | details | "string"
    properties.about_us | notes | "string"
    """
    organizations: Organizations = {}
    properties = record.get("properties")
    if properties is not None:
        if "description" in properties:
            organizations["details"] = properties["description"]
        if "about_us" in properties:
            organizations["notes"] = properties["about_us"]
    return organizations


def to_companies_organisation_data(
    record: Organizations, references: References
) -> CompaniesOrganisationData:
    """Return what HubSpot Companies organisation data is to hold for Zendesk
    Organizations.

    properties.description | details | "string"
    properties.about_us | notes | "string"
    """
    companies_organisation_data: CompaniesOrganisationData = {}
    companies_organisation_data_properties: CompaniesOrganisationDataProperties = {}
    if "details" in record:
        companies_organisation_data_properties["description"] = record["details"]
    if "notes" in record:
        companies_organisation_data_properties["about_us"] = record["notes"]
    if companies_organisation_data_properties:
        companies_organisation_data["properties"] = (
            companies_organisation_data_properties
        )
    return companies_organisation_data


def companies_organisation_data_keys(record: CompaniesOrganisationData) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()


def organizations_keys(record: Organizations) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()
