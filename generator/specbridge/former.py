"""The runtime's name in specbridge 0.1: packages that import it are recognized, and told apart from broken ones."""

import re
from collections.abc import Iterator

FORMER_RUNTIME = "generator.runtime"
RUNTIME = "specbridge.runtime"

# A project's own module may be called like the package of 0.1, and is not meant: only what 0.1 had for
# programs counts, and the bare name where its functions are called by it.
_MODULES = "api|emit|errors|model|profiles|reader|resolve|runtime|settings"
_FUNCTIONS = "check|generate"
_IMPORT = re.compile(
    rf"^[ \t]*(?:(?:from|import)[ \t]+generator\.(?:{_MODULES})\b"
    rf"|from[ \t]+generator[ \t]+import[ \t]+\(?(?:{_FUNCTIONS})\b"
    rf"|import[ \t]+generator[ \t]*$(?=(?s:.)*\bgenerator\.(?:{_FUNCTIONS})\())",
    re.MULTILINE,
)


def former_imports(text: str) -> Iterator[int]:
    """Yield the lines (from 1) at which a module's text imports specbridge by the name of 0.1."""
    for found in _IMPORT.finditer(text):
        yield text.count("\n", 0, found.start()) + 1
