"""Map PowerOffice GO Customers human data to Tripletex Customer human data and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CustomersHumanDataMailAddress(TypedDict, total=False):
    AddressLine1: str | None
    AddressLine2: str | None
    ZipCode: str | None
    City: str | None
    CountryCode: str | None


class CustomersHumanData(TypedDict, total=False):
    EmailAddress: str | None
    PhoneNumber: str | None
    MailAddress: CustomersHumanDataMailAddress | None


class CustomerHumanDataPostalAddressCountry(TypedDict, total=False):
    id: str | None


class CustomerHumanDataPostalAddress(TypedDict, total=False):
    addressLine1: str | None
    addressLine2: str | None
    postalCode: str | None
    city: str | None
    country: CustomerHumanDataPostalAddressCountry | None


class CustomerHumanData(TypedDict, total=False):
    email: str | None
    phoneNumber: str | None
    postalAddress: CustomerHumanDataPostalAddress | None


def to_customer_human_data(
    record: CustomersHumanData, references: References
) -> CustomerHumanData:
    """Return what Tripletex Customer human data is to hold for PowerOffice GO Customers
    human data.

    EmailAddress | email | "string"
    PhoneNumber | phoneNumber | "string"
    MailAddress.AddressLine1 | postalAddress.addressLine1 | "string"
    MailAddress.AddressLine2 | postalAddress.addressLine2 | "string"
    MailAddress.ZipCode | postalAddress.postalCode | "string"
    MailAddress.City | postalAddress.city | "string"
    MailAddress.CountryCode | postalAddress.country.id | "string"
    """
    customer_human_data: CustomerHumanData = {}
    customer_human_data_postal_address: CustomerHumanDataPostalAddress = {}
    customer_human_data_country: CustomerHumanDataPostalAddressCountry = {}
    if "EmailAddress" in record:
        customer_human_data["email"] = record["EmailAddress"]
    if "PhoneNumber" in record:
        customer_human_data["phoneNumber"] = record["PhoneNumber"]
    mail_address = record.get("MailAddress")
    if mail_address is not None:
        if "AddressLine1" in mail_address:
            customer_human_data_postal_address["addressLine1"] = mail_address[
                "AddressLine1"
            ]
        if "AddressLine2" in mail_address:
            customer_human_data_postal_address["addressLine2"] = mail_address[
                "AddressLine2"
            ]
        if "ZipCode" in mail_address:
            customer_human_data_postal_address["postalCode"] = mail_address["ZipCode"]
        if "City" in mail_address:
            customer_human_data_postal_address["city"] = mail_address["City"]
        if "CountryCode" in mail_address:
            customer_human_data_country["id"] = mail_address["CountryCode"]
    if customer_human_data_country:
        customer_human_data_postal_address["country"] = customer_human_data_country
    if customer_human_data_postal_address:
        customer_human_data["postalAddress"] = customer_human_data_postal_address
    return customer_human_data


def to_customers_human_data(
    record: CustomerHumanData, references: References
) -> CustomersHumanData:
    """Return what PowerOffice GO Customers human data is to hold for Tripletex Customer
    human data.

    EmailAddress | email | "string"
    PhoneNumber | phoneNumber | "string"
    MailAddress.AddressLine1 | postalAddress.addressLine1 | "string"
    MailAddress.AddressLine2 | postalAddress.addressLine2 | "string"
    MailAddress.ZipCode | postalAddress.postalCode | "string"
    MailAddress.City | postalAddress.city | "string"
    MailAddress.CountryCode | postalAddress.country.id | "string"
    """
    customers_human_data: CustomersHumanData = {}
    customers_human_data_mail_address: CustomersHumanDataMailAddress = {}
    if "email" in record:
        customers_human_data["EmailAddress"] = record["email"]
    if "phoneNumber" in record:
        customers_human_data["PhoneNumber"] = record["phoneNumber"]
    postal_address = record.get("postalAddress")
    if postal_address is not None:
        if "addressLine1" in postal_address:
            customers_human_data_mail_address["AddressLine1"] = postal_address[
                "addressLine1"
            ]
        if "addressLine2" in postal_address:
            customers_human_data_mail_address["AddressLine2"] = postal_address[
                "addressLine2"
            ]
        if "postalCode" in postal_address:
            customers_human_data_mail_address["ZipCode"] = postal_address["postalCode"]
        if "city" in postal_address:
            customers_human_data_mail_address["City"] = postal_address["city"]
        country = postal_address.get("country")
        if country is not None and "id" in country:
            customers_human_data_mail_address["CountryCode"] = country["id"]
    if customers_human_data_mail_address:
        customers_human_data["MailAddress"] = customers_human_data_mail_address
    return customers_human_data


def customers_human_data_keys(record: CustomersHumanData) -> LinkKeys:
    """Return the link keys of PowerOffice GO Customers human data, one per rule.

    EmailAddress | email
    """
    return (conversions.link_key(record.get("EmailAddress")),)


def customer_human_data_keys(record: CustomerHumanData) -> LinkKeys:
    """Return the link keys of Tripletex Customer human data, one per rule.

    EmailAddress | email
    """
    return (conversions.link_key(record.get("email")),)
