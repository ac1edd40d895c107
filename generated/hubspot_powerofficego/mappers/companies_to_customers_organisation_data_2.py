"""Map HubSpot Companies to PowerOffice GO Customers organisation data and back.

From hubspot-powerofficego.rst.
"""

from typing import TypedDict

from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CompaniesProperties(TypedDict, total=False):
    website: str | None


class Companies(TypedDict, total=False):
    properties: CompaniesProperties | None


class CustomersOrganisationData(TypedDict, total=False):
    WebsiteUrl: str | None


def to_customers_organisation_data(
    record: Companies, references: References
) -> CustomersOrganisationData:
    """Return what PowerOffice GO Customers organisation data is to hold for HubSpot
    Companies.

    properties.website | websiteUrl | "string"
    """
    customers_organisation_data: CustomersOrganisationData = {}
    properties = record.get("properties")
    if properties is not None and "website" in properties:
        customers_organisation_data["WebsiteUrl"] = properties["website"]
    return customers_organisation_data


def to_companies(
    record: CustomersOrganisationData, references: References
) -> Companies:
    """Return what HubSpot Companies is to hold for PowerOffice GO Customers
    organisation data.

    properties.website | websiteUrl | "string"
    """
    companies: Companies = {}
    companies_properties: CompaniesProperties = {}
    if "WebsiteUrl" in record:
        companies_properties["website"] = record["WebsiteUrl"]
    if companies_properties:
        companies["properties"] = companies_properties
    return companies


def companies_keys(record: Companies) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()


def customers_organisation_data_keys(record: CustomersOrganisationData) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()
