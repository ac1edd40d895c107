"""Map PowerOffice GO ContactPersons to Tripletex Contact human data and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class ContactPersons(TypedDict, total=False):
    FirstName: str | None
    LastName: str | None
    EmailAddress: str | None
    PhoneNumber: str | None
    ContactId: Identifier | None


class ContactHumanDataCustomer(TypedDict, total=False):
    id: Identifier | None


class ContactHumanData(TypedDict, total=False):
    firstName: str | None
    lastName: str | None
    email: str | None
    phoneNumberMobile: str | None
    customer: ContactHumanDataCustomer | None


def to_contact_human_data(
    record: ContactPersons, references: References
) -> ContactHumanData:
    """Return what Tripletex Contact human data is to hold for PowerOffice GO
    ContactPersons.

    FirstName | firstName | "string"
    LastName | lastName | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumberMobile | "string"
    ContactId | customer.id | "integer"
    """
    contact_human_data: ContactHumanData = {}
    contact_human_data_customer: ContactHumanDataCustomer = {}
    if "FirstName" in record:
        contact_human_data["firstName"] = record["FirstName"]
    if "LastName" in record:
        contact_human_data["lastName"] = record["LastName"]
    if "EmailAddress" in record:
        contact_human_data["email"] = record["EmailAddress"]
    if "PhoneNumber" in record:
        contact_human_data["phoneNumberMobile"] = record["PhoneNumber"]
    if "ContactId" in record:
        id = translate(references, ("Customers", "Customer"), record["ContactId"])
        if id is not WAITING:
            contact_human_data_customer["id"] = id
    if contact_human_data_customer:
        contact_human_data["customer"] = contact_human_data_customer
    return contact_human_data


def to_contactpersons(
    record: ContactHumanData, references: References
) -> ContactPersons:
    """Return what PowerOffice GO ContactPersons is to hold for Tripletex Contact human
    data.

    FirstName | firstName | "string"
    LastName | lastName | "string"
    EmailAddress | email | "string"
    PhoneNumber | phoneNumberMobile | "string"
    """
    contactpersons: ContactPersons = {}
    if "firstName" in record:
        contactpersons["FirstName"] = record["firstName"]
    if "lastName" in record:
        contactpersons["LastName"] = record["lastName"]
    if "email" in record:
        contactpersons["EmailAddress"] = record["email"]
    if "phoneNumberMobile" in record:
        contactpersons["PhoneNumber"] = record["phoneNumberMobile"]
    return contactpersons


def contactpersons_keys(record: ContactPersons) -> LinkKeys:
    """Return the link keys of PowerOffice GO ContactPersons, one per rule.

    EmailAddress | email
    """
    return (conversions.link_key(record.get("EmailAddress")),)


def contact_human_data_keys(record: ContactHumanData) -> LinkKeys:
    """Return the link keys of Tripletex Contact human data, one per rule.

    EmailAddress | email
    """
    return (conversions.link_key(record.get("email")),)
