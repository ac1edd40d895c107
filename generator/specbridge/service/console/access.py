"""Who may look and who may act: tokens in first addresses, which become cookies; pure but for chance."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at the console; one who does not act reads only."""

    name: str
    acts: bool


class Access:
    """The tokens of a console that is running, and what they give; the next one has others."""

    def __init__(self, actors: Sequence[str], address: str) -> None:
        """Make a token for each who may act, and one for those who read; `address` is what browsers know."""
        visitors = [*(Visitor(name, acts=True) for name in actors), Visitor("reader", acts=False)]
        self.tokens = {secrets.token_urlsafe(32): one for one in visitors}
        self.address = address
        self._key = secrets.token_bytes(32)
        self._by_cookie = {self._derive("cookie", t): one for t, one in self.tokens.items()}
        # Cookies go to every port of a machine: two consoles must not take each other's.
        self.cookie = f"specbridge_{urlsplit(address).port or 'console'}"

    def enter(self, token: str) -> str | None:
        """Return the cookie that a token gives, None for a wrong one."""
        found = _lookup(token, self.tokens)
        return None if found is None else self._derive("cookie", found)

    def visitor(self, cookie: str) -> Visitor | None:
        """Return whose cookie it is, None for a wrong one."""
        found = _lookup(cookie, self._by_cookie)
        return None if found is None else self._by_cookie[found]

    def form_key(self, cookie: str) -> str:
        """Return what a form must carry that was shown to the holder of a cookie."""
        return self._derive("form", cookie)

    def is_form_key(self, cookie: str, key: str) -> bool:
        """Return whether a form was shown to the holder of a cookie."""
        return _same(key, self.form_key(cookie))

    def addresses(self) -> Mapping[Visitor, str]:
        """Return the first address of each."""
        return {one: f"{self.address}/?token={token}" for token, one in self.tokens.items()}

    def _derive(self, purpose: str, text: str) -> str:
        told = f"{purpose} {text}".encode()
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()


def _lookup(text: str, known: Collection[str]) -> str | None:
    # All of them, each in constant time: how long it takes tells nothing of any.
    found = [one for one in known if _same(text, one)]
    return found[0] if found else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode())


@dataclass(frozen=True, slots=True)
class Origins:
    """From where a console may be asked: the hosts that it answers to, and the origins of its pages."""

    hosts: frozenset[str]
    origins: frozenset[str]

    def is_ours(self, headers: Mapping[str, str], *, acts: bool) -> bool:
        """Return whether a request was made to this very address and, where it acts, from its own pages."""
        if headers.get("host", "").lower() not in self.hosts:
            return False
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin not in self.origins:
            return False
        # Browsers say it themselves; what is no browser says nothing, and needs the key all the same.
        return not acts or site in (None, "same-origin")

    def path_of(self, address: str) -> str:
        """Return the path and query of an address of ours, "" for any other."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return ""
        if f"{parts.scheme}://{parts.netloc.lower()}" not in self.origins:
            return ""
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


def origins_of(address: str) -> Origins:
    """Return from where a console at an address may be asked; on this machine it has several names."""
    parts = urlsplit(address)
    names = {_as_sent(parts.hostname or "")}
    # Who listens to all that reach this machine is reached from it as well.
    if names <= {"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]"}:
        names |= {"127.0.0.1", "localhost", "[::1]"}
    usual = {"http": 80, "https": 443}[parts.scheme]
    ports = {f":{parts.port or usual}"}
    if parts.port in (None, usual):
        # Browsers leave the usual one out, whoever wrote it.
        ports.add("")
    hosts = {f"{name}{port}" for name in names for port in ports}
    return Origins(frozenset(hosts), frozenset(f"{parts.scheme}://{host}" for host in hosts))


def _as_sent(name: str) -> str:
    """Return a host's name as browsers send it: in letters of ASCII, an IPv6 address in brackets."""
    if ":" in name:
        return f"[{name}]"
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name
