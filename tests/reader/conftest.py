"""`pytest tests/reader --update-golden` rewrites the expected files of tests/cases; read the diff."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites golden files."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/cases")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten; the option exists only where tests are named."""
    return bool(request.config.getoption("--update-golden", default=False))
