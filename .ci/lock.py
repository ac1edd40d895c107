"""Writes the lock in two groups: what the package and its demo need, and what else tests and benchmarks do.

`make lock` resolves all at once, then the first group within that; this puts both into one file, so that
every package stands in it once, in one version. The first group is the file down to `# Group 2`.
"""

import re
import sys
from pathlib import Path

_HEAD = """\
# Written by `make lock`: docs/decisions/0001-one-lock.md says how it is read.
# Group 1: the package with its extra `sandbox`, and what links a checkout into its environment.
"""
_SECOND = "# Group 2: what tests, types, lint and benchmarks need besides.\n"
_NAME = re.compile(r"[A-Za-z0-9._-]+(?===)")


def main() -> None:
    """Write the lock named third from the resolution of all, named first, and of the demo, named second."""
    everything, demo, lock = (Path(argument) for argument in sys.argv[1:])
    lock.write_text(grouped(everything.read_text("utf-8"), demo.read_text("utf-8")), "utf-8")


def grouped(everything: str, demo: str) -> str:
    """Return the lock's text: every entry of the whole resolution, those of the demo first.

    Raises:
        ValueError: The demo's resolution pins a package that the whole one does not, or otherwise.
    """
    entries, first = entries_of(everything), entries_of(demo)
    for name, entry in first.items():
        if _pin(entries.get(name, "")) != _pin(entry):
            raise ValueError(f"{name} of the demo is not as the whole resolution has it")
    rest = (entry for name, entry in entries.items() if name not in first)
    return "".join((_HEAD, *(entries[name] for name in first), _SECOND, *rest))


def entries_of(text: str) -> dict[str, str]:
    """Return a requirements file's entries by name: a line with a pin, its hashes, and who asks for it."""
    entries: dict[str, str] = {}
    name = None
    for line in text.splitlines(keepends=True):
        if found := _NAME.match(line):
            name = found[0]
        if name is not None:
            entries[name] = entries.get(name, "") + line
    return entries


def _pin(entry: str) -> str:
    return entry.split(" ", 1)[0]


if __name__ == "__main__":
    main()
