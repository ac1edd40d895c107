"""Map PowerOffice GO Products to Tripletex Product and back.

From powerofficego-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class Products(TypedDict, total=False):
    Name: str | None
    Code: str | None
    Description: str | None
    UnitPrice: float | None


class Product(TypedDict, total=False):
    name: str | None
    number: str | None
    description: str | None
    priceExcludingVatCurrency: float | None


def to_product(record: Products, references: References) -> Product:
    """Return what Tripletex Product is to hold for PowerOffice GO Products.

    Name | name | "string"
    Code | number | "string"
    Description | description | "string"
    UnitPrice | priceExcludingVatCurrency | "decimal"
    """
    product: Product = {}
    if "Name" in record:
        product["name"] = record["Name"]
    if "Code" in record:
        product["number"] = record["Code"]
    if "Description" in record:
        product["description"] = record["Description"]
    if "UnitPrice" in record:
        product["priceExcludingVatCurrency"] = record["UnitPrice"]
    return product


def to_products(record: Product, references: References) -> Products:
    """Return what PowerOffice GO Products is to hold for Tripletex Product.

    Name | name | "string"
    Code | number | "string"
    Description | description | "string"
    UnitPrice | priceExcludingVatCurrency | "decimal"
    """
    products: Products = {}
    if "name" in record:
        products["Name"] = record["name"]
    if "number" in record:
        products["Code"] = record["number"]
    if "description" in record:
        products["Description"] = record["description"]
    if "priceExcludingVatCurrency" in record:
        products["UnitPrice"] = record["priceExcludingVatCurrency"]
    return products


def products_keys(record: Products) -> LinkKeys:
    """Return the link keys of PowerOffice GO Products, one per rule.

    Code | number
    Name | name
    """
    return (
        conversions.link_key(record.get("Code")),
        conversions.link_key(record.get("Name")),
    )


def product_keys(record: Product) -> LinkKeys:
    """Return the link keys of Tripletex Product, one per rule.

    Code | number
    Name | name
    """
    return (
        conversions.link_key(record.get("number")),
        conversions.link_key(record.get("name")),
    )
