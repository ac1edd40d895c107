"""Map HubSpot Contacts human data to Tripletex Contact human data and back.

From hubspot-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class ContactsHumanDataProperties(TypedDict, total=False):
    firstname: str | None
    lastname: str | None
    email: str | None
    phone: str | None
    associatedcompanyid: Identifier | None


class ContactsHumanData(TypedDict, total=False):
    properties: ContactsHumanDataProperties | None


class ContactHumanDataCustomer(TypedDict, total=False):
    id: Identifier | None


class ContactHumanData(TypedDict, total=False):
    firstName: str | None
    lastName: str | None
    email: str | None
    phoneNumberWork: str | None
    customer: ContactHumanDataCustomer | None


def to_contact_human_data(
    record: ContactsHumanData, references: References
) -> ContactHumanData:
    """Return what Tripletex Contact human data is to hold for HubSpot Contacts human
    data.

    properties.firstname | firstName | "string"
    properties.lastname | lastName | "string"
    properties.email | email | "string"
    properties.phone | phoneNumberWork | "string"
    properties.associatedcompanyid | customer.id | "integer"
    """
    contact_human_data: ContactHumanData = {}
    contact_human_data_customer: ContactHumanDataCustomer = {}
    properties = record.get("properties")
    if properties is not None:
        if "firstname" in properties:
            contact_human_data["firstName"] = properties["firstname"]
        if "lastname" in properties:
            contact_human_data["lastName"] = properties["lastname"]
        if "email" in properties:
            contact_human_data["email"] = properties["email"]
        if "phone" in properties:
            contact_human_data["phoneNumberWork"] = properties["phone"]
        if "associatedcompanyid" in properties:
            id = translate(
                references, ("Companies", "Customer"), properties["associatedcompanyid"]
            )
            if id is not WAITING:
                contact_human_data_customer["id"] = id
    if contact_human_data_customer:
        contact_human_data["customer"] = contact_human_data_customer
    return contact_human_data


def to_contacts_human_data(
    record: ContactHumanData, references: References
) -> ContactsHumanData:
    """Return what HubSpot Contacts human data is to hold for Tripletex Contact human
    data.

    properties.firstname | firstName | "string"
    properties.lastname | lastName | "string"
    properties.email | email | "string"
    properties.phone | phoneNumberWork | "string"
    properties.associatedcompanyid | customer.id | "integer"
    """
    contacts_human_data: ContactsHumanData = {}
    contacts_human_data_properties: ContactsHumanDataProperties = {}
    if "firstName" in record:
        contacts_human_data_properties["firstname"] = record["firstName"]
    if "lastName" in record:
        contacts_human_data_properties["lastname"] = record["lastName"]
    if "email" in record:
        contacts_human_data_properties["email"] = record["email"]
    if "phoneNumberWork" in record:
        contacts_human_data_properties["phone"] = record["phoneNumberWork"]
    customer = record.get("customer")
    if customer is not None and "id" in customer:
        associatedcompanyid = translate(
            references, ("Companies", "Customer"), customer["id"]
        )
        if associatedcompanyid is not WAITING:
            contacts_human_data_properties["associatedcompanyid"] = associatedcompanyid
    if contacts_human_data_properties:
        contacts_human_data["properties"] = contacts_human_data_properties
    return contacts_human_data


def contacts_human_data_keys(record: ContactsHumanData) -> LinkKeys:
    """Return the link keys of HubSpot Contacts human data, one per rule.

    properties.email | email
    """
    return (conversions.link_key((record.get("properties") or {}).get("email")),)


def contact_human_data_keys(record: ContactHumanData) -> LinkKeys:
    """Return the link keys of Tripletex Contact human data, one per rule.

    properties.email | email
    """
    return (conversions.link_key(record.get("email")),)
