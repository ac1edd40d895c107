"""Map Tripletex Customer human data to Zendesk Users and back.

From tripletex-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CustomerHumanData(TypedDict, total=False):
    name: str | None
    email: str | None


class Users(TypedDict, total=False):
    name: str | None
    email: str | None


def to_users(record: CustomerHumanData, references: References) -> Users:
    """Return what Zendesk Users is to hold for Tripletex Customer human data.

    name | name | "string"
    email | email | "string"
    """
    users: Users = {}
    if "name" in record:
        users["name"] = record["name"]
    if "email" in record:
        users["email"] = record["email"]
    return users


def to_customer_human_data(record: Users, references: References) -> CustomerHumanData:
    """Return what Tripletex Customer human data is to hold for Zendesk Users.

    name | name | "string"
    email | email | "string"
    """
    customer_human_data: CustomerHumanData = {}
    if "name" in record:
        customer_human_data["name"] = record["name"]
    if "email" in record:
        customer_human_data["email"] = record["email"]
    return customer_human_data


def customer_human_data_keys(record: CustomerHumanData) -> LinkKeys:
    """Return the link keys of Tripletex Customer human data, one per rule.

    email | email
    """
    return (conversions.link_key(record.get("email")),)


def users_keys(record: Users) -> LinkKeys:
    """Return the link keys of Zendesk Users, one per rule.

    email | email
    """
    return (conversions.link_key(record.get("email")),)
