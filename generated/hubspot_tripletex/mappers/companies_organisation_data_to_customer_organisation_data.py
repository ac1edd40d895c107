"""Map HubSpot Companies organisation data to Tripletex Customer organisation data and
back.

From hubspot-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CompaniesOrganisationDataProperties(TypedDict, total=False):
    name: str | None
    phone: str | None
    website: str | None
    description: str | None
    city: str | None
    zip: str | None
    address: str | None


class CompaniesOrganisationData(TypedDict, total=False):
    properties: CompaniesOrganisationDataProperties | None


class CustomerOrganisationDataPostalAddress(TypedDict, total=False):
    city: str | None
    postalCode: str | None
    addressLine1: str | None


class CustomerOrganisationData(TypedDict, total=False):
    name: str | None
    phoneNumber: str | None
    website: str | None
    description: str | None
    postalAddress: CustomerOrganisationDataPostalAddress | None


def to_customer_organisation_data(
    record: CompaniesOrganisationData, references: References
) -> CustomerOrganisationData:
    """Return what Tripletex Customer organisation data is to hold for HubSpot Companies
    organisation data.

    properties.name | name | "string"
    properties.phone | phoneNumber | "string"
    properties.website | website | "string"
    properties.description | description | "string"
    properties.city | postalAddress.city | "string"
    properties.zip | postalAddress.postalCode | "string"
    properties.address | postalAddress.addressLine1 | "string"
    """
    customer_organisation_data: CustomerOrganisationData = {}
    customer_organisation_data_postal_address: CustomerOrganisationDataPostalAddress = (
        {}
    )
    properties = record.get("properties")
    if properties is not None:
        if "name" in properties:
            customer_organisation_data["name"] = properties["name"]
        if "phone" in properties:
            customer_organisation_data["phoneNumber"] = properties["phone"]
        if "website" in properties:
            customer_organisation_data["website"] = properties["website"]
        if "description" in properties:
            customer_organisation_data["description"] = properties["description"]
        if "city" in properties:
            customer_organisation_data_postal_address["city"] = properties["city"]
        if "zip" in properties:
            customer_organisation_data_postal_address["postalCode"] = properties["zip"]
        if "address" in properties:
            customer_organisation_data_postal_address["addressLine1"] = properties[
                "address"
            ]
    if customer_organisation_data_postal_address:
        customer_organisation_data["postalAddress"] = (
            customer_organisation_data_postal_address
        )
    return customer_organisation_data


def to_companies_organisation_data(
    record: CustomerOrganisationData, references: References
) -> CompaniesOrganisationData:
    """Return what HubSpot Companies organisation data is to hold for Tripletex Customer
    organisation data.

    properties.name | name | "string"
    properties.phone | phoneNumber | "string"
    properties.website | website | "string"
    properties.description | description | "string"
    properties.city | postalAddress.city | "string"
    properties.zip | postalAddress.postalCode | "string"
    properties.address | postalAddress.addressLine1 | "string"
    """
    companies_organisation_data: CompaniesOrganisationData = {}
    companies_organisation_data_properties: CompaniesOrganisationDataProperties = {}
    if "name" in record:
        companies_organisation_data_properties["name"] = record["name"]
    if "phoneNumber" in record:
        companies_organisation_data_properties["phone"] = record["phoneNumber"]
    if "website" in record:
        companies_organisation_data_properties["website"] = record["website"]
    if "description" in record:
        companies_organisation_data_properties["description"] = record["description"]
    postal_address = record.get("postalAddress")
    if postal_address is not None:
        if "city" in postal_address:
            companies_organisation_data_properties["city"] = postal_address["city"]
        if "postalCode" in postal_address:
            companies_organisation_data_properties["zip"] = postal_address["postalCode"]
        if "addressLine1" in postal_address:
            companies_organisation_data_properties["address"] = postal_address[
                "addressLine1"
            ]
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
