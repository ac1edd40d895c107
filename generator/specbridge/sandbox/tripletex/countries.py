"""Countries by ids of Tripletex's own; only those of Norway and Sweden were seen, the others are invented."""

from collections.abc import Mapping

NORWAY = 161

_CODES = "DK FI DE GB US FR NL ES IT PL IS LT LV EE IE BE AT CH PT CZ"
COUNTRIES: Mapping[int, str] = {
    NORWAY: "NO",
    191: "SE",
    **dict(enumerate(_CODES.split(), start=201)),
}
"""The ISO code of each country, by its id."""
