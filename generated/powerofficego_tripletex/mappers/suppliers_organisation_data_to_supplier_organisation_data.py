"""Map PowerOffice GO Suppliers organisation data to Tripletex Supplier organisation
data and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class SuppliersOrganisationDataMailAddress(TypedDict, total=False):
    AddressLine1: str | None
    AddressLine2: str | None
    ZipCode: str | None
    City: str | None
    CountryCode: str | None


class SuppliersOrganisationData(TypedDict, total=False):
    Name: str | None
    EmailAddress: str | None
    PhoneNumber: str | None
    MailAddress: SuppliersOrganisationDataMailAddress | None
    OrganizationNumber: str | None


class SupplierOrganisationDataPostalAddressCountry(TypedDict, total=False):
    id: str | None


class SupplierOrganisationDataPostalAddress(TypedDict, total=False):
    addressLine1: str | None
    addressLine2: str | None
    postalCode: str | None
    city: str | None
    country: SupplierOrganisationDataPostalAddressCountry | None


class SupplierOrganisationData(TypedDict, total=False):
    name: str | None
    email: str | None
    phoneNumber: str | None
    postalAddress: SupplierOrganisationDataPostalAddress | None
    organizationNumber: str | None


def to_supplier_organisation_data(
    record: SuppliersOrganisationData, references: References
) -> SupplierOrganisationData:
    """Return what Tripletex Supplier organisation data is to hold for PowerOffice GO
    Suppliers organisation data.

    Name | name | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumber | "string"
    MailAddress.AddressLine1 | postalAddress.addressLine1 | "string"
    MailAddress.AddressLine2 | postalAddress.addressLine2 | "string"
    MailAddress.ZipCode | postalAddress.postalCode | "string"
    MailAddress.City | postalAddress.city | "string"
    MailAddress.CountryCode | postalAddress.country.id | "string"
    """
    supplier_organisation_data: SupplierOrganisationData = {}
    supplier_organisation_data_postal_address: SupplierOrganisationDataPostalAddress = (
        {}
    )
    supplier_organisation_data_country: SupplierOrganisationDataPostalAddressCountry = (
        {}
    )
    if "Name" in record:
        supplier_organisation_data["name"] = record["Name"]
    if "EmailAddress" in record:
        supplier_organisation_data["email"] = record["EmailAddress"]
    if "PhoneNumber" in record:
        supplier_organisation_data["phoneNumber"] = record["PhoneNumber"]
    mail_address = record.get("MailAddress")
    if mail_address is not None:
        if "AddressLine1" in mail_address:
            supplier_organisation_data_postal_address["addressLine1"] = mail_address[
                "AddressLine1"
            ]
        if "AddressLine2" in mail_address:
            supplier_organisation_data_postal_address["addressLine2"] = mail_address[
                "AddressLine2"
            ]
        if "ZipCode" in mail_address:
            supplier_organisation_data_postal_address["postalCode"] = mail_address[
                "ZipCode"
            ]
        if "City" in mail_address:
            supplier_organisation_data_postal_address["city"] = mail_address["City"]
        if "CountryCode" in mail_address:
            supplier_organisation_data_country["id"] = mail_address["CountryCode"]
    if supplier_organisation_data_country:
        supplier_organisation_data_postal_address["country"] = (
            supplier_organisation_data_country
        )
    if supplier_organisation_data_postal_address:
        supplier_organisation_data["postalAddress"] = (
            supplier_organisation_data_postal_address
        )
    return supplier_organisation_data


def to_suppliers_organisation_data(
    record: SupplierOrganisationData, references: References
) -> SuppliersOrganisationData:
    """Return what PowerOffice GO Suppliers organisation data is to hold for Tripletex
    Supplier organisation data.

    Name | name | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumber | "string"
    MailAddress.AddressLine1 | postalAddress.addressLine1 | "string"
    MailAddress.AddressLine2 | postalAddress.addressLine2 | "string"
    MailAddress.ZipCode | postalAddress.postalCode | "string"
    MailAddress.City | postalAddress.city | "string"
    MailAddress.CountryCode | postalAddress.country.id | "string"
    """
    suppliers_organisation_data: SuppliersOrganisationData = {}
    suppliers_organisation_data_mail_address: SuppliersOrganisationDataMailAddress = {}
    if "name" in record:
        suppliers_organisation_data["Name"] = record["name"]
    if "email" in record:
        suppliers_organisation_data["EmailAddress"] = record["email"]
    if "phoneNumber" in record:
        suppliers_organisation_data["PhoneNumber"] = record["phoneNumber"]
    postal_address = record.get("postalAddress")
    if postal_address is not None:
        if "addressLine1" in postal_address:
            suppliers_organisation_data_mail_address["AddressLine1"] = postal_address[
                "addressLine1"
            ]
        if "addressLine2" in postal_address:
            suppliers_organisation_data_mail_address["AddressLine2"] = postal_address[
                "addressLine2"
            ]
        if "postalCode" in postal_address:
            suppliers_organisation_data_mail_address["ZipCode"] = postal_address[
                "postalCode"
            ]
        if "city" in postal_address:
            suppliers_organisation_data_mail_address["City"] = postal_address["city"]
        country = postal_address.get("country")
        if country is not None and "id" in country:
            suppliers_organisation_data_mail_address["CountryCode"] = country["id"]
    if suppliers_organisation_data_mail_address:
        suppliers_organisation_data["MailAddress"] = (
            suppliers_organisation_data_mail_address
        )
    return suppliers_organisation_data


def suppliers_organisation_data_keys(record: SuppliersOrganisationData) -> LinkKeys:
    """Return the link keys of PowerOffice GO Suppliers organisation data, one per rule.

    OrganizationNumber | organizationNumber
    Name | name
    """
    return (
        conversions.link_key(record.get("OrganizationNumber")),
        conversions.link_key(record.get("Name")),
    )


def supplier_organisation_data_keys(record: SupplierOrganisationData) -> LinkKeys:
    """Return the link keys of Tripletex Supplier organisation data, one per rule.

    OrganizationNumber | organizationNumber
    Name | name
    """
    return (
        conversions.link_key(record.get("organizationNumber")),
        conversions.link_key(record.get("name")),
    )
