"""Map Powerofficego Contactperson to Zendesk Users and back.

From powerofficego-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import WAITING, Identifier, References, translate


class Contactperson(TypedDict, total=False):
    EmailAddress: str | None
    ContactId: Identifier | None


class Users(TypedDict, total=False):
    email: str | None
    organization_id: Identifier | None


def to_users(record: Contactperson, references: References) -> Users:
    """Return what Zendesk Users is to hold for Powerofficego Contactperson.

    emailAddress | email | "string"
    partyId | organization_id | "string"
    """
    users: Users = {}
    if "EmailAddress" in record:
        users["email"] = record["EmailAddress"]
    if "ContactId" in record:
        organization_id = translate(
            references, ("Customers", "Organizations"), record["ContactId"]
        )
        if organization_id is not WAITING:
            users["organization_id"] = organization_id
    return users


def to_contactperson(record: Users, references: References) -> Contactperson:
    """Return what Powerofficego Contactperson is to hold for Zendesk Users.

    emailAddress | email | "string"
    """
    contactperson: Contactperson = {}
    if "email" in record:
        contactperson["EmailAddress"] = record["email"]
    return contactperson


def contactperson_keys(record: Contactperson) -> LinkKeys:
    """Return the link keys of Powerofficego Contactperson, one per rule.

    emailAddress | email
    """
    return (conversions.link_key(record.get("EmailAddress")),)


def users_keys(record: Users) -> LinkKeys:
    """Return the link keys of Zendesk Users, one per rule.

    emailAddress | email
    """
    return (conversions.link_key(record.get("email")),)
