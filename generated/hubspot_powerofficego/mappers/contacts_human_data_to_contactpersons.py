"""Map HubSpot Contacts human data to PowerOffice GO ContactPersons and back.

From hubspot-powerofficego.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class ContactsHumanDataProperties(TypedDict, total=False):
    email: str | None
    firstname: str | None
    lastname: str | None
    jobtitle: str | None
    mobilephone: str | None
    phone: str | None
    associatedcompanyid: Identifier | None


class ContactsHumanData(TypedDict, total=False):
    properties: ContactsHumanDataProperties | None


class ContactPersons(TypedDict, total=False):
    EmailAddress: str | None
    FirstName: str | None
    LastName: str | None
    Title: str | None
    PhoneNumber: str | None
    ContactId: Identifier | None


def to_contactpersons(
    record: ContactsHumanData, references: References
) -> ContactPersons:
    """Return what PowerOffice GO ContactPersons is to hold for HubSpot Contacts human
    data.

    properties.email | emailAddress | "string"
    properties.firstname | firstName | "string"
    properties.lastname | lastName | "string"
    properties.jobtitle | title | "string"
    properties.mobilephone | phoneNumber | "string"
    properties.phone | phoneNumber | "string"
    """
    contactpersons: ContactPersons = {}
    properties = record.get("properties")
    if properties is not None:
        if "email" in properties:
            contactpersons["EmailAddress"] = properties["email"]
        if "firstname" in properties:
            contactpersons["FirstName"] = properties["firstname"]
        if "lastname" in properties:
            contactpersons["LastName"] = properties["lastname"]
        if "jobtitle" in properties:
            contactpersons["Title"] = properties["jobtitle"]
        if "mobilephone" in properties:
            contactpersons["PhoneNumber"] = properties["mobilephone"] or None
    properties = record.get("properties")
    if (
        properties is not None
        and not contactpersons.get("PhoneNumber")
        and "phone" in properties
    ):
        contactpersons["PhoneNumber"] = properties["phone"] or None
    return contactpersons


def to_contacts_human_data(
    record: ContactPersons, references: References
) -> ContactsHumanData:
    """Return what HubSpot Contacts human data is to hold for PowerOffice GO
    ContactPersons.

    properties.email | emailAddress | "string"
    properties.firstname | firstName | "string"
    properties.lastname | lastName | "string"
    properties.jobtitle | title | "string"
    properties.mobilephone | phoneNumber | "string"
    properties.phone | phoneNumber | "string"
    properties.associatedcompanyid | partyId | "string"
    """
    contacts_human_data: ContactsHumanData = {}
    contacts_human_data_properties: ContactsHumanDataProperties = {}
    if "EmailAddress" in record:
        contacts_human_data_properties["email"] = record["EmailAddress"]
    if "FirstName" in record:
        contacts_human_data_properties["firstname"] = record["FirstName"]
    if "LastName" in record:
        contacts_human_data_properties["lastname"] = record["LastName"]
    if "Title" in record:
        contacts_human_data_properties["jobtitle"] = record["Title"]
    if "PhoneNumber" in record:
        contacts_human_data_properties["mobilephone"] = record["PhoneNumber"]
        contacts_human_data_properties["phone"] = record["PhoneNumber"]
    if "ContactId" in record:
        associatedcompanyid = translate(
            references, ("Companies", "Customers"), record["ContactId"]
        )
        if associatedcompanyid is not WAITING:
            contacts_human_data_properties["associatedcompanyid"] = associatedcompanyid
    if contacts_human_data_properties:
        contacts_human_data["properties"] = contacts_human_data_properties
    return contacts_human_data


def contacts_human_data_keys(record: ContactsHumanData) -> LinkKeys:
    """Return the link keys of HubSpot Contacts human data, one per rule.

    properties.email | emailAddress
    """
    return (conversions.link_key((record.get("properties") or {}).get("email")),)


def contactpersons_keys(record: ContactPersons) -> LinkKeys:
    """Return the link keys of PowerOffice GO ContactPersons, one per rule.

    properties.email | emailAddress
    """
    return (conversions.link_key(record.get("EmailAddress")),)
