"""Which account of a system a connector works with: a digest of what tells it from others."""

from hashlib import blake2b

from specbridge.model.values import Json
from specbridge.runtime.connectors.diagnosis import probe_request
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import find_values
from specbridge.runtime.connectors.transport.malformed import malformed


def read_fingerprint(access: Access, address: str) -> str:
    """Return the digest of the system's address and of what its probe says of the account.

    The probe is asked only where the profile says what of it tells accounts apart. Raises ApiError where
    it cannot be asked.
    """
    told: list[Json] = [address]
    probe = access.profile.probe
    if probe is not None and access.profile.account:
        body = access.transport.fetch(probe_request(access, probe)).body
        found = [value for path in access.profile.account for value in find_values(body, path)]
        if not any(found):
            raise malformed(access.where("probe"), "the answer does not say which account it is")
        told += found
    # A digest: the store need not know by what name a company goes elsewhere.
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()
