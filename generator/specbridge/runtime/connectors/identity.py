"""Which account of a system a connector works with: a digest of what its probe says of it."""

from hashlib import blake2b

from specbridge.runtime.connectors.diagnosis import probe_request
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import find_values


def read_fingerprint(access: Access) -> str | None:
    """Return the digest of what the profile's `account` finds in the probe's answer, "" for nothing.

    It is None where the profile names nothing: then accounts cannot be told apart. The address does not
    count: a gateway or another name of the same host is no other account. Raises ApiError where the
    system cannot be asked.
    """
    profile = access.profile
    if profile.probe is None or not profile.account:
        return None
    body = access.transport.fetch(probe_request(access, profile.probe)).body
    found = [value for path in profile.account for value in find_values(body, path)]
    if not any(found):
        return ""
    # A digest: the store need not know by what name a company goes elsewhere.
    return blake2b(repr(found).encode(), digest_size=16).hexdigest()
