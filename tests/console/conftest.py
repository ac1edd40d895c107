"""One browser for all tests of a module, and stores of both kinds."""

from tests.pages.conftest import browser as browser  # noqa: PLC0414  # a fixture
from tests.runtime.conftest import sqlite_url as sqlite_url  # noqa: PLC0414
