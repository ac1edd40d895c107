"""The long fuzz: `python -m tests.reader.fuzz --runs 100000` reads mutations of all golden cases.

Stops at the first exception or broken law and writes the text that did it to fuzz-failure.rst.
"""

import argparse
import random
import sys
import time
from pathlib import Path

from specbridge.reader.read import read_document

from tests.reader.cases import read_texts
from tests.reader.laws import check_document
from tests.reader.mutations import mutate_text

SLOWEST = 2.0


def main() -> int:
    """Read as many mutations as asked for; return 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random_, texts = random.Random(options.seed), list(read_texts().values())
    slowest = 0.0
    for run in range(options.runs):
        text = mutate_text(random_.choice(texts), random_, texts)
        began = time.perf_counter()
        try:
            check_document(read_document(text, "fuzz.rst"), text)
        except Exception as error:
            Path("fuzz-failure.rst").write_text(text, encoding="utf-8", newline="")
            sys.stdout.write(f"run {run}: {error!r}: see fuzz-failure.rst\n")
            raise
        slowest = max(slowest, time.perf_counter() - began)
    sys.stdout.write(f"{options.runs} mutations read; the slowest took {slowest * 1000:.0f} ms\n")
    return int(slowest > SLOWEST)


if __name__ == "__main__":
    sys.exit(main())
