"""Addresses of what is served: the one that it listens at, and the one that others know it by."""

from urllib.parse import urlsplit

import click

from specbridge.errors import SettingsError

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen at."
)


def own_address(host: str, port: int) -> str:
    """Return the URL of a host and a port; an IPv6 address stands in brackets."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def public_address(address: str | None, own: str, *, bare: bool = False) -> str:
    """Return what others know the service by, without a trailing slash: what is stated, else its own.

    `bare`: without a path. Raises SettingsError for what is no address.
    """
    if address is None:
        return own
    if not _is_fit(address, bare=bare):
        raise SettingsError(f"--address {address}: must be like https://sync.example")
    return address.rstrip("/")


def _is_fit(address: str, *, bare: bool) -> bool:
    try:
        parts = urlsplit(address)
        named = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
    return named and (parts.path in ("", "/") if bare else not parts.query)
