"""Runs the `specbridge` command and writes to a file how much memory it took, in MiB.

`python -m tests.acceptance.measured FILE WORDS...`
"""

import resource
import sys
from pathlib import Path

from specbridge.cli.main import main

_STATUS = Path("/proc/self/status")


def peak() -> float:
    """Return the most memory that this process ever had, in MiB."""
    if _STATUS.exists():
        # Unlike ru_maxrss, it begins anew with the program: the parent's is not in it.
        line = next(one for one in _STATUS.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    file = Path(sys.argv[1])
    sys.argv[1:] = sys.argv[2:]
    try:
        main()
    finally:
        file.write_text(str(peak()), encoding="ascii")
