"""What all tables of the store have in common."""

from sqlalchemy import BigInteger, Column, Integer, MetaData

metadata = MetaData()

# SQLite counts rows by itself only in a column of exactly this type.
NUMBER = BigInteger().with_variant(Integer, "sqlite")


def number() -> Column[int]:
    """Return a new column of numbers, by which rows are told apart."""
    return Column("number", NUMBER, primary_key=True, autoincrement=True)
