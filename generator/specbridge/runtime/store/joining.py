"""Joining accounts of an older store (being written)."""

from sqlalchemy import Connection


def join_accounts(connection: Connection, into: int, other: int) -> None:
    """Join."""
    raise NotImplementedError


def adopt_account(connection: Connection, account: int) -> None:
    """Adopt."""
    raise NotImplementedError
