"""How long reading takes beside docutils: `python -m tests.benchmarks.reading [DOCUMENTS]`.

The golden cases, repeated to DOCUMENTS documents of 2 to 90 KB, are read by us and by docutils'
publish_doctree, turn by turn in one run. The share is to be 0.3, and 0.4 at most.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence

import docutils.core
from specbridge.reader.read import read_document

from tests.reader.cases import read_texts

SIZES = (2_000, 4_000, 8_000, 20_000, 90_000)
SETTINGS = {"report_level": 5, "file_insertion_enabled": False, "raw_enabled": False}


def make_documents(count: int) -> list[str]:
    """Return that many documents: a title, then flows of the golden cases until the size is reached."""
    texts = [
        text.replace("\r\n", "\n") for text in read_texts().values() if "\nIntroduction" in text
    ]
    heads = [text[: text.index("\nIntroduction")] for text in texts]
    flows = [text[text.index("\nIntroduction") :].split("\n\n", 2)[-1] for text in texts]
    random_ = random.Random(0)
    documents = []
    for number in range(count):
        parts, size = [heads[number % len(heads)]], SIZES[number % len(SIZES)]
        while sum(map(len, parts)) < size:
            parts.append(random_.choice(flows))
        documents.append("\n\n".join(parts))
    return documents


def measure(documents: Sequence[str], read: Callable[[str], object]) -> float:
    """Return the CPU seconds that reading all documents takes."""
    began = time.process_time()
    for text in documents:
        read(text)
    return time.process_time() - began


def main(count: int = 50) -> None:
    """Print kilobytes, seconds and shares by size of document."""
    documents = make_documents(count)
    read_document(documents[0], "warm.rst")
    sys.stdout.write(
        f"{'size':>8} {'documents':>9} {'reader s':>9} {'docutils s':>10} {'share':>6}\n"
    )
    totals = [0.0, 0.0]
    for index, size in enumerate(SIZES):
        chosen = documents[index :: len(SIZES)]
        ours = measure(chosen, lambda text: read_document(text, "bench.rst"))
        theirs = measure(
            chosen, lambda text: docutils.core.publish_doctree(text, settings_overrides=SETTINGS)
        )
        totals[0] += ours
        totals[1] += theirs
        _print_row(f"{size // 1000} KB", len(chosen), ours, theirs)
    _print_row("all", count, *totals)


def _print_row(name: str, count: int, ours: float, theirs: float) -> None:
    sys.stdout.write(f"{name:>8} {count:>9} {ours:>9.3f} {theirs:>10.3f} {ours / theirs:>6.3f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
