"""Map Powerofficego Customers person to Zendesk Users and back.

From powerofficego-zendesk.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class CustomersPerson(TypedDict, total=False):
    EmailAddress: str | None


class Users(TypedDict, total=False):
    email: str | None


def to_users(record: CustomersPerson, references: References) -> Users:
    """Return nothing: no row is kept equal in this direction."""
    return {}


def to_customers_person(record: Users, references: References) -> CustomersPerson:
    """Return nothing: no row is kept equal in this direction."""
    return {}


def customers_person_keys(record: CustomersPerson) -> LinkKeys:
    """Return the link keys of Powerofficego Customers person, one per rule.

    EmailAddress | email
    """
    return (conversions.link_key(record.get("EmailAddress")),)


def users_keys(record: Users) -> LinkKeys:
    """Return the link keys of Zendesk Users, one per rule.

    EmailAddress | email
    """
    return (conversions.link_key(record.get("email")),)
