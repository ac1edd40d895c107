"""`make bench`: every table, one after the other; ratios are to peers measured in the same run."""

import sys
from collections.abc import Callable

from tests.benchmarks import (
    engine,
    generation,
    mappers,
    pairs,
    reading,
    requests,
    scale,
    workers,
)

TABLES: dict[str, Callable[[], None]] = {
    "reading documents, beside docutils": reading.main,
    "mappers, beside the hand-written function": mappers.main,
    "generating and checking": generation.main,
    "requests, beside the least possible number": requests.main,
    "first syncs of all pairs, beside the least possible number of requests": pairs.main,
    "the engine, with connectors in the process, beside vdirsyncer": engine.main,
    "the engine's growth, from 10,000 to 1,000,000 records": scale.main,
    "workers on unchanged companies, over 1, 2 and 4": workers.main,
}


def main() -> None:
    """Print the tables whose titles hold a word of the command line, or all of them."""
    words = sys.argv[1:]
    for title, table in TABLES.items():
        if not words or any(word in title for word in words):
            sys.stdout.write(f"\n{title}\n{'-' * len(title)}\n")
            table()


if __name__ == "__main__":
    main()
