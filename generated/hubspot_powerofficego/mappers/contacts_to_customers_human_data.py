"""Map HubSpot Contacts to PowerOffice GO Customers human data and back.

From hubspot-powerofficego.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class ContactsProperties(TypedDict, total=False):
    email: str | None
    firstname: str | None
    lastname: str | None


class Contacts(TypedDict, total=False):
    properties: ContactsProperties | None


class CustomersHumanData(TypedDict, total=False):
    EmailAddress: str | None
    FirstName: str | None
    LastName: str | None


def to_customers_human_data(
    record: Contacts, references: References
) -> CustomersHumanData:
    """Return what PowerOffice GO Customers human data is to hold for HubSpot Contacts.

    properties.email | emailAddress | "string"
    properties.firstname | firstName | "string"
    properties.lastname | lastName | "string"
    """
    customers_human_data: CustomersHumanData = {}
    properties = record.get("properties")
    if properties is not None:
        if "email" in properties:
            customers_human_data["EmailAddress"] = properties["email"]
        if "firstname" in properties:
            customers_human_data["FirstName"] = properties["firstname"]
        if "lastname" in properties:
            customers_human_data["LastName"] = properties["lastname"]
    return customers_human_data


def to_contacts(record: CustomersHumanData, references: References) -> Contacts:
    """Return what HubSpot Contacts is to hold for PowerOffice GO Customers human data.

    properties.email | emailAddress | "string"
    properties.firstname | firstName | "string"
    properties.lastname | lastName | "string"
    """
    contacts: Contacts = {}
    contacts_properties: ContactsProperties = {}
    if "EmailAddress" in record:
        contacts_properties["email"] = record["EmailAddress"]
    if "FirstName" in record:
        contacts_properties["firstname"] = record["FirstName"]
    if "LastName" in record:
        contacts_properties["lastname"] = record["LastName"]
    if contacts_properties:
        contacts["properties"] = contacts_properties
    return contacts


def contacts_keys(record: Contacts) -> LinkKeys:
    """Return the link keys of HubSpot Contacts, one per rule.

    properties.email | emailAddress
    """
    return (conversions.link_key((record.get("properties") or {}).get("email")),)


def customers_human_data_keys(record: CustomersHumanData) -> LinkKeys:
    """Return the link keys of PowerOffice GO Customers human data, one per rule.

    properties.email | emailAddress
    """
    return (conversions.link_key(record.get("EmailAddress")),)
