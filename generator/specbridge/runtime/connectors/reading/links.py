"""Link headers (RFC 8288): which address an answer calls the next; pure.

httpx's own `Response.links` parts at commas that titles may hold, and knows a relation by its exact
letters, and alone.
"""

import re

# Possessive (`++`), so that no header can send a match back and forth without end.
_LINK = re.compile(r'<([^<>]*)>((?:[^",<]++|"(?:[^"\\]|\\.)*+")*+)')
_PARAMETER = re.compile(r';\s*([^\s=;,"]++)\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+))')


def find_link(header: str, relation: str) -> str:
    """Return the first address in a Link header that stands in a relation, "" where none does.

    A link may stand in several (`rel="next last"`), written in letters of any case; an address may hold
    commas, a title anything.
    """
    for link in _LINK.finditer(header):
        for parameter in _PARAMETER.finditer(link[2]):
            relations = (parameter[2] or parameter[3] or "").casefold().split()
            if parameter[1].casefold() == "rel" and relation in relations:
                return link[1].strip()
    return ""
