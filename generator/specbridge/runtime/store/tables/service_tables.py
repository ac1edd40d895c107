"""The tables of what comes in by itself: webhooks, events that were taken in, records to be read."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Table, Text

from specbridge.runtime.store.tables.ground import metadata, number

# Where webhooks are taken in: when that last began, when one last came, and how much was found by reading alone since.
webhooks = Table(
    "webhooks",
    metadata,
    Column("company", ForeignKey("companies.number"), primary_key=True),
    Column("system", Text, primary_key=True),
    Column("since", Float, nullable=False),
    Column("heard_at", Float),
    Column("missed", BigInteger, nullable=False, server_default="0"),
)

# Deliveries that were taken in, so that each is taken once; of what they say nothing is kept.
events = Table(
    "events",
    metadata,
    Column("company", ForeignKey("companies.number"), primary_key=True),
    Column("system", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Index("events_at", "at"),
)

# Records of which somebody said that they changed: the next run reads them by id. One that is told of again while
# it is read has another row, which stays.
wakes = Table(
    "wakes",
    metadata,
    number(),
    Column("company", ForeignKey("companies.number"), nullable=False),
    Column("system", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index("wakes_company", "company"),
    sqlite_autoincrement=True,
)
