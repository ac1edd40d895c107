"""Where a person can look at a record: the address of a page in the system's own face."""

from collections.abc import Mapping
from urllib.parse import quote

from specbridge.errors import SettingsError
from specbridge.model.profile import Profile
from specbridge.runtime.connectors.transport.environment import (
    expand_text,
    read_base_url,
    variable_name,
    variable_names,
)

_BASE = "BASE_URL"


def seen_at(profile: Profile, resource: str, id_: str, environment: Mapping[str, str]) -> str:
    """Return the address at which a person can look at a record, which begins with http:// or https://.

    "" where the profile has none, or a variable of it is not set. Nothing is asked for.
    """
    stated = next((one.seen_at for one in profile.resources if one.name == resource), "")
    if not stated:
        return ""
    known = dict(environment)
    names = variable_names(stated)
    if _BASE in names:
        try:
            known[variable_name(profile, _BASE)] = read_base_url(profile, environment)
        except SettingsError:
            return ""
    if not all(known.get(variable_name(profile, name), "").strip() for name in names):
        return ""
    # The id last: one that holds braces is no variable.
    address = expand_text(profile, stated.replace("{id}", "\0"), known)
    return address.replace("\0", quote(id_, safe="", errors="replace"))
