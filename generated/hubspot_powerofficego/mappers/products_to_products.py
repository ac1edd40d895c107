"""Map HubSpot Products to PowerOffice GO Products and back.

From hubspot-powerofficego.rst.
"""

from typing import TypedDict

from specbridge.runtime import conversions
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References


class HubSpotProductsProperties(TypedDict, total=False):
    name: str | None
    hs_sku: str | None
    description: str | None
    price: float | None


class HubSpotProducts(TypedDict, total=False):
    properties: HubSpotProductsProperties | None


class PowerOfficeGOProducts(TypedDict, total=False):
    Name: str | None
    Code: str | None
    Description: str | None
    UnitPrice: float | None


def to_poweroffice_go_products(
    record: HubSpotProducts, references: References
) -> PowerOfficeGOProducts:
    """Return what PowerOffice GO Products is to hold for HubSpot Products.

    properties.name | name | "string"
    properties.hs_sku | code | "string"
    properties.description | description | "string"
    properties.price | salesPrice | "decimal"
    """
    poweroffice_go_products: PowerOfficeGOProducts = {}
    properties = record.get("properties")
    if properties is not None:
        if "name" in properties:
            poweroffice_go_products["Name"] = properties["name"]
        if "hs_sku" in properties:
            poweroffice_go_products["Code"] = properties["hs_sku"]
        if "description" in properties:
            poweroffice_go_products["Description"] = properties["description"]
        if "price" in properties:
            poweroffice_go_products["UnitPrice"] = properties["price"]
    return poweroffice_go_products


def to_hubspot_products(
    record: PowerOfficeGOProducts, references: References
) -> HubSpotProducts:
    """Return what HubSpot Products is to hold for PowerOffice GO Products.

    properties.name | name | "string"
    properties.hs_sku | code | "string"
    properties.description | description | "string"
    properties.price | salesPrice | "decimal"
    """
    hubspot_products: HubSpotProducts = {}
    hubspot_products_properties: HubSpotProductsProperties = {}
    if "Name" in record:
        hubspot_products_properties["name"] = record["Name"]
    if "Code" in record:
        hubspot_products_properties["hs_sku"] = record["Code"]
    if "Description" in record:
        hubspot_products_properties["description"] = record["Description"]
    if "UnitPrice" in record:
        hubspot_products_properties["price"] = record["UnitPrice"]
    if hubspot_products_properties:
        hubspot_products["properties"] = hubspot_products_properties
    return hubspot_products


def hubspot_products_keys(record: HubSpotProducts) -> LinkKeys:
    """Return the link keys of HubSpot Products, one per rule.

    properties.hs_sku | code
    """
    return (conversions.link_key((record.get("properties") or {}).get("hs_sku")),)


def poweroffice_go_products_keys(record: PowerOfficeGOProducts) -> LinkKeys:
    """Return the link keys of PowerOffice GO Products, one per rule.

    properties.hs_sku | code
    """
    return (conversions.link_key(record.get("Code")),)
