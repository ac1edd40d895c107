"""Profiles of two invented systems, for every test of resolve."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def profiles() -> Mapping[str, Profile]:
    return load_profiles([HERE / "ledgerly.toml", HERE / "acme.toml"])
