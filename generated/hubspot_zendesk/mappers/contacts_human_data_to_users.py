"""Map HubSpot Contacts human data to Zendesk Users and back.

From hubspot-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class ContactsHumanDataProperties(TypedDict, total=False):
    email: str | None
    jobtitle: str | None
    message: str | None
    associatedcompanyid: Identifier | None


class ContactsHumanData(TypedDict, total=False):
    properties: ContactsHumanDataProperties | None


class Users(TypedDict, total=False):
    email: str | None
    details: str | None
    notes: str | None
    organization_id: Identifier | None


def to_users(record: ContactsHumanData, references: References) -> Users:
    """Return what Zendesk Users is to hold for HubSpot Contacts human data.

    properties.email | email | "string"
    properties.jobtitle | details | "string"
    properties.message | notes | "string"
    properties.associatedcompanyid | organization_id | "string"
    """
    users: Users = {}
    properties = record.get("properties")
    if properties is not None:
        if "email" in properties:
            users["email"] = properties["email"]
        if "jobtitle" in properties:
            users["details"] = properties["jobtitle"]
        if "message" in properties:
            users["notes"] = properties["message"]
        if "associatedcompanyid" in properties:
            organization_id = translate(
                references,
                ("Companies", "Organizations"),
                properties["associatedcompanyid"],
            )
            if organization_id is not WAITING:
                users["organization_id"] = organization_id
    return users


def to_contacts_human_data(record: Users, references: References) -> ContactsHumanData:
    """Return what HubSpot Contacts human data is to hold for Zendesk Users.

    properties.email | email | "string"
    properties.jobtitle | details | "string"
    properties.message | notes | "string"
    properties.associatedcompanyid | organization_id | "string"
    """
    contacts_human_data: ContactsHumanData = {}
    contacts_human_data_properties: ContactsHumanDataProperties = {}
    if "email" in record:
        contacts_human_data_properties["email"] = record["email"]
    if "details" in record:
        contacts_human_data_properties["jobtitle"] = record["details"]
    if "notes" in record:
        contacts_human_data_properties["message"] = record["notes"]
    if "organization_id" in record:
        associatedcompanyid = translate(
            references, ("Companies", "Organizations"), record["organization_id"]
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


def users_keys(record: Users) -> LinkKeys:
    """Return the link keys of Zendesk Users, one per rule.

    properties.email | email
    """
    return (conversions.link_key(record.get("email")),)
