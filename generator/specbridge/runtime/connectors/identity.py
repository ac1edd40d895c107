"""Which account of a system a connector works with: a digest of what its probe says of it."""

from hashlib import blake2b

from specbridge.errors import AuthenticationError
from specbridge.runtime.connectors.diagnosis import probe_request
from specbridge.runtime.connectors.transport.access import Access
from specbridge.runtime.connectors.transport.errors import find_values
from specbridge.runtime.connectors.transport.malformed import malformed


def read_fingerprint(access: Access) -> str:
    """Return the digest of what the profile's `account` finds in the probe's answer.

    It is "" where the profile names nothing: then accounts cannot be told apart. The address does not
    count: a gateway or another name of the same host is no other account. Raises ApiError where the
    system cannot be asked, or does not say.
    """
    profile = access.profile
    if profile.probe is None or not profile.account:
        return ""
    body = access.transport.fetch(probe_request(access, profile.probe)).body
    found = [value for path in profile.account for value in find_values(body, path)]
    if not any(found):
        # Who is a stranger is told so in the profile's words, where it has some.
        for one in profile.expectations:
            if one.path in profile.account:
                raise AuthenticationError(f"{access.where('probe')}: {one.message}")
        raise malformed(access.where("probe"), "the answer does not say which account it is")
    # A digest: the store need not know by what name a company goes elsewhere.
    return blake2b(repr(found).encode(), digest_size=16).hexdigest()
