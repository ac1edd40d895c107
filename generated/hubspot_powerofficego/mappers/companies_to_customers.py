"""Map HubSpot Companies to PowerOffice GO Customers and back.

From hubspot-powerofficego.rst.
"""

from typing import TypedDict

from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CompaniesProperties(TypedDict, total=False):
    address: str | None
    address2: str | None
    zip: str | None
    city: str | None


class Companies(TypedDict, total=False):
    properties: CompaniesProperties | None


class CustomersMailAddress(TypedDict, total=False):
    AddressLine1: str | None
    AddressLine2: str | None
    ZipCode: str | None
    City: str | None


class Customers(TypedDict, total=False):
    MailAddress: CustomersMailAddress | None


def to_customers(record: Companies, references: References) -> Customers:
    """Return what PowerOffice GO Customers is to hold for HubSpot Companies.

    properties.address | mailAddress.address1 | "string"
    properties.address2 | mailAddress.address2 | "string"
    properties.zip | mailAddress.zipCode | "string"
    properties.city | mailAddress.city | "string"
    """
    customers: Customers = {}
    customers_mail_address: CustomersMailAddress = {}
    properties = record.get("properties")
    if properties is not None:
        if "address" in properties:
            customers_mail_address["AddressLine1"] = properties["address"]
        if "address2" in properties:
            customers_mail_address["AddressLine2"] = properties["address2"]
        if "zip" in properties:
            customers_mail_address["ZipCode"] = properties["zip"]
        if "city" in properties:
            customers_mail_address["City"] = properties["city"]
    if customers_mail_address:
        customers["MailAddress"] = customers_mail_address
    return customers


def to_companies(record: Customers, references: References) -> Companies:
    """Return what HubSpot Companies is to hold for PowerOffice GO Customers.

    properties.address | mailAddress.address1 | "string"
    properties.address2 | mailAddress.address2 | "string"
    properties.zip | mailAddress.zipCode | "string"
    properties.city | mailAddress.city | "string"
    """
    companies: Companies = {}
    companies_properties: CompaniesProperties = {}
    mail_address = record.get("MailAddress")
    if mail_address is not None:
        if "AddressLine1" in mail_address:
            companies_properties["address"] = mail_address["AddressLine1"]
        if "AddressLine2" in mail_address:
            companies_properties["address2"] = mail_address["AddressLine2"]
        if "ZipCode" in mail_address:
            companies_properties["zip"] = mail_address["ZipCode"]
        if "City" in mail_address:
            companies_properties["city"] = mail_address["City"]
    if companies_properties:
        companies["properties"] = companies_properties
    return companies


def companies_keys(record: Companies) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()


def customers_keys(record: Customers) -> LinkKeys:
    """Return no link keys: the document has no link rule."""
    return ()
