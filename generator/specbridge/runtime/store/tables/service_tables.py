"""The tables of what comes in by itself, webhooks, events, records to be read, and of when companies run next."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, Table, Text

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

# When workers run a company next: how often by turns, when its systems were listed last and it ran last, how
# often in a row it failed, how often it ran and failed in all, and how many wakes its last run left.
schedules = Table(
    "schedules",
    metadata,
    Column("company", ForeignKey("companies.number"), primary_key=True),
    Column("next_at", Float, nullable=False),
    Column("period", Float, nullable=False, server_default="0"),
    Column("polled_at", Float, nullable=False, server_default="0"),
    Column("ran_at", Float, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("runs", BigInteger, nullable=False, server_default="0"),
    Column("failed", BigInteger, nullable=False, server_default="0"),
    Column("untaken", BigInteger, nullable=False, server_default="0"),
)
