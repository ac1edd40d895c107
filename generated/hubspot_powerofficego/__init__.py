"""The flows of hubspot-powerofficego.rst and powerofficego-hubspot.rst, in the order in
which they run.
"""

from .sync import (
    companies_to_customers,
    companies_to_customers_organisation_data,
    companies_to_customers_organisation_data_2,
    contacts_human_data_to_contactpersons,
    contacts_to_customers_human_data,
    products_to_products,
)

FLOWS = (
    companies_to_customers_organisation_data.FLOW,
    companies_to_customers_organisation_data_2.FLOW,
    companies_to_customers.FLOW,
    contacts_human_data_to_contactpersons.FLOW,
    contacts_to_customers_human_data.FLOW,
    products_to_products.FLOW,
)
