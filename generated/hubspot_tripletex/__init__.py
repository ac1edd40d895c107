"""The flows of hubspot-tripletex.rst and tripletex-hubspot.rst, in the order in which
they run.
"""

from .sync import (
    companies_organisation_data_to_customer_organisation_data,
    companies_organisation_data_to_customer_organisation_data_2,
    contacts_human_data_to_contact_human_data,
    products_to_product,
)

FLOWS = (
    companies_organisation_data_to_customer_organisation_data.FLOW,
    companies_organisation_data_to_customer_organisation_data_2.FLOW,
    contacts_human_data_to_contact_human_data.FLOW,
    products_to_product.FLOW,
)
