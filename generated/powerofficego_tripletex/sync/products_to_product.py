"""Keep PowerOffice GO Products and Tripletex Product in sync.

From powerofficego-tripletex.rst.
"""

from specbridge.runtime.flow import ALWAYS, Flow, LinkRule, PropertyMapping, Side

from ..mappers import products_to_product as mapper

FLOW = Flow(
    name="products_to_product",
    document="powerofficego-tripletex.rst",
    source=Side(
        system="poweroffice-go",
        resource="Products",
        label="PowerOffice GO Products",
    ),
    target=Side(system="tripletex", resource="Product", label="Tripletex Product"),
    create_target=ALWAYS,
    create_source=ALWAYS,
    link_rules=(
        LinkRule(source=("Code",), target=("number",), statement="Code | number"),
        LinkRule(source=("Name",), target=("name",), statement="Name | name"),
    ),
    properties=(
        PropertyMapping(
            source=("Name",),
            target=("name",),
            statement='Name | name | "string"',
        ),
        PropertyMapping(
            source=("Code",),
            target=("number",),
            statement='Code | number | "string"',
        ),
        PropertyMapping(
            source=("Description",),
            target=("description",),
            statement='Description | description | "string"',
        ),
        PropertyMapping(
            source=("UnitPrice",),
            target=("priceExcludingVatCurrency",),
            statement='UnitPrice | priceExcludingVatCurrency | "decimal"',
        ),
    ),
    statements=(
        "Before any synchronization can take place, a link between a PowerOffice GO Products and a Tripletex Product must be established.",
        "If a matching Tripletex Product already exists, the PowerOffice GO Products will be merged with the existing one.",
        "If no matching Tripletex Product is found, a new Tripletex Product will be created.",
        "A PowerOffice GO Products will merge with a Tripletex Product if one of the following property combinations match:",
        "Once a link between a PowerOffice GO Products and a Tripletex Product is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a PowerOffice GO Products and a Tripletex Product:",
        "Before any synchronization can take place, a link between a Tripletex Product and a PowerOffice GO Products must be established.",
        "If a matching PowerOffice GO Products already exists, the Tripletex Product will be merged with the existing one.",
        "If no matching PowerOffice GO Products is found, a new PowerOffice GO Products will be created.",
        "A Tripletex Product will merge with a PowerOffice GO Products if one of the following property combinations match:",
        "Once a link between a Tripletex Product and a PowerOffice GO Products is established, it will keep in sync between the two systems, regardless of where it is edited.",
        "The following properties are synchronized between a Tripletex Product and a PowerOffice GO Products:",
    ),
    to_target=mapper.to_product,
    to_source=mapper.to_products,
    source_keys=mapper.products_keys,
    target_keys=mapper.product_keys,
)
