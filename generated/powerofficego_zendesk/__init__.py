"""The flows of powerofficego-zendesk.rst, in the order in which they run."""

from .sync import (
    contactperson_to_users,
    customers_person_to_users,
    customers_to_organizations,
    departments_to_organizations,
)

FLOWS = (
    customers_to_organizations.FLOW,
    contactperson_to_users.FLOW,
    customers_person_to_users.FLOW,
    departments_to_organizations.FLOW,
)
