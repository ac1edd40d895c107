"""Map PowerOffice GO Customers organisation data to Tripletex Customer organisation
data and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CustomersOrganisationDataMailAddress(TypedDict, total=False):
    AddressLine1: str | None
    AddressLine2: str | None
    ZipCode: str | None
    City: str | None
    CountryCode: str | None


class CustomersOrganisationData(TypedDict, total=False):
    Name: str | None
    EmailAddress: str | None
    PhoneNumber: str | None
    WebsiteUrl: str | None
    IsArchived: bool | None
    MailAddress: CustomersOrganisationDataMailAddress | None
    OrganizationNumber: str | None


class CustomerOrganisationDataPostalAddressCountry(TypedDict, total=False):
    id: str | None


class CustomerOrganisationDataPostalAddress(TypedDict, total=False):
    addressLine1: str | None
    addressLine2: str | None
    postalCode: str | None
    city: str | None
    country: CustomerOrganisationDataPostalAddressCountry | None


class CustomerOrganisationData(TypedDict, total=False):
    name: str | None
    email: str | None
    phoneNumber: str | None
    website: str | None
    isInactive: bool | None
    postalAddress: CustomerOrganisationDataPostalAddress | None
    organizationNumber: str | None


def to_customer_organisation_data(
    record: CustomersOrganisationData, references: References
) -> CustomerOrganisationData:
    """Return what Tripletex Customer organisation data is to hold for PowerOffice GO
    Customers organisation data.

    Name | name | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumber | "string"
    WebsiteUrl | website | "string"
    IsArchived | isInactive | "boolean"
    MailAddress.AddressLine1 | postalAddress.addressLine1 | "string"
    MailAddress.AddressLine2 | postalAddress.addressLine2 | "string"
    MailAddress.ZipCode | postalAddress.postalCode | "string"
    MailAddress.City | postalAddress.city | "string"
    MailAddress.CountryCode | postalAddress.country.id | "string"
    """
    customer_organisation_data: CustomerOrganisationData = {}
    customer_organisation_data_postal_address: CustomerOrganisationDataPostalAddress = (
        {}
    )
    customer_organisation_data_country: CustomerOrganisationDataPostalAddressCountry = (
        {}
    )
    if "Name" in record:
        customer_organisation_data["name"] = record["Name"]
    if "EmailAddress" in record:
        customer_organisation_data["email"] = record["EmailAddress"]
    if "PhoneNumber" in record:
        customer_organisation_data["phoneNumber"] = record["PhoneNumber"]
    if "WebsiteUrl" in record:
        customer_organisation_data["website"] = record["WebsiteUrl"]
    if "IsArchived" in record:
        customer_organisation_data["isInactive"] = record["IsArchived"]
    mail_address = record.get("MailAddress")
    if mail_address is not None:
        if "AddressLine1" in mail_address:
            customer_organisation_data_postal_address["addressLine1"] = mail_address[
                "AddressLine1"
            ]
        if "AddressLine2" in mail_address:
            customer_organisation_data_postal_address["addressLine2"] = mail_address[
                "AddressLine2"
            ]
        if "ZipCode" in mail_address:
            customer_organisation_data_postal_address["postalCode"] = mail_address[
                "ZipCode"
            ]
        if "City" in mail_address:
            customer_organisation_data_postal_address["city"] = mail_address["City"]
        if "CountryCode" in mail_address:
            customer_organisation_data_country["id"] = mail_address["CountryCode"]
    if customer_organisation_data_country:
        customer_organisation_data_postal_address["country"] = (
            customer_organisation_data_country
        )
    if customer_organisation_data_postal_address:
        customer_organisation_data["postalAddress"] = (
            customer_organisation_data_postal_address
        )
    return customer_organisation_data


def to_customers_organisation_data(
    record: CustomerOrganisationData, references: References
) -> CustomersOrganisationData:
    """Return what PowerOffice GO Customers organisation data is to hold for Tripletex
    Customer organisation data.

    Name | name | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumber | "string"
    WebsiteUrl | website | "string"
    IsArchived | isInactive | "boolean"
    MailAddress.AddressLine1 | postalAddress.addressLine1 | "string"
    MailAddress.AddressLine2 | postalAddress.addressLine2 | "string"
    MailAddress.ZipCode | postalAddress.postalCode | "string"
    MailAddress.City | postalAddress.city | "string"
    MailAddress.CountryCode | postalAddress.country.id | "string"
    """
    customers_organisation_data: CustomersOrganisationData = {}
    customers_organisation_data_mail_address: CustomersOrganisationDataMailAddress = {}
    if "name" in record:
        customers_organisation_data["Name"] = record["name"]
    if "email" in record:
        customers_organisation_data["EmailAddress"] = record["email"]
    if "phoneNumber" in record:
        customers_organisation_data["PhoneNumber"] = record["phoneNumber"]
    if "website" in record:
        customers_organisation_data["WebsiteUrl"] = record["website"]
    if "isInactive" in record:
        customers_organisation_data["IsArchived"] = record["isInactive"]
    postal_address = record.get("postalAddress")
    if postal_address is not None:
        if "addressLine1" in postal_address:
            customers_organisation_data_mail_address["AddressLine1"] = postal_address[
                "addressLine1"
            ]
        if "addressLine2" in postal_address:
            customers_organisation_data_mail_address["AddressLine2"] = postal_address[
                "addressLine2"
            ]
        if "postalCode" in postal_address:
            customers_organisation_data_mail_address["ZipCode"] = postal_address[
                "postalCode"
            ]
        if "city" in postal_address:
            customers_organisation_data_mail_address["City"] = postal_address["city"]
        country = postal_address.get("country")
        if country is not None and "id" in country:
            customers_organisation_data_mail_address["CountryCode"] = country["id"]
    if customers_organisation_data_mail_address:
        customers_organisation_data["MailAddress"] = (
            customers_organisation_data_mail_address
        )
    return customers_organisation_data


def customers_organisation_data_keys(record: CustomersOrganisationData) -> LinkKeys:
    """Return the link keys of PowerOffice GO Customers organisation data, one per rule.

    OrganizationNumber | organizationNumber
    Name | name
    """
    return (
        conversions.link_key(record.get("OrganizationNumber")),
        conversions.link_key(record.get("Name")),
    )


def customer_organisation_data_keys(record: CustomerOrganisationData) -> LinkKeys:
    """Return the link keys of Tripletex Customer organisation data, one per rule.

    OrganizationNumber | organizationNumber
    Name | name
    """
    return (
        conversions.link_key(record.get("organizationNumber")),
        conversions.link_key(record.get("name")),
    )
