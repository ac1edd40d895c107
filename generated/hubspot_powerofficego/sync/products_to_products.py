"""Keep HubSpot Products and PowerOffice GO Products in sync.

From hubspot-powerofficego.rst.
"""

from specbridge.runtime.flow import ALWAYS, Flow, LinkRule, PropertyMapping, Side

from ..mappers import products_to_products as mapper

FLOW = Flow(
    name="products_to_products",
    document="hubspot-powerofficego.rst",
    source=Side(system="hubspot", resource="Products", label="HubSpot Products"),
    target=Side(
        system="poweroffice-go",
        resource="Products",
        label="PowerOffice GO Products",
    ),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(
            source=("properties", "hs_sku"),
            target=("Code",),
            statement="properties.hs_sku | code",
        ),
    ),
    properties=(
        PropertyMapping(
            source=("properties", "name"),
            target=("Name",),
            statement='properties.name | name | "string"',
        ),
        PropertyMapping(
            source=("properties", "hs_sku"),
            target=("Code",),
            statement='properties.hs_sku | code | "string"',
        ),
        PropertyMapping(
            source=("properties", "description"),
            target=("Description",),
            statement='properties.description | description | "string"',
        ),
        PropertyMapping(
            source=("properties", "price"),
            target=("UnitPrice",),
            statement='properties.price | salesPrice | "decimal"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a HubSpot Products and a PowerOffice GO Products must be established.",
        "If a matching PowerOffice GO Products already exists, the HubSpot Products will be merged with the existing one.",
        "If no matching PowerOffice GO Products is found, a new PowerOffice GO Products will be created.",
        "A HubSpot Products will merge with a PowerOffice GO Products if one of the following property combinations match:",
        "Once a link between a HubSpot Products and a PowerOffice GO Products is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a HubSpot Products and a PowerOffice GO Products:",
        "Before any synchronization can take place, a link between a PowerOffice GO Products and a HubSpot Products must be established.",
        "If a matching HubSpot Products already exists, the PowerOffice GO Products will be merged with the existing one.",
        "If no matching HubSpot Products is found, a new HubSpot Products will be created.",
        "A PowerOffice GO Products will merge with a HubSpot Products if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Products and a HubSpot Products is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Products and a HubSpot Products:",
    ),
    to_target=mapper.to_poweroffice_go_products,
    to_source=mapper.to_hubspot_products,
    source_keys=mapper.hubspot_products_keys,
    target_keys=mapper.poweroffice_go_products_keys,
)
