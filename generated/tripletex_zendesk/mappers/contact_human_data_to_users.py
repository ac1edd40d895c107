"""Map Tripletex Contact human data to Zendesk Users and back.

From tripletex-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class ContactHumanDataCustomer(TypedDict, total=False):
    id: Identifier | None


class ContactHumanData(TypedDict, total=False):
    displayName: str | None
    email: str | None
    customer: ContactHumanDataCustomer | None


class Users(TypedDict, total=False):
    name: str | None
    email: str | None
    organization_id: Identifier | None


def to_users(record: ContactHumanData, references: References) -> Users:
    """Return what Zendesk Users is to hold for Tripletex Contact human data.

    displayName | name | "string"
    email | email | "string"
    customer.id | organization_id | "integer"
    """
    users: Users = {}
    if "displayName" in record:
        users["name"] = record["displayName"]
    if "email" in record:
        users["email"] = record["email"]
    customer = record.get("customer")
    if customer is not None and "id" in customer:
        organization_id = translate(
            references, ("Customer", "Organizations"), customer["id"]
        )
        if organization_id is not WAITING:
            users["organization_id"] = organization_id
    return users


def to_contact_human_data(record: Users, references: References) -> ContactHumanData:
    """Return what Tripletex Contact human data is to hold for Zendesk Users.

    email | email | "string"
    customer.id | organization_id | "integer"
    """
    contact_human_data: ContactHumanData = {}
    contact_human_data_customer: ContactHumanDataCustomer = {}
    if "email" in record:
        contact_human_data["email"] = record["email"]
    if "organization_id" in record:
        id = translate(
            references, ("Customer", "Organizations"), record["organization_id"]
        )
        if id is not WAITING:
            contact_human_data_customer["id"] = id
    if contact_human_data_customer:
        contact_human_data["customer"] = contact_human_data_customer
    return contact_human_data


def contact_human_data_keys(record: ContactHumanData) -> LinkKeys:
    """Return the link keys of Tripletex Contact human data, one per rule.

    email | email
    """
    return (conversions.link_key(record.get("email")),)


def users_keys(record: Users) -> LinkKeys:
    """Return the link keys of Zendesk Users, one per rule.

    email | email
    """
    return (conversions.link_key(record.get("email")),)
