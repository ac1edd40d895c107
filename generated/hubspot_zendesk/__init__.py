"""The flows of hubspot-zendesk.rst and zendesk-hubspot.rst, in the order in which they
run.
"""

from .sync import (
    companies_organisation_data_to_organizations,
    companies_to_organizations,
    companies_to_organizations_2,
    contacts_human_data_to_users,
)

FLOWS = (
    companies_to_organizations.FLOW,
    companies_organisation_data_to_organizations.FLOW,
    companies_to_organizations_2.FLOW,
    contacts_human_data_to_users.FLOW,
)
