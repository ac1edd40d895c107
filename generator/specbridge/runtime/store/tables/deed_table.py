"""The table of what people did to the store by hand."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from specbridge.runtime.store.tables.ground import metadata, number

# Who did it goes by the name that they gave, or that their machine has for them.
deeds = Table(
    "deeds",
    metadata,
    number(),
    Column("company", ForeignKey("companies.number"), nullable=False),
    Column("at", Float, nullable=False),
    Column("who", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    # The pair, or the one record, that it was about; nothing where it was about all or a package.
    Column("pairing", Integer),
    Column("source_id", Text),
    Column("target_id", Text),
    Column("detail", Text, nullable=False, server_default=""),
    Index("deeds_company", "company", "at"),
    sqlite_autoincrement=True,
)
