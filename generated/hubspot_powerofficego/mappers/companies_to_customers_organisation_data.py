"""Map HubSpot Companies to PowerOffice GO Customers organisation data and back.

From hubspot-powerofficego.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CompaniesProperties(TypedDict, total=False):
    name: str | None
    phone: str | None


class Companies(TypedDict, total=False):
    properties: CompaniesProperties | None


class CustomersOrganisationData(TypedDict, total=False):
    Name: str | None
    PhoneNumber: str | None


def to_customers_organisation_data(
    record: Companies, references: References
) -> CustomersOrganisationData:
    """Return what PowerOffice GO Customers organisation data is to hold for HubSpot
    Companies.

    properties.name | name | "string"
    properties.phone | phoneNumber | "string"
    """
    customers_organisation_data: CustomersOrganisationData = {}
    properties = record.get("properties")
    if properties is not None:
        if "name" in properties:
            customers_organisation_data["Name"] = properties["name"]
        if "phone" in properties:
            customers_organisation_data["PhoneNumber"] = properties["phone"]
    return customers_organisation_data


def to_companies(
    record: CustomersOrganisationData, references: References
) -> Companies:
    """Return what HubSpot Companies is to hold for PowerOffice GO Customers
    organisation data.

    properties.name | name | "string"
    properties.phone | phoneNumber | "string"
    """
    companies: Companies = {}
    companies_properties: CompaniesProperties = {}
    if "Name" in record:
        companies_properties["name"] = record["Name"]
    if "PhoneNumber" in record:
        companies_properties["phone"] = record["PhoneNumber"]
    if companies_properties:
        companies["properties"] = companies_properties
    return companies


def companies_keys(record: Companies) -> LinkKeys:
    """Return the link keys of HubSpot Companies, one per rule.

    properties.name | name
    """
    return (conversions.link_key((record.get("properties") or {}).get("name")),)


def customers_organisation_data_keys(record: CustomersOrganisationData) -> LinkKeys:
    """Return the link keys of PowerOffice GO Customers organisation data, one per rule.

    properties.name | name
    """
    return (conversions.link_key(record.get("Name")),)
