"""The flows of powerofficego-tripletex.rst and tripletex-powerofficego.rst, in the
order in which they run.
"""

from .sync import (
    contactpersons_to_contact_human_data,
    customers_human_data_to_customer_human_data,
    customers_organisation_data_to_customer_organisation_data,
    customers_organisation_data_to_customer_organisation_data_2,
    departments_to_department,
    employees_to_employee_human_data,
    products_to_product,
    suppliers_organisation_data_to_supplier_organisation_data,
)

FLOWS = (
    employees_to_employee_human_data.FLOW,
    departments_to_department.FLOW,
    customers_human_data_to_customer_human_data.FLOW,
    customers_organisation_data_to_customer_organisation_data.FLOW,
    customers_organisation_data_to_customer_organisation_data_2.FLOW,
    contactpersons_to_contact_human_data.FLOW,
    suppliers_organisation_data_to_supplier_organisation_data.FLOW,
    products_to_product.FLOW,
)
