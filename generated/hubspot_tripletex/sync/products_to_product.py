"""Keep HubSpot Products and Tripletex Product in sync.

From hubspot-tripletex.rst.
"""

from specbridge.runtime.flow import ALWAYS, Flow, LinkRule, PropertyMapping, Side

from ..mappers import products_to_product as mapper

FLOW = Flow(
    name="products_to_product",
    document="hubspot-tripletex.rst",
    source=Side(system="hubspot", resource="Products", label="HubSpot Products"),
    target=Side(system="tripletex", resource="Product", label="Tripletex Product"),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("properties", "hs_sku"),
            target=("number",),
            statement="properties.hs_sku | number",
        ),
        LinkRule(
            source=("properties", "name"),
            target=("name",),
            statement="properties.name | name",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "name"),
            target=("name",),
            statement='properties.name | name | "string"',
        ),
        PropertyMapping(
            source=("properties", "hs_sku"),
            target=("number",),
            statement='properties.hs_sku | number | "string"',
        ),
        PropertyMapping(
            source=("properties", "description"),
            target=("description",),
            statement='properties.description | description | "string"',
        ),
        PropertyMapping(
            source=("properties", "price"),
            target=("priceExcludingVatCurrency",),
            statement='properties.price | priceExcludingVatCurrency | "decimal"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Products and a Tripletex Product must be established.",
        "If a matching Tripletex Product already exists, the HubSpot Products will be merged with the existing one.",
        "If no matching Tripletex Product is found, a new Tripletex Product will be created.",
        "A HubSpot Products will merge with a Tripletex Product if one of the following property combinations match:",
        "Once a link between a HubSpot Products and a Tripletex Product is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Products and a Tripletex Product:",
        "Before any synchronization can take place, a link between a Tripletex Product and a HubSpot Products must be established.",
        "If a matching HubSpot Products already exists, the Tripletex Product will be merged with the existing one.",
        "If no matching HubSpot Products is found, a new HubSpot Products will be created.",
        "A Tripletex Product will merge with a HubSpot Products if one of the following property combinations match:",
        "Once a link between a Tripletex Product and a HubSpot Products is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Product and a HubSpot Products:",
    ),
    to_target=mapper.to_product,
    to_source=mapper.to_products,
    source_keys=mapper.products_keys,
    target_keys=mapper.product_keys,
)
