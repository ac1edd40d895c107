"""The table of whose a record is, where several companies have one account."""

from sqlalchemy import Column, Index, Table, Text

from specbridge.runtime.store.tables.ground import metadata

# A record of an account (what its system says of it) that companies share, and the name of the company that linked
# it first, or created for it: all others leave it alone. The key lets two runs at once not both have it.
claims = Table(
    "claims",
    metadata,
    Column("system", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("company", Text, nullable=False),
    Index("claims_company", "company"),
)
