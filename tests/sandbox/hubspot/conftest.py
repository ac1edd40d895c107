"""Accounts for the tests of this folder: one that a module's tests share, and others of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from specbridge.sandbox.options import SandboxOptions

from tests.sandbox.hubspot.account import Account, opened_account


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """An account whose searches are up to date."""
    with opened_account() as one:
        yield one


@pytest.fixture
def open_one() -> Iterator[Callable[[SandboxOptions], Account]]:
    """Return what opens an account of a test's own."""
    with ExitStack() as stack:
        yield lambda options: stack.enter_context(opened_account(options))
