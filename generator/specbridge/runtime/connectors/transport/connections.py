"""The connections to one system: TLS, proxies and what the environment says about both.

TLS is always verified, redirects are never followed, and cookies are neither kept nor sent.
"""

import logging
import os
from collections.abc import Iterator
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx

from specbridge.errors import SurroundingsError
from specbridge.runtime.connectors.transport.deadlines import PunctualBackend
from specbridge.runtime.connectors.transport.environment import is_loopback
from specbridge.runtime.connectors.transport.messages import POINTS_TO

_KEY_LOG = "SSLKEYLOGFILE"
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_UNPROXIED = ("no_proxy", "NO_PROXY")
_CONNECT = 10.0


def open_client(base_url: str, connections: int, timeout: float = 30.0) -> httpx.Client:
    """Open the HTTP client of one system; `timeout` is in seconds of silence. The caller closes it.

    Raises SurroundingsError, naming the variable, where the environment states certificates, a key log or
    a proxy that cannot be used.
    """
    # httpx logs every address with its query, which may hold names and e-mail addresses.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # A proxy of the environment is for the world, not for this machine.
    worldly = not is_loopback(base_url)
    context = _read_tls(worldly)
    if worldly:
        _check_proxies()
    try:
        client = httpx.Client(
            verify=context,
            timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT)),
            # Shorter than servers keep idle connections, so that none breaks just as it is used again.
            limits=httpx.Limits(max_connections=connections, keepalive_expiry=2.5),
            trust_env=worldly,
            headers={
                "Accept": "application/json",
                # What bodies.py can unpack within bounds, whatever else is installed.
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": "specbridge",
            },
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            event_hooks={"response": [_set_location_aside]},
        )
    except (ValueError, ImportError, httpx.InvalidURL):
        # A SOCKS proxy whose package is not installed, or hosts without a proxy that are none.
        names = [name for name in (*_proxy_names(), *_UNPROXIED) if os.environ.get(name)]
        raise SurroundingsError(f"{' or '.join(names)}: httpx cannot work with it") from None
    _keep_deadlines(client)
    return client


def _set_location_aside(response: httpx.Response) -> None:
    """Keep httpx from reading where a redirect points: one that is no address would hide the status."""
    if (link := response.headers.pop("location", None)) is not None:
        response.headers[POINTS_TO] = link


def surroundings(base_url: str) -> str:
    """Return the variables of the environment that have a say in connections to a system.

    As an error's last words, " (HTTPS_PROXY and SSL_CERT_FILE are set)"; "" where there are none.
    """
    if is_loopback(base_url):
        return ""
    found = [name for name in _proxy_names() + _CERTIFICATES if os.environ.get(name)]
    verb = "is" if len(found) == 1 else "are"
    return f" ({' and '.join(found)} {verb} set)" if found else ""


def _keep_deadlines(client: httpx.Client) -> None:
    """Have all connections keep deadlines.

    httpx has no public way to say so without giving up its proxies; pyproject.toml allows no httpx
    but 0.28, and the tests of hostile answers see whether it still works.
    """
    for transport in _transports(client):
        transport._pool._network_backend = PunctualBackend()


def drop_connections(client: httpx.Client) -> None:
    """Close the connections of a client while it makes no request; the next one opens another."""
    for transport in _transports(client):
        transport.close()


def _transports(client: httpx.Client) -> Iterator[httpx.HTTPTransport]:
    for transport in (client._transport, *client._mounts.values()):
        if transport is not None:
            assert isinstance(transport, httpx.HTTPTransport)
            yield transport


def _read_tls(worldly: bool) -> SSLContext:
    _check_key_log(os.environ.get(_KEY_LOG, ""))
    folder = os.environ.get("SSL_CERT_DIR", "")
    if worldly and folder and not os.environ.get("SSL_CERT_FILE") and not Path(folder).is_dir():
        raise SurroundingsError("SSL_CERT_DIR: there is no such folder")
    try:
        stated = (os.environ.get(name, "") for name in (*_CERTIFICATES, _KEY_LOG))
        return _load_certificates(worldly, *stated)
    except OSError as error:
        names = [name for name in _CERTIFICATES if os.environ.get(name)] or ["certificates"]
        reason = error.strerror or type(error).__name__
        raise SurroundingsError(f"{names[0]}: its certificates cannot be read: {reason}") from None


# Loading them costs more than a run on unchanged systems, and a worker begins many.
@lru_cache(maxsize=4)
def _load_certificates(worldly: bool, *_stated: str) -> SSLContext:
    return httpx.create_ssl_context(trust_env=worldly)


def _check_key_log(path: str) -> None:
    if not path:
        return
    try:
        Path(path).open("a").close()
    except OSError as error:
        raise SurroundingsError(
            f"{_KEY_LOG}: keys cannot be written there: {error.strerror}"
        ) from None


def _proxy_names() -> tuple[str, ...]:
    """Return the names by which the environment may state proxies, those of small letters too."""
    return tuple(name for upper in _PROXIES for name in (upper.lower(), upper))


def _check_proxies() -> None:
    """Raise SurroundingsError for a proxy that cannot be used; never with its address: it holds a password."""
    for name in _proxy_names():
        if not _is_proxy(os.environ.get(name, "")):
            raise SurroundingsError(
                f"{name}: this is no proxy that can be used; its address should be like"
                " http://proxy.example:3128"
            )


def _is_proxy(address: str) -> bool:
    if not address:
        return True
    whole = address if "://" in address else f"http://{address}"
    try:
        httpx.Proxy(whole)
        parts = urlsplit(whole)
        # urlsplit takes a blank for a letter.
        return bool(parts.hostname) and parts.port != 0 and " " not in whole
    except (ValueError, httpx.InvalidURL):
        return False
