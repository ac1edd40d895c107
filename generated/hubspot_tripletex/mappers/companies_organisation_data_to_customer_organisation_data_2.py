"""Map HubSpot Companies organisation data to Tripletex Customer organisation data and
back.

From hubspot-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CompaniesOrganisationDataProperties(TypedDict, total=False):
    city: str | None
    name: str | None


class CompaniesOrganisationData(TypedDict, total=False):
    properties: CompaniesOrganisationDataProperties | None


class CustomerOrganisationDataPhysicalAddress(TypedDict, total=False):
    city: str | None


class CustomerOrganisationData(TypedDict, total=False):
    physicalAddress: CustomerOrganisationDataPhysicalAddress | None
    name: str | None


def to_customer_organisation_data(
    record: CompaniesOrganisationData, references: References
) -> CustomerOrganisationData:
    """Return what Tripletex Customer organisation data is to hold for HubSpot Companies
    organisation data.

    properties.city | physicalAddress.city | "string"
    """
    customer_organisation_data: CustomerOrganisationData = {}
    customer_organisation_data_physical_address: (
        CustomerOrganisationDataPhysicalAddress
    ) = {}
    properties = record.get("properties")
    if properties is not None and "city" in properties:
        customer_organisation_data_physical_address["city"] = properties["city"]
    if customer_organisation_data_physical_address:
        customer_organisation_data["physicalAddress"] = (
            customer_organisation_data_physical_address
        )
    return customer_organisation_data


def to_companies_organisation_data(
    record: CustomerOrganisationData, references: References
) -> CompaniesOrganisationData:
    """Return what HubSpot Companies organisation data is to hold for Tripletex Customer
    organisation data.

    properties.city | physicalAddress.city | "string"
    """
    companies_organisation_data: CompaniesOrganisationData = {}
    companies_organisation_data_properties: CompaniesOrganisationDataProperties = {}
    physical_address = record.get("physicalAddress")
    if physical_address is not None and "city" in physical_address:
        companies_organisation_data_properties["city"] = physical_address["city"]
    if companies_organisation_data_properties:
        companies_organisation_data["properties"] = (
            companies_organisation_data_properties
        )
    return companies_organisation_data


def companies_organisation_data_keys(record: CompaniesOrganisationData) -> LinkKeys:
    """Return the link keys of HubSpot Companies organisation data, one per rule.

    properties.name | name
    """
    return (conversions.link_key((record.get("properties") or {}).get("name")),)


def customer_organisation_data_keys(record: CustomerOrganisationData) -> LinkKeys:
    """Return the link keys of Tripletex Customer organisation data, one per rule.

    properties.name | name
    """
    return (conversions.link_key(record.get("name")),)
