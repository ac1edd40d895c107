"""Addresses of what is served: its own, what is stated for others, and what is none."""

import pytest
from specbridge.cli.service.addresses import own_address, public_address
from specbridge.errors import SettingsError

OWN = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", OWN),
        ("::1", "http://[::1]:8080"),
        ("sync.example", "http://sync.example:8080"),
    ],
)
def test_a_host_and_a_port_make_an_address(host: str, address: str) -> None:
    assert own_address(host, 8080) == address


@pytest.mark.parametrize(
    ("stated", "bare", "known"),
    [
        (None, False, OWN),
        ("https://sync.example/", True, "https://sync.example"),
        ("https://sync.example/hooks/", False, "https://sync.example/hooks"),
    ],
)
def test_others_know_it_by_what_is_stated(stated: str | None, bare: bool, known: str) -> None:
    assert public_address(stated, OWN, bare=bare) == known


@pytest.mark.parametrize(
    ("stated", "bare"),
    [
        ("sync.example", False),
        ("ftp://sync.example", False),
        ("https://", False),
        ("http://[::1", False),
        ("https://sync.example?a=1", False),
        ("https://sync.example/hooks", True),
    ],
)
def test_what_is_no_address_is_told(stated: str, bare: bool) -> None:
    with pytest.raises(SettingsError, match="must be like"):
        public_address(stated, OWN, bare=bare)
