"""Map HubSpot Products to Tripletex Product and back.

From hubspot-tripletex.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class ProductsProperties(TypedDict, total=False):
    name: str | None
    hs_sku: str | None
    description: str | None
    price: float | None


class Products(TypedDict, total=False):
    properties: ProductsProperties | None


class Product(TypedDict, total=False):
    name: str | None
    number: str | None
    description: str | None
    priceExcludingVatCurrency: float | None


def to_product(record: Products, references: References) -> Product:
    """Return what Tripletex Product is to hold for HubSpot Products.

    properties.name | name | "string"
    properties.hs_sku | number | "string"
    properties.description | description | "string"
    properties.price | priceExcludingVatCurrency | "decimal"
    """
    product: Product = {}
    properties = record.get("properties")
    if properties is not None:
        if "name" in properties:
            product["name"] = properties["name"]
        if "hs_sku" in properties:
            product["number"] = properties["hs_sku"]
        if "description" in properties:
            product["description"] = properties["description"]
        if "price" in properties:
            product["priceExcludingVatCurrency"] = properties["price"]
    return product


def to_products(record: Product, references: References) -> Products:
    """Return what HubSpot Products is to hold for Tripletex Product.

    properties.name | name | "string"
    properties.hs_sku | number | "string"
    properties.description | description | "string"
    properties.price | priceExcludingVatCurrency | "decimal"
    """
    products: Products = {}
    products_properties: ProductsProperties = {}
    if "name" in record:
        products_properties["name"] = record["name"]
    if "number" in record:
        products_properties["hs_sku"] = record["number"]
    if "description" in record:
        products_properties["description"] = record["description"]
    if "priceExcludingVatCurrency" in record:
        products_properties["price"] = record["priceExcludingVatCurrency"]
    if products_properties:
        products["properties"] = products_properties
    return products


def products_keys(record: Products) -> LinkKeys:
    """Return the link keys of HubSpot Products, one per rule.

    properties.hs_sku | number
    properties.name | name
    """
    return (
        conversions.link_key((record.get("properties") or {}).get("hs_sku")),
        conversions.link_key((record.get("properties") or {}).get("name")),
    )


def product_keys(record: Product) -> LinkKeys:
    """Return the link keys of Tripletex Product, one per rule.

    properties.hs_sku | number
    properties.name | name
    """
    return (
        conversions.link_key(record.get("number")),
        conversions.link_key(record.get("name")),
    )
