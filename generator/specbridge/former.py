"""The runtime's name in specbridge 0.1: packages that import it are recognized, and told apart from broken ones."""

import re
from collections.abc import Iterator

FORMER_RUNTIME = "generator.runtime"
RUNTIME = "specbridge.runtime"

# The modules of 0.1 that programs had a reason to import; a project's own module may be called like the
# package, and is not meant.
_PUBLIC = "api|emit|errors|model|profiles|reader|resolve|runtime|settings"
_IMPORT = re.compile(
    rf"^[ \t]*(?:(?:from|import)[ \t]+generator\.(?:{_PUBLIC})\b"
    r"|from[ \t]+generator[ \t]+import[ \t]+\(?(?:check|generate)\b)",
    re.MULTILINE,
)


def former_imports(text: str) -> Iterator[int]:
    """Yield the lines (from 1) at which a module's text imports specbridge by the name of 0.1."""
    for found in _IMPORT.finditer(text):
        yield text.count("\n", 0, found.start()) + 1
