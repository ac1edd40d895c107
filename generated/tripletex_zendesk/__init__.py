"""The flows of tripletex-zendesk.rst, in the order in which they run."""

from .sync import (
    contact_human_data_to_users,
    customer_human_data_to_users,
    customer_organisation_data_to_organizations,
    department_to_organizations,
)

FLOWS = (
    customer_organisation_data_to_organizations.FLOW,
    customer_human_data_to_users.FLOW,
    contact_human_data_to_users.FLOW,
    department_to_organizations.FLOW,
)
