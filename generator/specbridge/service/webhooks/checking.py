"""Whether the systems have webhooks for our doors: asked of them, where they can be asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from specbridge.errors import SpecbridgeError
from specbridge.runtime.connectors.build import build_connector
from specbridge.service.webhooks.doors import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorFinding:
    """What was found out about a door's webhooks: well, not, or None where nobody can tell."""

    door: Door
    address: str
    well: bool | None
    message: str


def check_doors(
    doors: Sequence[Door], environments: Mapping[str, Mapping[str, str]], address: str
) -> Iterator[DoorFinding]:
    """Yield a finding for each door; `address` is what systems know us by, without a trailing slash."""
    for door in doors:
        own = f"{address}{door.path}"
        try:
            well, message = _examine(door, environments[door.company], own)
        except SpecbridgeError as error:
            well, message = False, str(error)
        yield DoorFinding(door=door, address=own, well=well, message=message)


def _examine(door: Door, environment: Mapping[str, str], own: str) -> tuple[bool | None, str]:
    if door.webhooks.check is None:
        return None, "its webhooks cannot be listed: look at them in its own pages"
    connector = build_connector(door.profile, environment)
    try:
        states = [one.active for one in connector.webhooks() if _same(one.address, own)]
    finally:
        connector.close()
    if not states:
        return False, "there is no webhook that delivers to this address"
    if not all(states):
        return False, f"{states.count(False)} of {len(states)} webhooks for it are not active"
    return True, f"{len(states)} webhooks deliver to it" if len(states) > 1 else "it is active"


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(address: str) -> str:
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), f":{parts.port}" if parts.port else ""
    except ValueError:
        return address
    # Without what an address may hold to sign in by.
    return urlunsplit((parts.scheme.lower(), f"{host}{port}", parts.path.rstrip("/"), "", ""))
