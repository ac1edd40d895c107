"""One browser for all tests of a module."""

from tests.pages.conftest import browser as browser  # noqa: PLC0414  # a fixture
